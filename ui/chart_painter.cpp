#include "ui/chart_painter.h"

#include <QImage>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/colour_map.h"

namespace fovea::ui {
namespace {

constexpr double kLeastStepPixels = 2;
constexpr double kBarShare = 0.3;  // of the height, for the tallest bar
constexpr double kLeastAnswerPixels = 6;

void paintPercentAxis(QPainter& painter, const QRectF& area, const ChartStyle& style) {
  const double line = painter.fontMetrics().height();
  for (const int mark : {0, 50, 100}) {
    const double y = area.bottom() - area.height() * mark / 100;
    painter.setPen(style.grid);
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    painter.setPen(style.ink);
    painter.drawText(QRectF(0, y - line, area.left() - line / 3, 2 * line), Qt::AlignRight | Qt::AlignVCenter,
                     QStringLiteral("%1%").arg(mark));
  }
}

void paintBars(QPainter& painter, const QRectF& area, const std::vector<StepPoint>& points,
               const ChartStyle& style) {
  double most = 1;
  for (const StepPoint& point : points) most = std::max(most, point.proposed);
  QColor accepted = style.ink;
  accepted.setAlpha(120);
  const double each = area.width() / static_cast<double>(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double left = area.left() + each * (static_cast<double>(i) + 0.15);
    const auto bar = [&](double count, const QColor& fill) {
      const double tall = area.height() * kBarShare * count / most;
      painter.fillRect(QRectF(left, area.bottom() - tall, each * 0.7, tall), fill);
    };
    bar(points[i].proposed, style.grid);
    bar(points[i].accepted, accepted);
  }
}

void paintCurve(QPainter& painter, const QRectF& area, const std::vector<StepPoint>& points,
                double StepPoint::*share, const QPen& pen) {
  QPainterPath path;
  const double each = area.width() / static_cast<double>(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double value = points[i].*share;
    if (!std::isfinite(value)) continue;
    const QPointF at(area.left() + each * (static_cast<double>(i) + 0.5),
                     area.bottom() - area.height() * std::clamp(value, 0.0, 1.0));
    path.elementCount() == 0 ? path.moveTo(at) : path.lineTo(at);
    if (points.size() == 1) path.addEllipse(at, 1.5, 1.5);
  }
  painter.strokePath(path, pen);
}

/// Thin lines where an answer begins, as long as there is room between them.
void paintAnswers(QPainter& painter, const QRectF& area, const StepSeries& series, const ChartStyle& style) {
  if (area.width() / static_cast<double>(series.begins.size()) < kLeastAnswerPixels) return;
  painter.setPen(QPen(style.ink, 1, Qt::DotLine));
  for (const std::size_t begin : series.begins) {
    if (begin == 0 || begin >= series.points.size()) continue;
    const double x =
        area.left() + area.width() * static_cast<double>(begin) / static_cast<double>(series.points.size());
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  }
}

}  // namespace

void paintSteps(QPainter& painter, const QRectF& area, const StepSeries& series, const ChartStyle& style) {
  paintPercentAxis(painter, area, style);
  if (series.points.empty()) return;
  const auto most = static_cast<std::size_t>(std::max(area.width() / kLeastStepPixels, 1.0));
  const std::vector<StepPoint> points = pooled(series.points, most);
  paintBars(painter, area, points, style);
  paintAnswers(painter, area, series, style);
  paintCurve(painter, area, points, &StepPoint::mass, QPen(style.mass, style.lineWidth, Qt::DashLine));
  paintCurve(painter, area, points, &StepPoint::read, QPen(style.read, style.lineWidth));
}

void paintReads(QPainter& painter, const QRectF& area, const ReadValues& values) {
  if (values.values.empty()) return;
  // A pixel for each cell, made larger by the painter: what it costs depends on the cells, not on the window.
  QImage cells(values.buckets, values.layers, QImage::Format_RGB32);
  auto value = values.values.cbegin();
  for (int layer = 0; layer < values.layers; ++layer) {
    auto* line = reinterpret_cast<QRgb*>(cells.scanLine(layer));
    for (int bucket = 0; bucket < values.buckets; ++bucket) line[bucket] = heatColour(*value++ / values.top);
  }
  painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
  painter.drawImage(area, cells);
}

}  // namespace fovea::ui
