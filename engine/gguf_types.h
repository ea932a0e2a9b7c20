// GGML's tensor types, known and unknown to our kernels: enough to find every tensor's end in a file.
// Constants; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/gguf.h"

namespace fovea {

struct TensorType {
  std::uint32_t number = 0;  // as the file stores it
  std::string_view name;
  std::uint32_t block_elements = 1;
  std::uint32_t block_bytes = 0;
};

/// Null for a number that is retired, or newer than this program.
[[nodiscard]] const TensorType* find_tensor_type(std::uint32_t number);

}  // namespace fovea
