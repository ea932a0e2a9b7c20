#include "engine/gguf_layout.h"

#include <algorithm>
#include <numeric>

#include "engine/error_text.h"
#include "engine/gguf_types.h"

namespace fovea {
namespace {

/// "path: tensor 17 'name': problem (byte N)."
Error damaged(const std::string& path, std::size_t index, const GgufTensor& tensor,
              const StoredOffset& offset, const std::string& problem) {
  return file_error(ErrorCode::kDamaged, path,
                    "tensor " + std::to_string(index) + " " + quoted(tensor.name) + ": " + problem +
                        " (byte " + std::to_string(offset.byte) + ")");
}

/// Bytes of all rows, or nothing on overflow. Rows must be whole blocks.
std::optional<std::uint64_t> total_bytes(const GgufTensor& tensor, const TensorType& type) {
  auto bytes = checked_product(tensor.shape[0] / type.block_elements, type.block_bytes);
  for (std::size_t index = 1; bytes && index < tensor.shape.size(); ++index) {
    bytes = checked_product(*bytes, tensor.shape[index]);
  }
  return bytes;
}

/// What is wrong with one tensor; success sets its data.
std::optional<std::string> place(GgufTensor& tensor, std::uint64_t offset, std::span<const std::byte> data,
                                 std::uint64_t alignment) {
  if (offset % alignment != 0) {
    return "data offset " + std::to_string(offset) + " is not a multiple of " + std::to_string(alignment);
  }
  // A type newer than this program has no known end; nobody can use its data, so it gets none.
  const TensorType* type = find_tensor_type(tensor.type);
  std::optional<std::uint64_t> bytes = 0;
  if (type != nullptr) {
    if (tensor.shape[0] % type->block_elements != 0) {
      return "rows of " + std::to_string(tensor.shape[0]) + " are not whole blocks of " +
             std::to_string(type->block_elements) + " (" + std::string(type->name) + ")";
    }
    bytes = total_bytes(tensor, *type);
    if (!bytes) return "the size in bytes overflows";
  }
  if (offset > data.size() || *bytes > data.size() - offset) {
    return "data offset " + std::to_string(offset) + " + " + std::to_string(*bytes) +
           " bytes exceeds the file, which holds " + std::to_string(data.size()) + " bytes of data";
  }
  tensor.data = data.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(*bytes));
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b) {
  if (a != 0 && b > UINT64_MAX / a) return std::nullopt;
  return a * b;
}

Result<void> place_tensors(std::vector<GgufTensor>& tensors, std::span<const StoredOffset> offsets,
                           std::span<const std::byte> data, std::uint64_t alignment,
                           const std::string& path) {
  for (std::size_t index = 0; index < tensors.size(); ++index) {
    if (const auto problem = place(tensors[index], offsets[index].value, data, alignment)) {
      return damaged(path, index, tensors[index], offsets[index], *problem);
    }
  }
  std::vector<std::size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [offsets](std::size_t a, std::size_t b) { return offsets[a].value < offsets[b].value; });
  for (std::size_t rank = 1; rank < order.size(); ++rank) {
    const std::size_t before = order[rank - 1];
    const std::size_t index = order[rank];
    if (offsets[index].value - offsets[before].value >= tensors[before].data.size()) continue;
    return damaged(
        path, index, tensors[index], offsets[index],
        "its data overlaps that of tensor " + std::to_string(before) + " " + quoted(tensors[before].name));
  }
  return {};
}

}  // namespace fovea
