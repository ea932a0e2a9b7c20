#include "ui/steps_view_model.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

#include "ui/figure_text.h"

namespace fovea::ui {

StepsViewModel::StepsViewModel(app::StoreThread& store, app::GenerationWorker& worker,
                               const MessageListModel& messages, const InsightsViewModel& insights,
                               QObject* parent)
    : QObject(parent), m_store(store), m_messages(messages), m_insights(insights) {
  connect(&insights, &InsightsViewModel::traceChanged, this, &StepsViewModel::insightsChanged);
  connect(&insights, &InsightsViewModel::openChanged, this, &StepsViewModel::insightsChanged);
  connect(&store, &app::StoreThread::tracesLoaded, this, &StepsViewModel::loaded);
  // Later: the recorder hears of it too, and asks the store to keep the trace first.
  connect(
      &worker, &app::GenerationWorker::finished, this,
      [this] {
        if (m_wholeChat && m_insights.isOpen()) load();
      },
      Qt::QueuedConnection);
}

void StepsViewModel::setWholeChat(bool wholeChat) {
  if (wholeChat == m_wholeChat) return;
  m_wholeChat = wholeChat;
  m_conversationId = 0;
  insightsChanged();
}

void StepsViewModel::setLayer(int layer) {
  const int wanted = std::clamp(layer, 0, m_layerCount);
  if (wanted == m_layer) return;
  m_layer = wanted;
  rebuildStored();
  rebuild();
}

void StepsViewModel::countLayers() {
  std::size_t layers = m_insights.trace().reads.layers();
  for (const auto& trace : m_traces) layers = std::max(layers, trace->reads.layers());
  if (static_cast<int>(layers) == m_layerCount) return;
  m_layerCount = static_cast<int>(layers);
  emit layerCountChanged();
}

app::RecordId StepsViewModel::conversationId() const {
  const QList<app::Message>& messages = m_messages.messages();
  return messages.isEmpty() ? 0 : messages.first().conversationId;
}

void StepsViewModel::insightsChanged() {
  const bool wanted = m_wholeChat && m_insights.isOpen();
  if (!wanted) {
    m_traces.clear();
    m_stored = {};
    m_conversationId = 0;
  } else if (conversationId() != m_conversationId || m_messages.lastId() != m_lastAnswerId) {
    load();
  }
  rebuild();
}

void StepsViewModel::load() {
  if (conversationId() != m_conversationId) {
    m_traces.clear();
    m_stored = {};
    m_loaded = false;
  }
  m_conversationId = conversationId();
  m_lastAnswerId = m_messages.lastId();
  if (m_conversationId == 0) {
    m_loaded = true;
  } else {
    m_store.loadTraces(m_conversationId);
  }
}

void StepsViewModel::loaded(app::RecordId conversationId, const QList<app::StoredTrace>& traces) {
  if (!m_wholeChat || conversationId != m_conversationId) return;
  m_loaded = true;
  m_traces.clear();
  for (const app::StoredTrace& stored : traces) {
    if (stored.trace) m_traces.insert(stored.messageId, stored.trace);
  }
  rebuildStored();
  rebuild();
}

void StepsViewModel::rebuildStored() {
  m_stored = {};
  for (const app::Message& message : m_messages.messages()) {
    if (const auto trace = m_traces.value(message.id)) appendAnswer(m_stored, *trace, m_layer - 1);
  }
}

void StepsViewModel::rebuild() {
  static_assert(kAllLayers == -1);
  countLayers();
  m_layer = std::min(m_layer, m_layerCount);
  m_series = m_wholeChat ? m_stored : StepSeries{};
  const bool isNew = !m_wholeChat || !m_traces.contains(m_insights.answerId());
  if (isNew && !m_insights.trace().steps.empty()) appendAnswer(m_series, m_insights.trace(), m_layer - 1);
  emit seriesChanged();
}

QString StepsViewModel::summary() const {
  if (loading()) return tr("Reading the steps of this chat\u2026");
  const auto count = static_cast<int>(m_series.points.size());
  const QString steps = count == 1 ? tr("1 step") : tr("%n steps", "", count);
  if (!m_wholeChat) return steps;
  const auto answers = static_cast<int>(m_series.begins.size());
  return tr("%1 in %2").arg(steps, answers == 1 ? tr("1 answer") : tr("%n answers", "", answers));
}

QString StepsViewModel::stepText(int step) const {
  if (step < 0 || static_cast<std::size_t>(step) >= m_series.points.size()) return {};
  const auto at = static_cast<std::size_t>(step);
  const auto next = std::upper_bound(m_series.begins.cbegin(), m_series.begins.cend(), at);
  const auto answer = next - m_series.begins.cbegin();
  QString where = tr("Step %1").arg(at - *(next - 1) + 1);
  if (m_wholeChat) where = tr("Answer %1, step %2").arg(answer).arg(at - *(next - 1) + 1);
  if (m_layer > 0) where += tr(", layer %1").arg(m_layer);
  const StepPoint& point = m_series.points[at];
  const QString read = std::isfinite(point.read) ? tr("%1 of the entries read, %2 of the attention kept")
                                                       .arg(percent(point.read), percent(point.mass))
                                                 : tr("everything read again to confirm what was written");
  return tr("%1: %2, %3 of %4 proposals accepted")
      .arg(where, read, QString::number(qRound(point.accepted)), QString::number(qRound(point.proposed)));
}

}  // namespace fovea::ui
