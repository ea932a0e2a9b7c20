#include "engine/turn.h"

#include <algorithm>
#include <chrono>

namespace fovea {
namespace {

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Turn::Turn(Models models, const Tokenizer& tokenizer, const GenerationOptions& options,
           const TurnObserver& observer, std::stop_token stop, Kind kind)
    : m_models(std::move(models)),
      m_tokenizer(tokenizer),
      m_options(options),
      m_observer(observer),
      m_stop(std::move(stop)),
      m_kind(kind),
      m_sampler(options.sampling),
      m_controller(options.mode == Mode::kSparse ? Controller::Costs::kNominal
                                                 : Controller::Costs::kMeasured),
      m_begin_seconds(now_seconds()) {}

void Turn::prepare_mode() {
  if (m_options.mode == Mode::kDense || m_draft) return;
  Selector* selector = m_models.reading->selector();
  if (selector != nullptr) selector->begin_turn();
  // Sparse answers depend on what was proposed anyway; the rule that accepts more is theirs.
  const AcceptanceRule rule =
      m_options.mode == Mode::kSparse ? AcceptanceRule::kSpeculativeSampling : AcceptanceRule::kSharedNoise;
  m_draft.emplace(*m_models.draft, m_sampler, m_tokenizer.end_id(), rule, m_models.reading->draft());
  m_speculative.emplace(m_models.verifier, *m_draft, m_sampler, selector, &m_result.statistics.read_map);
  if (m_options.mode == Mode::kExact) {
    m_exact.emplace(m_models.verifier, *m_speculative, m_sampler, m_tokenizer.end_id());
  }
}

Result<void> Turn::prefill() {
  const double begin = now_seconds();
  const auto total = static_cast<int>(m_sequence.size());
  // The draft's share of the work is small; progress follows the verifier's.
  const auto progress = [&](std::size_t done, std::size_t missing) {
    if (m_observer.on_prefill) m_observer.on_prefill(total - static_cast<int>(missing - done), total);
  };
  Result<std::size_t> computed = m_models.verifier.prefill(m_sequence, progress, m_stop, reuse());
  if (computed && m_draft) {
    // What it proposes is judged anyway.
    Result<std::size_t> drafted = m_models.draft->prefill(m_sequence, nullptr, m_stop, Reuse::kAny);
    if (!drafted) computed = drafted;
  }
  m_result.statistics.prefill_seconds += now_seconds() - begin;
  if (!computed) return computed.error();
  if (Result<void> sound = m_models.backend.status(); !sound) return sound;
  // The last token of the prompt is computed by the first step.
  m_result.statistics.prefilled_tokens += static_cast<int>(*computed) + 1;
  return {};
}

// Appends what one step brings to the sequence and its passes to m_passes. room: positions left in the
// context.
void Turn::step(int room) {
  m_passes.clear();
  const int left = std::min(room, m_options.max_tokens - generated_tokens() - 1);
  const int most = std::min(m_options.draft_tokens, left);
  if (!m_speculative || most <= 0) {
    m_passes.push_back(dense_step(m_models.verifier, m_sampler, m_sequence, reuse()));
  } else if (m_exact) {
    m_exact->step(m_sequence, m_options.draft_tokens, left, m_stop, m_passes);
  } else {
    // Without a proposal nobody has looked at what a sparse pass should read.
    const int proposals = m_controller.draft_tokens(m_options.mode == Mode::kSparse ? 1 : 0, most);
    m_passes.push_back(m_speculative->step(m_sequence, proposals));
    m_controller.learn(m_passes.back());
  }
}

void Turn::account(const StepTelemetry& step) {
  ReadMap& reads = m_result.statistics.read_map;
  if (step.kv_entries_dense > 0) reads.add_pass(step.context_tokens);
  if (step.layers.empty()) {  // sparse passes have counted themselves
    const auto layers = static_cast<std::size_t>(m_models.verifier.config().layers);
    for (std::size_t layer = 0; layer < layers; ++layer) reads.add_range(layer, 0, step.context_tokens);
  }
  m_result.statistics.add(step);
  if (m_observer.on_step) m_observer.on_step(step);
  if (m_observer.on_reads) m_observer.on_reads(reads);
}

Result<FinishReason> Turn::run(const std::vector<TokenId>& prompt) {
  prepare_mode();
  const std::size_t before = m_sequence.size();
  m_sequence = prompt;
  m_sequence.insert(m_sequence.end(), m_result.token_ids.begin(), m_result.token_ids.end());
  if (before > m_sequence.size()) m_sampler.lower_positions(before - m_sequence.size());
  m_result.statistics.prompt_tokens = static_cast<int>(prompt.size());
  if (m_observer.on_prompt) m_observer.on_prompt(prompt);
  if (Result<void> done = prefill(); !done) {
    if (done.error().code == ErrorCode::kCancelled) return FinishReason::kCancelled;
    return done.error();
  }
  const double begin = now_seconds();
  std::optional<FinishReason> reason;
  while (!reason) {
    if (m_stop.stop_requested()) {
      reason = FinishReason::kCancelled;
      break;
    }
    const auto room = static_cast<int>(m_models.verifier.capacity()) - static_cast<int>(m_sequence.size());
    if (room < 0) {
      reason = FinishReason::kContextFull;
      break;
    }
    const std::size_t from = m_sequence.size();
    step(room);
    if (Result<void> sound = m_models.backend.status(); !sound) return sound.error();
    reason = take_new_tokens(from);
    // What the last pass brought was cut where the answer ended.
    if (!m_passes.empty()) {
      m_passes.back().emitted = static_cast<int>(m_sequence.size() - from);
      m_passes.back().tokens.assign(m_sequence.begin() + static_cast<std::ptrdiff_t>(from), m_sequence.end());
    }
    for (const StepTelemetry& pass : m_passes) account(pass);
  }
  m_result.statistics.decode_seconds += now_seconds() - begin;
  return *reason;
}

std::optional<FinishReason> Turn::take_new_tokens(std::size_t from) {
  if (m_result.statistics.time_to_first_token_seconds == 0) {
    m_result.statistics.time_to_first_token_seconds = now_seconds() - m_begin_seconds;
  }
  for (std::size_t i = from; i < m_sequence.size(); ++i) {
    const TokenId token = m_sequence[i];
    if (token == m_tokenizer.end_id()) {
      m_sequence.resize(i);
      return FinishReason::kEndOfText;
    }
    m_result.token_ids.push_back(token);
    emit(m_utf8.push(m_tokenizer.token_bytes(token)));
    if (generated_tokens() >= m_options.max_tokens) {
      m_sequence.resize(i + 1);
      return FinishReason::kMaxTokens;
    }
  }
  return std::nullopt;
}

void Turn::emit(std::string_view text) {
  if (m_kind == Kind::kChat && m_result.text.empty() && text.starts_with(' ')) text.remove_prefix(1);
  if (text.empty()) return;
  m_result.text += text;
  if (m_observer.on_text) m_observer.on_text(text);
}

TurnResult Turn::finish(FinishReason reason) {
  emit(m_utf8.finish());
  m_result.reason = reason;
  m_result.seed = m_sampler.seed();
  return std::move(m_result);
}

}  // namespace fovea
