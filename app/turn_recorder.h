// Writes a turn into the store while it is generated: the question and its pending answer at the start, the
// text so far at least every second, the finished answer once. Whoever shows the answer (window or terminal)
// begins turns here and listens to the worker for display. Owned by the GUI thread, like both objects it
// connects; destroy it before them.
#pragma once

#include <QHash>
#include <QObject>
#include <QTimer>

#include "app/generation_worker.h"
#include "app/records.h"

namespace fovea::app {

class StoreThread;

class TurnRecorder : public QObject {
  Q_OBJECT
 public:
  TurnRecorder(GenerationWorker& worker, StoreThread& store, QObject* parent = nullptr);
  /// An answer that is still running is stored as Interrupted, with the text that arrived.
  ~TurnRecorder() override;

  /// Stores both messages (the answer as Streaming and as the conversation's head) and starts the turn.
  /// `request.answerId` becomes `answer.id`; an empty `answer.modelName` or `answer.mode` is filled in.
  void begin(const Message& question, const Message& answer, GenerationRequest request);
  /// As begin(), for another answer to a question that is stored already.
  void beginAnswer(const Message& answer, GenerationRequest request);
  /// As begin(), to write on an answer that is stored and finished: what comes is added to its text.
  void beginContinuation(const Message& answer, GenerationRequest request);
  [[nodiscard]] bool isRecording(RecordId answerId) const { return m_running.contains(answerId); }

  /// Text older than this is on its way to the store: half of the second that a crash may cost, which leaves
  /// the other half to a busy event loop and a slow disk.
  static constexpr int kSaveIntervalMs = 500;

 signals:
  /// The final text, state, error and statistics; the store has been asked to keep them.
  void answerFinished(const fovea::app::Message& answer);

 private:
  struct Running {
    Message answer;  // as it stands now
    Message before;  // what a continuation goes on from: text and statistics; empty for a new answer
    bool unsaved = false;
  };
  Message prepare(Message answer, GenerationRequest& request);
  void onText(RecordId answerId, const QString& text);
  void onFinished(const GenerationOutcome& outcome);
  void savePartials();

  GenerationWorker& m_worker;
  StoreThread& m_store;
  QHash<RecordId, Running> m_running;
  QTimer m_saveTimer;  // runs from the first unsaved text on
  QString m_modelName;
};

}  // namespace fovea::app
