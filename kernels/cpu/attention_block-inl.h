// One block of entries of a tile: where its rows lie, and how integer products become scores, scores weights
// and weighted values partial results. What attention_packed-inl.h and attention_unpacked-inl.h, two ways to
// make those products, share. Included once per instruction set.
#include <algorithm>
#include <cmath>
#include <limits>

#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>

#include "kernels/cpu/attention.h"
#include "kernels/cpu/attention_tile.h"
#include "kernels/cpu/quantize-inl.h"

#if defined(FOVEA_KERNELS_CPU_ATTENTION_BLOCK_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_ATTENTION_BLOCK_INL
#undef FOVEA_KERNELS_CPU_ATTENTION_BLOCK_INL
#else
#define FOVEA_KERNELS_CPU_ATTENTION_BLOCK_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kLanes = hn::MaxLanes(D32());  // a power of two, at most 8

// Vectors and queries of one register tile: their products must stay in registers, of which there are 32
// or 16.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_ARCH_ARM_A64
constexpr std::size_t kTileQueries = 4;
#else
constexpr std::size_t kTileQueries = 2;
#endif
constexpr std::size_t kTileVectors = 4;

// Stands in for entries beyond the last.
alignas(64) constexpr std::int16_t kNoEntry[kAttentionMaxHeadDim] = {};

HWY_INLINE std::size_t PositionOf(const QueryTile& tile, std::size_t e) {
  return tile.positions == nullptr ? e : static_cast<std::size_t>(tile.positions[e]);
}

// Up to kBlock entries from `begin` on, as all KV heads of a task see them: their tiles differ in their
// queries alone, and lie side by side in each row of the cache.
struct Block {
  const QueryTile* tiles;
  std::size_t heads;
  std::size_t begin;
  std::size_t count;
  bool more;  // a whole block follows
  [[nodiscard]] std::size_t packed_numbers() const { return kBlock * tiles->padded / 2; }  // pairs, of a head
};

// Asks for the row that is needed a block after entry e, so that memory works while we compute. Into the
// second cache: a block of several heads would flood the first, whose few open requests bound the traffic (a
// third more time on an EPYC).
HWY_INLINE void PrefetchBlockAhead(const Block& block, const std::int16_t* rows, std::size_t e) {
  if (!block.more) return;
  const QueryTile& tile = *block.tiles;
  const std::int16_t* row = rows + PositionOf(tile, block.begin + kBlock + e) * tile.entry_stride;
  for (std::size_t i = 0; i < block.heads * tile.head_dim; i += kLine) {
#if HWY_COMPILER_MSVC
    hwy::Prefetch(row + i);
#else
    __builtin_prefetch(row + i, 0, 2);
#endif
  }
}

HWY_INLINE void InOrder(V32& low, V32& high) {
  if constexpr (kLanes == 8) {
    const D32 d32;
    const V32 first = hn::ConcatLowerLower(d32, high, low);
    high = hn::ConcatUpperUpper(d32, high, low);
    low = first;
  }
}

// What the queries of one KV head make of a block.
struct Weights {
  alignas(64) std::int16_t numbers[kMaxQueries * kBlock];
  float scales[kMaxQueries];
  float shrink[kMaxQueries];
};

// What one task computes with: on its stack, 110 KiB.
struct Scratch {
  alignas(64) std::int32_t packed[kBlock * kMaxTaskNumbers / 2];
  alignas(64) float scores[kMaxQueries * kBlock];
  alignas(64) float key_scales[kBlock];
  alignas(64) float value_scales[kBlock];
  Weights weights[kMaxTaskHeads];
};

// Integer products of queries and keys become scores, kTileVectors vectors of them.
template <std::size_t kQueries>
HWY_INLINE void StoreScores(Scratch& scratch, const V32 (&sums)[kQueries][kTileVectors],
                            const QueryTile& tile, std::size_t q, std::size_t e) {
  const DF df;
#pragma GCC unroll 8
  for (std::size_t k = 0; k < kQueries; ++k) {
    const VF scale = hn::Set(df, tile.query_scales[q + k]);
    float* to = scratch.scores + (q + k) * kBlock + e;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kTileVectors; ++i) {
      const VF key_scale = hn::Load(df, scratch.key_scales + e + i * kLanes);
      hn::Store(hn::Mul(hn::Mul(hn::ConvertTo(df, sums[k][i]), scale), key_scale), df, to + i * kLanes);
    }
  }
}

// accumulators[q] = accumulators[q] * shrink[q] + scales[q] * sums[q], for kTileVectors vectors from d on.
template <std::size_t kQueries>
HWY_INLINE void Accumulate(float* HWY_RESTRICT accumulators, V32 (&sums)[kQueries][kTileVectors],
                           const Weights& weights, const QueryTile& tile, std::size_t q, std::size_t d) {
  const DF df;
#pragma GCC unroll 8
  for (std::size_t k = 0; k < kQueries; ++k) {
    const VF shrink = hn::Set(df, weights.shrink[q + k]);
    const VF scale = hn::Set(df, weights.scales[q + k]);
    float* to = accumulators + (q + k) * tile.padded + d;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kTileVectors; i += 2) InOrder(sums[k][i], sums[k][i + 1]);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kTileVectors; ++i) {
      const VF kept = hn::Mul(hn::Load(df, to + i * kLanes), shrink);
      hn::Store(hn::MulAdd(hn::ConvertTo(df, sums[k][i]), scale, kept), df, to + i * kLanes);
    }
  }
}

// One query's scores [kBlock], of which the first `visible` >= 1 count, become weights: exp(score - max)
// times the scale of the entry's values, as integers with a scale of the query's own; the rest become 0.
// Returns the factor by which what was accumulated before must shrink.
HWY_INLINE float OnlineSoftmax(Scratch& scratch, Weights& weights, std::size_t q, std::size_t visible,
                               float* max, float* sum) {
  const DF df;
  float* HWY_RESTRICT scores = scratch.scores + q * kBlock;
  for (std::size_t e = visible; e < kBlock; ++e) scores[e] = -std::numeric_limits<float>::infinity();
  VF largest = hn::Load(df, scores);
  for (std::size_t e = kLanes; e < visible; e += kLanes) largest = hn::Max(largest, hn::Load(df, scores + e));
  const float new_max = std::max(*max, hn::GetLane(hn::MaxOfLanes(df, largest)));
  const float shrink = *max == new_max ? 1.0F : std::exp(*max - new_max);
  const VF shift = hn::Set(df, new_max);
  VF total = hn::Zero(df);
  VF most = hn::Zero(df);
  VF all = hn::Zero(df);  // a maximum may pass over NaN, a sum does not
  for (std::size_t e = 0; e < kBlock; e += kLanes) {
    if (e >= visible) {
      hn::Store(hn::Zero(df), df, scores + e);
      continue;
    }
    const VF weight = hn::Exp(df, hn::Sub(hn::Load(df, scores + e), shift));
    total = hn::Add(total, weight);
    // What is not seen may hold anything.
    const VF scaled = hn::IfThenElseZero(hn::FirstN(df, visible - e),
                                         hn::Mul(weight, hn::Load(df, scratch.value_scales + e)));
    most = hn::Max(most, scaled);
    all = hn::Add(all, scaled);
    hn::Store(scaled, df, scores + e);
  }
  *sum = *sum * shrink + hn::GetLane(hn::SumOfLanes(df, total));
  *max = new_max;

  constexpr float kLargest = largest_factor(kBlock);
  const float top = hn::GetLane(hn::MaxOfLanes(df, most));
  const bool usable = top > 1.0e-30F;
  const VF inverse = hn::Set(df, usable ? kLargest / top : 0.0F);
  const hn::Rebind<std::int16_t, DF> dh;
  for (std::size_t e = 0; e < kBlock; e += kLanes) {
    const VF scaled = hn::Mul(hn::Load(df, scores + e), inverse);
    hn::Store(hn::DemoteTo(dh, hn::NearestInt(scaled)), dh, weights.numbers + q * kBlock + e);
  }
  weights.scales[q] = (usable ? top / kLargest : 0.0F) + hn::GetLane(hn::SumOfLanes(df, all)) * 0.0F;
  return shrink;
}

// Scores of the block at entry b become weights. A query that sees none of the block is left alone by it, so
// its result is the same whichever queries share its tile.
HWY_INLINE void WeightsOfTile(Weights& weights, Scratch& scratch, const QueryTile& tile, std::size_t b,
                              const Partial& partial) {
  for (std::size_t q = 0; q < tile.count; ++q) {
    const std::size_t visible = tile.visible[q] > b ? std::min(kBlock, tile.visible[q] - b) : 0;
    if (tile.scores != nullptr && tile.scores[q] != nullptr) {
      std::copy_n(scratch.scores + q * kBlock, visible, tile.scores[q] + b);
    }
    if (visible == 0) {
      std::fill_n(weights.numbers + q * kBlock, kBlock, std::int16_t{0});
      weights.scales[q] = 0.0F;
      weights.shrink[q] = 1.0F;
    } else {
      weights.shrink[q] = OnlineSoftmax(scratch, weights, q, visible, partial.max + q, partial.sum + q);
    }
  }
}

HWY_INLINE void LoadScales(Scratch& scratch, const Block& block, const QueryTile& tile) {
  for (std::size_t e = 0; e < block.count; ++e) {
    const float* scales = tile.scales + PositionOf(tile, block.begin + e) * tile.scale_stride;
    scratch.key_scales[e] = scales[0];
    scratch.value_scales[e] = scales[1];
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // FOVEA_KERNELS_CPU_ATTENTION_BLOCK_INL
