// A block for many queries: keys and values are packed first, and both products are one integer kernel over
// packed operands. Included once per instruction set.
#include <algorithm>

#include "kernels/cpu/attention_block-inl.h"

#if defined(FOVEA_KERNELS_CPU_ATTENTION_PACKED_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_ATTENTION_PACKED_INL
#undef FOVEA_KERNELS_CPU_ATTENTION_PACKED_INL
#else
#define FOVEA_KERNELS_CPU_ATTENTION_PACKED_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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

// Adds a block to the partial results of its tiles.
template <bool kWhole>
HWY_INLINE void AttendPacked(const Block& block, const Partial* partials, Scratch& scratch) {
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

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // FOVEA_KERNELS_CPU_ATTENTION_PACKED_INL
