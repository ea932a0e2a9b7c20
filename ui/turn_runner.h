// Follows the one turn that may be under way for the window: starts it through the recorder (which saves it),
// keeps the answer so far, so that a chat can be left and shown again while it is being answered, and passes
// on what changes. Lives on the GUI thread and never waits; refers to worker and recorder, which outlive it.
#pragma once

#include <QObject>
#include <optional>

#include "app/generation_worker.h"
#include "app/records.h"
#include "app/turn_recorder.h"

namespace fovea::ui {

class TurnRunner : public QObject {
  Q_OBJECT

 public:
  TurnRunner(app::GenerationWorker& worker, app::TurnRecorder& recorder, QObject* parent = nullptr);

  struct Turn {
    app::Message question;
    app::Message answer;  // grows as text comes
    /// Question: both are new. Answer: another one to a question that is stored. Continuation: more of one
    /// that is.
    enum class Kind { Question, Answer, Continuation } kind = Kind::Question;
  };

  [[nodiscard]] bool active() const { return m_turn.has_value(); }
  /// The running turn, or null.
  [[nodiscard]] const Turn* turn() const { return m_turn ? &*m_turn : nullptr; }
  [[nodiscard]] app::RecordId conversationId() const { return m_turn ? m_turn->answer.conversationId : 0; }

  /// Stores what is new of question and answer and asks the worker; it answers once its model is loaded. Only
  /// while none is active.
  void start(const Turn& turn, app::GenerationRequest request);
  /// The answer ends as Stopped, within one step of the engine.
  void stop();

 signals:
  void activeChanged();
  void textAppended(fovea::app::RecordId answerId, const QString& text);
  /// State, statistics or dropped messages of the answer changed (also once at the end, after activeChanged).
  void answerChanged(const fovea::app::Message& answer);

 private:
  void appended(app::RecordId answerId, const QString& text);
  void dropped(app::RecordId answerId, int droppedMessages);
  void finished(const app::Message& answer);

  app::GenerationWorker& m_worker;
  app::TurnRecorder& m_recorder;
  std::optional<Turn> m_turn;
};

}  // namespace fovea::ui
