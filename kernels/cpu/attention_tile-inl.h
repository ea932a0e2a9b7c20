// Attention of one tile: up to kMaxQueries queries that share a KV head, over a range of entries. Both its
// products are one integer kernel over packed operands. Included once per instruction set by attention.cpp.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>

#include "kernels/cpu/attention.h"
#include "kernels/cpu/attention_tile.h"
#include "kernels/cpu/quantize-inl.h"

#if defined(FOVEA_KERNELS_CPU_ATTENTION_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
#undef FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
#else
#define FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
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

// Numbers d .. d + 2 * kLanes of an entry; beyond head_dim they are zero. kWhole: there are none beyond.
template <bool kWhole>
HWY_INLINE V16 LoadNumbers(const std::int16_t* entry, std::size_t d, std::size_t head_dim) {
  if (kWhole || d + 2 * kLanes <= head_dim) return hn::LoadU(D16(), entry + d);
  std::int16_t tail[2 * kLanes] = {};
  if (d < head_dim) std::copy(entry + d, entry + head_dim, tail);
  return hn::LoadU(D16(), tail);
}

// packed[head][d / 2][e][d % 2]: what a pair of numbers of a query multiplies lies side by side for all
// entries. Rows are walked in the order of memory.
template <bool kWhole>
HWY_INLINE void PackKeys(std::int32_t* HWY_RESTRICT packed, const Block& block) {
  const QueryTile& tile = *block.tiles;
  const D32 d32;
  const hn::Repartition<std::int64_t, D32> d64;
  const hn::Half<hn::CappedTag<std::int32_t, 8>> dhalf;
  for (std::size_t e = 0; e < block.count; e += 4) {
    const std::int16_t* entry[4];
    std::size_t step[4];  // from one head to the next
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) {
      const bool exists = e + i < block.count;
      entry[i] = exists ? tile.keys + PositionOf(tile, block.begin + e + i) * tile.entry_stride : kNoEntry;
      step[i] = exists ? tile.head_dim : 0;
      PrefetchBlockAhead(block, tile.keys, e + i);
    }
    for (std::size_t head = 0; head < block.heads; ++head) {
      std::int32_t* to = packed + head * block.packed_numbers() + e;
      for (std::size_t d = 0; d < tile.padded; d += 2 * kLanes, to += kLanes * kBlock) {
        V32 v[4];
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i) {
          v[i] = hn::BitCast(d32, LoadNumbers<kWhole>(entry[i] + head * step[i], d, tile.head_dim));
        }
        // A transposition of 4 x 4 in each 128-bit block.
        const auto low01 = hn::BitCast(d64, hn::InterleaveLower(d32, v[0], v[1]));
        const auto low23 = hn::BitCast(d64, hn::InterleaveLower(d32, v[2], v[3]));
        const auto high01 = hn::BitCast(d64, hn::InterleaveUpper(d32, v[0], v[1]));
        const auto high23 = hn::BitCast(d64, hn::InterleaveUpper(d32, v[2], v[3]));
        v[0] = hn::BitCast(d32, hn::InterleaveLower(d64, low01, low23));
        v[1] = hn::BitCast(d32, hn::InterleaveUpper(d64, low01, low23));
        v[2] = hn::BitCast(d32, hn::InterleaveLower(d64, high01, high23));
        v[3] = hn::BitCast(d32, hn::InterleaveUpper(d64, high01, high23));
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i) {
          if constexpr (kLanes == 8) {
            hn::Store(hn::LowerHalf(dhalf, v[i]), dhalf, to + i * kBlock);
            hn::Store(hn::UpperHalf(dhalf, v[i]), dhalf, to + (i + 4) * kBlock);
          } else {
            hn::Store(v[i], d32, to + i * kBlock);
          }
        }
      }
    }
  }
}

// packed[head][e / 2][d][e % 2]: the same for values, which pairs of weights multiply. Inside each 16 numbers
// of d vectors of 256 bits hold 0-3, 8-11, 4-7, 12-15: InOrder sets that right.
template <bool kWhole>
HWY_INLINE void PackValues(std::int32_t* HWY_RESTRICT packed, const Block& block) {
  const QueryTile& tile = *block.tiles;
  const D16 d16;
  const D32 d32;
  for (std::size_t e = 0; e < block.count; e += 2) {
    const bool pair = e + 1 < block.count;
    const std::int16_t* first = tile.values + PositionOf(tile, block.begin + e) * tile.entry_stride;
    const std::int16_t* second =
        pair ? tile.values + PositionOf(tile, block.begin + e + 1) * tile.entry_stride : kNoEntry;
    const std::size_t step = pair ? tile.head_dim : 0;
    PrefetchBlockAhead(block, tile.values, e);
    PrefetchBlockAhead(block, tile.values, e + 1);
    for (std::size_t head = 0; head < block.heads; ++head) {
      std::int32_t* to = packed + head * block.packed_numbers() + e / 2 * tile.padded;
      for (std::size_t d = 0; d < tile.padded; d += 2 * kLanes) {
        const V16 v0 = LoadNumbers<kWhole>(first + head * tile.head_dim, d, tile.head_dim);
        const V16 v1 = LoadNumbers<kWhole>(second + head * step, d, tile.head_dim);
        hn::Store(hn::BitCast(d32, hn::InterleaveLower(d16, v0, v1)), d32, to + d);
        hn::Store(hn::BitCast(d32, hn::InterleaveUpper(d16, v0, v1)), d32, to + d + kLanes);
      }
    }
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

// sums[q][lane] = sum over pairs of left[q][pair] . right[pair][lane], for kQueries queries and kTileVectors
// vectors of lanes. left: pairs of 16 bits, [kQueries, left_stride]; right: the same, [pairs, right_stride].
template <std::size_t kQueries>
HWY_INLINE void PairProducts(V32 (&sums)[kQueries][kTileVectors], const std::int32_t* HWY_RESTRICT left,
                             std::size_t left_stride, const std::int32_t* HWY_RESTRICT right,
                             std::size_t right_stride, std::size_t pairs) {
  const D16 d16;
  const D32 d32;
#pragma GCC unroll 8
  for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kTileVectors; ++i) sums[q][i] = hn::Zero(d32);
  }
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    V16 r[kTileVectors];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kTileVectors; ++i)
      r[i] = hn::BitCast(d16, hn::Load(d32, right + pair * right_stride + i * kLanes));
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
      const V16 l = hn::BitCast(d16, hn::Set(d32, left[q * left_stride + pair]));
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kTileVectors; ++i) sums[q][i] = MultiplyPairs(sums[q][i], l, r[i]);
    }
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

template <std::size_t kQueries>
HWY_INLINE void ScoresOf(Scratch& scratch, const std::int32_t* packed, const QueryTile& tile, std::size_t q,
                         std::size_t count) {
  const auto* queries = reinterpret_cast<const std::int32_t*>(tile.queries + q * tile.padded);
  for (std::size_t e = 0; e < count; e += kTileVectors * kLanes) {
    V32 sums[kQueries][kTileVectors];
    PairProducts<kQueries>(sums, queries, tile.padded / 2, packed + e, kBlock, (tile.head_dim + 1) / 2);
    StoreScores<kQueries>(scratch, sums, tile, q, e);
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

// Adds the sum over entries of numbers[q][entry] * values[entry].
template <std::size_t kQueries>
HWY_INLINE void ValuesOf(float* HWY_RESTRICT accumulators, const Weights& weights, const std::int32_t* packed,
                         const QueryTile& tile, std::size_t q, std::size_t count) {
  const auto* numbers = reinterpret_cast<const std::int32_t*>(weights.numbers + q * kBlock);
  for (std::size_t d = 0; d < tile.padded; d += kTileVectors * kLanes) {
    V32 sums[kQueries][kTileVectors];
    PairProducts<kQueries>(sums, numbers, kBlock / 2, packed + d, tile.padded, (count + 1) / 2);
    Accumulate<kQueries>(accumulators, sums, weights, tile, q, d);
  }
}

template <std::size_t kQueries>
HWY_INLINE void ScoresOfTile(Scratch& scratch, const std::int32_t* packed, const QueryTile& tile,
                             std::size_t q, std::size_t count) {
  for (; q + kQueries <= tile.count; q += kQueries) ScoresOf<kQueries>(scratch, packed, tile, q, count);
  if constexpr (kQueries > 1) ScoresOfTile<kQueries / 2>(scratch, packed, tile, q, count);
}

template <std::size_t kQueries>
HWY_INLINE void ValuesOfTile(float* accumulators, const Weights& weights, const std::int32_t* packed,
                             const QueryTile& tile, std::size_t q, std::size_t count) {
  for (; q + kQueries <= tile.count; q += kQueries)
    ValuesOf<kQueries>(accumulators, weights, packed, tile, q, count);
  if constexpr (kQueries > 1) ValuesOfTile<kQueries / 2>(accumulators, weights, packed, tile, q, count);
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

// --- A query or two: packing would cost more than it saves ---

// The sums over the lanes of each 128-bit block of four vectors, side by side.
HWY_INLINE V32 SumsOfFour(const V32 (&v)[4]) {
  const D32 d32;
  const hn::Repartition<std::int64_t, D32> d64;
  const V32 v01 = hn::Add(hn::InterleaveLower(d32, v[0], v[1]), hn::InterleaveUpper(d32, v[0], v[1]));
  const V32 v23 = hn::Add(hn::InterleaveLower(d32, v[2], v[3]), hn::InterleaveUpper(d32, v[2], v[3]));
  const auto a = hn::BitCast(d64, v01);
  const auto b = hn::BitCast(d64, v23);
  return hn::Add(hn::BitCast(d32, hn::InterleaveLower(d64, a, b)),
                 hn::BitCast(d32, hn::InterleaveUpper(d64, a, b)));
}

// Products of the queries with the keys of kLanes entries.
template <std::size_t kQueries>
HWY_INLINE void KeyProducts(V32 (&products)[kQueries], const QueryTile& tile,
                            const std::int16_t* const (&keys)[kLanes]) {
  const D16 d16;
  const D32 d32;
  V32 fours[kQueries][kLanes / 4];
#pragma GCC unroll 2
  for (std::size_t four = 0; four < kLanes / 4; ++four) {
    V32 sums[kQueries][4];
#pragma GCC unroll 2
    for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) sums[q][i] = hn::Zero(d32);
    }
    for (std::size_t d = 0; d < tile.head_dim; d += 2 * kLanes) {
      V16 key[4];
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) key[i] = hn::LoadU(d16, keys[four * 4 + i] + d);
#pragma GCC unroll 2
      for (std::size_t q = 0; q < kQueries; ++q) {
        const V16 query = hn::LoadU(d16, tile.queries + q * tile.padded + d);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i) sums[q][i] = MultiplyPairs(sums[q][i], query, key[i]);
      }
    }
#pragma GCC unroll 2
    for (std::size_t q = 0; q < kQueries; ++q) fours[q][four] = SumsOfFour(sums[q]);
  }
#pragma GCC unroll 2
  for (std::size_t q = 0; q < kQueries; ++q) {
    if constexpr (kLanes == 8) {
      products[q] = hn::Add(hn::ConcatLowerLower(d32, fours[q][1], fours[q][0]),
                            hn::ConcatUpperUpper(d32, fours[q][1], fours[q][0]));
    } else {
      products[q] = fours[q][0];
    }
  }
}

// products[head][q][e], a block of it for each head and query. Rows are walked in the order of memory.
template <std::size_t kQueries>
HWY_INLINE void KeyProductsOfBlock(std::int32_t* HWY_RESTRICT products, const Block& block) {
  const QueryTile& first = *block.tiles;
  for (std::size_t e = 0; e < block.count; e += kLanes) {
    const std::int16_t* rows[kLanes];
    std::size_t step[kLanes];  // from one head to the next
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kLanes; ++i) {
      const bool exists = e + i < block.count;
      rows[i] = exists ? first.keys + PositionOf(first, block.begin + e + i) * first.entry_stride : kNoEntry;
      step[i] = exists ? first.head_dim : 0;
      PrefetchBlockAhead(block, first.keys, e + i);
    }
    for (std::size_t head = 0; head < block.heads; ++head) {
      V32 sums[kQueries];
      KeyProducts<kQueries>(sums, block.tiles[head], rows);
#pragma GCC unroll 2
      for (std::size_t q = 0; q < kQueries; ++q)
        hn::Store(sums[q], D32(), products + (head * kQueries + q) * kBlock + e);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kLanes; ++i) rows[i] += step[i];
    }
  }
}

// As ValuesOf, from the cache's rows of one head.
template <std::size_t kQueries>
HWY_INLINE void ValuesOfRows(float* HWY_RESTRICT accumulators, const Weights& weights, const Block& block,
                             const QueryTile& tile, bool prefetches) {
  const D16 d16;
  const D32 d32;
  for (std::size_t d = 0; d < tile.head_dim; d += kTileVectors * kLanes) {
    V32 sums[kQueries][kTileVectors];
#pragma GCC unroll 2
    for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < kTileVectors; ++i) sums[q][i] = hn::Zero(d32);
    }
    for (std::size_t e = 0; e < block.count; e += 2) {
      const bool pair = e + 1 < block.count;
      const std::int16_t* v0 = tile.values + PositionOf(tile, block.begin + e) * tile.entry_stride + d;
      const std::int16_t* v1 =
          pair ? tile.values + PositionOf(tile, block.begin + e + 1) * tile.entry_stride + d : kNoEntry;
      if (prefetches && d == 0) {
        PrefetchBlockAhead(block, block.tiles->values, e);
        PrefetchBlockAhead(block, block.tiles->values, e + 1);
      }
      V16 right[kTileVectors];
#pragma GCC unroll 2
      for (std::size_t i = 0; i < kTileVectors; i += 2) {
        const V16 a = hn::LoadU(d16, v0 + i * kLanes);
        const V16 b = hn::LoadU(d16, v1 + i * kLanes);
        right[i] = hn::InterleaveLower(d16, a, b);
        right[i + 1] = hn::InterleaveUpper(d16, a, b);
      }
#pragma GCC unroll 2
      for (std::size_t q = 0; q < kQueries; ++q) {
        std::int32_t two;
        std::memcpy(&two, weights.numbers + q * kBlock + e, sizeof(two));
        const V16 left = hn::BitCast(d16, hn::Set(d32, two));
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kTileVectors; ++i) sums[q][i] = MultiplyPairs(sums[q][i], left, right[i]);
      }
    }
    Accumulate<kQueries>(accumulators, sums, weights, tile, 0, d);
  }
}

HWY_INLINE void LoadScales(Scratch& scratch, const Block& block, const QueryTile& tile) {
  for (std::size_t e = 0; e < block.count; ++e) {
    const float* scales = tile.scales + PositionOf(tile, block.begin + e) * tile.scale_stride;
    scratch.key_scales[e] = scales[0];
    scratch.value_scales[e] = scales[1];
  }
}

// As AttendBlock, and the same bits: sums of integers are exact in any order.
template <std::size_t kQueries>
HWY_INLINE void AttendRows(const Block& block, const Partial* partials, Scratch& scratch) {
  const D32 d32;
  KeyProductsOfBlock<kQueries>(scratch.packed, block);
  for (std::size_t head = 0; head < block.heads; ++head) {
    const QueryTile& tile = block.tiles[head];
    LoadScales(scratch, block, tile);
    for (std::size_t e = 0; e < block.count; e += kTileVectors * kLanes) {
      V32 sums[kQueries][kTileVectors];
#pragma GCC unroll 2
      for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kTileVectors; ++i)
          sums[q][i] = hn::Load(d32, scratch.packed + (head * kQueries + q) * kBlock + e + i * kLanes);
      }
      StoreScores<kQueries>(scratch, sums, tile, 0, e);
    }
    WeightsOfTile(scratch.weights[head], scratch, tile, block.begin, partials[head]);
  }
  for (std::size_t head = 0; head < block.heads; ++head) {
    ValuesOfRows<kQueries>(partials[head].accumulators, scratch.weights[head], block, block.tiles[head],
                           head == 0);
  }
}

// Adds a block to the partial results of its tiles.
template <bool kWhole>
HWY_INLINE void AttendBlock(const Block& block, const Partial* partials, Scratch& scratch) {
  PackKeys<kWhole>(scratch.packed, block);
  for (std::size_t i = 0; i < block.heads; ++i) {
    const QueryTile& tile = block.tiles[i];
    LoadScales(scratch, block, tile);
    ScoresOfTile<kTileQueries>(scratch, scratch.packed + i * block.packed_numbers(), tile, 0, block.count);
    WeightsOfTile(scratch.weights[i], scratch, tile, block.begin, partials[i]);
  }
  PackValues<kWhole>(scratch.packed, block);
  for (std::size_t i = 0; i < block.heads; ++i) {
    ValuesOfTile<kTileQueries>(partials[i].accumulators, scratch.weights[i],
                               scratch.packed + i * block.packed_numbers(), block.tiles[i], 0, block.count);
  }
}

// The partial results of tiles that see the same entries (neighbouring KV heads, at most kMaxTaskHeads with
// kMaxTaskNumbers) over entries [begin, end).
void AttendChunk(const QueryTile* tiles, std::size_t tile_count, std::size_t begin, std::size_t end,
                 const Partial* partials) {
  Scratch scratch;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < tile_count; ++i) {
    const QueryTile& tile = tiles[i];
    std::fill_n(partials[i].max, tile.count, -std::numeric_limits<float>::infinity());
    std::fill_n(partials[i].sum, tile.count, 0.0F);
    std::fill_n(partials[i].accumulators, tile.count * tile.padded, 0.0F);
    longest = std::max(longest, *std::max_element(tile.visible, tile.visible + tile.count));
  }
  end = std::min(end, longest);
  for (std::size_t b = begin; b < end; b += kBlock) {
    const std::size_t next = std::min(b + kBlock, end);
    const Block block{tiles, tile_count, b, next - b, next + kBlock <= end};
    const bool whole = tiles->head_dim % (2 * kLanes) == 0 && tiles->head_dim == tiles->padded;
    if (whole && tiles->count <= 2 && tiles->head_dim % (kTileVectors * kLanes) == 0) {
      tiles->count == 1 ? AttendRows<1>(block, partials, scratch) : AttendRows<2>(block, partials, scratch);
    } else if (whole) {
      AttendBlock<true>(block, partials, scratch);
    } else {
      AttendBlock<false>(block, partials, scratch);
    }
  }
}

// total = total merged with one more chunk, for `count` queries. A chunk that a query does not see changes
// nothing.
void MergeChunk(const Partial& total, const Partial& chunk, std::size_t count, std::size_t padded) {
  for (std::size_t q = 0; q < count; ++q) {
    if (chunk.sum[q] == 0.0F) continue;
    const float max = std::max(total.max[q], chunk.max[q]);
    const float keep = std::exp(total.max[q] - max);
    const float add = std::exp(chunk.max[q] - max);
    float* to = total.accumulators + q * padded;
    const float* from = chunk.accumulators + q * padded;
    for (std::size_t d = 0; d < padded; ++d) to[d] = to[d] * keep + from[d] * add;
    total.sum[q] = total.sum[q] * keep + chunk.sum[q] * add;
    total.max[q] = max;
  }
}

// One query head's numbers, padded with zeros; returns their scale.
float QuantizeQuery(std::int16_t* out, const float* query, std::size_t head_dim, std::size_t padded) {
  std::fill(out + head_dim, out + padded, std::int16_t{0});
  return QuantizeRow(out, query, head_dim, largest_factor(head_dim));
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
