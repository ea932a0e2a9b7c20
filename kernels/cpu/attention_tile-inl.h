// Attention of one tile: up to kMaxQueries queries that share a KV head, over a range of entries. Included
// once per instruction set by attention.cpp.
#include <algorithm>
#include <cmath>
#include <limits>

#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "kernels/cpu/attention.h"
#include "kernels/cpu/attention_tile.h"

#if defined(FOVEA_KERNELS_CPU_ATTENTION_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
#undef FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
#else
#define FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Eight lanes at most: any head_dim pads to whole vectors, and AVX2 and AVX-512 machines round alike.
using DF = hn::CappedTag<float, 8>;
using VF = hn::Vec<DF>;
using D4 = hn::CappedTag<float, 4>;

// Four sums at once, by a tree that treats the four alike: lane i of the result is the sum of the lanes of
// v[i].
template <class D, class V = hn::Vec<D>>
HWY_INLINE hn::Vec<D4> SumOfFour(D df, V v0, V v1, V v2, V v3) {
  const hn::Repartition<double, D> dd;
  const auto pair01 = hn::Add(hn::InterleaveLower(df, v0, v1), hn::InterleaveUpper(df, v0, v1));
  const auto pair23 = hn::Add(hn::InterleaveLower(df, v2, v3), hn::InterleaveUpper(df, v2, v3));
  const auto low = hn::InterleaveLower(dd, hn::BitCast(dd, pair01), hn::BitCast(dd, pair23));
  const auto high = hn::InterleaveUpper(dd, hn::BitCast(dd, pair01), hn::BitCast(dd, pair23));
  const V sums = hn::Add(hn::BitCast(df, low), hn::BitCast(df, high));
  if constexpr (hn::MaxLanes(D()) == 8) {
    return hn::Add(hn::LowerHalf(D4(), sums), hn::UpperHalf(D4(), sums));
  } else {
    return sums;
  }
}

// Eight numbers of an entry, from the cache itself or from a converted block.
HWY_INLINE VF LoadNumbers(const float* from) {
  return hn::LoadU(DF(), from);
}
HWY_INLINE VF LoadNumbers(const std::uint16_t* from) {
  const hn::Rebind<hwy::float16_t, DF> dh;
  return hn::PromoteTo(DF(), hn::LoadU(dh, reinterpret_cast<const hwy::float16_t*>(from)));
}

HWY_INLINE const std::uint16_t* EntryOf(const QueryTile& tile, const std::uint16_t* of_head, std::size_t e) {
  const std::size_t position = tile.positions == nullptr ? e : static_cast<std::size_t>(tile.positions[e]);
  return of_head + position * tile.entry_stride;
}

// Entries [b, b + count) of a tile, from its keys or its values, to floats [round_up(count, 4), padded];
// padding is zero.
HWY_INLINE void ConvertBlock(float* HWY_RESTRICT out, const QueryTile& tile, const std::uint16_t* of_head,
                             std::size_t b, std::size_t count) {
  const std::size_t head_dim = tile.head_dim;
  const std::size_t padded = tile.padded;
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  for (std::size_t e = 0; e < count; ++e) {
    const std::uint16_t* entry = EntryOf(tile, of_head, b + e);
    float* row = out + e * padded;
    std::size_t d = 0;
    for (; d + 4 * kLanes <= head_dim; d += 4 * kLanes) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4 * kLanes; i += kLanes)
        hn::StoreU(LoadNumbers(entry + d + i), df, row + d + i);
    }
    for (; d + kLanes <= head_dim; d += kLanes) hn::StoreU(LoadNumbers(entry + d), df, row + d);
    if (d < head_dim) {
      std::uint16_t tail[kLanes] = {};
      std::copy(entry + d, entry + head_dim, tail);
      hn::StoreU(LoadNumbers(tail), df, row + d);
      d += kLanes;
    }
    for (; d < padded; ++d) row[d] = 0.0F;
  }
  std::fill(out + count * padded, out + (count + 3) / 4 * 4 * padded, 0.0F);
}

// Where the numbers lie that are needed next: one load ahead for each load of the block in hand, so that
// memory works while we compute. Entry e, number d: at + e * stride + d, or pieces[e] + d where the entries
// are scattered; null asks for nothing.
struct Ahead {
  const std::uint16_t* at;
  std::size_t stride;
  const std::uint16_t* const* pieces;  // [kBlock], or null
  HWY_INLINE void Prefetch(std::size_t entry, std::size_t d) const {
    if (at == nullptr) return;
    hwy::Prefetch((pieces == nullptr ? at + entry * stride : pieces[entry]) + d);
  }
};

// Several heads that walk the cache together share out the next block's rows, in the order of memory. One
// head alone asks for its own short piece of each row. `pieces` [kBlock]: scratch for scattered entries.
HWY_INLINE Ahead AheadOf(const QueryTile& tile, const std::uint16_t* of_head, std::size_t next,
                         std::size_t part, std::size_t parts, const std::uint16_t** pieces) {
  const std::uint16_t* of_row = parts == 1 ? of_head : of_head - tile.kv_head * tile.head_dim;
  if (tile.positions != nullptr) {
    for (std::size_t e = 0; e < kBlock; ++e) {
      const std::size_t piece = part * kBlock + e;
      pieces[e] = EntryOf(tile, of_row, next + piece / parts) + piece % parts * tile.head_dim;
    }
    return {of_row, 0, pieces};
  }
  const std::uint16_t* rows = of_row + next * tile.entry_stride;
  if (parts == 1) return {rows, tile.entry_stride, nullptr};
  return {rows + part * kBlock * tile.head_dim, tile.head_dim, nullptr};
}

// Scores of kQueries queries with the block's entries, four at a time.
template <std::size_t kQueries, typename Number>
HWY_INLINE void BlockScores(float* HWY_RESTRICT scores, const float* HWY_RESTRICT queries,
                            const Number* HWY_RESTRICT keys, std::size_t stride, std::size_t count,
                            std::size_t padded, Ahead ahead) {
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  for (std::size_t e = 0; e < count; e += 4) {
    for (std::size_t d = 0; d < padded; d += kLine) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) ahead.Prefetch(e + i, d);
    }
    VF sum[kQueries][4];
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) sum[q][i] = hn::Zero(df);
    }
    const Number* block = keys + e * stride;
    for (std::size_t d = 0; d < padded; d += kLanes) {
      VF key[4];
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) key[i] = LoadNumbers(block + i * stride + d);
#pragma GCC unroll 8
      for (std::size_t q = 0; q < kQueries; ++q) {
        const VF query = hn::LoadU(df, queries + q * padded + d);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i) sum[q][i] = hn::MulAdd(query, key[i], sum[q][i]);
      }
    }
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
      hn::StoreU(SumOfFour(df, sum[q][0], sum[q][1], sum[q][2], sum[q][3]), D4(), scores + q * kBlock + e);
    }
  }
}

// One query's scores [kBlock], of which the first `visible` count, become weights exp(score - max); the rest
// become 0. Returns the factor by which what was accumulated before must shrink.
HWY_INLINE float OnlineSoftmax(float* HWY_RESTRICT scores, std::size_t visible, float* max, float* sum) {
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  for (std::size_t e = visible; e < kBlock; ++e) scores[e] = -std::numeric_limits<float>::infinity();
  VF largest = hn::Load(df, scores);
  for (std::size_t e = kLanes; e < kBlock; e += kLanes) largest = hn::Max(largest, hn::Load(df, scores + e));
  const float new_max = std::max(*max, hn::GetLane(hn::MaxOfLanes(df, largest)));
  const float shrink = *max == new_max ? 1.0F : std::exp(*max - new_max);
  const VF shift = hn::Set(df, new_max);
  VF total = hn::Zero(df);
  for (std::size_t e = 0; e < kBlock; e += kLanes) {
    const VF weight = hn::Exp(df, hn::Sub(hn::Load(df, scores + e), shift));
    hn::Store(weight, df, scores + e);
    total = hn::Add(total, weight);
  }
  *sum = *sum * shrink + hn::GetLane(hn::SumOfLanes(df, total));
  *max = new_max;
  return shrink;
}

// accumulators[q] = accumulators[q] * shrink[q] + sum over entries of weights[q][entry] * values[entry].
template <std::size_t kQueries, typename Number>
HWY_INLINE void BlockValues(float* HWY_RESTRICT accumulators, const float* HWY_RESTRICT shrink,
                            const float* HWY_RESTRICT weights, const Number* HWY_RESTRICT values,
                            std::size_t stride, std::size_t count, std::size_t padded, Ahead ahead) {
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  constexpr std::size_t kVectors = kLine / kLanes;
  for (std::size_t d = 0; d < padded; d += kVectors * kLanes) {
    VF sum[kQueries][kVectors];
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
      const VF factor = hn::Set(df, shrink[q]);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kVectors; ++i) {
        sum[q][i] = hn::Mul(hn::LoadU(df, accumulators + q * padded + d + i * kLanes), factor);
      }
    }
    for (std::size_t e = 0; e < count; ++e) {
      ahead.Prefetch(e, d);
      VF value[kVectors];
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kVectors; ++i) value[i] = LoadNumbers(values + e * stride + d + i * kLanes);
#pragma GCC unroll 8
      for (std::size_t q = 0; q < kQueries; ++q) {
        const VF weight = hn::Set(df, weights[q * kBlock + e]);
#pragma GCC unroll 8
        for (std::size_t i = 0; i < kVectors; ++i) sum[q][i] = hn::MulAdd(weight, value[i], sum[q][i]);
      }
    }
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kVectors; ++i) {
        hn::StoreU(sum[q][i], df, accumulators + q * padded + d + i * kLanes);
      }
    }
  }
}

template <typename Number>
HWY_INLINE void ScoresOfTile(float* scores, const QueryTile& tile, const Number* keys, std::size_t stride,
                             std::size_t count, Ahead ahead) {
  std::size_t q = 0;
  for (; q + 2 <= tile.count; q += 2, ahead.at = nullptr) {
    BlockScores<2>(scores + q * kBlock, tile.queries + q * tile.padded, keys, stride, count, tile.padded,
                   ahead);
  }
  if (q < tile.count) {
    BlockScores<1>(scores + q * kBlock, tile.queries + q * tile.padded, keys, stride, count, tile.padded,
                   ahead);
  }
}

template <typename Number>
HWY_INLINE void ValuesOfTile(float* accumulators, const QueryTile& tile, const float* shrink,
                             const float* weights, const Number* values, std::size_t stride,
                             std::size_t count, Ahead ahead) {
  std::size_t q = 0;
  for (; q + 2 <= tile.count; q += 2, ahead.at = nullptr) {
    BlockValues<2>(accumulators + q * tile.padded, shrink + q, weights + q * kBlock, values, stride, count,
                   tile.padded, ahead);
  }
  if (q < tile.count) {
    BlockValues<1>(accumulators + q * tile.padded, shrink + q, weights + q * kBlock, values, stride, count,
                   tile.padded, ahead);
  }
}

// Scores of the block at entry b become weights. A query that sees none of the block is left alone by it, so
// its result is the same whichever queries share its tile.
HWY_INLINE void WeightsOfTile(float* scores, float* shrink, const QueryTile& tile, std::size_t b,
                              const Partial& partial) {
  for (std::size_t q = 0; q < tile.count; ++q) {
    float* row = scores + q * kBlock;
    const std::size_t visible = tile.visible[q] > b ? std::min(kBlock, tile.visible[q] - b) : 0;
    if (tile.scores != nullptr && tile.scores[q] != nullptr) std::copy_n(row, visible, tile.scores[q] + b);
    if (visible == 0) {
      std::fill_n(row, kBlock, 0.0F);
      shrink[q] = 1.0F;
    } else {
      shrink[q] = OnlineSoftmax(row, visible, partial.max + q, partial.sum + q);
    }
  }
}

// What one task computes with: on its stack, 75 KiB.
struct Scratch {
  alignas(64) float block[kBlock * kAttentionMaxHeadDim];
  alignas(64) float scores[kMaxQueries * kBlock];
  float shrink[kMaxQueries];
  const std::uint16_t* next_keys[kBlock];
  const std::uint16_t* next_values[kBlock];
};

// Adds the `count` entries from `b` on to a tile's partial result, asking meanwhile for its part of what
// comes next.
HWY_INLINE void AttendBlock(const QueryTile& tile, std::size_t b, std::size_t count, const Partial& partial,
                            Ahead next_keys, Ahead next_values, Scratch& scratch) {
  const std::size_t stride = tile.entry_stride;
  const std::uint16_t* keys = tile.keys + b * stride;
  const std::uint16_t* values = tile.values + b * stride;
  // A single pair of queries converts each entry in registers; more of them share one conversion.
  const bool direct = tile.count <= 2 && tile.padded == tile.head_dim && tile.positions == nullptr;
  if (direct && count % 4 == 0) {
    ScoresOfTile(scratch.scores, tile, keys, stride, count, next_keys);
  } else {
    ConvertBlock(scratch.block, tile, tile.keys, b, count);
    ScoresOfTile(scratch.scores, tile, scratch.block, tile.padded, count, next_keys);
  }
  WeightsOfTile(scratch.scores, scratch.shrink, tile, b, partial);
  if (direct) {
    ValuesOfTile(partial.accumulators, tile, scratch.shrink, scratch.scores, values, stride, count,
                 next_values);
  } else {
    ConvertBlock(scratch.block, tile, tile.values, b, count);
    ValuesOfTile(partial.accumulators, tile, scratch.shrink, scratch.scores, scratch.block, tile.padded,
                 count, next_values);
  }
}

// The partial results of tiles that see the same entries (one tile a KV head) over entries [begin, end).
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
    for (std::size_t i = 0; i < tile_count; ++i) {
      const bool more = next + kBlock <= end;  // a shorter last block is not worth asking for
      const Ahead none{nullptr, 0, nullptr};
      AttendBlock(tiles[i], b, next - b, partials[i],
                  more ? AheadOf(tiles[i], tiles[i].keys, next, i, tile_count, scratch.next_keys) : none,
                  more ? AheadOf(tiles[i], tiles[i].values, next, i, tile_count, scratch.next_values) : none,
                  scratch);
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

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
