// Draft: a small model proposes the next few tokens. It shares the turn's sampler with the verifier, so that
// both filter alike. Borrows the decoder; keeps its proposals until the next call. One thread at a time.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "engine/acceptance.h"
#include "engine/decoder.h"
#include "engine/draft_plan.h"
#include "engine/row_draws.h"
#include "engine/sampler.h"

namespace fovea {

class Draft {
 public:
  /// `end` is the token that ends an answer: nothing is proposed after it. `plan`: what the passes read, and
  /// where they leave their attention; null: everything, nowhere. `rule`: how the proposals will be judged,
  /// and so how they are drawn.
  Draft(Decoder& decoder, Sampler& sampler, TokenId end, AcceptanceRule rule, DraftPlan* plan = nullptr)
      : m_decoder(decoder),
        m_sampler(sampler),
        m_draws(decoder.backend(), sampler),
        m_end(end),
        m_rule(rule),
        m_plan(plan) {}

  /// Proposes up to `count` tokens after `sequence`; it stops early after the end token, or where the draft
  /// itself would not bet on the next one. The draft's cache catches up with the sequence on the way. kKeep:
  /// the plan keeps the attention of each proposal's query, slot i that of the i-th, as far as it has slots.
  enum class Rows { kKeep, kNone };
  void propose(std::span<const TokenId> sequence, int count, Rows rows);

  /// For benchmarks: proposes as many as are asked for, however unsure it is.
  void propose_always() { m_least_confidence = 0; }

  [[nodiscard]] AcceptanceRule rule() const { return m_rule; }
  [[nodiscard]] std::span<const TokenId> tokens() const { return m_tokens; }
  /// What each was drawn from, where the rule asks for it.
  [[nodiscard]] std::span<const std::vector<TokenProbability>> distributions() const {
    return std::span(m_distributions).first(std::min(m_tokens.size(), m_distributions.size()));
  }
  /// (layer, position) pairs of its own KV cache that the last propose() read. Waits for the backend.
  [[nodiscard]] std::int64_t kv_entries_read() const {
    return m_plan != nullptr && m_passes > 0 ? m_plan->entries_read() : m_kv_entries_read;
  }
  /// How many slots of the attention rows the last propose() filled.
  [[nodiscard]] std::size_t filled_rows() const { return m_filled_rows; }
  /// How often the last propose() ran the draft.
  [[nodiscard]] int passes() const { return m_passes; }

 private:
  RowLogits next_logits(Rows rows, std::size_t positions);

  Decoder& m_decoder;
  Sampler& m_sampler;
  RowDraws m_draws;
  TokenId m_end;
  AcceptanceRule m_rule;
  DraftPlan* m_plan;
  // Below this chance that all proposals so far stand, one more costs more than it brings.
  float m_least_confidence = 0.25F;
  std::size_t m_filled_rows = 0;
  int m_passes = 0;
  std::vector<TokenId> m_sequence;
  std::vector<TokenId> m_tokens;
  std::vector<std::vector<TokenProbability>> m_distributions;  // [>= m_tokens.size()]
  std::int64_t m_kv_entries_read = 0;
};

}  // namespace fovea
