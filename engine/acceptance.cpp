#include "engine/acceptance.h"

#include <algorithm>

namespace fovea {

Acceptance::Step Acceptance::accept_one(std::span<const TokenProbability> verifier,
                                        std::span<const TokenProbability> draft, TokenId token,
                                        RandomGenerator& random) {
  const auto p = static_cast<double>(probability_of(verifier, token));
  const auto q = static_cast<double>(probability_of(draft, token));
  // u < p / q without the division, so that q = 0 needs no case of its own. uniform() stays below 1, hence p
  // >= q always accepts, and p = 0 never does.
  if (random.uniform() * q < p) return {true, token};
  return {false, draw_residual(verifier, draft, random)};
}

Acceptance::Run Acceptance::accept_run(std::span<const TokenId> proposals,
                                       std::span<const std::vector<TokenProbability>> drafts,
                                       const Verifier& verifier, RandomGenerator& random) {
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    const Step step = accept_one(verifier(i), drafts[i], proposals[i], random);
    if (!step.accepted) return {i, step.token};
  }
  return {proposals.size(), draw(verifier(proposals.size()), random)};
}

Acceptance::Run Acceptance::accept_shared(std::span<const TokenId> proposals,
                                          const std::function<TokenId(std::size_t)>& drawn) {
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    const TokenId token = drawn(i);
    if (token != proposals[i]) return {i, token};
  }
  return {proposals.size(), drawn(proposals.size())};
}

TokenId Acceptance::draw_residual(std::span<const TokenProbability> verifier,
                                  std::span<const TokenProbability> draft, RandomGenerator& random) {
  // Spreading q over an array indexed by token joins the two lists in linear time, whatever their lengths.
  for (const TokenProbability& entry : draft) {
    const auto index = static_cast<std::size_t>(entry.token);
    if (index >= m_draft_by_token.size()) m_draft_by_token.resize(index + 1, 0.0F);
    m_draft_by_token[index] = entry.probability;
  }
  m_residual.clear();
  for (const TokenProbability& entry : verifier) {
    const auto index = static_cast<std::size_t>(entry.token);
    const float q = index < m_draft_by_token.size() ? m_draft_by_token[index] : 0.0F;
    if (entry.probability > q) m_residual.push_back({entry.token, entry.probability - q});
  }
  for (const TokenProbability& entry : draft) m_draft_by_token[static_cast<std::size_t>(entry.token)] = 0.0F;

  // Nothing left happens by rounding alone: p = q up to the last bit, where a refusal has probability ~0
  // anyway.
  return m_residual.empty() ? draw(verifier, random) : draw(m_residual, random);
}

}  // namespace fovea
