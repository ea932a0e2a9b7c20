#include "engine/turn.h"

#include <algorithm>
#include <chrono>

namespace fovea {
namespace {

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Turn::Turn(Decoder& verifier, Decoder* draft, const Tokenizer& tokenizer, const GenerationOptions& options,
           const TurnObserver& observer, std::stop_token stop, Kind kind)
    : m_verifier(verifier),
      m_draft_decoder(options.mode == Mode::kDense ? nullptr : draft),
      m_tokenizer(tokenizer),
      m_options(options),
      m_observer(observer),
      m_stop(std::move(stop)),
      m_kind(kind),
      m_sampler(options.sampling),
      m_begin_seconds(now_seconds()) {
  if (m_draft_decoder != nullptr) {
    m_draft.emplace(*m_draft_decoder, tokenizer.end_id());
    m_speculative.emplace(m_verifier, *m_draft, m_sampler);
  }
}

Result<void> Turn::prefill() {
  const double begin = now_seconds();
  const auto total = static_cast<int>(m_sequence.size());
  // The draft's share of the work is small; progress follows the verifier's.
  const auto progress = [&](std::size_t done, std::size_t missing) {
    if (m_observer.on_prefill) m_observer.on_prefill(total - static_cast<int>(missing - done), total);
  };
  Result<std::size_t> computed = m_verifier.prefill(m_sequence, progress, m_stop);
  if (computed && m_draft_decoder != nullptr) {
    if (Result<std::size_t> drafted = m_draft_decoder->prefill(m_sequence, nullptr, m_stop); !drafted) {
      computed = drafted;
    }
  }
  m_result.statistics.prefill_seconds += now_seconds() - begin;
  if (!computed) return computed.error();
  // The last token of the prompt is computed by the first step.
  m_result.statistics.prefilled_tokens += static_cast<int>(*computed) + 1;
  return {};
}

Result<FinishReason> Turn::run(const std::vector<TokenId>& prompt) {
  m_sequence = prompt;
  m_sequence.insert(m_sequence.end(), m_result.token_ids.begin(), m_result.token_ids.end());
  m_result.statistics.prompt_tokens = static_cast<int>(prompt.size());
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
    const auto room = static_cast<int>(m_verifier.capacity()) - static_cast<int>(m_sequence.size());
    if (room < 0) {
      reason = FinishReason::kContextFull;
      break;
    }
    const std::size_t from = m_sequence.size();
    const int wanted =
        std::min({m_options.draft_tokens, room, m_options.max_tokens - generated_tokens() - 1});
    StepTelemetry step = m_speculative && wanted > 0 ? m_speculative->step(m_sequence, wanted)
                                                     : dense_step(m_verifier, m_sampler, m_sequence);
    reason = take_new_tokens(from);
    step.emitted = static_cast<int>(m_sequence.size() - from);
    m_result.statistics.add(step);
    if (m_observer.on_step) m_observer.on_step(step);
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
  return std::move(m_result);
}

}  // namespace fovea
