// The filters of a row whose survivors do not fit a list: exact cuts by radix selection over the cluster. A
// token is ranked by 50 bits, its logit's or weight's key above its id reversed, so that ranks are distinct
// and among equal ones the lower id is first. Five digits of ten bits, each a histogram in shared memory,
// find the rank at which the amounts of those above reach a target: counts for top-k, masses for top-p.
// Masses are integers, multiples of 2^-44 of the likeliest token's: exact and the same in any order.
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

/// A histogram's sums of 64 bits in two halves: shared memory adds 32 bits at once.
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
  __device__ std::uint64_t sum(unsigned bin) const {
    return (static_cast<std::uint64_t>(high[bin]) << 32) | low[bin];
  }
};

struct FilterScratch {
  double sums[kWarps];
  std::uint64_t amounts[kWarps];
  double block_sum;
  std::uint64_t bin;     // that the cut falls into
  std::uint64_t before;  // amount above that bin
  std::uint64_t inside;  // amount in it
  Histogram histogram;
};

/// Sum of `value` over all threads of the cluster, in a fixed order; all of them get it.
__device__ inline double cluster_sum(FilterScratch& scratch, double value) {
  value = block_reduce(value, scratch.sums, 0.0, [](double a, double b) { return a + b; });
  if (threadIdx.x == 0) scratch.block_sum = value;
  cluster_sync();
  double sum = 0;
  for (unsigned b = 0; b < cluster_blocks(); ++b) sum += *cluster_pointer(&scratch.block_sum, b);
  cluster_sync();  // before anybody's next sum
  return sum;
}

__device__ inline std::uint64_t rank_of(unsigned key, unsigned token) {
  return (static_cast<std::uint64_t>(key) << kIdBits) | ((1U << kIdBits) - 1 - token);
}

/// The largest rank such that the amounts of the tokens of this rank or a higher one reach `target` > 0; 0
/// where all of them together do not. amount_at(token, penalised logit, rank) -> amount, and sets the rank; 0
/// is not in the set.
template <typename AmountAt>
__device__ std::uint64_t cut(FilterScratch& scratch, const LogitsRow& row, std::uint64_t target,
                             AmountAt amount_at) {
  std::uint64_t prefix = 0;
  for (unsigned shift = 4 * kDigitBits;; shift -= kDigitBits) {
    Histogram& histogram = scratch.histogram;
    for (unsigned bin = threadIdx.x; bin < kBins; bin += kSamplingThreads) {
      histogram.low[bin] = histogram.high[bin] = 0;
    }
    if (threadIdx.x == 0) scratch.inside = 0;
    __syncthreads();
    row.each([&](unsigned token, float, float logit) {
      std::uint64_t rank = 0;
      const std::uint64_t amount = amount_at(token, logit, rank);
      if (amount == 0 || rank >> shift >> kDigitBits != prefix) return;
      histogram.add(static_cast<unsigned>(rank >> shift) % kBins, amount);
    });
    cluster_sync();
    // Every block merges all histograms and finds the same cut. Two bins a thread, the highest first.
    static_assert(kBins == 2 * kSamplingThreads);
    const unsigned bin = kBins - 1 - 2 * threadIdx.x;
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    for (unsigned b = 0; b < cluster_blocks(); ++b) {
      const Histogram* other = cluster_pointer(&histogram, b);
      first += other->sum(bin);
      second += other->sum(bin - 1);
    }
    const std::uint64_t after = inclusive_sum(first + second, scratch.amounts);
    const std::uint64_t before = after - first - second;
    if (before < target && target <= after) {
      const bool in_first = target - before <= first;
      scratch.bin = in_first ? bin : bin - 1;
      scratch.before = in_first ? before : before + first;
      scratch.inside = in_first ? first : second;
    }
    cluster_sync();  // all have read the histograms
    if (scratch.inside == 0) return 0;
    prefix = (prefix << kDigitBits) | scratch.bin;
    target -= scratch.before;
    if (shift == 0 || scratch.inside == target) return prefix << shift;
    __syncthreads();  // all have read what the next digit overwrites
  }
}

}  // namespace fovea::kernels::cuda
