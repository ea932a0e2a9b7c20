#include "ui/relative_date.h"

#include <QTest>

class RelativeDateTest : public QObject {
  Q_OBJECT
 private slots:
  void datesAreRelative() {
    using fovea::ui::dateLabel;
    using fovea::ui::dateSection;
    QLocale::setDefault(QLocale::c());
    const QDateTime now(QDate(2026, 5, 20), QTime(15, 0));
    const auto at = [](int year, int month, int day) {
      return QDateTime(QDate(year, month, day), QTime(9, 5));
    };
    QCOMPARE(dateSection(at(2026, 5, 20), now), QStringLiteral("Today"));
    QCOMPARE(dateSection(at(2026, 5, 19), now), QStringLiteral("Yesterday"));
    QCOMPARE(dateSection(at(2026, 5, 14), now), QStringLiteral("Previous 7 days"));
    QCOMPARE(dateSection(at(2026, 4, 1), now), QStringLiteral("Older"));
    QCOMPARE(dateSection(at(2026, 5, 21), now), QStringLiteral("Today"));
    QCOMPARE(dateLabel(at(2026, 5, 20), now), QStringLiteral("09:05"));
    QCOMPARE(fovea::ui::timeLabel(at(2026, 5, 20), now), QStringLiteral("09:05"));
    QCOMPARE(fovea::ui::timeLabel(at(2026, 4, 1), now), QStringLiteral("1 Apr, 09:05"));
    QCOMPARE(dateLabel(at(2026, 5, 18), now), QStringLiteral("Mon"));
    QCOMPARE(dateLabel(at(2026, 4, 1), now), QStringLiteral("1 Apr"));
    QCOMPARE(dateLabel(at(2024, 4, 1), now), QStringLiteral("1 Apr 2024"));
    QCOMPARE(dateLabel(QDateTime(), now), QString());
  }
};

QTEST_MAIN(RelativeDateTest)
#include "relative_date_test.moc"
