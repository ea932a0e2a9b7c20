// Where each tensor of a GGUF lies: the second half of parsing, once all names and shapes are known. Internal
// to the engine; pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/gguf.h"
#include "engine/result.h"

namespace fovea {

struct StoredOffset {
  std::uint64_t value = 0;  // from the start of the data, as stored
  std::size_t byte = 0;     // where in the file it stands, for errors
};

/// a * b, or nothing when it does not fit.
[[nodiscard]] std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b);

/// Gives each tensor its view of `data`, the file's bytes from the start of the data on. `offsets` holds one
/// entry for each tensor. Fails with kDamaged when one is not aligned, not inside `data`, or overlaps
/// another. Shapes must hold at least one dimension.
Result<void> place_tensors(std::vector<GgufTensor>& tensors, std::span<const StoredOffset> offsets,
                           std::span<const std::byte> data, std::uint64_t alignment, const std::string& path);

}  // namespace fovea
