#include "app/turn_recorder.h"

#include <utility>

#include "app/store_thread.h"

namespace fovea::app {
namespace {

QString fromView(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString modeName(Mode mode) {
  return fromView(to_string(mode));
}

/// What both pieces of an answer cost. The rest, and what describes the prompt, is of the second.
TurnStatistics sum(const TurnStatistics& first, TurnStatistics second) {
  second.generated_tokens += first.generated_tokens;
  second.prefilled_tokens += first.prefilled_tokens;
  second.prefill_seconds += first.prefill_seconds;
  second.time_to_first_token_seconds = first.time_to_first_token_seconds;
  second.decode_seconds += first.decode_seconds;
  second.steps += first.steps;
  second.proposed += first.proposed;
  second.accepted += first.accepted;
  second.kv_entries_read += first.kv_entries_read;
  second.kv_entries_dense += first.kv_entries_dense;
  second.draft_kv_entries_read += first.draft_kv_entries_read;
  second.draft_seconds += first.draft_seconds;
  second.verify_seconds += first.verify_seconds;
  second.sample_seconds += first.sample_seconds;
  return second;
}

/// `answer` as it stands after the turn, which may have gone on from what was `before`.
Message finish(Message answer, const Message& before, const GenerationOutcome& outcome) {
  answer.text = before.text + outcome.text;
  answer.droppedMessages = outcome.droppedMessages;
  if (outcome.failed) {
    answer.state = MessageState::Failed;
    answer.error = outcome.remedy.isEmpty() ? outcome.error : outcome.error + u' ' + outcome.remedy;
    return answer;
  }
  answer.state = outcome.reason == FinishReason::kCancelled ? MessageState::Stopped : MessageState::Complete;
  answer.cutAtLimit =
      outcome.reason == FinishReason::kMaxTokens || outcome.reason == FinishReason::kContextFull;
  answer.error.clear();
  // A request that was stopped in the queue cost nothing, and has nothing to show.
  if (outcome.statistics.prompt_tokens > 0) {
    answer.statistics = before.statistics ? sum(*before.statistics, outcome.statistics) : outcome.statistics;
  }
  return answer;
}

}  // namespace

TurnRecorder::TurnRecorder(GenerationWorker& worker, StoreThread& store, QObject* parent)
    : QObject(parent), m_worker(worker), m_store(store) {
  m_saveTimer.setSingleShot(true);
  m_saveTimer.setInterval(kSaveIntervalMs);
  connect(&m_saveTimer, &QTimer::timeout, this, &TurnRecorder::savePartials);
  connect(&worker, &GenerationWorker::textAppended, this, &TurnRecorder::onText);
  connect(&worker, &GenerationWorker::finished, this, &TurnRecorder::onFinished);
  connect(&worker, &GenerationWorker::loaded, this,
          [this](const SessionInfo& info) { m_modelName = QString::fromStdString(info.verifier_name); });
}

TurnRecorder::~TurnRecorder() {
  for (Running& running : m_running) {
    running.answer.state = MessageState::Interrupted;
    m_store.finishMessage(running.answer);
  }
}

void TurnRecorder::begin(const Message& question, const Message& answer, GenerationRequest request) {
  m_store.insertTurn(question, prepare(answer, request));
  m_worker.generate(std::move(request));
}

void TurnRecorder::beginAnswer(const Message& answer, GenerationRequest request) {
  m_store.insertAnswer(prepare(answer, request));
  m_worker.generate(std::move(request));
}

void TurnRecorder::beginContinuation(const Message& answer, GenerationRequest request) {
  m_store.resumeAnswer(prepare(answer, request));
  m_running[answer.id].before = answer;
  m_worker.generate(std::move(request));
}

Message TurnRecorder::prepare(Message answer, GenerationRequest& request) {
  answer.state = MessageState::Streaming;
  if (answer.modelName.isEmpty()) answer.modelName = m_modelName;
  if (answer.mode.isEmpty()) answer.mode = modeName(request.options.mode);
  request.answerId = answer.id;
  m_running.insert(answer.id, {answer, {}, false});
  return answer;
}

void TurnRecorder::onText(RecordId answerId, const QString& text) {
  const auto found = m_running.find(answerId);
  if (found == m_running.end()) return;
  found->answer.text += text;
  found->unsaved = true;
  if (!m_saveTimer.isActive()) m_saveTimer.start();
}

void TurnRecorder::savePartials() {
  for (Running& running : m_running) {
    if (!std::exchange(running.unsaved, false)) continue;
    m_store.savePartial(running.answer.id, running.answer.text);
  }
}

void TurnRecorder::onFinished(const GenerationOutcome& outcome) {
  const auto found = m_running.find(outcome.answerId);
  if (found == m_running.end()) return;
  const Message answer = finish(std::move(found->answer), found->before, outcome);
  m_running.erase(found);
  m_store.finishMessage(answer);
  if (!outcome.trace.isEmpty()) m_store.saveTrace(answer.id, outcome.trace);
  emit answerFinished(answer);
}

}  // namespace fovea::app
