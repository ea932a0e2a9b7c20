// Random numbers that repeat: the same seed gives the same sequence with every compiler and library, which
// the distributions of <random> do not promise. A plain value with one owner; one thread at a time.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace fovea {

/// xoshiro256** 1.0 (Blackman and Vigna 2018, arXiv 1805.01407), its state filled by SplitMix64 as they
/// advise.
class RandomGenerator {
 public:
  explicit RandomGenerator(std::uint64_t seed) {
    for (std::uint64_t& word : m_state) {
      seed += 0x9E3779B97F4A7C15U;
      std::uint64_t mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9U;
      mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
      word = mixed ^ (mixed >> 31);
    }
  }

  /// 64 random bits.
  std::uint64_t next() {
    const std::uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
    const std::uint64_t shifted = m_state[1] << 17;
    m_state[2] ^= m_state[0];
    m_state[3] ^= m_state[1];
    m_state[1] ^= m_state[2];
    m_state[0] ^= m_state[3];
    m_state[2] ^= shifted;
    m_state[3] = std::rotl(m_state[3], 45);
    return result;
  }

  /// Uniform over the 2^53 multiples of 2^-53 in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  std::array<std::uint64_t, 4> m_state{};
};

}  // namespace fovea
