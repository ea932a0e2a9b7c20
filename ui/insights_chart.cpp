#include "ui/insights_chart.h"

#include <QHoverEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/colour_map.h"

namespace fovea::ui {

InsightsChart::InsightsChart(QQuickItem* parent) : QQuickPaintedItem(parent) {
  setAcceptHoverEvents(true);
  setActiveFocusOnTab(true);
  connect(this, &InsightsChart::styleChanged, this, [this] { update(); });
}

void InsightsChart::setInsights(InsightsViewModel* insights) {
  if (insights == m_insights) return;
  if (m_insights) disconnect(m_insights, nullptr, this, nullptr);
  m_insights = insights;
  if (m_insights) {
    connect(m_insights, &InsightsViewModel::traceChanged, this, [this] {
      emit wordsChanged();
      update();
    });
  }
  emit insightsChanged();
  update();
}

int InsightsChart::columns() const {
  if (!m_insights) return 0;
  return static_cast<int>(m_kind == Kind::Steps ? m_insights->trace().steps.size()
                                                : m_insights->trace().reads.dense().size());
}

int InsightsChart::rows() const {
  return m_kind == Kind::Steps || !m_insights ? 1 : static_cast<int>(m_insights->trace().reads.layers());
}

QRectF InsightsChart::plot() const {
  return QRectF(0, 0, width(), height())
      .adjusted(m_fontPixels * 3.2, m_fontPixels * 0.6, -2, -m_fontPixels * 1.6);
}

QString InsightsChart::words() const {
  if (!m_insights || m_column < 0) return {};
  return m_kind == Kind::Steps ? m_insights->stepText(m_column) : m_insights->cellText(m_row, m_column);
}

void InsightsChart::choose(int column, int row) {
  const int wantedColumn = std::min(column, columns() - 1);
  const int wantedRow = std::min(row, rows() - 1);
  if (wantedColumn == m_column && wantedRow == m_row) return;
  m_column = wantedColumn;
  m_row = wantedRow;
  emit wordsChanged();
  update();
}

void InsightsChart::hoverMoveEvent(QHoverEvent* event) {
  const QRectF area = plot();
  const QPointF at = event->position() - area.topLeft();
  if (columns() == 0 || !area.contains(event->position())) return choose(-1, -1);
  choose(static_cast<int>(at.x() / area.width() * columns()),
         static_cast<int>(at.y() / area.height() * rows()));
}

void InsightsChart::hoverLeaveEvent(QHoverEvent* /*event*/) {
  choose(-1, -1);
}

void InsightsChart::keyPressEvent(QKeyEvent* event) {
  const int column = std::max(m_column, 0);
  const int row = std::max(m_row, 0);
  switch (event->key()) {
    case Qt::Key_Left:
      return choose(std::max(column - 1, 0), row);
    case Qt::Key_Right:
      return choose(column + (m_column < 0 ? 0 : 1), row);
    case Qt::Key_Up:
      return choose(column, std::max(row - 1, 0));
    case Qt::Key_Down:
      return choose(column, row + (m_row < 0 ? 0 : 1));
    default:
      event->ignore();
  }
}

void InsightsChart::paint(QPainter* painter) {
  const QRectF area = plot();
  if (columns() == 0 || area.width() < 8 || area.height() < 8) return;
  QFont font = painter->font();
  font.setPixelSize(m_fontPixels);
  painter->setFont(font);
  painter->setRenderHint(QPainter::Antialiasing);
  if (m_kind == Kind::Steps) {
    paintSteps(*painter, area);
  } else {
    paintReads(*painter, area);
  }
  painter->setPen(m_ink);
  const QRectF below(area.left(), area.bottom() + 3, area.width(), m_fontPixels * 1.5);
  const bool steps = m_kind == Kind::Steps;
  const auto last = static_cast<qulonglong>(columns()) * (steps ? 1 : ReadMap::kBucketPositions);
  painter->drawText(below, Qt::AlignLeft, steps ? tr("step 1") : tr("position 0"));
  painter->drawText(below, Qt::AlignRight, QString::number(last));
}

void InsightsChart::paintSteps(QPainter& painter, const QRectF& area) const {
  const std::vector<app::TraceStep>& steps = m_insights->trace().steps;
  for (const int mark : {0, 50, 100}) {
    const double y = area.bottom() - area.height() * mark / 100;
    painter.setPen(m_grid);
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    painter.setPen(m_ink);
    painter.drawText(QRectF(0, y - m_fontPixels, area.left() - 5, 2.0 * m_fontPixels),
                     Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("%1%").arg(mark));
  }
  const double each = area.width() / static_cast<double>(steps.size());
  int most = 1;
  for (const app::TraceStep& step : steps) most = std::max(most, step.telemetry.proposed);
  QPainterPath read;
  QPainterPath mass;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const StepTelemetry& step = steps[i].telemetry;
    const double x = area.left() + each * (static_cast<double>(i) + 0.5);
    const auto bar = [&](int count, const QColor& fill) {
      const double tall = area.height() * 0.3 * count / most;
      painter.fillRect(QRectF(x - each * 0.35, area.bottom() - tall, each * 0.7, tall), fill);
    };
    bar(step.proposed, m_grid);
    bar(step.accepted, QColor(m_ink.red(), m_ink.green(), m_ink.blue(), 120));
    const auto point = [&](QPainterPath& path, double share) {
      if (!std::isfinite(share)) return;
      const QPointF at(x, area.bottom() - area.height() * std::clamp(share, 0.0, 1.0));
      path.elementCount() == 0 ? path.moveTo(at) : path.lineTo(at);
      if (steps.size() == 1) path.addEllipse(at, 1.5, 1.5);
    };
    // A pass that confirms has no dense counterpart.
    if (step.kv_entries_dense > 0)
      point(read, static_cast<double>(step.kv_entries_read) / static_cast<double>(step.kv_entries_dense));
    if (step.kind != PassKind::kConfirm) point(mass, step.attention_mass_kept);
  }
  painter.strokePath(mass, QPen(m_massColor, 2, Qt::DashLine));
  painter.strokePath(read, QPen(m_readColor, 2));
  if (m_column >= 0) {
    painter.setPen(m_ink);
    const double x = area.left() + each * (m_column + 0.5);
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  }
}

void InsightsChart::paintReads(QPainter& painter, const QRectF& area) const {
  const ReadMap& map = m_insights->trace().reads;
  if (rows() == 0) return;
  // A pixel for each cell, made larger by the painter: what it costs depends on the cells, not on the window.
  QImage cells(columns(), rows(), QImage::Format_RGB32);
  for (int row = 0; row < rows(); ++row) {
    const auto reads = map.reads(static_cast<std::size_t>(row));
    auto* line = reinterpret_cast<QRgb*>(cells.scanLine(row));
    for (int column = 0; column < columns(); ++column) {
      const auto at = static_cast<std::size_t>(column);
      const double dense = static_cast<double>(map.dense()[at]);
      const double count = at < reads.size() ? static_cast<double>(reads[at]) : 0.0;
      line[column] = heatColour(dense > 0 ? count / dense : 0.0);
    }
  }
  painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
  painter.drawImage(area, cells);
  painter.setPen(m_ink);
  const QRectF labels(0, area.top(), area.left() - 5, area.height());
  painter.drawText(labels, Qt::AlignRight | Qt::AlignTop, QStringLiteral("1"));
  painter.drawText(labels, Qt::AlignRight | Qt::AlignBottom, QString::number(rows()));
  if (m_column < 0 || m_row < 0) return;
  const QSizeF cell(area.width() / columns(), area.height() / rows());
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(Qt::white, 1.5));
  painter.drawRect(QRectF(area.left() + m_column * cell.width(), area.top() + m_row * cell.height(),
                          std::max(cell.width(), 3.0), std::max(cell.height(), 3.0)));
}

}  // namespace fovea::ui
