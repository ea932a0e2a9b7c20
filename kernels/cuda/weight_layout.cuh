// Where packed weights lie. F32, F16 and BF16 stay as GGUF has them, row after row. Q8_0 and Q4_0 are cut
// into panels of 8 outputs and panels into chunks of 512 bytes, 64 or 128 columns wide: what a warp reads at
// once, 16 bytes a lane. Lane 4 * g + t has output g and of each block of 32 columns those from 8 * t to 8 *
// t + 7, which is what mma.sync wants of it in its B operand, if a dot product takes its columns in that
// order (activations.cuh does).
//   Q8_0: two blocks, 8 bytes each.
//   Q4_0: four blocks, 4 bytes each; byte j holds column j in its low and column j + 4 in its high nibble, as
//   two's complement, so that a shift and a mask make bytes of 16 times the value.
// The scales follow all chunks: f16 [panel][block][8 outputs]. Outputs and columns that fill the last panel
// and chunk are 0.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/dtype.h"

namespace fovea::kernels::cuda {

constexpr unsigned kPanelOutputs = 8;
constexpr unsigned kChunkBytes = 512;

/// Blocks of 32 columns that a chunk holds.
__host__ __device__ constexpr unsigned chunk_blocks(DType dtype) {
  return dtype == DType::kQ4_0 ? 4 : 2;
}

constexpr std::size_t panels_of(std::size_t outputs) {
  return (outputs + kPanelOutputs - 1) / kPanelOutputs;
}

/// Chunks of a panel of quantised weights.
__host__ __device__ constexpr std::size_t chunks_of(DType dtype, std::size_t columns) {
  const std::size_t width = std::size_t{32} * chunk_blocks(dtype);
  return (columns + width - 1) / width;
}

/// Bytes from a panel's first chunk to the scales of all panels.
constexpr std::size_t scales_offset(DType dtype, std::size_t outputs, std::size_t columns) {
  return panels_of(outputs) * chunks_of(dtype, columns) * kChunkBytes;
}

}  // namespace fovea::kernels::cuda
