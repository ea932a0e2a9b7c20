// The steps that the step chart shows: of the answer that the insights show, or of all answers of the chat,
// of all layers or one. Follows the insights, and works only while they are open; the steps of a chat come
// from the store. Lives on the GUI thread; store, worker, messages and insights outlive it.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QHash>
#include <QObject>
#include <memory>

#include "app/generation_worker.h"
#include "app/store_thread.h"
#include "ui/insights_view_model.h"
#include "ui/message_list_model.h"
#include "ui/step_series.h"

namespace fovea::ui {

class StepsViewModel : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(bool wholeChat READ wholeChat WRITE setWholeChat NOTIFY seriesChanged)
  Q_PROPERTY(int layer READ layer WRITE setLayer NOTIFY seriesChanged)
  Q_PROPERTY(int layerCount READ layerCount NOTIFY layerCountChanged)
  Q_PROPERTY(bool loading READ loading NOTIFY seriesChanged)
  Q_PROPERTY(QString summary READ summary NOTIFY seriesChanged)

 public:
  StepsViewModel(app::StoreThread& store, app::GenerationWorker& worker, const MessageListModel& messages,
                 const InsightsViewModel& insights, QObject* parent = nullptr);

  [[nodiscard]] bool wholeChat() const { return m_wholeChat; }
  void setWholeChat(bool wholeChat);
  /// 0: all layers together; else 1 .. layerCount().
  [[nodiscard]] int layer() const { return m_layer; }
  void setLayer(int layer);
  [[nodiscard]] int layerCount() const { return m_layerCount; }
  /// The steps of the chat are on their way.
  [[nodiscard]] bool loading() const { return m_wholeChat && !m_loaded; }
  /// How many steps and answers, in words.
  [[nodiscard]] QString summary() const;

  [[nodiscard]] const StepSeries& series() const { return m_series; }
  /// What a step did, in words; empty where there is none.
  [[nodiscard]] QString stepText(int step) const;

 signals:
  void seriesChanged();
  /// Apart from the series, which changes ten times a second.
  void layerCountChanged();

 private:
  void insightsChanged();
  void load();
  void loaded(app::RecordId conversationId, const QList<app::StoredTrace>& traces);
  void countLayers();
  void rebuildStored();
  void rebuild();
  [[nodiscard]] app::RecordId conversationId() const;

  app::StoreThread& m_store;
  const MessageListModel& m_messages;
  const InsightsViewModel& m_insights;
  bool m_wholeChat = false;
  int m_layer = 0;
  int m_layerCount = 0;
  bool m_loaded = false;
  app::RecordId m_conversationId = 0;  // whose traces are here or on their way
  app::RecordId m_lastAnswerId = 0;    // the newest answer when they were asked for
  QHash<app::RecordId, std::shared_ptr<const app::TurnTrace>> m_traces;
  StepSeries m_stored;  // of m_traces, on the branch that is shown
  StepSeries m_series;  // and of the answer that is being written
};

}  // namespace fovea::ui
