#include "kernels/cpu/packed_weights.h"

#include <algorithm>
#include <cstring>

namespace fovea::kernels::cpu {
namespace {

// One output's weights into lane `lane` of its tile.
void pack_row(std::byte* tile, std::size_t lane, const std::byte* row, DType dtype, std::size_t columns) {
  const std::byte flip = dtype == DType::kQ4_0 ? std::byte{0x88} : std::byte{0};  // n - 8 as a signed nibble
  for (std::size_t b = 0; b < columns / block_elements(dtype); ++b, row += block_bytes(dtype)) {
    std::memcpy(tile + tile_scales(dtype, b) + lane * sizeof(std::uint16_t), row, sizeof(std::uint16_t));
    const std::byte* from = row + sizeof(std::uint16_t);
    std::byte* to = tile + tile_chunks(dtype, b) + lane * kChunkBytes;
    for (std::size_t i = 0; i < block_chunks(dtype); ++i) {
      for (std::size_t k = 0; k < kChunkBytes; ++k) to[kChunkOrder[k]] = from[k] ^ flip;
      from += kChunkBytes;
      to += kTileOutputs * kChunkBytes;
    }
  }
}

}  // namespace

void pack_weights(void* packed, const void* weight, DType dtype, std::size_t outputs, std::size_t columns,
                  ThreadPool& pool) {
  const std::size_t bytes = tile_bytes(dtype, columns);
  pool.run((outputs + kTileOutputs - 1) / kTileOutputs, [&](std::size_t t) {
    std::byte* tile = static_cast<std::byte*>(packed) + t * bytes;
    const std::size_t count = std::min(kTileOutputs, outputs - t * kTileOutputs);
    if (count < kTileOutputs) std::memset(tile, 0, bytes);
    for (std::size_t lane = 0; lane < count; ++lane) {
      const std::size_t row = (t * kTileOutputs + lane) * row_bytes(dtype, columns);
      pack_row(tile, lane, static_cast<const std::byte*>(weight) + row, dtype, columns);
    }
  });
}

}  // namespace fovea::kernels::cpu
