// Runs the engine on a thread of its own. The GUI hands over a GenerationRequest value and gets text,
// progress and one `finished` back as signals on its own thread. Text is coalesced: the engine appends to one
// guarded string and posts one wake-up if none is outstanding, so the window updates at most once a frame
// however fast the engine is. Shared between the threads: one stop source and that pending buffer.
// Destruction order: stop, join, then the session. Owned by the GUI thread (the thread that made it), whose
// event loop delivers the signals; no signal comes after destruction. A slot that wants the worker gone says
// deleteLater().
#pragma once

#include <QByteArray>
#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/mailbox.h"
#include "app/records.h"
#include "app/task_thread.h"
#include "app/trace_recorder.h"
#include "app/turn_engine.h"
#include "engine/session.h"

namespace fovea::app {

struct GenerationRequest {
  RecordId answerId = 0;              // the pending message that the answer fills
  std::vector<ChatMessage> messages;  // the branch up to and including the question
  GenerationOptions options;
};

/// What came back from a turn; exactly one per request, whatever happened.
struct GenerationOutcome {
  RecordId answerId = 0;
  QString text;  // all of it
  bool failed = false;
  QString error;   // in words, when failed
  QString remedy;  // what helps, may be empty
  FinishReason reason = FinishReason::kEndOfText;
  TurnStatistics statistics;
  int droppedMessages = 0;
  QByteArray trace;  // of encodeTrace(); empty where the turn failed
};

/// What came back from a replay, and the text of the tokens that the verifier drew.
struct ReplayOutcome {
  Replay replay;
  std::map<TokenId, std::string> texts;  // their bytes; control tokens by their name
};

/// What is known about a running turn, sent with each text update.
struct LiveStatistics {
  int generatedTokens = 0;
  double tokensPerSecond = 0;
  double acceptanceRate = 0;  // 0 .. 1 of the drafted tokens, 0 without a draft
  bool drafted = false;
  double kvReadsSaved = 0;  // 0 .. 1 of the KV entries, 0 where nothing is pruned
};

class GenerationWorker : public QObject {
  Q_OBJECT
 public:
  /// With the real engine: a Session.
  explicit GenerationWorker(QObject* parent = nullptr);
  /// With an engine of the caller's making: a scripted one in tests.
  explicit GenerationWorker(EngineFactory factory, QObject* parent = nullptr);
  ~GenerationWorker() override;  // stops a running turn and joins

  /// Loads (or replaces) the model pair. Answers with loadProgress()*, then loaded() or loadFailed(). The
  /// previous pair is released first, so that two large models never stand in memory together; after
  /// loadFailed() it is loaded again, and a second loaded() says so where that works. A load overtaken by a
  /// later one answers nothing: the later one does.
  void load(const SessionOptions& options);
  /// Stops the load under way: loadFailed() follows, as for any other failure.
  void cancelLoad();
  /// Computes the alignment of the loaded pair anew; requests queue with turns. Answers with
  /// alignProgress()*, then aligned() or alignFailed().
  void align();
  /// Stops it: alignFailed() follows, without a message.
  void cancelAlign();
  /// Replays an answer that is there (engine/replay) once the turns before are done; one that is asked for
  /// later stops it. Answers with replayProgress()*, then replayed() or replayFailed().
  void replay(RecordId answerId, ReplayRequest request);
  /// Stops it: replayFailed() follows, without a message.
  void cancelReplay();
  /// Starts a turn; requests queue. Answers with prefillProgress()*, textAppended()*, one finished(); without
  /// a loaded model that one says so, with `failed` set.
  void generate(GenerationRequest request);
  /// Asks for a few words about a conversation, after the turns that were asked for before; the next turn
  /// stops it. Answers with suggested(), unless it was stopped or failed.
  void suggest(GenerationRequest request);
  /// Answers with tokensCounted(), after the turns that were asked for before; -1 without a loaded model.
  void countTokens(const QString& text);
  /// Stops the running turn (and the queued ones): finished() follows with FinishReason::kCancelled.
  void stop();

  /// Least time between two updates of the window.
  static constexpr int kFrameMs = 16;

 signals:
  void loadProgress(double fraction, const QString& stage);
  void loaded(const fovea::SessionInfo& info);
  void loadFailed(const QString& message, const QString& remedy);
  void alignProgress(double fraction);
  void aligned(const fovea::Alignment& alignment);
  void alignFailed(const QString& message, const QString& remedy);
  void replayProgress(fovea::app::RecordId answerId, double fraction);
  void replayed(fovea::app::RecordId answerId, const fovea::app::ReplayOutcome& outcome);
  void replayFailed(fovea::app::RecordId answerId, const QString& message, const QString& remedy);
  void prefillProgress(fovea::app::RecordId answerId, int doneTokens, int totalTokens);
  /// The draft is being fitted to the model, once for a pair; fraction: 0 .. 1.
  void alignmentProgress(fovea::app::RecordId answerId, double fraction);
  void contextDropped(fovea::app::RecordId answerId, int droppedMessages);
  void textAppended(fovea::app::RecordId answerId, const QString& text,
                    const fovea::app::LiveStatistics& live);
  /// What the model said, all of it, to a request of suggest().
  void suggested(fovea::app::RecordId id, const QString& text);
  void tokensCounted(const QString& text, int tokens);
  /// What the answer read since the signal before: see TurnTrace::append(). The last comes before finished().
  void traceAppended(fovea::app::RecordId answerId, const fovea::app::TurnTrace& part);
  void finished(const fovea::app::GenerationOutcome& outcome);

 private:
  struct Turn;  // one request in flight, with its pending text; shared by the two threads

  // On the worker's thread.
  void runLoad(const SessionOptions& options, int number, const std::stop_token& stop,
               const std::stop_token& restoreStop);
  void restore(const SessionOptions& previous, int number, const std::stop_token& stop);
  void runAlign(const std::stop_token& stop);
  void runReplay(RecordId answerId, const ReplayRequest& request, const std::stop_token& stop);
  template <typename Work>
  auto onEngine(Work work) -> decltype(work());
  template <typename Send>
  auto paced(Send send);
  Result<void> createEngine(const SessionOptions& options, const std::stop_token& stop, bool showProgress);
  void runTurn(const std::shared_ptr<Turn>& turn);
  void runSuggestion(const GenerationRequest& request, const std::stop_token& stop);
  void answer(const std::shared_ptr<Turn>& turn, GenerationOutcome& outcome, std::string& streamed);
  TurnObserver observe(const std::shared_ptr<Turn>& turn, std::string& streamed, TraceRecorder& recorder);
  template <typename Change>
  void changePending(const std::shared_ptr<Turn>& turn, Change change);

  // On the GUI thread.
  void update(const std::shared_ptr<Turn>& turn);   // now, or at the next frame
  void deliver(const std::shared_ptr<Turn>& turn);  // what is pending

  EngineFactory m_factory;
  std::stop_source m_turnStop;      // each request takes its token; replaced by stop()
  std::stop_source m_suggestStop;   // replaced by suggest()
  std::stop_source m_loadStop;      // replaced by load()
  std::stop_source m_restoreStop;   // of the previous pair, after a load that failed; replaced by load()
  std::stop_source m_alignStop;     // replaced by align()
  std::stop_source m_replayStop;    // replaced by replay()
  std::shared_ptr<Turn> m_waiting;  // its update waits for the frame timer
  QTimer m_frame;
  QElapsedTimer m_sinceUpdate;
  Mailbox m_mailbox;

  std::atomic<int> m_latestLoad = 0;  // tells a load that was overtaken from one that was stopped

  // Touched on the worker's thread only, until it is joined.
  std::unique_ptr<TurnEngine> m_engine;
  std::optional<SessionOptions> m_reload;  // what is loaded: to make it anew after an exception

  TaskThread m_thread;  // last: joined before anything it uses goes
};

}  // namespace fovea::app

Q_DECLARE_METATYPE(fovea::SessionInfo)
Q_DECLARE_METATYPE(fovea::app::LiveStatistics)
Q_DECLARE_METATYPE(fovea::app::GenerationOutcome)
