// What a warp of attention() computes of its span of a chunk: scores, weights, weighted sums of values, for
// all queries of its block.
#pragma once

#include <cstdint>

#include "kernels/cuda/attention_mma.cuh"
#include "kernels/cuda/attention_partials.cuh"
#include "kernels/cuda/attention_ring.cuh"
#include "kernels/cuda/attention_tile.cuh"

namespace fovea::kernels::cuda {

struct SpanQuery {
  float unit;      // of its scores
  int visible;     // entries of the list that it sees; 0: no such query
  unsigned index;  // of [rows, heads]
};

// The block's queries, in registers while the scores of a chunk are computed.
template <int kDim, int kQueryTiles>
struct QueryFragments {
  FragmentA high[kQueryTiles][kDim / 16];
  FragmentA low[kQueryTiles][kDim / 16];

  __device__ __forceinline__ QueryFragments(std::uint32_t high_tiles, std::uint32_t low_tiles,
                                            unsigned lane) {
#pragma unroll
    for (int q = 0; q < kQueryTiles; ++q) {
      const std::uint32_t offset = matrix_offset<kDim, false>(lane) + q * kTileBytes<kDim>;
#pragma unroll
      for (int step = 0; step < kDim / 16; ++step) {
        high[q][step] = load_matrices<FragmentA>(matrix_step(high_tiles + offset, step));
        low[q][step] = load_matrices<FragmentA>(matrix_step(low_tiles + offset, step));
      }
    }
  }
};

// Scores, but for their unit, of a few tiles of keys with the block's queries, as the last ones of a span.
template <int kDim, int kQueryTiles, int kTiles>
__device__ __forceinline__ void tile_scores(FragmentC (&scores)[kQueryTiles][2 * kSpanTiles],
                                            const std::uint32_t (&keys)[kTiles],
                                            const QueryFragments<kDim, kQueryTiles>& queries, unsigned lane) {
#pragma unroll
  for (int step = 0; step < kDim / 16; ++step) {
    FragmentsB key[kTiles];
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile) {
      key[tile] = load_matrices<FragmentsB>(matrix_step(keys[tile] + matrix_offset<kDim, true>(lane), step));
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int q = 0; q < kQueryTiles; ++q) {
#pragma unroll
        for (int n = 0; n < 2 * kTiles; ++n) {
          multiply_add(scores[q][2 * (kSpanTiles - kTiles) + n],
                       half == 0 ? queries.high[q][step] : queries.low[q][step], key[n / 2], n % 2);
        }
      }
    }
  }
}

// Leaves the scores of one query tile where they are wanted.
__device__ __forceinline__ void export_scores(const AttentionScores& to, unsigned first_index,
                                              const FragmentC (&scores)[2 * kSpanTiles],
                                              const SpanQuery* queries, int begin, unsigned lane) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const SpanQuery query = queries[half * 8 + lane / 4];
    if (query.index < first_index) continue;
    const int first_entry = begin + static_cast<int>(lane % 4) * 2;
    float* row = to.scores + (query.index - first_index) * to.stride + first_entry;
    const float unit = query.unit * kLn2;
    const int visible = query.visible - first_entry;
#pragma unroll
    for (int i = 0; i < 4 * kSpanTiles; ++i) {
      const int entry = i / 2 * 8 + i % 2;
      if (entry < visible) row[entry] = scores[i / 2].r[half * 2 + i % 2] * unit;
    }
  }
}

// Scores of one query tile become weights in two halves; what a query does not see weighs 0. Leaves largest
// score and sum of weights of row lane / 4 and the row 8 below. The second halves go to shared memory, [tile]
// [lane], as the accumulators need the registers.
__device__ __forceinline__ void span_weights(FragmentA (&high)[kSpanTiles], uint4* low, float2 (&sums)[2],
                                             const FragmentC (&scores)[2 * kSpanTiles],
                                             const SpanQuery* queries, int begin, unsigned lane) {
  FragmentA rest[kSpanTiles];
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const SpanQuery query = queries[half * 8 + lane / 4];
    const int visible = query.visible - begin - static_cast<int>(lane % 4) * 2;
    float masked[4 * kSpanTiles];
    float largest = -INFINITY;
#pragma unroll
    for (int i = 0; i < 4 * kSpanTiles; ++i) {
      masked[i] = i / 2 * 8 + i % 2 < visible ? scores[i / 2].r[half * 2 + i % 2] * query.unit : -INFINITY;
      largest = fmaxf(largest, masked[i]);
    }
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 1));
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 2));
    const float reference = largest == -INFINITY ? 0.0F : largest - kHeadroom;
    float sum = 0;
#pragma unroll
    for (int i = 0; i < 4 * kSpanTiles; ++i) {
      masked[i] = power_of_two(masked[i] - reference);
      sum += masked[i];
    }
    sum += __shfl_xor_sync(0xFFFFFFFFU, sum, 1);
    sum += __shfl_xor_sync(0xFFFFFFFFU, sum, 2);
    sums[half] = {largest, sum};
#pragma unroll
    for (int i = 0; i < 2 * kSpanTiles; ++i) {
      split_halves(masked[2 * i], masked[2 * i + 1], high[i / 2].r[i % 2 * 2 + half],
                   rest[i / 2].r[i % 2 * 2 + half]);
    }
  }
#pragma unroll
  for (int tile = 0; tile < kSpanTiles; ++tile) {
    low[tile * 32 + lane] = {rest[tile].r[0], rest[tile].r[1], rest[tile].r[2], rest[tile].r[3]};
  }
}

// Scores of earlier tiles move down, those of the last kTiles become 0. Registers cannot be indexed, and
// loops that are written out do not fit the instruction caches.
template <int kTiles, int kQueryTiles>
__device__ __forceinline__ void make_room(FragmentC (&scores)[kQueryTiles][2 * kSpanTiles]) {
#pragma unroll
  for (int q = 0; q < kQueryTiles; ++q) {
#pragma unroll
    for (int n = 0; n < 2 * kSpanTiles; ++n) {
      scores[q][n] = n + 2 * kTiles < 2 * kSpanTiles ? scores[q][n + 2 * kTiles] : FragmentC{};
    }
  }
}

// Adds one tile's values to the accumulators, with the first weights, which go.
template <int kDim, int kQueryTiles>
__device__ __forceinline__ void add_values(FragmentC (&total)[kQueryTiles][kDim / 8], std::uint32_t values,
                                           FragmentA (&high)[kQueryTiles][kSpanTiles], const uint4* low,
                                           unsigned lane) {
  const std::uint32_t address = values + matrix_offset<kDim, false>(lane);
  FragmentA rest[kQueryTiles];
#pragma unroll
  for (int q = 0; q < kQueryTiles; ++q) {
    const uint4 r = low[q * kSpanTiles * 32 + lane];
    rest[q].r[0] = r.x;
    rest[q].r[1] = r.y;
    rest[q].r[2] = r.z;
    rest[q].r[3] = r.w;
  }
  constexpr int kSteps = kQueryTiles == 1 ? 4 : 2;  // whose sums are on the way together
#pragma unroll
  for (int begin = 0; begin < kDim / 16; begin += kSteps) {
    FragmentsB value[kSteps];
#pragma unroll
    for (int i = 0; i < kSteps; ++i) {
      value[i] = load_matrices_transposed<FragmentsB>(matrix_step(address, begin + i));
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int q = 0; q < kQueryTiles; ++q) {
#pragma unroll
        for (int n = 0; n < 2 * kSteps; ++n) {
          multiply_add(total[q][2 * begin + n], half == 0 ? high[q][0] : rest[q], value[n / 2], n % 2);
        }
      }
    }
  }
#pragma unroll
  for (int q = 0; q < kQueryTiles; ++q) {
#pragma unroll
    for (int i = 1; i < kSpanTiles; ++i) high[q][i - 1] = high[q][i];
  }
}

}  // namespace fovea::kernels::cuda
