// What an answer of the chat that is shown read: the newest, live while it is written, or an older one, from
// the store. Works only while it is `open`: nothing is kept or loaded for a panel that nobody sees. Lives on
// the GUI thread; store, worker and messages outlive it.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QObject>
#include <QTimer>
#include <QVariantList>
#include <memory>

#include "app/generation_worker.h"
#include "app/store_thread.h"
#include "app/turn_trace.h"
#include "ui/message_list_model.h"

namespace fovea::ui {

class InsightsViewModel : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(bool open READ isOpen WRITE setOpen NOTIFY openChanged)
  Q_PROPERTY(State state READ state NOTIFY traceChanged)
  Q_PROPERTY(QString stateText READ stateText NOTIFY traceChanged)
  Q_PROPERTY(qint64 answerId READ answerId NOTIFY traceChanged)
  Q_PROPERTY(int answerNumber READ answerNumber NOTIFY traceChanged)
  Q_PROPERTY(int answerCount READ answerCount NOTIFY traceChanged)
  Q_PROPERTY(QString question READ question NOTIFY traceChanged)
  Q_PROPERTY(QString summary READ summary NOTIFY traceChanged)
  Q_PROPERTY(QVariantList figures READ figures NOTIFY traceChanged)
  Q_PROPERTY(QVariantList stages READ stages NOTIFY traceChanged)
  Q_PROPERTY(QVariantList acceptance READ acceptance NOTIFY traceChanged)

 public:
  enum class State { Empty, Loading, Ready, Missing, Damaged };
  Q_ENUM(State)

  InsightsViewModel(app::StoreThread& store, app::GenerationWorker& worker, const MessageListModel& messages,
                    QObject* parent = nullptr);

  [[nodiscard]] bool isOpen() const { return m_open; }
  void setOpen(bool open);
  [[nodiscard]] State state() const { return m_state; }
  /// Why there is nothing to see; empty when there is.
  [[nodiscard]] QString stateText() const;
  /// Of the answers of this chat, from 1; 0 where there is none.
  [[nodiscard]] int answerNumber() const;
  [[nodiscard]] int answerCount() const { return static_cast<int>(answers().size()); }
  [[nodiscard]] QString question() const;
  /// The answer's figures in a sentence or two, for those who do not see the charts.
  [[nodiscard]] QString summary() const;
  /// Each: name, value, hint.
  [[nodiscard]] QVariantList figures() const;
  /// Each: name, share (0 .. 1), text.
  [[nodiscard]] QVariantList stages() const;
  [[nodiscard]] QVariantList acceptance() const;

  [[nodiscard]] app::RecordId answerId() const { return m_answerId; }
  [[nodiscard]] const app::TurnTrace& trace() const { return *m_trace; }
  [[nodiscard]] const TurnStatistics& statistics() const { return m_statistics; }

  /// The answer before or after the one that is shown.
  Q_INVOKABLE void showAnother(int offset);
  /// A layer's stretch of the context: what stands there, and how much of it was read.
  Q_INVOKABLE [[nodiscard]] QString cellText(int layer, int bucket) const;

  /// Least time between two changes while an answer is written.
  static constexpr int kUpdateMs = 100;

 signals:
  void openChanged();
  void traceChanged();

 private:
  [[nodiscard]] QList<app::RecordId> answers() const;
  void messagesChanged();
  void show(app::RecordId answerId);
  void appended(app::RecordId answerId, const app::TurnTrace& part);
  void loaded(const app::StoredTrace& stored);
  void changed();

  app::StoreThread& m_store;
  const MessageListModel& m_messages;
  QTimer m_update;
  bool m_open = false;
  bool m_followsNewest = true;
  app::RecordId m_answerId = 0;
  app::RecordId m_runningId = 0;
  app::TurnTrace m_running;  // of the answer that is being written
  std::shared_ptr<const app::TurnTrace> m_trace = std::make_shared<const app::TurnTrace>();
  TurnStatistics m_statistics;  // of m_trace
  State m_state = State::Empty;
  QString m_error;
};

}  // namespace fovea::ui
