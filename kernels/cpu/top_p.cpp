#include "kernels/cpu/top_p.h"

#include <algorithm>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/top_p.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/highway.h>

#ifndef FOVEA_KERNELS_CPU_TOP_P_ONCE
#define FOVEA_KERNELS_CPU_TOP_P_ONCE
namespace fovea::kernels::cpu {

// A weight's bits, read as an integer, order like the weight; -0 becomes 0 and anything above kLargest is
// NaN, infinite or negative. Integer arithmetic also keeps denormals out of reach of a flush-to-zero mode.
constexpr std::uint32_t kNegativeZero = 0x80000000U;
constexpr std::uint32_t kLargest = 0x7F7FFFFFU;
constexpr std::uint32_t kImplicitBit = 0x00800000U;

constexpr std::size_t kExponents = 255;
constexpr std::size_t kBins = std::size_t{1} << kTopPMantissaBits;  // of one exponent
constexpr int kBinShift = 23 - kTopPMantissaBits;
constexpr std::size_t kBlock = 256;  // weights that are prepared, and checked, at a time

// What one unit of a mantissa is worth; the denormals' exponent 0 counts as 1.
constexpr double unit(std::size_t exponent) {
  return std::bit_cast<double>((std::max<std::uint64_t>(exponent, 1) + 1023 - 150) << 52);
}

// A sum that carries its rounding errors along (T. J. Dekker's two-sum): about 100 bits.
class Sum {
 public:
  void add(double x) {
    const double sum = m_high + x;
    const double added = sum - m_high;
    m_low += (m_high - (sum - added)) + (x - added);
    m_high = sum;
  }
  [[nodiscard]] Sum plus(double x) const {
    Sum sum = *this;
    sum.add(x);
    return sum;
  }
  [[nodiscard]] double value() const { return m_high + m_low; }

 private:
  double m_high = 0;
  double m_low = 0;
};

// Mass by exponent and leading mantissa bits, as sums of mantissas: exact, since they are integers.
struct Histogram {
  alignas(64) std::uint64_t bins[kExponents][kBins] = {};

  [[nodiscard]] double mass(std::size_t exponent) const {
    std::uint64_t sum = 0;
    for (std::size_t b = 0; b < kBins; ++b) sum += bins[exponent][b];
    return static_cast<double>(sum) * unit(exponent);
  }
};

// The smallest bits that are kept, and what that keeps.
struct Threshold {
  std::uint32_t bits = 1;
  double kept = 0;
};

// Walks down from the largest weights until their mass reaches the target: exponent by exponent, then bin by
// bin. `largest` is the greatest exponent present.
inline Threshold find_threshold(const Histogram& histogram, std::size_t largest, const double* masses,
                                double target) {
  Sum above;
  for (std::size_t e = largest + 1; e-- > 0;) {
    if (masses[e] == 0) continue;
    if (!(above.plus(masses[e]).value() >= target)) {
      above.add(masses[e]);
      continue;
    }
    std::uint64_t mantissas = 0;
    for (std::size_t b = kBins; b-- > 0;) {
      mantissas += histogram.bins[e][b];
      const double kept = above.plus(static_cast<double>(mantissas) * unit(e)).value();
      if (kept >= target) {
        return {std::max(static_cast<std::uint32_t>(e * kBins + b) << kBinShift, 1U), kept};
      }
    }
  }
  return {1, above.value()};  // p is NaN: reading everything is safe
}

// For each set of eight flags the places of its ones: what compressing does, where Highway's own goes through
// a table that GCC 12 copies to the stack at every use.
struct OffsetTable {
  struct Row {
    std::uint8_t offsets[8];
  };
  Row rows[256];
};

constexpr OffsetTable make_offset_table() {
  OffsetTable table{};
  for (unsigned flags = 0; flags < 256; ++flags) {
    std::size_t count = 0;
    for (std::uint8_t i = 0; i < 8; ++i) {
      if ((flags >> i & 1U) != 0) table.rows[flags].offsets[count++] = i;
    }
  }
  return table;
}

alignas(64) inline constexpr OffsetTable kOffsets = make_offset_table();

}  // namespace fovea::kernels::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Integer arithmetic only, so the width of the vectors changes no result.
using DU = hn::CappedTag<std::uint32_t, 16>;
constexpr std::size_t kLanes = hn::MaxLanes(DU());

HWY_INLINE hn::Vec<DU> LoadBits(const float* weights) {
  const DU du;
  const auto bits = hn::BitCast(du, hn::LoadU(hn::RebindToFloat<DU>(), weights));
  return hn::IfThenZeroElse(hn::Eq(bits, hn::Set(du, kNegativeZero)), bits);
}

HWY_INLINE std::uint32_t ScalarBits(float weight) {
  const auto bits = std::bit_cast<std::uint32_t>(weight);
  return bits == kNegativeZero ? 0 : bits;
}

std::uint32_t LargestBits(const float* weights, std::size_t n) {
  const DU du;
  auto largest_lanes = hn::Zero(du);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) largest_lanes = hn::Max(largest_lanes, LoadBits(weights + i));
  std::uint32_t largest = hn::GetLane(hn::MaxOfLanes(du, largest_lanes));
  for (; i < n; ++i) largest = std::max(largest, ScalarBits(weights[i]));
  return largest;
}

// Adds count <= kBlock weights to the histogram and returns their largest bits; adds nothing where those are
// above kLargest.
HWY_INLINE std::uint32_t AddBlock(Histogram& histogram, const float* weights, std::size_t count) {
  const DU du;
  alignas(64) std::uint32_t indices[kBlock];
  alignas(64) std::uint32_t mantissas[kBlock];
  const auto implicit = hn::Set(du, kImplicitBit);
  const auto fraction = hn::Set(du, kImplicitBit - 1);
  auto largest_lanes = hn::Zero(du);
  const auto prepare = [&](const float* from, std::size_t i) HWY_ATTR {
    const auto bits = LoadBits(from);
    largest_lanes = hn::Max(largest_lanes, bits);
    hn::Store(hn::ShiftRight<kBinShift>(bits), du, indices + i);
    // The minimum has the implicit bit just where the exponent is not 0.
    const auto lead = hn::And(hn::Min(bits, implicit), implicit);
    hn::Store(hn::Or(hn::And(bits, fraction), lead), du, mantissas + i);
  };
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) prepare(weights + i, i);
  if (i < count) {
    float padded[kLanes] = {};
    std::copy_n(weights + i, count - i, padded);
    prepare(padded, i);
  }
  const std::uint32_t largest = hn::GetLane(hn::MaxOfLanes(du, largest_lanes));
  if (largest > kLargest) return largest;
  std::uint64_t* bins = histogram.bins[0];
  for (std::size_t j = 0; j < count; ++j) bins[indices[j]] += mantissas[j];
  return largest;
}

// Writes first_position + i for every weight of at least `threshold` >= 1; returns how many.
std::size_t EmitPositions(std::int32_t* HWY_RESTRICT positions, const float* HWY_RESTRICT weights,
                          std::size_t n, std::uint32_t threshold, std::int32_t first_position) {
  using DI = hn::CappedTag<std::int32_t, 8>;
  const DI di;
  constexpr std::size_t kStep = hn::MaxLanes(DI());
  const auto below = hn::Set(di, static_cast<std::int32_t>(threshold) - 1);
  const auto eight = hn::Set(di, 8);
  auto position = hn::Set(di, first_position);
  std::size_t count = 0;
  std::size_t i = 0;
  // Signed, so that -0 lies below every threshold. Eight entries are stored whatever is kept; they stay
  // inside the n because count <= i.
  for (; i + 8 <= n; i += 8) {
    unsigned kept = 0;
    for (std::size_t j = 0; j < 8; j += kStep) {
      const auto bits = hn::BitCast(di, hn::LoadU(hn::RebindToFloat<DI>(), weights + i + j));
      std::uint8_t mask = 0;
      hn::StoreMaskBits(di, hn::Gt(bits, below), &mask);
      kept |= static_cast<unsigned>(mask) << j;
    }
    const OffsetTable::Row& row = kOffsets.rows[kept];
    for (std::size_t j = 0; j < 8; j += kStep) {
      const auto offsets = hn::PromoteTo(di, hn::LoadU(hn::Rebind<std::uint8_t, DI>(), row.offsets + j));
      hn::StoreU(hn::Add(position, offsets), di, positions + count + j);
    }
    count += static_cast<std::size_t>(std::popcount(kept));
    position = hn::Add(position, eight);
  }
  for (; i < n; ++i) {
    if (ScalarBits(weights[i]) >= threshold)
      positions[count++] = first_position + static_cast<std::int32_t>(i);
  }
  return count;
}

TopPResult HistogramTopP(std::int32_t* positions, const float* weights, std::size_t n, float p,
                         std::int32_t first_position) {
  Histogram histogram;
  std::uint32_t largest = 0;
  for (std::size_t i = 0; i < n; i += kBlock) {
    largest = std::max(largest, AddBlock(histogram, weights + i, std::min(kBlock, n - i)));
    if (largest > kLargest) return {0, 0, 0, false};
  }
  const std::size_t exponent = largest >> 23;
  double masses[kExponents];
  Sum total;
  for (std::size_t e = exponent + 1; e-- > 0;) {
    masses[e] = histogram.mass(e);
    total.add(masses[e]);
  }
  TopPResult result{0, 0, total.value(), true};
  if (p <= 0 || result.total == 0) return result;
  Threshold threshold{1, result.total};
  if (p < 1) {
    threshold = find_threshold(histogram, exponent, masses, static_cast<double>(p) * result.total);
  }
  result.kept = threshold.kept;
  result.count = EmitPositions(positions, weights, n, threshold.bits, first_position);
  return result;
}

// The mass of the weights of at least `threshold` >= 1, in four sums of doubles.
double MassFrom(const float* weights, std::size_t n, std::uint32_t threshold) {
  const hn::CappedTag<double, 4> dd;
  const hn::Rebind<float, decltype(dd)> df;
  const hn::Rebind<std::int32_t, decltype(dd)> di;
  constexpr std::size_t kStep = hn::MaxLanes(dd);
  const auto below = hn::Set(di, static_cast<std::int32_t>(threshold) - 1);
  const auto load = [&](const float* from) HWY_ATTR {
    const auto v = hn::LoadU(df, from);
    return hn::PromoteTo(dd, hn::IfThenElseZero(hn::RebindMask(df, hn::Gt(hn::BitCast(di, v), below)), v));
  };
  auto even = hn::Zero(dd);
  auto odd = hn::Zero(dd);
  std::size_t i = 0;
  for (; i + 2 * kStep <= n; i += 2 * kStep) {
    even = hn::Add(even, load(weights + i));
    odd = hn::Add(odd, load(weights + i + kStep));
  }
  double mass = hn::GetLane(hn::SumOfLanes(dd, hn::Add(even, odd)));
  for (; i < n; ++i) {
    if (ScalarBits(weights[i]) >= threshold) mass += static_cast<double>(weights[i]);
  }
  return mass;
}

TopPResult BisectionTopP(std::int32_t* positions, const float* weights, std::size_t n, float p,
                         std::int32_t first_position) {
  constexpr int kBisections = 10;
  const std::uint32_t largest = LargestBits(weights, n);
  if (largest > kLargest) return {0, 0, 0, false};
  TopPResult result{0, 0, MassFrom(weights, n, 1), true};
  if (p <= 0 || largest == 0) return result;
  Threshold threshold{1, result.total};
  const double target = static_cast<double>(p) * result.total;
  float low = 0;
  float high = std::bit_cast<float>(largest);
  // The mass from `low` up reaches the target; rounding must not let p = 1 drop a weight.
  for (int round = 0; round < kBisections && p < 1; ++round) {
    const float middle = low + (high - low) * 0.5F;
    const std::uint32_t bits = std::max(std::bit_cast<std::uint32_t>(middle), 1U);
    const double mass = MassFrom(weights, n, bits);
    if (mass >= target) {
      low = middle;
      threshold = {bits, mass};
    } else {
      high = middle;
    }
  }
  result.kept = threshold.kept;
  result.count = EmitPositions(positions, weights, n, threshold.bits, first_position);
  return result;
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(HistogramTopP);
HWY_EXPORT(BisectionTopP);

TopPResult top_p(std::int32_t* positions, const float* weights, std::size_t n, float p,
                 std::int32_t first_position) {
  return HWY_DYNAMIC_DISPATCH(HistogramTopP)(positions, weights, n, p, first_position);
}

TopPResult top_p_bisection(std::int32_t* positions, const float* weights, std::size_t n, float p,
                           std::int32_t first_position) {
  return HWY_DYNAMIC_DISPATCH(BisectionTopP)(positions, weights, n, p, first_position);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
