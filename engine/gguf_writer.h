// The head of a GGUF v3 file (github.com/ggml-org/ggml, docs/gguf.md): metadata and the description of the
// tensors. Their data are written after it by whoever makes them, in the order they were described in, so
// that a file larger than the memory can be written piece by piece. Plain values; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/gguf.h"

namespace fovea {

/// Appends scalars as this machine stores them (little-endian, as GGUF wants it) and GGUF's strings.
class ByteWriter {
 public:
  template <typename T>
  ByteWriter& scalar(T value) {
    return raw(std::as_bytes(std::span(&value, 1)));
  }
  ByteWriter& text(std::string_view value) {
    scalar<std::uint64_t>(value.size());
    return raw(std::as_bytes(std::span(value)));
  }
  ByteWriter& raw(std::span<const std::byte> bytes) {
    m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
    return *this;
  }
  ByteWriter& pad_to(std::size_t multiple) {
    m_bytes.resize((m_bytes.size() + multiple - 1) / multiple * multiple);
    return *this;
  }
  [[nodiscard]] std::size_t size() const { return m_bytes.size(); }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return m_bytes; }

 private:
  std::vector<std::byte> m_bytes;
};

class GgufWriter {
 public:
  /// Every tensor's data begin at a multiple of this many bytes; zeros lie between.
  static constexpr std::size_t kAlignment = 32;

  // Each key once.
  void add_uint(std::string_view key, std::uint32_t value);
  void add_float(std::string_view key, float value);
  void add_bool(std::string_view key, bool value);
  void add_string(std::string_view key, std::string_view value);
  void add_strings(std::string_view key, std::span<const std::string_view> values);
  void add_floats(std::string_view key, std::span<const float> values);
  void add_ints(std::string_view key, std::span<const std::int32_t> values);

  /// `shape`: fastest dimension first. `type`: GGML's number, one that find_tensor_type knows; rows must be
  /// whole blocks.
  void add_tensor(std::string_view name, std::span<const std::uint64_t> shape, std::uint32_t type);

  /// Everything before the first tensor's data, padded.
  [[nodiscard]] std::vector<std::byte> head() const;
  /// Bytes of all tensors, padded.
  [[nodiscard]] std::uint64_t data_bytes() const { return m_data_bytes; }
  /// Zeros that follow data of so many bytes.
  [[nodiscard]] static std::size_t padding(std::uint64_t bytes) {
    return static_cast<std::size_t>((kAlignment - bytes % kAlignment) % kAlignment);
  }

 private:
  ByteWriter& begin_value(std::string_view key, GgufType type);
  ByteWriter& begin_array(std::string_view key, GgufType element, std::size_t count);

  ByteWriter m_metadata;
  ByteWriter m_tensors;
  std::uint64_t m_metadata_count = 0;
  std::uint64_t m_tensor_count = 0;
  std::uint64_t m_data_bytes = 0;
};

}  // namespace fovea
