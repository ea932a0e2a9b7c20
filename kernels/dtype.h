// Weight formats the kernels read, as GGUF stores them. Plain constants; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea::kernels {

enum class DType : std::uint8_t { kF32, kF16, kBF16, kQ8_0, kQ4_0 };

/// Elements of one block; a row's length must be a multiple of it.
constexpr std::size_t block_elements(DType dtype) {
  return dtype == DType::kQ8_0 || dtype == DType::kQ4_0 ? 32 : 1;
}

/// Bytes of one block. Q8_0: f16 scale, 32 int8. Q4_0: f16 scale, 16 bytes holding elements 0..15 in the low
/// and 16..31 in the high nibbles, each minus 8. (GGML's block formats.)
constexpr std::size_t block_bytes(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return 4;
    case DType::kF16:
    case DType::kBF16:
      return 2;
    case DType::kQ8_0:
      return 34;
    case DType::kQ4_0:
      return 18;
  }
  return 0;
}

/// Bytes of a row of `columns` elements; `columns` must be a multiple of block_elements.
constexpr std::size_t row_bytes(DType dtype, std::size_t columns) {
  return columns / block_elements(dtype) * block_bytes(dtype);
}

constexpr const char* to_string(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "F32";
    case DType::kF16:
      return "F16";
    case DType::kBF16:
      return "BF16";
    case DType::kQ8_0:
      return "Q8_0";
    case DType::kQ4_0:
      return "Q4_0";
  }
  return "?";
}

}  // namespace fovea::kernels
