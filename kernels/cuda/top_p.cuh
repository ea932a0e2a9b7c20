// The threshold of a top-p without sorting, as in kernels/cpu/top_p.cpp: mass by the exponent and the top
// mantissa bits of the weights, as sums of mantissas, so that they are exact and the same in any order; then
// a walk down from the largest weights until their mass reaches the share. Device code for a cluster of
// blocks, each with a histogram of its own weights in shared memory.
#pragma once

#include <cstdint>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/select.h"

namespace fovea::kernels::cuda {

// A weight's bits, read as an integer, order like the weight; anything above kLargest is NaN, infinite or
// negative, but for -0.
constexpr std::uint32_t kNegativeZero = 0x80000000U;
constexpr std::uint32_t kLargest = 0x7F7FFFFFU;
constexpr std::uint32_t kImplicitBit = 0x00800000U;

constexpr unsigned kExponents = 256;
constexpr unsigned kBinsPerExponent = 1U << kSelectMantissaBits;
constexpr unsigned kWeightBins = kExponents * kBinsPerExponent;
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
  return threadIdx.x % kWarp;
}

/// A sum of 32 bits over the warp.
__device__ inline std::uint32_t warp_count(std::uint32_t x) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  return __reduce_add_sync(kAll, x);
#else
  return warp_sum(x);
#endif
}

/// Sums of 64 bits as two words, since shared memory adds words of 32: a carry is rare, so nearly always one
/// atomic addition a weight.
struct alignas(16) WeightHistogram {
  std::uint32_t low[kWeightBins];
  std::uint32_t high[kWeightBins];

  /// By all threads of the block.
  __device__ void clear() {
    for (unsigned i = threadIdx.x; i < kWeightBins / 2; i += blockDim.x) {
      reinterpret_cast<uint4*>(low)[i] = uint4{0, 0, 0, 0};  // and on into `high`
    }
  }
  /// Adds N weights a lane, by a whole warp; bits <= kLargest, and 0 adds nothing: it goes to bins that no
  /// weight has, so that no lane takes another way. All additions are asked for before a carry is looked at.
  template <unsigned N>
  __device__ void add(const std::uint32_t (&bits)[N]) {
    unsigned bins[N];
    std::uint32_t mantissas[N];
    std::uint32_t before[N];
#pragma unroll
    for (unsigned j = 0; j < N; ++j) {
      bins[j] = bits[j] >> kBinShift;
      mantissas[j] = (bits[j] & (kImplicitBit - 1)) | (bits[j] >= kImplicitBit ? kImplicitBit : 0);
    }
    if (share_bin(bins[0])) merge_lanes(bins, mantissas);
#pragma unroll
    for (unsigned j = 0; j < N; ++j) {
      if (mantissas[j] == 0) bins[j] = kWeightBins - 1 - lane_index() % kBinsPerExponent;
    }
#pragma unroll
    for (unsigned j = 0; j < N; ++j) before[j] = atomicAdd(&low[bins[j]], mantissas[j]);
    bool carry = false;
#pragma unroll
    for (unsigned j = 0; j < N; ++j) carry = carry || before[j] > ~mantissas[j];
    if (!carry) return;
#pragma unroll
    for (unsigned j = 0; j < N; ++j) {
      if (before[j] > ~mantissas[j]) atomicAdd(&high[bins[j]], 1U);
    }
  }
  [[nodiscard]] __device__ std::uint64_t sum(unsigned bin) const {
    return (std::uint64_t{high[bin]} << 32) + low[bin];
  }
  /// Mantissas of one half of an exponent's bins. Neighbouring threads ask for neighbouring halves, whose
  /// bins lie in the same banks, so each fourth begins with another one.
  [[nodiscard]] __device__ std::uint64_t half_sum(unsigned half) const {
    constexpr unsigned kHalf = kBinsPerExponent / 2;
    std::uint64_t mantissas = 0;
#pragma unroll
    for (unsigned b = 0; b < kHalf; ++b) mantissas += sum(half * kHalf + (b + half / 4) % kHalf);
    return mantissas;
  }

 private:
  static __device__ bool share_bin(unsigned bin) {
    return __all_sync(kAll, bin == __shfl_sync(kAll, bin, 0)) != 0;
  }
  /// Where the lanes of a warp share a bin, as in flat attention, they would wait for each other: one adds.
  template <unsigned N>
  static __device__ void merge_lanes(const unsigned (&bins)[N], std::uint32_t (&mantissas)[N]) {
#pragma unroll
    for (unsigned j = 0; j < N; ++j) {
      if (!share_bin(bins[j])) continue;
      const std::uint32_t sum = warp_count(mantissas[j]);  // 32 * 2^24 at most
      mantissas[j] = lane_index() == 0 ? sum : 0;
    }
  }
};

/// Shifts by any number of bits: by 64 and more gives 0, as the machine's own do.
__device__ inline std::uint64_t shifted_left(std::uint64_t x, unsigned bits) {
  std::uint64_t result = 0;
  asm("shl.b64 %0, %1, %2;" : "=l"(result) : "l"(x), "r"(bits));
  return result;
}

__device__ inline std::uint64_t shifted_right(std::uint64_t x, unsigned bits) {
  std::uint64_t result = 0;
  asm("shr.u64 %0, %1, %2;" : "=l"(result) : "l"(x), "r"(bits));
  return result;
}

/// A sum of mantissas in units so small that nothing of weight is lost: 128 bits.
struct Wide {
  std::uint64_t high;
  std::uint64_t low;

  __device__ Wide operator+(Wide other) const {
    const std::uint64_t sum = low + other.low;
    return {high + other.high + (sum < low ? 1 : 0), sum};
  }
  __device__ Wide operator-(Wide other) const {
    return {high - other.high - (low < other.low ? 1 : 0), low - other.low};
  }
  /// Rounded once, to nearest even: bits that are shifted out leave a trace in the last.
  [[nodiscard]] __device__ double value() const {
    const auto zeros = static_cast<unsigned>(__clzll(static_cast<long long>(high)));  // 64: all are
    const std::uint64_t top = shifted_left(high, zeros) | shifted_right(low, 64 - zeros);
    const std::uint64_t trace = shifted_left(low, zeros) != 0 ? 1 : 0;
    return __ull2double_rn(top | trace) * __longlong_as_double((1023LL + 64 - zeros) << 52);
  }
};

/// The sum over the lanes up to this one. By a whole warp.
__device__ inline Wide inclusive_sum(Wide x) {
  for (unsigned step = 1; step < 32; step *= 2) {
    const Wide below = {__shfl_up_sync(kAll, x.high, step), __shfl_up_sync(kAll, x.low, step)};
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
    const unsigned below = m_largest - min(max(exponent, 1U), m_largest);
    const unsigned shift = 80 - min(below, 80U);
    const std::uint64_t least = shifted_right(mantissas, below - min(below, 80U));
    return {shifted_left(least, shift - 64) | shifted_right(least, 64 - shift), shifted_left(least, shift)};
  }

 private:
  unsigned m_largest;
};

/// What the threads of a block tell each other on a walk down from the largest weights.
struct Walk {
  Wide groups[kExponents / 32];  // mass of 32 exponents each, from the largest down
  Wide above;                    // mass above the exponent with the threshold
  double target;                 // mass that is to be reached
  unsigned exponent;             // where it is
};

/// The first lane up to which `above` and the lanes' own masses reach the target; 32 where they do not.
__device__ inline unsigned first_reaching(Wide above, Wide mass, double target) {
  const Wide upto = above + inclusive_sum(mass);
  const unsigned reached = __ballot_sync(kAll, upto.value() >= target);
  return reached == 0 ? 32 : static_cast<unsigned>(__ffs(static_cast<int>(reached)) - 1);
}

/// The first half of a walk: finds the exponent in which the mass reaches p of the total; kExponents where it
/// never does. exponent_sum(exponent): its mantissas in all; 0 < p < 1. By a block of at least 256 threads.
template <typename ExponentSum>
__device__ void find_exponent(Walk& walk, const Units& units, float p, ExponentSum exponent_sum) {
  const unsigned lane = lane_index();
  const unsigned group = threadIdx.x / 32;
  const unsigned own = kExponents - 1 - threadIdx.x;  // one exponent a thread, from the largest down
  Wide mass{};
  Wide upto{};
  if (group < kExponents / 32) {
    mass = units.of(exponent_sum(own), own);
    upto = inclusive_sum(mass);
    if (lane == 31) walk.groups[group] = upto;
  }
  if (threadIdx.x == 0) walk.exponent = kExponents;
  __syncthreads();
  if (group < kExponents / 32) {
    Wide above{};
    Wide total{};
#pragma unroll
    for (unsigned g = 0; g < kExponents / 32; ++g) {
      if (g == group) above = total;
      total = total + walk.groups[g];
    }
    const double target = static_cast<double>(p) * total.value();
    // The one thread whose exponent reaches the target where those above it do not.
    const unsigned reached = __ballot_sync(kAll, (above + upto).value() >= target);
    const bool first = reached != 0 && lane == static_cast<unsigned>(__ffs(static_cast<int>(reached)) - 1);
    if (first && !(above.value() >= target)) {
      walk.exponent = own;
      walk.above = above + (upto - mass);
      walk.target = target;
    }
  }
  __syncthreads();
}

/// The second half: the smallest bits that are kept, the lower border of the bin where the target is reached.
/// bin_sum(bin): mantissas of bin 0 .. kBinsPerExponent - 1 of that exponent in all. By a whole warp.
template <typename BinSum>
__device__ std::int32_t find_threshold(const Walk& walk, const Units& units, BinSum bin_sum) {
  constexpr unsigned kLast = kBinsPerExponent - 1;
  const unsigned lane = lane_index();
  const std::uint64_t mantissas = lane <= kLast ? bin_sum(kLast - lane) : 0;
  // What units cut off of the bins may be more than of their sum, so the last one is the end in any case.
  const unsigned bin =
      kLast - min(first_reaching(walk.above, units.of(mantissas, walk.exponent), walk.target), kLast);
  const unsigned bits = (walk.exponent * kBinsPerExponent + bin) << kBinShift;
  return max(static_cast<std::int32_t>(bits), kKeepPositive);
}

}  // namespace fovea::kernels::cuda
