#include "ui/relative_date.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <algorithm>

namespace fovea::ui {
namespace {

// A clock that was set back must not send a chat to the bottom of the list: the future counts as today.
qint64 daysBetween(const QDateTime& when, const QDateTime& now) {
  return std::max<qint64>(0, when.toLocalTime().date().daysTo(now.toLocalTime().date()));
}

// Hours and minutes as the locale writes them; the seconds that some locales count as short are noise here.
QString shortTime(const QTime& time, const QLocale& locale) {
  QString format = locale.timeFormat(QLocale::ShortFormat);
  static const QRegularExpression seconds(QStringLiteral("[:.]ss?"));
  return locale.toString(time, format.remove(seconds));
}

QString shortDate(const QDate& date, const QDate& today, const QLocale& locale) {
  const bool thisYear = date.year() == today.year();
  return locale.toString(date, thisYear ? QStringLiteral("d MMM") : QStringLiteral("d MMM yyyy"));
}

}  // namespace

QString dateLabel(const QDateTime& when, const QDateTime& now) {
  if (!when.isValid()) return {};
  const QLocale locale;
  const QDateTime local = when.toLocalTime();
  const qint64 days = daysBetween(when, now);
  if (days == 0) return shortTime(local.time(), locale);
  if (days < 7) return locale.standaloneDayName(local.date().dayOfWeek(), QLocale::ShortFormat);
  return shortDate(local.date(), now.toLocalTime().date(), locale);
}

QString timeLabel(const QDateTime& when, const QDateTime& now) {
  if (!when.isValid()) return {};
  const QLocale locale;
  const QDateTime local = when.toLocalTime();
  QString time = shortTime(local.time(), locale);
  if (daysBetween(when, now) == 0) return time;
  return shortDate(local.date(), now.toLocalTime().date(), locale) + QStringLiteral(", ") + time;
}

QString dateSection(const QDateTime& when, const QDateTime& now) {
  const qint64 days = daysBetween(when, now);
  if (days == 0) return QCoreApplication::translate("fovea::ui::dateSection", "Today");
  if (days == 1) return QCoreApplication::translate("fovea::ui::dateSection", "Yesterday");
  if (days <= 7) return QCoreApplication::translate("fovea::ui::dateSection", "Previous 7 days");
  return QCoreApplication::translate("fovea::ui::dateSection", "Older");
}

}  // namespace fovea::ui
