// The parsing half of Gguf: walks a file's bytes once, checks everything, and returns views into them.
// Internal to the engine; call Gguf::open instead. Pure function; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/gguf.h"
#include "engine/result.h"

namespace fovea {

struct GgufContents {
  std::uint32_t version = 0;
  std::map<std::string_view, GgufValue> metadata;
  std::vector<GgufTensor> tensors;
  std::map<std::string_view, std::size_t> tensor_index;
};

/// Fails with kDamaged or kUnsupported, naming `path`, the field and its byte. Memory stays proportional to
/// the file, whatever the file claims: a count is believed only after the bytes it needs were found to be
/// there.
Result<GgufContents> parse_gguf(std::span<const std::byte> bytes, const std::string& path);

/// Bytes of one metadata value, 0 for strings, arrays and unknown types.
[[nodiscard]] std::size_t gguf_scalar_bytes(GgufType type);

/// A little-endian scalar at a byte that was checked before; files are mapped, so it may be unaligned.
template <typename T>
[[nodiscard]] T load_unaligned(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

}  // namespace fovea
