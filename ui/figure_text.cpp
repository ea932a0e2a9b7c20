#include "ui/figure_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <cmath>

namespace fovea::ui {
namespace {

struct FigureText {
  Q_DECLARE_TR_FUNCTIONS(FigureText)
};

}  // namespace

QString percent(double share) {
  return std::isfinite(share) ? QStringLiteral("%1%").arg(QLocale().toString(100 * share, 'f', 1))
                              : FigureText::tr("not known");
}

QString milliseconds(double seconds) {
  if (!std::isfinite(seconds)) return FigureText::tr("not known");
  // A single cell of the map saves microseconds.
  const double value = 1000 * seconds;
  const int digits = value != 0 && std::abs(value) < 0.1 ? 4 : 1;
  return FigureText::tr("%1 ms").arg(QLocale().toString(value, 'f', digits));
}

QString dataSize(double bytes) {
  return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1);
}

}  // namespace fovea::ui
