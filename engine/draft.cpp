#include "engine/draft.h"

namespace fovea {

void Draft::propose(std::span<const TokenId> sequence, int count, Sampler& sampler) {
  m_sequence.assign(sequence.begin(), sequence.end());
  m_tokens.clear();
  m_kv_entries_read = 0;
  while (static_cast<int>(m_tokens.size()) < count) {
    const std::span<const float> logits = m_decoder.decode(m_sequence, 1);
    m_kv_entries_read += m_decoder.kv_entries();
    if (m_distributions.size() <= m_tokens.size()) m_distributions.emplace_back();
    std::vector<TokenProbability>& distribution = m_distributions[m_tokens.size()];
    sampler.distribution(logits, m_sequence, distribution);
    const TokenId token = sampler.draw(distribution);
    m_tokens.push_back(token);
    m_sequence.push_back(token);
    if (token == m_end) break;
  }
}

}  // namespace fovea
