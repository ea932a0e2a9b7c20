// Which of the draft's proposals stand, and what follows them. Two rules; under both every emitted token is
// distributed exactly as the verifier alone would have drawn it.
//
// Speculative sampling (Leviathan et al. 2023, arXiv 2211.17192, theorem in appendix A.1; Chen et al. 2023,
// arXiv 2302.01318, algorithm 2) accepts most. Its proof needs a verifier that does not depend on the
// proposal it judges.
//
// Shared noise: draft and verifier draw with Sampler::draw_at, and a proposal stands where the verifier draws
// the same. What is emitted is then what the verifier alone draws from that seed, token by token: it depends
// neither on the draft, nor on how many tokens it proposed, nor on anything that guided it. That makes
// answers repeat whatever a controller decides, and it holds even where the verifier was sparse and its reads
// were chosen by looking at the proposals, which is what mode exact needs. It accepts a little less: on the
// embedded pair 58.2% against 60.4% of the tokens at temperature 0.5, and 57.9% against 62.0% at 0.8.
//
// The generation loop owns an Acceptance per turn and uses it on one thread; it keeps scratch memory and no
// state between calls.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "engine/options.h"
#include "engine/random.h"
#include "engine/sampler.h"

namespace fovea {

enum class AcceptanceRule { kSpeculativeSampling, kSharedNoise };

class Acceptance {
 public:
  struct Step {
    bool accepted = false;
    TokenId token = 0;  // the proposal where accepted, otherwise its replacement
  };

  struct Run {
    std::size_t accepted = 0;  // proposals[0 .. accepted) stand
    TokenId next = 0;          // and this token follows them
  };

  /// The verifier's distribution for the token after proposals[0 .. index). Asked in order, and only once
  /// every earlier proposal is accepted, so it may depend on them (the repetition penalty does). Valid until
  /// the next call.
  using Verifier = std::function<std::span<const TokenProbability>(std::size_t index)>;

  /// One proposal: accepted with probability min(1, p(token) / q(token)), else replaced by a draw from
  /// max(0, p - q) / sum(max(0, p - q)). `verifier` is p, `draft` is q, both as Sampler::distribution gives
  /// them (not empty, each token once); `token` was drawn from q. Greedy falls out: a p of one token accepts
  /// that token alone and replaces every other by it.
  [[nodiscard]] Step accept_one(std::span<const TokenProbability> verifier,
                                std::span<const TokenProbability> draft, TokenId token,
                                RandomGenerator& random);

  /// A whole step: the longest accepted prefix of `proposals` [k] and the token after it, which is the
  /// replacement of the first refusal or, where all stand, a draw from verifier(k). `drafts` [k]: what each
  /// proposal was drawn from.
  [[nodiscard]] Run accept_run(std::span<const TokenId> proposals,
                               std::span<const std::vector<TokenProbability>> drafts,
                               const Verifier& verifier, RandomGenerator& random);

  /// The same by shared noise: the longest prefix of `proposals` that the verifier draws too, and the token
  /// that it draws after it. `drawn` is its draw (Sampler::draw_at) after proposals[0 .. index), asked like
  /// Verifier.
  [[nodiscard]] static Run accept_shared(std::span<const TokenId> proposals,
                                         const std::function<TokenId(std::size_t index)>& drawn);

 private:
  [[nodiscard]] TokenId draw_residual(std::span<const TokenProbability> verifier,
                                      std::span<const TokenProbability> draft, RandomGenerator& random);

  std::vector<float> m_draft_by_token;       // [token]: q, all 0 between calls
  std::vector<TokenProbability> m_residual;  // max(0, p - q), not normalised
};

}  // namespace fovea
