// A weight matrix where it lies: non-owning view of rows in a mapped file or in a backend's memory. Whoever
// holds the memory (MappedFile, Buffer) must outlive it.
#pragma once

#include <cstddef>

#include "kernels/dtype.h"

namespace fovea {

struct Matrix {
  const void* data = nullptr;  // [rows, columns], row after row, each row_bytes(dtype, columns) long
  kernels::DType dtype = kernels::DType::kF32;
  std::size_t rows = 0;     // outputs
  std::size_t columns = 0;  // inputs

  [[nodiscard]] std::size_t bytes() const { return rows * kernels::row_bytes(dtype, columns); }
};

}  // namespace fovea
