// Random numbers that repeat: the same seed gives the same sequence with every compiler and library, which
// the distributions of <random> do not promise. A generator is a plain value with one owner, one thread at a
// time; the functions are pure.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace fovea {

/// The increment and the finalizer of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom
/// number generators"): every bit of the result depends on every bit of `bits`.
inline constexpr std::uint64_t kSplitMixIncrement = 0x9E3779B97F4A7C15U;
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
  return bits ^ (bits >> 31);
}

/// 64 random bits: number `index` of the sequence of `key`, without those before it, so that threads may make
/// the parts of one sequence in any order.
[[nodiscard]] constexpr std::uint64_t random_word(std::uint64_t key, std::uint64_t index) {
  return mix_bits(key + (index + 1) * kSplitMixIncrement);
}

/// xoshiro256** 1.0 (Blackman and Vigna 2018, arXiv 1805.01407), its state filled by SplitMix64 as they
/// advise.
class RandomGenerator {
 public:
  explicit RandomGenerator(std::uint64_t seed) {
    for (std::size_t i = 0; i < m_state.size(); ++i) m_state[i] = random_word(seed, i);
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
