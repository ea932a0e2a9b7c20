// The few tokens of a row that its filters may keep: gathered by all blocks of the row's cluster, collected,
// sorted, filtered and drawn from by the first one.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/cluster.cuh"
#include "kernels/cuda/logits_row.cuh"
#include "kernels/cuda/noise.cuh"

namespace fovea::kernels::cuda {

/// A token with the key of its logit or weight: the larger first, among equals the lower id.
__device__ inline std::uint64_t entry_of(unsigned key, unsigned token) {
  return (static_cast<std::uint64_t>(key) << 32) | ~token;
}
__device__ inline unsigned key_of(std::uint64_t entry) {
  return static_cast<unsigned>(entry >> 32);
}
__device__ inline unsigned token_of(std::uint64_t entry) {
  return ~static_cast<unsigned>(entry);
}

inline constexpr unsigned kListRoom = kSamplingThreads;

struct TokenList {
  std::uint64_t gathered[kListRoom];  // by this block, with the keys of logits
  std::uint64_t collected[kListRoom];
};

/// What a row gave; only the first warp of the first block knows.
struct Drawn {
  unsigned token;
  unsigned kept;
};

/// Lists this block's tokens with logits of `lowest` at least that `keep`; *count, 0 before, counts them even
/// where there is no room.
template <typename Keep>
__device__ void gather(TokenList& list, unsigned* count, const LogitsRow& row, float lowest, Keep keep) {
  row.each(lowest, [&](unsigned token, float logit) {
    if (!keep(token, logit)) return;
    const unsigned i = atomicAdd(count, 1U);
    if (i < kListRoom) list.gathered[i] = entry_of(logit_key(logit), token);
  });
}

/// How many tokens all blocks listed, *count each; start: how many those before block number `lane` did.
__device__ inline unsigned gathered_by_all(unsigned* count, unsigned& start) {
  const unsigned lane = threadIdx.x % kWarp;
  const unsigned own = lane < kClusterBlocks<kSamplingBlocks> ? *cluster_pointer(count, lane) : 0;
  const unsigned sum = warp_inclusive_sum(own);
  start = sum - own;
  return __shfl_sync(kAll, sum, kWarp - 1);
}

/// The first block collects what all have gathered: `count` <= kListRoom tokens in all.
__device__ inline void collect(TokenList& list, unsigned count, unsigned start) {
  unsigned block = 0;
  unsigned block_start = 0;
#pragma unroll
  for (unsigned b = 1; b < kClusterBlocks<kSamplingBlocks>; ++b) {
    const unsigned begin = __shfl_sync(kAll, start, static_cast<int>(b));
    if (threadIdx.x >= begin) {
      block = b;
      block_start = begin;
    }
  }
  if (threadIdx.x < count) {
    list.collected[threadIdx.x] = cluster_pointer(list.gathered, block)[threadIdx.x - block_start];
  }
}

struct ListFilters {
  unsigned top_k;  // 0: off
  float top_p;     // 1: off
  float min_p;     // 0: off
  double total;    // of all weights that top-p counts; 0: the list has them all
};

/// Turns the collected tokens into tokens with weights, the heaviest first, and returns where they stand. By
/// weight, not by logit: two logits may be one rounding apart and share a weight, and go by id then.
__device__ inline const std::uint64_t* weigh(TokenList& list, unsigned& count, unsigned top_k,
                                             float temperature) {
  std::uint64_t* sorted = sort_descending(list.collected, list.gathered, count);
  std::uint64_t* weighed = sorted == list.collected ? list.gathered : list.collected;
  if (top_k > 0) count = min(count, top_k);
  const float largest = logit_of(key_of(sorted[0]));
  const auto weighed_at = [&](unsigned i) {
    if (i >= count) return std::uint64_t{0};
    const float weight = weight_of(logit_of(key_of(sorted[i])), largest, temperature);
    return entry_of(__float_as_uint(weight), token_of(sorted[i]));
  };
  const std::uint64_t own = weighed_at(threadIdx.x);
  const bool disorder = weighed_at(threadIdx.x + 1) > own;
  weighed[threadIdx.x] = own;
  if (__syncthreads_or(disorder ? 1 : 0) == 0) return weighed;
  return sort_descending(weighed, sorted, count);
}

/// Sorts and filters the collected tokens, writes what is left with its probabilities to listed and
/// probability [kListRoom], and draws from it. `noise`: the key of the place's numbers.
__device__ inline Drawn draw_from_list(TokenList& list, unsigned count, const ListFilters& filters,
                                       float temperature, std::uint64_t noise, std::int32_t* listed,
                                       float* probability) {
  const std::uint64_t* weighed = weigh(list, count, filters.top_k, temperature);
  // Few are left as a rule, so the rest is one warp's work, without barriers: 32 tokens a round.
  if (threadIdx.x >= kWarp) return {};
  const unsigned lane = threadIdx.x;
  const auto weight_at = [&](unsigned i) { return i < count ? __uint_as_float(key_of(weighed[i])) : 0.0F; };
  double target = __longlong_as_double(0x7FF0000000000000LL);  // the mass that top-p keeps: infinite
  if (filters.top_p < 1.0F) {
    double total = filters.total;
    if (!(total > 0)) {
      for (unsigned i = lane; i < count; i += kWarp) total += static_cast<double>(weight_at(i));
      total = warp_sum(total);
    }
    target = static_cast<double>(filters.top_p) * total;
  }
  unsigned kept = 0;
  double mass = 0;
  for (unsigned first = 0; first < count; first += kWarp) {
    const float weight = weight_at(first + lane);
    const double sum = mass + warp_inclusive_sum(static_cast<double>(weight));
    double before = __shfl_up_sync(kAll, sum, 1);
    if (lane == 0) before = mass;
    const bool stays = weight > 0 && weight >= filters.min_p && before < target;
    const auto stay = static_cast<unsigned>(__popc(__ballot_sync(kAll, stays)));  // the first so many
    if (stay > 0) mass = __shfl_sync(kAll, sum, static_cast<int>(stay - 1));
    kept += stay;
    if (stay < kWarp) break;
  }
  Arrival arrival = nobody();
  unsigned likely = 0;
  for (unsigned first = 0; first < kept; first += kWarp) {
    const unsigned i = first + lane;
    const auto p = static_cast<float>(static_cast<double>(weight_at(i)) / mass);
    const bool stays = i < kept && p > 0;  // denormals may round to 0
    if (stays) {
      const unsigned token = token_of(weighed[i]);
      listed[i] = static_cast<std::int32_t>(token);
      probability[i] = p;
      race(arrival, noise, token, p, i);
    }
    likely += static_cast<unsigned>(__popc(__ballot_sync(kAll, stays)));
  }
  arrival = warp_reduce(arrival, first_of);
  return {token_of(weighed[arrival.order]), likely};
}

}  // namespace fovea::kernels::cuda
