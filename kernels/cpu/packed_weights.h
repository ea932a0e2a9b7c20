// Q8_0 and Q4_0 weights as products on the CPU read them: 16 outputs side by side, so that a broadcast of two
// inputs meets all of them, their sums stay in lanes of their own, and a tile is one stretch of memory. The
// order is the same for every instruction set. Packed once, at load.
//
// A tile holds 16 outputs, [outputs / 16, rounded up][tile]; what it has beyond the last output is 0.
// Two blocks of 32 columns after two, as they are read:
//   scales  f16 [2][16]
//   chunks  [2][chunks of a block][16][4 bytes]
// A chunk is four bytes of an output's block of GGUF, so 8 make a block of Q8_0 and 4 one of Q4_0 (whose low
// nibbles are columns 0 .. 15 and high ones 16 .. 31). Their order is 0, 2, 1, 3: the lower halves of its two
// 16-bit numbers are then neighbours of x, and so are the upper ones. Q4_0's nibbles, 8 too large in GGUF,
// become signed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/thread_pool.h"
#include "kernels/dtype.h"

namespace fovea::kernels::cpu {

constexpr std::size_t kTileOutputs = 16;
constexpr std::size_t kChunkBytes = 4;
/// Where a chunk has the byte i of GGUF; also the inverse.
constexpr std::size_t kChunkOrder[kChunkBytes] = {0, 2, 1, 3};

/// Whether products read weights of this format packed; others stay as GGUF stores them.
constexpr bool is_packed(DType dtype) {
  return dtype == DType::kQ8_0 || dtype == DType::kQ4_0;
}

/// Chunks of a block of 32 columns.
constexpr std::size_t block_chunks(DType dtype) {
  return (block_bytes(dtype) - sizeof(std::uint16_t)) / kChunkBytes;
}

/// Bytes of the chunks of a block, of all outputs of a tile.
constexpr std::size_t tile_chunk_bytes(DType dtype) {
  return block_chunks(dtype) * kTileOutputs * kChunkBytes;
}

/// Bytes of two blocks.
constexpr std::size_t tile_pair_bytes(DType dtype) {
  return 2 * (kTileOutputs * sizeof(std::uint16_t) + tile_chunk_bytes(dtype));
}

/// Where in a tile the scales of a block are.
constexpr std::size_t tile_scales(DType dtype, std::size_t block) {
  return block / 2 * tile_pair_bytes(dtype) + block % 2 * kTileOutputs * sizeof(std::uint16_t);
}

/// Where in a tile the chunks of a block are.
constexpr std::size_t tile_chunks(DType dtype, std::size_t block) {
  return block / 2 * tile_pair_bytes(dtype) + 2 * kTileOutputs * sizeof(std::uint16_t) +
         block % 2 * tile_chunk_bytes(dtype);
}

constexpr std::size_t tile_bytes(DType dtype, std::size_t columns) {
  return (columns / block_elements(dtype) + 1) / 2 * tile_pair_bytes(dtype);
}

/// Bytes of [outputs, columns] packed: those of GGUF, with outputs rounded up to 16 and columns to 64.
constexpr std::size_t packed_bytes(DType dtype, std::size_t outputs, std::size_t columns) {
  return (outputs + kTileOutputs - 1) / kTileOutputs * tile_bytes(dtype, columns);
}

/// Packs `weight` [outputs, columns], row after row as GGUF stores them, for which is_packed holds. `packed`:
/// packed_bytes, aligned to 64.
void pack_weights(void* packed, const void* weight, DType dtype, std::size_t outputs, std::size_t columns,
                  ThreadPool& pool);

}  // namespace fovea::kernels::cpu
