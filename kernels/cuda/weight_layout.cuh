// Where packed weights lie. F32 stays as GGUF has it, row after row. Other matrices are cut into panels of 8
// outputs and panels into chunks of 512 bytes, 32 to 128 columns wide: what a warp reads at once, 16 bytes a
// lane, so that a block reads its weights as one stream. Lane 4 * g + t has output g and of each block of 32
// columns those from 8 * t to 8 * t + 7, which is what mma.sync wants of it in its B operand, if a dot
// product takes its columns in that order (activations.cuh does).
//   F16, BF16: one block, 16 bytes.
//   Q8_0: two blocks, 8 bytes each.
//   Q4_0: four blocks, 4 bytes each; byte j holds column j in its low and column j + 4 in its high nibble, as
//   two's complement, so that a shift and a mask make bytes of 16 times the value.
// The scales of Q8_0 and Q4_0 follow all chunks: f16 [panel][block][8 outputs]. Outputs and columns that fill
// the last panel and chunk are 0.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/dtype.h"

namespace fovea::kernels::cuda {

constexpr unsigned kPanelOutputs = 8;
constexpr unsigned kChunkBytes = 512;

/// Blocks of 32 columns that a chunk holds.
__host__ __device__ constexpr unsigned chunk_blocks(DType dtype) {
  return dtype == DType::kQ4_0 ? 4 : dtype == DType::kQ8_0 ? 2 : 1;
}

/// Bytes of the scales of a chunk.
__host__ __device__ constexpr unsigned chunk_scale_bytes(DType dtype) {
  return dtype == DType::kQ8_0 || dtype == DType::kQ4_0 ? chunk_blocks(dtype) * kPanelOutputs * 2 : 0;
}

__host__ __device__ constexpr std::size_t panels_of(std::size_t outputs) {
  return (outputs + kPanelOutputs - 1) / kPanelOutputs;
}

/// Chunks of a panel.
__host__ __device__ constexpr std::size_t chunks_of(DType dtype, std::size_t columns) {
  const std::size_t width = std::size_t{32} * chunk_blocks(dtype);
  return (columns + width - 1) / width;
}

}  // namespace fovea::kernels::cuda
