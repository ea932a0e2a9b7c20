#include "app/trace_recorder.h"

#include <algorithm>
#include <utility>

#include "engine/tokenizer.h"

namespace fovea::app {

std::string tokenText(const Tokenizer& tokenizer, TokenId token) {
  return tokenizer.is_control(token) ? tokenizer.piece(token) : tokenizer.token_bytes(token);
}

TraceRecorder::TraceRecorder(const GenerationOptions& options, const SessionInfo& info,
                             std::function<std::string(TokenId)> text)
    : m_text(std::move(text)) {
  m_whole.options = options;
  m_whole.kvEntryBytes = info.kv_entry_bytes;
  m_whole.weightsBytes = info.verifier_weights_bytes;
}

void TraceRecorder::learnText(TokenId token) {
  if (m_whole.texts.contains(token)) return;
  m_newTexts.insert(*m_whole.texts.emplace(token, m_text(token)).first);
}

void TraceRecorder::learnTexts(std::span<const TokenId> tokens) {
  for (const TokenId token : tokens) learnText(token);
}

void TraceRecorder::prompt(std::span<const TokenId> tokens) {
  m_whole.remapped = !m_whole.prompt.empty();
  m_whole.prompt.assign(tokens.begin(), tokens.end());
  m_promptIsNew = true;
  learnTexts(tokens);
}

void TraceRecorder::step(const StepTelemetry& step) {
  m_whole.steps.push_back({step, {}});
  ++m_newSteps;
  learnTexts(step.tokens);
  if (step.refusal) {
    learnText(step.refusal->refused);
    learnText(step.refusal->chosen);
  }
}

void TraceRecorder::reads(const ReadMap& reads) {
  m_whole.reads = reads;
  if (m_whole.steps.empty()) return;
  std::vector<std::int64_t> now(m_readBefore.size(), 0);
  for (std::size_t layer = 0; layer < reads.layers(); ++layer) {
    const auto buckets = reads.reads(layer);
    if (now.size() < buckets.size()) now.resize(buckets.size(), 0);
    std::transform(buckets.begin(), buckets.end(), now.begin(), now.begin(), std::plus<>());
  }
  m_readBefore.resize(now.size(), 0);
  if (m_stepReads + now.size() <= kStepReadsMax) {
    m_stepReads += now.size();
    std::vector<std::uint32_t>& step = m_whole.steps.back().reads;
    step.resize(now.size());
    std::transform(now.begin(), now.end(), m_readBefore.begin(), step.begin(),
                   [](std::int64_t after, std::int64_t before) {
                     return static_cast<std::uint32_t>(std::max<std::int64_t>(after - before, 0));
                   });
  }
  m_readBefore = std::move(now);
}

TurnTrace TraceRecorder::withoutContent() const {
  TurnTrace trace;
  trace.options = m_whole.options;
  trace.reason = m_whole.reason;
  trace.kvEntryBytes = m_whole.kvEntryBytes;
  trace.weightsBytes = m_whole.weightsBytes;
  trace.remapped = m_whole.remapped;
  return trace;
}

TurnTrace TraceRecorder::takeNews(Map map) {
  TurnTrace news = withoutContent();
  news.steps.assign(m_whole.steps.end() - static_cast<std::ptrdiff_t>(std::exchange(m_newSteps, 0)),
                    m_whole.steps.end());
  news.texts = std::exchange(m_newTexts, {});
  if (std::exchange(m_promptIsNew, false)) news.prompt = m_whole.prompt;
  const auto now = std::chrono::steady_clock::now();
  if (map == Map::kAlways || now - m_lastReads >= kReadsInterval) {
    m_lastReads = now;
    news.reads = m_whole.reads;
  }
  return news;
}

TurnTrace TraceRecorder::takeLastNews(const TurnResult& result) {
  m_whole.options.sampling.seed = result.seed;
  m_whole.reason = result.reason;
  return takeNews(Map::kAlways);
}

TurnTrace TraceRecorder::finish(const TurnResult& result) {
  TurnTrace trace = std::move(m_whole);
  trace.reads = result.statistics.read_map;
  trace.options.sampling.seed = result.seed;
  trace.reason = result.reason;
  return trace;
}

}  // namespace fovea::app
