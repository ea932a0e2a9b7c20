// How the first kernel of attention() finds and fetches its entries: what a block walks, and the rings of
// tiles in shared memory that its warps fill.
#pragma once

#include <cstdint>

#include "kernels/cuda/attention_partials.cuh"
#include "kernels/cuda/attention_tile.cuh"

namespace fovea::kernels::cuda {

constexpr int kSpanTiles = kSpan / kTileRows;

// Tiles of keys whose scores are computed together, so that more sums are on the way.
template <int kDim>
constexpr int kKeyTiles = kCopiesAsynchronously&& kDim <= 128 ? 2 : 1;

// What a block knows of its work. It stays in shared memory, as do the queries' own numbers, because the
// accumulators need the registers.
struct AttentionBlock {
  unsigned kv_head;
  unsigned query_begin;  // of the KV head's rows * group queries, row by row
  unsigned query_count;  // of this block
  int first_chunk;
  int chunk_step;
  int chunks;
  int before;  // entries of the list before the pass's own
  int length;  // of the list
  int first_position;
  const std::int32_t* selected;  // null: entry e lies at position e

  // The position of an entry, -1 beyond the list.
  __device__ std::int32_t position(int entry) const {
    if (entry >= length) return -1;
    if (selected != nullptr && entry < before) return selected[entry];
    return first_position + (entry - before);
  }
  // Tiles of a warp's span: a multiple of `together`, the last ones padded with zeros.
  __device__ int tiles(int chunk, int warp, int together) const {
    const int entries = length - chunk * kChunk - warp * kSpan;
    const int rows = together * kTileRows;
    return min(max((entries + rows - 1) / rows, 0) * together, kSpanTiles);
  }
};

// The copies of one warp: of every span its tiles of keys, then its tiles of values, ahead of who reads them.
template <int kDim, int kSlots, int kTogether>
class KvRing {
 public:
  __device__ __forceinline__ KvRing(std::uint32_t slots, KvReader keys, KvReader values,
                                    const AttentionBlock& block, int warp, unsigned lane)
      : m_slots(slots), m_keys(keys), m_values(values), m_block(block), m_warp(warp), m_lane(lane) {
    m_chunk = block.first_chunk;
    find_next_positions(m_chunk);
    begin_span();
    if constexpr (kCopiesAsynchronously) {
#pragma unroll 1
      for (int i = 0; i < kSlots; ++i) copy_next();
    }
  }

  /// The next kTiles tiles, once they are there.
  template <int kTiles>
  __device__ __forceinline__ void take(std::uint32_t (&tiles)[kTiles]) {
    if constexpr (kCopiesAsynchronously) {
      wait_for_groups<kSlots - kTiles>();
    } else {
      copy_next();
    }
    __syncwarp();
#pragma unroll
    for (int i = 0; i < kTiles; ++i) {
      tiles[i] = m_slots + static_cast<std::uint32_t>((m_taken + i) % kSlots) * kTileBytes<kDim>;
    }
  }
  /// No lane will read them any more.
  __device__ __forceinline__ void give_back(int tiles) {
    __syncwarp();
    m_taken += tiles;
    if constexpr (kCopiesAsynchronously) {
#pragma unroll 1
      for (int i = 0; i < tiles; ++i) copy_next();
    }
  }

 private:
  __device__ __forceinline__ void find_next_positions(int chunk) {
    const int entry = chunk * kChunk + m_warp * kSpan + static_cast<int>(m_lane);
    m_next_early = m_block.position(entry);
    m_next_late = m_block.position(entry + 32);
  }
  // The positions of the span after this one are asked for now, to be there when they are needed.
  __device__ __forceinline__ void begin_span() {
    m_tiles = m_chunk < m_block.chunks ? m_block.tiles(m_chunk, m_warp, kTogether) : 0;
    m_step = 0;
    m_early = m_next_early;
    m_late = m_next_late;
    find_next_positions(m_chunk + m_block.chunk_step);
  }
  __device__ __forceinline__ void copy_next() {
    if (m_tiles > 0) {  // only after the list's end is a span empty
      const bool is_value = m_step >= m_tiles;
      const int tile = is_value ? m_step - m_tiles : m_step;
      KvReader from = m_keys;
      if (is_value) from.numbers = m_values.numbers;
      copy_tile(from, tile);
      ++m_copied;
      if (++m_step == 2 * m_tiles) {
        m_chunk += m_block.chunk_step;
        begin_span();
      }
    }
    close_group();
  }
  __device__ __forceinline__ void copy_tile(KvReader from, int tile) {
    const std::uint32_t slot = m_slots + static_cast<std::uint32_t>(m_copied % kSlots) * kTileBytes<kDim>;
    const std::int32_t of_early =
        __shfl_sync(0xFFFFFFFFU, m_early, (tile & 1) * kTileRows + m_lane % kTileRows);
    const std::int32_t of_late =
        __shfl_sync(0xFFFFFFFFU, m_late, (tile & 1) * kTileRows + m_lane % kTileRows);
    from.template copy_tile<kDim>(slot, tile < kSpanTiles / 2 ? of_early : of_late, m_lane);
  }

  std::uint32_t m_slots;
  KvReader m_keys;
  KvReader m_values;
  const AttentionBlock& m_block;
  int m_warp;
  unsigned m_lane;
  int m_chunk;
  int m_tiles = 0;
  int m_step = 0;
  unsigned m_copied = 0;
  unsigned m_taken = 0;
  std::int32_t m_early;  // of the span's first 32 entries: the lane's own
  std::int32_t m_late;   // and of its last 32
  std::int32_t m_next_early;
  std::int32_t m_next_late;
};

}  // namespace fovea::kernels::cuda
