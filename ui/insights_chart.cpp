#include "ui/insights_chart.h"

#include <QHoverEvent>
#include <QKeyEvent>
#include <QPainter>
#include <algorithm>

#include "app/trace_figures.h"
#include "ui/chart_painter.h"
#include "ui/figure_text.h"

namespace fovea::ui {

InsightsChart::InsightsChart(QQuickItem* parent) : QQuickPaintedItem(parent) {
  setAcceptHoverEvents(true);
  setActiveFocusOnTab(true);
  connect(this, &InsightsChart::styleChanged, this, &InsightsChart::refresh);
}

void InsightsChart::setInsights(InsightsViewModel* insights) {
  if (insights == m_insights) return;
  if (m_insights) disconnect(m_insights, nullptr, this, nullptr);
  m_insights = insights;
  if (m_insights) connect(m_insights, &InsightsViewModel::traceChanged, this, &InsightsChart::refresh);
  emit insightsChanged();
  refresh();
}

void InsightsChart::setSteps(StepsViewModel* steps) {
  if (steps == m_steps) return;
  if (m_steps) disconnect(m_steps, nullptr, this, nullptr);
  m_steps = steps;
  if (m_steps) connect(m_steps, &StepsViewModel::seriesChanged, this, &InsightsChart::refresh);
  emit stepsChanged();
  refresh();
}

void InsightsChart::setMeasure(Measure measure) {
  if (measure == m_measure) return;
  m_measure = measure;
  refresh();
}

void InsightsChart::refresh() {
  if (m_kind == Kind::Reads && m_insights) {
    const app::TurnTrace& trace = m_insights->trace();
    EntryCost cost;
    if (trace.kvEntryBytes > 0) cost.bytes = static_cast<double>(trace.kvEntryBytes);
    if (const auto rate = app::secondsPerByte(trace, m_insights->statistics()); rate && cost.bytes)
      cost.seconds = *cost.bytes * *rate;
    m_values = readValues(trace.reads, static_cast<ReadMeasure>(m_measure), cost);
    emit valuesChanged();
  }
  emit wordsChanged();
  update();
}

QString InsightsChart::topText() const {
  if (m_measure == Measure::Share || m_values.values.empty()) return {};
  return m_measure == Measure::BytesSaved ? dataSize(m_values.top) : milliseconds(m_values.top);
}

int InsightsChart::columns() const {
  if (m_kind == Kind::Steps) return m_steps ? static_cast<int>(m_steps->series().points.size()) : 0;
  return m_values.buckets;
}

int InsightsChart::rows() const {
  return m_kind == Kind::Steps ? 1 : m_values.layers;
}

QRectF InsightsChart::plot() const {
  return QRectF(0, 0, width(), height())
      .adjusted(m_fontPixels * 3.2, m_fontPixels * 0.6, -2, -m_fontPixels * 1.6);
}

QString InsightsChart::words() const {
  if (m_column < 0) return {};
  if (m_kind == Kind::Steps) return m_steps ? m_steps->stepText(m_column) : QString();
  return m_insights ? m_insights->cellText(m_row, m_column) : QString();
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
    paintSteps(*painter, area, m_steps->series(), {m_ink, m_grid, m_readColor, m_massColor});
    markStep(*painter, area);
  } else {
    paintReads(*painter, area, m_values);
    paintLayers(*painter, area);
    markCell(*painter, area);
  }
  painter->setPen(m_ink);
  const QRectF below(area.left(), area.bottom() + 3, area.width(), m_fontPixels * 1.5);
  const bool steps = m_kind == Kind::Steps;
  const auto last = static_cast<qulonglong>(columns()) * (steps ? 1 : ReadMap::kBucketPositions);
  painter->drawText(below, Qt::AlignLeft, steps ? tr("step 1") : tr("position 0"));
  painter->drawText(below, Qt::AlignRight, QString::number(last));
}

void InsightsChart::markStep(QPainter& painter, const QRectF& area) const {
  if (m_column < 0 || m_column >= columns()) return;
  painter.setPen(m_ink);
  const double x = area.left() + area.width() / columns() * (m_column + 0.5);
  painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
}

void InsightsChart::paintLayers(QPainter& painter, const QRectF& area) const {
  painter.setPen(m_ink);
  const QRectF labels(0, area.top(), area.left() - 5, area.height());
  painter.drawText(labels, Qt::AlignRight | Qt::AlignTop, QStringLiteral("1"));
  painter.drawText(labels, Qt::AlignRight | Qt::AlignBottom, QString::number(rows()));
}

void InsightsChart::markCell(QPainter& painter, const QRectF& area) const {
  if (m_column < 0 || m_row < 0 || m_column >= columns() || m_row >= rows()) return;
  const QSizeF cell(area.width() / columns(), area.height() / rows());
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(Qt::white, 1.5));
  painter.drawRect(QRectF(area.left() + m_column * cell.width(), area.top() + m_row * cell.height(),
                          std::max(cell.width(), 3.0), std::max(cell.height(), 3.0)));
}

}  // namespace fovea::ui
