#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "kernels/dtype.h"

namespace fovea::kernels::cuda {

/// Rows first_row .. + rows - 1 of a packed matrix as f16, row after row: round to nearest even, saturating
/// at 65,504. out: [rows, columns]; first_row is a multiple of 8, rows at most 65,535.
cudaError_t unpack_halves(std::uint16_t* out, const void* packed, DType dtype, std::size_t outputs,
                          std::size_t columns, std::size_t first_row, std::size_t rows, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
