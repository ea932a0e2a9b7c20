// ReplayAcceptance: which proposals stand is drawn by lot, whatever the models say. For benchmarks over
// models whose agreement means nothing: an acceptance that was measured elsewhere is replayed. A value with
// one owner; one thread.
#pragma once

#include <cstdint>

#include "engine/options.h"
#include "engine/random.h"

namespace fovea {

class ReplayAcceptance {
 public:
  /// A proposal stands with probability `rate`, 0 .. 1; the same seed decides alike.
  ReplayAcceptance(double rate, std::uint64_t seed) : m_rate(rate), m_random(seed) {}

  /// What the verifier is to have drawn where it drew `drawn` and the draft proposed `proposal`: the proposal
  /// where that stands, else another token.
  [[nodiscard]] TokenId judge(TokenId proposal, TokenId drawn) {
    if (m_random.uniform() < m_rate) return proposal;
    if (drawn != proposal) return drawn;
    return proposal > 0 ? proposal - 1 : 1;
  }

 private:
  double m_rate;
  RandomGenerator m_random;
};

}  // namespace fovea
