// Sampler: from logits to a filtered distribution, and from a distribution to a token. The generation loop
// owns one per turn and uses it on one thread; the draft and the verifier share it, so that both filter alike
// and all random numbers come from one seeded sequence.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/options.h"
#include "engine/random.h"

namespace fovea {

struct TokenProbability {
  TokenId token = 0;
  float probability = 0;

  bool operator==(const TokenProbability&) const = default;
};

/// 0 where the token is not in it.
[[nodiscard]] float probability_of(std::span<const TokenProbability> distribution, TokenId token);

/// A token drawn in proportion to the entries' probabilities, which need not add up to exactly 1. One entry
/// is returned without using up a random number. `distribution` must not be empty.
[[nodiscard]] TokenId draw(std::span<const TokenProbability> distribution, RandomGenerator& random);

class Sampler {
 public:
  /// `options` as `validate` passes them. Seed 0 takes one from the operating system; seed() tells which.
  explicit Sampler(const SamplingOptions& options);

  /// The distribution that SamplingOptions' filters leave of `logits` [vocabulary]: every token with a
  /// probability above 0, adding up to 1, the likeliest first and those of equal logits by ascending id;
  /// never empty. Each filter acts on what the one before it left, renormalised; among equal logits the lower
  /// ids are kept.
  ///
  /// `history` is everything before the token to be drawn, proposed tokens included; only its last
  /// repetition_window entries count, each once, and ids outside the vocabulary are ignored.
  ///
  /// Greedy: one token with probability 1. NaN and -infinity are never chosen, +infinity ranks as the largest
  /// finite number. Where nothing else is there, the result is the lowest -infinity, or token 0 where all are
  /// NaN.
  ///
  /// Allocates only until `out` and the scratch have grown to what the vocabulary needs.
  void distribution(std::span<const float> logits, std::span<const TokenId> history,
                    std::vector<TokenProbability>& out);

  /// draw() with this turn's random numbers, which go on with every call.
  [[nodiscard]] TokenId draw(std::span<const TokenProbability> distribution);

  /// A draw whose randomness belongs to a place in the text and not to when it is asked for: the same seed,
  /// position and distribution always give the same token, and distributions that are alike mostly give the
  /// same one: with probability (1 - d) / (1 + d) at least, where d is their total variation distance. So a
  /// guess drawn from one distribution can be checked against the draw from another. (Gumbel noise shared
  /// between the two: Daliri, Musco and Suresh 2024, arXiv 2408.07978.) The tokens over all seeds follow the
  /// distribution.
  [[nodiscard]] TokenId draw_at(std::span<const TokenProbability> distribution, std::size_t position) const;

  /// When a text goes on at a lower position (turns were dropped), `by` as much lower: its noise must not
  /// come again.
  void lower_positions(std::size_t by) { m_lowered += by; }

  /// distribution() and draw_at() the end of `history` in one; when greedy, the argmax alone.
  [[nodiscard]] TokenId sample(std::span<const float> logits, std::span<const TokenId> history);

  [[nodiscard]] bool is_greedy() const;
  [[nodiscard]] const SamplingOptions& options() const { return m_options; }
  /// What lower_positions() has added up to.
  [[nodiscard]] std::size_t lowered() const { return m_lowered; }
  /// Never 0: given back as SamplingOptions::seed, it repeats this turn.
  [[nodiscard]] std::uint64_t seed() const { return m_seed; }
  /// This turn's random numbers, for the acceptance rule.
  [[nodiscard]] RandomGenerator& random() { return m_random; }

 private:
  [[nodiscard]] std::span<const float> penalised(std::span<const float> logits,
                                                 std::span<const TokenId> history);

  SamplingOptions m_options;
  std::uint64_t m_seed;
  RandomGenerator m_random;
  std::size_t m_lowered = 0;                // added to every position of draw_at
  std::vector<float> m_logits;              // [vocabulary]: the penalised copy
  std::vector<TokenProbability> m_sorting;  // sort_weights' scratch
  std::vector<TokenProbability> m_sample;   // sample()'s distribution
};

}  // namespace fovea
