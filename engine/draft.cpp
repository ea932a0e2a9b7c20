#include "engine/draft.h"

namespace fovea {
namespace {

// Below this chance that all proposals so far stand, one more costs more than it brings.
constexpr float kMinConfidence = 0.25F;

}  // namespace

RowLogits Draft::next_logits(Rows rows) {
  const bool keeps = rows == Rows::kKeep && m_rows != nullptr && m_filled_rows < m_rows->slot_count();
  if (keeps) m_rows->expect(m_filled_rows++, 1);
  const RowLogits logits = m_decoder.decode(m_sequence, 1, keeps ? m_rows : nullptr);
  m_kv_entries_read += m_decoder.kv_entries();
  ++m_passes;
  return logits;
}

void Draft::propose(std::span<const TokenId> sequence, int count, Rows rows) {
  m_sequence.assign(sequence.begin(), sequence.end());
  m_tokens.clear();
  m_kv_entries_read = 0;
  m_filled_rows = 0;
  m_passes = 0;
  float all_stand = 1;  // the draft's own estimate that every proposal so far is what comes next
  while (static_cast<int>(m_tokens.size()) < count) {
    m_draws.begin({next_logits(rows), m_sequence, true, m_rule == AcceptanceRule::kSpeculativeSampling});
    const Draw& draw = m_draws[0];
    // Decided without a look at the token: that would bias what is proposed, and so what is accepted.
    all_stand *= draw.confidence;
    if (all_stand < kMinConfidence) break;
    TokenId token = draw.token;
    if (m_rule == AcceptanceRule::kSpeculativeSampling) {
      if (m_distributions.size() <= m_tokens.size()) m_distributions.emplace_back();
      m_distributions[m_tokens.size()] = draw.distribution;
      token = m_sampler.draw(draw.distribution);
    }
    m_tokens.push_back(token);
    m_sequence.push_back(token);
    if (token == m_end) return;
  }
  // The verifier will ask after the last proposal too. Its query has a row of its own to select by when the
  // draft runs once more; where the proposal stands, that entry of the cache is needed next time anyway.
  if (rows == Rows::kKeep && m_rows != nullptr && m_filled_rows == m_tokens.size() && !m_tokens.empty()) {
    next_logits(rows);
  }
}

}  // namespace fovea
