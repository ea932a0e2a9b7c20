// Exact cuts of a row whose survivors may exceed a list: radix selection over the cluster. A token is ranked
// by 50 bits, its logit's or weight's bits above its id reversed, so that ranks are distinct and among equal
// ones the lower id is first. Five digits of ten bits, each a histogram in shared memory, find the rank at
// which the amounts of those above reach a target: counts for top-k, masses for top-p. Masses are integers,
// multiples of 2^-44 of the likeliest token's: exact and the same in any order.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/cluster.cuh"
#include "kernels/cuda/logits_row.cuh"

namespace fovea::kernels::cuda {

inline constexpr unsigned kDigitBits = 10;
inline constexpr unsigned kBins = 1U << kDigitBits;
inline constexpr unsigned kIdBits = 18;
inline constexpr unsigned kWarps = kSamplingThreads / kWarp;

__device__ inline std::uint64_t rank_of(unsigned bits, unsigned token) {
  return (static_cast<std::uint64_t>(bits) << kIdBits) | ((1U << kIdBits) - 1 - token);
}

/// Sums of 64 bits by bin, in two halves: shared memory adds 32 bits at once.
struct Histogram {
  unsigned low[kBins];
  unsigned high[kBins];

  __device__ void add(unsigned bin, std::uint64_t amount) {
    const auto part = static_cast<unsigned>(amount);
    const unsigned before = atomicAdd(low + bin, part);
    const unsigned carry = before + part < before ? 1 : 0;
    const unsigned rest = static_cast<unsigned>(amount >> 32) + carry;
    if (rest != 0) atomicAdd(high + bin, rest);
  }
  [[nodiscard]] __device__ std::uint64_t sum(unsigned bin) const {
    return (static_cast<std::uint64_t>(high[bin]) << 32) | low[bin];
  }
};

struct FilterScratch {
  double sums[kWarps];
  double block_sum;
  std::uint64_t groups[kWarp];  // sums of 32 bins each
  std::uint64_t before;         // amount above the cut's bin
  std::uint64_t inside;         // amount in it; 0: there is no cut
  unsigned bin;
  Histogram histogram;
};

/// Sum of `value` over all threads of the cluster, in a fixed order; all of them get it.
__device__ inline double cluster_sum(FilterScratch& scratch, double value) {
  value = block_reduce(value, scratch.sums, 0.0, [](double a, double b) { return a + b; });
  if (threadIdx.x == 0) scratch.block_sum = value;
  cluster_sync();
  double sum = 0;
#pragma unroll
  for (unsigned b = 0; b < kClusterBlocks<kSamplingBlocks>; ++b)
    sum += *cluster_pointer(&scratch.block_sum, b);
  cluster_sync();  // before anybody's next sum
  return sum;
}

/// Which of 32 values, one a lane, the highest lane's first, makes the sum reach `target`; kWarp: none does.
/// target becomes what the values before it leave, own: that lane's value.
__device__ inline unsigned reaching_lane(std::uint64_t& own, std::uint64_t& target) {
  // Lanes turned round, so that the sum begins with the last.
  const std::uint64_t turned = of_lane_xor(own, kWarp - 1);
  const std::uint64_t sum = warp_inclusive_sum(turned);
  const unsigned reached = __ballot_sync(kAll, sum >= target);
  if (reached == 0) return kWarp;
  const int lane = __ffs(static_cast<int>(reached)) - 1;
  own = __shfl_sync(kAll, turned, lane);
  target -= __shfl_sync(kAll, sum, lane) - own;
  return kWarp - 1 - static_cast<unsigned>(lane);
}

/// The largest rank such that the amounts of the tokens of this rank or a higher one reach `target` > 0; 0
/// where all of them together do not. amounts.at(token, logit, rank) -> amount, and sets the rank; 0 is not
/// in the set. It is asked for logits of `lowest` at least, and later of amounts.lowest_at(rank) for the
/// lowest rank that still matters.
template <typename Amounts>
__device__ std::uint64_t cut(FilterScratch& scratch, const LogitsRow& row, float lowest, std::uint64_t target,
                             const Amounts& amounts) {
  static_assert(kBins == kWarp * kWarp);
  Histogram& histogram = scratch.histogram;
  const unsigned lane = threadIdx.x % kWarp;
  std::uint64_t prefix = 0;
  for (unsigned shift = 4 * kDigitBits;; shift -= kDigitBits) {
    __syncthreads();  // all have read what the digit before left
    for (unsigned bin = threadIdx.x; bin < kBins; bin += kSamplingThreads) {
      histogram.low[bin] = histogram.high[bin] = 0;
    }
    __syncthreads();
    row.each(lowest, [&](unsigned token, float logit) {
      std::uint64_t rank = 0;
      const std::uint64_t amount = amounts.at(token, logit, rank);
      if (amount == 0 || rank >> shift >> kDigitBits != prefix) return;
      histogram.add(static_cast<unsigned>(rank >> shift) % kBins, amount);
    });
    __syncthreads();
    for (unsigned group = threadIdx.x / kWarp; group < kWarp; group += kWarps) {
      const std::uint64_t sum = warp_sum(histogram.sum(group * kWarp + lane));
      if (lane == 0) scratch.groups[group] = sum;
    }
    cluster_sync();
    // Every block adds up all blocks' sums and finds the same bin: its group first.
    if (threadIdx.x < kWarp) {
      std::uint64_t sum = 0;
#pragma unroll
      for (unsigned b = 0; b < kClusterBlocks<kSamplingBlocks>; ++b)
        sum += cluster_pointer(scratch.groups, b)[lane];
      std::uint64_t left = target;
      const unsigned group = reaching_lane(sum, left);
      unsigned bin = 0;
      if (group < kWarp) {
        sum = 0;
#pragma unroll
        for (unsigned b = 0; b < kClusterBlocks<kSamplingBlocks>; ++b) {
          sum += cluster_pointer(&histogram, b)->sum(group * kWarp + lane);
        }
        bin = group * kWarp + reaching_lane(sum, left);
      }
      if (lane == 0) {
        scratch.bin = bin;
        scratch.before = target - left;
        scratch.inside = group < kWarp ? sum : 0;
      }
    }
    cluster_sync();  // all have read the histograms
    if (scratch.inside == 0) return 0;
    prefix = (prefix << kDigitBits) | scratch.bin;
    target -= scratch.before;
    if (shift == 0 || scratch.inside == target) return prefix << shift;
    lowest = fmaxf(lowest, amounts.lowest_at(prefix << shift));
  }
}

}  // namespace fovea::kernels::cuda
