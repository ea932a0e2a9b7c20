#include "engine/draft.h"

namespace fovea {

RowLogits Draft::next_logits(Rows rows, std::size_t positions) {
  const auto pass = static_cast<std::size_t>(m_passes++);
  if (m_plan != nullptr) {
    const bool keeps = rows == Rows::kKeep && pass < m_plan->rows().slot_count();
    m_plan->expect(pass, 1, positions, keeps);
    if (keeps) ++m_filled_rows;
  }
  const RowLogits logits = m_decoder.decode(m_sequence, 1, m_plan, Reuse::kAny);
  m_kv_entries_read += m_decoder.kv_entries();
  return logits;
}

void Draft::propose(std::span<const TokenId> sequence, int count, Rows rows) {
  m_sequence.assign(sequence.begin(), sequence.end());
  m_tokens.clear();
  m_kv_entries_read = 0;
  m_filled_rows = 0;
  m_passes = 0;
  const std::size_t positions = sequence.size() - 1;
  float all_stand = 1;  // the draft's own estimate that every proposal so far is what comes next
  while (static_cast<int>(m_tokens.size()) < count) {
    m_draws.begin(
        {next_logits(rows, positions), m_sequence, true, m_rule == AcceptanceRule::kSpeculativeSampling});
    const Draw& draw = m_draws[0];
    // Decided without a look at the token: that would bias what is proposed, and so what is accepted.
    all_stand *= draw.confidence;
    if (all_stand < m_least_confidence) break;
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
  if (rows == Rows::kKeep && m_plan != nullptr && m_filled_rows == m_tokens.size() && !m_tokens.empty()) {
    next_logits(rows, positions);
  }
}

}  // namespace fovea
