// The threshold of a top-p without sorting, as in kernels/cpu/top_p.cpp: mass by the exponent and the top
// mantissa bits of the weights, as sums of mantissas, so that they are exact and the same in any order; then
// a walk down from the largest weights until their mass reaches the share. Device code for a cluster of
// blocks, each with a histogram of its own weights in shared memory.
#pragma once

#include <cstdint>

#include "kernels/cuda/cluster.cuh"
#include "kernels/cuda/select.h"

namespace fovea::kernels::cuda {

// A weight's bits, read as an integer, order like the weight; anything above kLargest is NaN, infinite or
// negative, but for -0.
constexpr std::uint32_t kNegativeZero = 0x80000000U;
constexpr std::uint32_t kLargest = 0x7F7FFFFFU;
constexpr std::uint32_t kImplicitBit = 0x00800000U;

constexpr unsigned kExponents = 256;
constexpr unsigned kBinsPerExponent = 1U << kSelectMantissaBits;
constexpr unsigned kBins = kExponents * kBinsPerExponent;
constexpr int kBinShift = 23 - kSelectMantissaBits;

// Thresholds are compared with the bits as signed integers, so that -0 lies below every one but kKeepAll.
constexpr std::int32_t kKeepAll = INT32_MIN;  // also what is no proper weight
constexpr std::int32_t kKeepPositive = 1;
constexpr std::int32_t kKeepNone = INT32_MAX;

__device__ inline std::uint32_t weight_bits(float weight) {
  const std::uint32_t bits = __float_as_uint(weight);
  return bits == kNegativeZero ? 0 : bits;
}

__device__ inline unsigned lane_index() {
  return threadIdx.x % 32;
}

__device__ inline std::uint32_t warp_sum(std::uint32_t x) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  return __reduce_add_sync(0xFFFFFFFFU, x);
#else
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(0xFFFFFFFFU, x, step);
  return x;
#endif
}

/// Sums of 64 bits as two words, since shared memory adds words of 32: a carry is rare, so nearly always one
/// atomic addition a weight.
struct Histogram {
  std::uint32_t low[kBins];
  std::uint32_t high[kBins];

  /// By all threads of the block.
  __device__ void clear() {
    for (unsigned b = threadIdx.x; b < kBins; b += blockDim.x) low[b] = high[b] = 0;
  }
  /// Adds to a bin of this block.
  __device__ void add(unsigned bin, std::uint32_t mantissas) {
    const std::uint32_t before = atomicAdd(&low[bin], mantissas);
    if (before > ~mantissas) atomicAdd(&high[bin], 1U);
  }
  /// Adds one weight a lane, by a whole warp; bits <= kLargest, and 0 adds nothing. A warp of weights that
  /// share a bin, as flat attention has, adds once, where its lanes would wait for each other.
  __device__ void add_weights(std::uint32_t bits) {
    const std::uint32_t mantissa = (bits & (kImplicitBit - 1)) | (bits >= kImplicitBit ? kImplicitBit : 0);
    const unsigned bin = bits >> kBinShift;
    if (__all_sync(0xFFFFFFFFU, bin == __shfl_sync(0xFFFFFFFFU, bin, 0))) {
      const std::uint32_t sum = warp_sum(mantissa);  // 32 * 2^24 at most
      if (lane_index() == 0 && sum != 0) add(bin, sum);
    } else if (mantissa != 0) {
      add(bin, mantissa);
    }
  }
};

/// A sum of mantissas in units so small that nothing of weight is lost: 128 bits.
struct Wide {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  __device__ Wide operator+(Wide other) const {
    const std::uint64_t sum = low + other.low;
    return {high + other.high + (sum < low ? 1 : 0), sum};
  }
  __device__ Wide from_lane(unsigned lane) const {
    return {__shfl_sync(0xFFFFFFFFU, high, static_cast<int>(lane)),
            __shfl_sync(0xFFFFFFFFU, low, static_cast<int>(lane))};
  }
  /// Rounded once, to nearest even: bits that are shifted out leave a trace in the last.
  [[nodiscard]] __device__ double value() const {
    if (high == 0) return __ull2double_rn(low);
    const int zeros = __clzll(static_cast<long long>(high));
    std::uint64_t top = zeros == 0 ? high : (high << zeros) | (low >> (64 - zeros));
    if ((low << zeros) != 0) top |= 1;
    return __ull2double_rn(top) * __longlong_as_double((1023LL + 64 - zeros) << 52);
  }
};

/// The sum over the lanes up to this one. By a whole warp.
__device__ inline Wide inclusive_sum(Wide x) {
  for (unsigned step = 1; step < 32; step *= 2) {
    const Wide below = {__shfl_up_sync(0xFFFFFFFFU, x.high, step), __shfl_up_sync(0xFFFFFFFFU, x.low, step)};
    if (lane_index() >= step) x = x + below;
  }
  return x;
}

/// Units of a walk: those of the largest exponent present, times 2^-80. The sum of 2^24 mantissas leaves 80
/// of 128 bits, so what is cut off is less than 2^-95 of the total: the CPU's compensated sums are as exact.
class Units {
 public:
  __device__ explicit Units(unsigned largest_exponent) : m_largest(max(largest_exponent, 1U)) {}
  [[nodiscard]] __device__ Wide of(std::uint64_t mantissas, unsigned exponent) const {
    const int shift = 80 - static_cast<int>(m_largest - min(max(exponent, 1U), m_largest));
    if (shift <= 0) return {0, shift <= -64 ? 0 : mantissas >> -shift};
    if (shift >= 64) return {mantissas << (shift - 64), 0};
    return {mantissas >> (64 - shift), mantissas << shift};
  }

 private:
  unsigned m_largest;
};

/// The first lane up to which `above` and the lanes' own masses reach the target; `above` becomes what lies
/// before it. 32 where they do not.
__device__ inline unsigned first_reaching(Wide& above, Wide mass, double target) {
  const Wide upto = above + inclusive_sum(mass);
  const unsigned reached = __ballot_sync(0xFFFFFFFFU, upto.value() >= target);
  if (reached == 0) return 32;
  const auto first = static_cast<unsigned>(__ffs(static_cast<int>(reached)) - 1);
  if (first > 0) above = upto.from_lane(first - 1);
  return first;
}

/// The smallest bits that are kept so that the mass reaches p of the total: the lowest border of a bin that
/// does. exponent_sums[kExponents]: mantissas of each exponent; bin_sum(bin): those of one bin. By one warp.
template <typename BinSum>
__device__ std::int32_t find_threshold(const std::uint64_t* exponent_sums, float p, BinSum bin_sum) {
  if (p <= 0) return kKeepNone;
  if (p >= 1) return kKeepPositive;
  // Lane 0 has the eight largest exponents, and so on down.
  constexpr unsigned kPerLane = kExponents / 32;
  const unsigned lane = lane_index();
  const unsigned top = kExponents - 1 - lane * kPerLane;
  unsigned largest = 0;
  bool any = false;
  for (unsigned k = kPerLane; k-- > 0;) {
    if (exponent_sums[top - k] == 0) continue;
    largest = top - k;
    any = true;
  }
  const unsigned filled = __ballot_sync(0xFFFFFFFFU, any);
  if (filled == 0) return kKeepPositive;  // of nothing
  largest = __shfl_sync(0xFFFFFFFFU, largest, __ffs(static_cast<int>(filled)) - 1);
  const Units units(largest);

  Wide mass;
  for (unsigned k = 0; k < kPerLane; ++k) mass = mass + units.of(exponent_sums[top - k], top - k);
  const Wide total = inclusive_sum(mass).from_lane(31);
  const double target = static_cast<double>(p) * total.value();

  Wide above;
  const unsigned group = first_reaching(above, mass, target);
  if (group == 32) return kKeepPositive;  // p is NaN: reading everything is safe
  const unsigned highest = kExponents - 1 - group * kPerLane;
  const std::uint64_t own = lane < kPerLane ? exponent_sums[highest - lane] : 0;
  const unsigned exponent =
      highest - first_reaching(above, lane < kPerLane ? units.of(own, highest - lane) : Wide{}, target);
  const unsigned last_bin = exponent * kBinsPerExponent + kBinsPerExponent - 1;
  const std::uint64_t mantissas = lane < kBinsPerExponent ? bin_sum(last_bin - lane) : 0;
  // What units cut off of the bins may be more than of their sum, so the last one is the end in any case.
  const unsigned bin =
      last_bin - min(first_reaching(above, units.of(mantissas, exponent), target), kBinsPerExponent - 1);
  return max(static_cast<std::int32_t>(bin << kBinShift), kKeepPositive);
}

}  // namespace fovea::kernels::cuda
