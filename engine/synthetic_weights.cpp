#include "engine/synthetic_weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "engine/random.h"
#include "kernels/reference/reference.h"

namespace fovea {
namespace {

using kernels::DType;

// A weight is one of the 4096 middles between the 4096ths of the normal distribution: fine enough for F16,
// and a table that stays in the first cache.
constexpr unsigned kQuantileBits = 12;
constexpr std::size_t kQuantiles = std::size_t{1} << kQuantileBits;
constexpr std::size_t kWeightsPerWord = 4;  // 16 random bits each, of which the upper 12 count
// Where the quantised formats cut the distribution off, in standard deviations: the coarser the steps, the
// earlier.
constexpr double kCutQ8 = 4.0;
constexpr double kCutQ4 = 2.5;

/// The x below which `share` of the standard normal distribution lies, for 0 < share <= 0.5. By bisection: it
/// is asked a few thousand times, and then never again.
double normal_quantile(double share) {
  double low = -10;
  double high = 0;
  for (int step = 0; step < 50; ++step) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < share ? low : high) = middle;
  }
  return (low + high) / 2;
}

const std::array<double, kQuantiles>& normal_quantiles() {
  static const std::array<double, kQuantiles> table = [] {
    std::array<double, kQuantiles> made{};
    for (std::size_t i = 0; i < kQuantiles / 2; ++i) {
      made[i] = normal_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(kQuantiles));
      made[kQuantiles - 1 - i] = -made[i];
    }
    return made;
  }();
  return table;
}

std::uint16_t half(double value) {
  return kernels::reference::float_to_half(static_cast<float>(value));
}

}  // namespace

SyntheticWeights::SyntheticWeights(DType dtype, float deviation, std::uint64_t seed, std::uint64_t stream)
    : m_dtype(dtype), m_key(mix_bits(mix_bits(seed) + stream)), m_codes(kQuantiles) {
  // The largest code of Q8_0 is 127; Q4_0 has codes from -8 to 7, stored with 8 added.
  const double steps = dtype == DType::kQ8_0 ? 127.0 / kCutQ8 : 8.0 / kCutQ4;
  m_scale = half(deviation / steps);
  const auto& quantiles = normal_quantiles();
  for (std::size_t i = 0; i < kQuantiles; ++i) {
    const double code = std::round(quantiles[i] * steps);
    if (dtype == DType::kF16) {
      m_codes[i] = half(quantiles[i] * deviation);
    } else if (dtype == DType::kQ8_0) {
      m_codes[i] = static_cast<std::uint8_t>(static_cast<std::int8_t>(std::clamp(code, -127.0, 127.0)));
    } else {
      m_codes[i] = static_cast<std::uint16_t>(std::clamp(code, -8.0, 7.0) + 8);
    }
  }
}

void SyntheticWeights::fill(std::uint64_t first, std::span<std::byte> out) const {
  std::uint64_t word = first * (kGroup / kWeightsPerWord);
  for (std::byte* at = out.data(); at != out.data() + out.size(); at += group_bytes()) {
    std::array<std::uint16_t, kGroup> codes;
    for (std::size_t i = 0; i < kGroup; i += kWeightsPerWord) {
      const std::uint64_t bits = random_word(m_key, word++);
      for (std::size_t lane = 0; lane < kWeightsPerWord; ++lane)
        codes[i + lane] = m_codes[(bits >> (16 * lane + 16 - kQuantileBits)) % kQuantiles];
    }
    if (m_dtype == DType::kF16) {
      std::memcpy(at, codes.data(), sizeof codes);
      continue;
    }
    std::memcpy(at, &m_scale, sizeof m_scale);
    std::byte* packed = at + sizeof m_scale;
    if (m_dtype == DType::kQ8_0) {
      for (std::size_t i = 0; i < kGroup; ++i) packed[i] = static_cast<std::byte>(codes[i]);
    } else {
      constexpr std::size_t kHalf = kGroup / 2;  // the second half lies in the upper four bits
      for (std::size_t i = 0; i < kHalf; ++i)
        packed[i] = static_cast<std::byte>(codes[i] | codes[i + kHalf] << 4U);
    }
  }
}

}  // namespace fovea
