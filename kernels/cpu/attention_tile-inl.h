// Attention of one tile: up to kMaxQueries queries that share a KV head, over a range of entries, block by
// block. Included once per instruction set by attention.cpp.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/cpu/attention_packed-inl.h"
#include "kernels/cpu/attention_unpacked-inl.h"

#if defined(FOVEA_KERNELS_CPU_ATTENTION_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
#undef FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
#else
#define FOVEA_KERNELS_CPU_ATTENTION_TILE_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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
      tiles->count == 1 ? AttendUnpacked<1>(block, partials, scratch)
                        : AttendUnpacked<2>(block, partials, scratch);
    } else if (whole) {
      AttendPacked<true>(block, partials, scratch);
    } else {
      AttendPacked<false>(block, partials, scratch);
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
