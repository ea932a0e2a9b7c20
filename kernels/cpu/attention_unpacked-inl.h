// A block for a query or two, from the cache's rows as they lie: packing would cost more than it saves. The
// same bits as attention_packed-inl.h. Included once per instruction set.
#include <cstring>

#include "kernels/cpu/attention_block-inl.h"

#if defined(FOVEA_KERNELS_CPU_ATTENTION_UNPACKED_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_ATTENTION_UNPACKED_INL
#undef FOVEA_KERNELS_CPU_ATTENTION_UNPACKED_INL
#else
#define FOVEA_KERNELS_CPU_ATTENTION_UNPACKED_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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

// As AttendPacked, and the same bits: sums of integers are exact in any order.
template <std::size_t kQueries>
HWY_INLINE void AttendUnpacked(const Block& block, const Partial* partials, Scratch& scratch) {
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

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // FOVEA_KERNELS_CPU_ATTENTION_UNPACKED_INL
