#include "app/generation_worker.h"

#include <chrono>
#include <exception>
#include <mutex>
#include <new>
#include <utility>

#include "app/trace_blob.h"

namespace fovea::app {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

QString fromUtf8(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// The engine promises not to throw. Memory can still run out, and a bug must not take the window down with
/// it.
Error currentException() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {ErrorCode::kOutOfMemory, "The engine ran out of memory.",
            "Choose a smaller context or a smaller model, or close other programs."};
  } catch (const std::exception& exception) {
    return {ErrorCode::kBackend, std::string("The engine failed: ") + exception.what() + ".",
            "Ask again; the model is loaded anew."};
  } catch (...) {
    return {ErrorCode::kBackend, "The engine failed for an unknown reason.",
            "Ask again; the model is loaded anew."};
  }
}

void setError(GenerationOutcome& outcome, const Error& error) {
  if (error.code == ErrorCode::kCancelled) {
    outcome.reason = FinishReason::kCancelled;
    return;
  }
  outcome.failed = true;
  outcome.error = QString::fromStdString(error.message);
  outcome.remedy = QString::fromStdString(error.remedy);
}

/// Tokens per second of the running turn. The clock restarts with each piece of prefill, so that it measures
/// decoding.
class LiveCounter {
 public:
  void restart() { m_start = Clock::now(); }
  LiveStatistics add(const StepTelemetry& step) {
    m_proposed += step.proposed;
    m_accepted += step.accepted;
    m_live.generatedTokens += step.emitted;
    m_read += step.kv_entries_read;
    m_dense += step.kv_entries_dense;
    m_live.drafted = m_proposed > 0;
    m_live.kvReadsSaved =
        m_dense > m_read ? 1.0 - static_cast<double>(m_read) / static_cast<double>(m_dense) : 0.0;
    m_live.acceptanceRate =
        m_proposed > 0 ? static_cast<double>(m_accepted) / static_cast<double>(m_proposed) : 0.0;
    const double seconds = secondsSince(m_start);
    m_live.tokensPerSecond = seconds > 0 ? m_live.generatedTokens / seconds : 0.0;
    return m_live;
  }

 private:
  Clock::time_point m_start = Clock::now();
  std::int64_t m_proposed = 0;
  std::int64_t m_accepted = 0;
  std::int64_t m_read = 0;  // KV entries
  std::int64_t m_dense = 0;
  LiveStatistics m_live;
};

/// What the engine has said and the window has not heard yet.
struct Pending {
  std::string text;  // complete UTF-8
  LiveStatistics live;
  std::optional<std::pair<int, int>> prefill;  // done, total: the latest
  std::optional<int> dropped;                  // messages: the latest
  std::optional<double> alignment;             // fraction: the latest
  TurnTrace trace;                             // since the last update
  bool woken = false;                          // an update is on its way
};

}  // namespace

struct GenerationWorker::Turn {
  GenerationRequest request;  // constant once posted
  std::stop_token stop;
  std::mutex mutex;
  Pending pending;  // guarded by mutex
};

GenerationWorker::GenerationWorker(EngineFactory factory, QObject* parent)
    : QObject(parent), m_factory(std::move(factory)) {
  qRegisterMetaType<SessionInfo>();
  qRegisterMetaType<LiveStatistics>();
  qRegisterMetaType<GenerationOutcome>();
  m_frame.setSingleShot(true);
  m_frame.setTimerType(Qt::PreciseTimer);
  connect(&m_frame, &QTimer::timeout, this, [this] {
    if (const auto turn = std::exchange(m_waiting, nullptr)) deliver(turn);
  });
}

GenerationWorker::~GenerationWorker() {
  ++m_latestLoad;
  m_turnStop.request_stop();
  m_suggestStop.request_stop();
  m_loadStop.request_stop();
  m_restoreStop.request_stop();
  m_alignStop.request_stop();
  m_replayStop.request_stop();
  m_thread.finish();
  m_engine.reset();
}

void GenerationWorker::load(const SessionOptions& options) {
  m_suggestStop.request_stop();
  m_loadStop.request_stop();
  m_loadStop = std::stop_source();
  m_restoreStop.request_stop();
  m_restoreStop = std::stop_source();
  const int number = ++m_latestLoad;
  m_thread.post([this, options, number, stop = m_loadStop.get_token(),
                 restoreStop = m_restoreStop.get_token()] { runLoad(options, number, stop, restoreStop); });
}

void GenerationWorker::cancelLoad() {
  m_loadStop.request_stop();
}

void GenerationWorker::align() {
  m_suggestStop.request_stop();
  m_alignStop.request_stop();
  m_alignStop = std::stop_source();
  m_thread.post([this, stop = m_alignStop.get_token()] { runAlign(stop); });
}

void GenerationWorker::cancelAlign() {
  m_alignStop.request_stop();
}

void GenerationWorker::replay(RecordId answerId, ReplayRequest request) {
  m_suggestStop.request_stop();
  m_replayStop.request_stop();
  m_replayStop = std::stop_source();
  m_thread.post([this, answerId, request = std::move(request), stop = m_replayStop.get_token()] {
    runReplay(answerId, request, stop);
  });
}

void GenerationWorker::cancelReplay() {
  m_replayStop.request_stop();
}

void GenerationWorker::generate(GenerationRequest request) {
  m_suggestStop.request_stop();
  auto turn = std::make_shared<Turn>();
  turn->request = std::move(request);
  turn->stop = m_turnStop.get_token();
  m_thread.post([this, turn] { runTurn(turn); });
}

void GenerationWorker::suggest(GenerationRequest request) {
  m_suggestStop.request_stop();
  m_suggestStop = std::stop_source();
  m_thread.post([this, request = std::move(request), stop = m_suggestStop.get_token()] {
    runSuggestion(request, stop);
  });
}

void GenerationWorker::countTokens(const QString& text) {
  m_thread.post([this, text] {
    int tokens = -1;
    try {
      if (m_engine) tokens = m_engine->countTokens(text.toStdString());
    } catch (...) {
      tokens = -1;  // memory: the turn itself will say so
    }
    m_mailbox.post([this, text, tokens] { emit tokensCounted(text, tokens); });
  });
}

void GenerationWorker::stop() {
  m_turnStop.request_stop();
  m_turnStop = std::stop_source();
}

/// Hands on one update a frame at most.
template <typename Send>
auto GenerationWorker::paced(Send send) {
  return [this, send, last = std::optional<Clock::time_point>()](double fraction, auto... words) mutable {
    if (last && secondsSince(*last) * 1000.0 < kFrameMs) return;
    last = Clock::now();
    m_mailbox.post([this, send, fraction, ... words = std::string(words)] { send(fraction, words...); });
  };
}

Result<void> GenerationWorker::createEngine(const SessionOptions& options, const std::stop_token& stop,
                                            bool showProgress) {
  auto show = paced(
      [this](double fraction, const std::string& stage) { emit loadProgress(fraction, fromUtf8(stage)); });
  const auto progress = [&](double fraction, std::string_view stage) {
    if (showProgress) show(fraction, stage);
  };
  try {
    m_engine.reset();
    auto engine = m_factory(options, progress, stop);
    if (!engine) return std::move(engine).error();
    m_engine = std::move(engine).value();
    return {};
  } catch (...) {
    return currentException();
  }
}

void GenerationWorker::runLoad(const SessionOptions& options, int number, const std::stop_token& stop,
                               const std::stop_token& restoreStop) {
  // A later load is waiting, or the program ends: nobody asks for this one.
  if (number != m_latestLoad) return;
  const std::optional<SessionOptions> previous = std::exchange(m_reload, std::nullopt);
  const auto created = createEngine(options, stop, true);
  if (number != m_latestLoad) {
    m_reload = previous;  // what the later load returns to where it fails
    return;
  }
  if (!created) {
    const bool stopped = created.error().code == ErrorCode::kCancelled;
    const Error error = stopped ? Error{ErrorCode::kCancelled, "Loading was stopped.", ""} : created.error();
    m_mailbox.post([this, error] {
      emit loadFailed(QString::fromStdString(error.message), QString::fromStdString(error.remedy));
    });
    if (previous) restore(*previous, number, restoreStop);
    return;
  }
  m_reload = options;
  m_mailbox.post([this, info = m_engine->info()] { emit loaded(info); });
}

void GenerationWorker::restore(const SessionOptions& previous, int number, const std::stop_token& stop) {
  m_mailbox.post([this] { emit loadProgress(0, {}); });
  m_reload = previous;
  const auto created = createEngine(previous, stop, true);
  if (number != m_latestLoad) return;
  m_mailbox.post([this, created, info = m_engine ? m_engine->info() : SessionInfo{}] {
    if (created) {
      emit loaded(info);
    } else {
      emit loadFailed(QString::fromStdString(created.error().message),
                      QString::fromStdString(created.error().remedy));
    }
  });
}

/// Work other than a turn that needs the engine; an Error without words where it was stopped.
template <typename Work>
auto GenerationWorker::onEngine(Work work) -> decltype(work()) {
  if (!m_engine)
    return Error{ErrorCode::kInvalidArgument, "No model is loaded.", "Load a pair of models first."};
  try {
    auto result = work();
    if (!result && result.error().code == ErrorCode::kCancelled) return Error{ErrorCode::kCancelled, "", ""};
    return result;
  } catch (...) {
    m_engine.reset();  // as after a turn that threw
    return currentException();
  }
}

void GenerationWorker::runAlign(const std::stop_token& stop) {
  auto show = paced([this](double fraction) { emit alignProgress(fraction); });
  auto alignment = onEngine([&] { return m_engine->align([&](double fraction) { show(fraction); }, stop); });
  m_mailbox.post([this, alignment = std::move(alignment)] {
    if (alignment) {
      emit aligned(*alignment);
    } else {
      emit alignFailed(QString::fromStdString(alignment.error().message),
                       QString::fromStdString(alignment.error().remedy));
    }
  });
}

void GenerationWorker::runReplay(RecordId answerId, const ReplayRequest& request,
                                 const std::stop_token& stop) {
  auto show = paced([this, answerId](double fraction) { emit replayProgress(answerId, fraction); });
  auto outcome = onEngine([&]() -> Result<ReplayOutcome> {
    auto replay = m_engine->replay(
        request, [&](double fraction) { show(fraction); }, stop);
    if (!replay) return std::move(replay).error();
    ReplayOutcome made{std::move(replay).value(), {}};
    for (const ReplayedToken& token : made.replay.tokens)
      made.texts.try_emplace(token.drawn, m_engine->tokenText(token.drawn));
    return made;
  });
  m_mailbox.post([this, answerId, outcome = std::move(outcome)] {
    if (outcome) {
      emit replayed(answerId, *outcome);
    } else {
      emit replayFailed(answerId, QString::fromStdString(outcome.error().message),
                        QString::fromStdString(outcome.error().remedy));
    }
  });
}

void GenerationWorker::runTurn(const std::shared_ptr<Turn>& turn) {
  GenerationOutcome outcome;
  outcome.answerId = turn->request.answerId;
  std::string streamed;
  try {
    answer(turn, outcome, streamed);
  } catch (...) {
    // Its KV cache may contradict its own book-keeping now: better a new engine than an answer from garbage.
    m_engine.reset();
    setError(outcome, currentException());
    outcome.text = fromUtf8(streamed);
  }
  m_mailbox.post([this, turn, outcome = std::move(outcome)] {
    if (m_waiting == turn) {
      m_frame.stop();
      m_waiting.reset();
    }
    deliver(turn);
    emit finished(outcome);
  });
}

void GenerationWorker::runSuggestion(const GenerationRequest& request, const std::stop_token& stop) {
  if (!m_engine || stop.stop_requested()) return;
  try {
    const auto result = m_engine->chat(request.messages, request.options, {}, stop);
    if (!result || result->reason != FinishReason::kEndOfText) return;
    m_mailbox.post(
        [this, id = request.answerId, text = fromUtf8(result->text)] { emit suggested(id, text); });
  } catch (...) {
    m_engine.reset();  // as after a turn that threw
  }
}

void GenerationWorker::answer(const std::shared_ptr<Turn>& turn, GenerationOutcome& outcome,
                              std::string& streamed) {
  if (turn->stop.stop_requested()) {
    outcome.reason = FinishReason::kCancelled;
    return;
  }
  if (!m_engine && m_reload) {
    const auto created = createEngine(*m_reload, turn->stop, false);
    if (!created) return setError(outcome, created.error());
  }
  if (!m_engine) {
    return setError(outcome,
                    {ErrorCode::kInvalidArgument, "No model is loaded.", "Choose a model in the settings."});
  }
  TraceRecorder recorder(turn->request.options, m_engine->info(),
                         [this](TokenId token) { return m_engine->tokenText(token); });
  auto result = m_engine->chat(turn->request.messages, turn->request.options,
                               observe(turn, streamed, recorder), turn->stop);
  {
    const std::lock_guard lock(turn->mutex);
    turn->pending.trace.append(result ? recorder.takeLastNews(*result)
                                      : recorder.takeNews(TraceRecorder::Map::kAlways));
  }
  if (!result) {
    setError(outcome, result.error());
    outcome.text = fromUtf8(streamed);
    return;
  }
  outcome.text = fromUtf8(result->text);
  outcome.reason = result->reason;
  if (TurnTrace trace = recorder.finish(*result); !trace.empty()) outcome.trace = encodeTrace(trace);
  outcome.statistics = std::move(result->statistics);
  outcome.droppedMessages = result->dropped_messages;
}

/// Changes what is pending, and wakes the GUI thread unless a wake-up is on its way already.
template <typename Change>
void GenerationWorker::changePending(const std::shared_ptr<Turn>& turn, Change change) {
  {
    const std::lock_guard lock(turn->mutex);
    change(turn->pending);
    if (turn->pending.woken) return;
    turn->pending.woken = true;
  }
  m_mailbox.post([this, turn] { update(turn); });
}

TurnObserver GenerationWorker::observe(const std::shared_ptr<Turn>& turn, std::string& streamed,
                                       TraceRecorder& recorder) {
  const auto counter = std::make_shared<LiveCounter>();
  TurnObserver observer;
  observer.on_prefill = [this, turn, counter](int done, int total) {
    counter->restart();
    changePending(turn, [&](Pending& pending) { pending.prefill = {done, total}; });
  };
  observer.on_alignment = [this, turn](double fraction) {
    changePending(turn, [&](Pending& pending) { pending.alignment = fraction; });
  };
  observer.on_context_dropped = [this, turn](int dropped) {
    changePending(turn, [&](Pending& pending) { pending.dropped = dropped; });
  };
  observer.on_text = [this, turn, &streamed](std::string_view text) {
    if (text.empty()) return;
    streamed += text;
    changePending(turn, [&](Pending& pending) { pending.text += text; });
  };
  observer.on_prompt = [&recorder](std::span<const TokenId> prompt) { recorder.prompt(prompt); };
  // No wake-up from here on: it travels with the text.
  observer.on_step = [turn, counter, &recorder](const StepTelemetry& step) {
    recorder.step(step);
    const LiveStatistics live = counter->add(step);
    const std::lock_guard lock(turn->mutex);
    turn->pending.live = live;
  };
  observer.on_reads = [turn, &recorder](const ReadMap& reads) {
    recorder.reads(reads);
    TurnTrace news = recorder.takeNews(TraceRecorder::Map::kWhenDue);
    const std::lock_guard lock(turn->mutex);
    turn->pending.trace.append(std::move(news));
  };
  return observer;
}

void GenerationWorker::update(const std::shared_ptr<Turn>& turn) {
  const qint64 elapsedMs = m_sinceUpdate.isValid() ? m_sinceUpdate.elapsed() : kFrameMs;
  if (elapsedMs >= kFrameMs) {
    deliver(turn);
    return;
  }
  m_waiting = turn;
  m_frame.start(static_cast<int>(kFrameMs - elapsedMs));
}

void GenerationWorker::deliver(const std::shared_ptr<Turn>& turn) {
  Pending pending;
  {
    const std::lock_guard lock(turn->mutex);
    pending = std::exchange(turn->pending, {});
    turn->pending.live = pending.live;  // kept: the next text may come before the next step
  }
  m_sinceUpdate.start();
  const RecordId id = turn->request.answerId;
  if (pending.alignment) emit alignmentProgress(id, *pending.alignment);
  if (pending.prefill) emit prefillProgress(id, pending.prefill->first, pending.prefill->second);
  if (pending.dropped) emit contextDropped(id, *pending.dropped);
  if (!pending.text.empty()) emit textAppended(id, fromUtf8(pending.text), pending.live);
  if (!pending.trace.empty()) emit traceAppended(id, pending.trace);
}

}  // namespace fovea::app
