// Writes small GGUF files for tests, well-formed unless told otherwise: everything about them can be changed,
// which engine/gguf_writer does not offer. Values only; one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/gguf.h"
#include "engine/gguf_writer.h"

namespace fovea::testing {

class GgufBuilder {
 public:
  struct Metadata {
    std::string key;
    std::uint32_t type = 0;
    std::vector<std::byte> payload;
  };
  struct Tensor {
    std::string name;
    std::vector<std::uint64_t> shape;  // fastest first
    std::uint32_t type = 0;
    std::vector<std::byte> data;
    std::int64_t offset_error = 0;  // added to the right offset
  };

  std::uint32_t version = 3;
  std::size_t alignment = 32;
  std::vector<Metadata> metadata;
  std::vector<Tensor> tensors;
  std::int64_t tensor_count_error = 0;
  std::int64_t metadata_count_error = 0;

  /// Adds the value, or replaces the one of that key.
  GgufBuilder& set(std::string_view key, GgufType type, const ByteWriter& payload) {
    return set_raw(key, static_cast<std::uint32_t>(type), payload);
  }
  GgufBuilder& set_raw(std::string_view key, std::uint32_t type, const ByteWriter& payload) {
    for (Metadata& entry : metadata) {
      if (entry.key != key) continue;
      entry.type = type;
      entry.payload = payload.bytes();
      return *this;
    }
    metadata.push_back({std::string(key), type, payload.bytes()});
    return *this;
  }
  GgufBuilder& remove(std::string_view key) {
    std::erase_if(metadata, [key](const Metadata& entry) { return entry.key == key; });
    return *this;
  }
  GgufBuilder& set_uint(std::string_view key, std::uint32_t value) {
    return set(key, GgufType::kUint32, ByteWriter().scalar(value));
  }
  GgufBuilder& set_float(std::string_view key, float value) {
    return set(key, GgufType::kFloat32, ByteWriter().scalar(value));
  }
  GgufBuilder& set_bool(std::string_view key, bool value) {
    return set(key, GgufType::kBool, ByteWriter().scalar<std::uint8_t>(value ? 1 : 0));
  }
  GgufBuilder& set_string(std::string_view key, std::string_view value) {
    return set(key, GgufType::kString, ByteWriter().text(value));
  }
  GgufBuilder& set_strings(std::string_view key, const std::vector<std::string>& values) {
    ByteWriter payload = array_header(GgufType::kString, values.size());
    for (const std::string& value : values) payload.text(value);
    return set(key, GgufType::kArray, payload);
  }
  template <typename T>
  GgufBuilder& set_array(std::string_view key, GgufType element, const std::vector<T>& values) {
    ByteWriter payload = array_header(element, values.size());
    for (const T value : values) payload.scalar(value);
    return set(key, GgufType::kArray, payload);
  }
  static ByteWriter array_header(GgufType element, std::uint64_t count) {
    return ByteWriter().scalar(static_cast<std::uint32_t>(element)).scalar(count);
  }

  GgufBuilder& add_tensor(std::string_view name, std::vector<std::uint64_t> shape, std::uint32_t type,
                          std::vector<std::byte> data) {
    tensors.push_back({std::string(name), std::move(shape), type, std::move(data), 0});
    return *this;
  }
  GgufBuilder& add_floats(std::string_view name, std::vector<std::uint64_t> shape,
                          const std::vector<float>& values) {
    ByteWriter data;
    for (const float value : values) data.scalar(value);
    return add_tensor(name, std::move(shape), 0, data.bytes());
  }
  Tensor& tensor(std::string_view name) {
    return *std::find_if(tensors.begin(), tensors.end(),
                         [name](const Tensor& each) { return each.name == name; });
  }
  GgufBuilder& remove_tensor(std::string_view name) {
    std::erase_if(tensors, [name](const Tensor& each) { return each.name == name; });
    return *this;
  }

  [[nodiscard]] std::vector<std::byte> build() const {
    ByteWriter file;
    file.scalar<std::uint32_t>(0x46554747).scalar(version);
    file.scalar(tensors.size() + static_cast<std::uint64_t>(tensor_count_error));
    file.scalar(metadata.size() + static_cast<std::uint64_t>(metadata_count_error));
    for (const Metadata& entry : metadata) file.text(entry.key).scalar(entry.type).raw(entry.payload);

    std::uint64_t offset = 0;
    for (const Tensor& each : tensors) {
      file.text(each.name).scalar(static_cast<std::uint32_t>(each.shape.size()));
      for (const std::uint64_t extent : each.shape) file.scalar(extent);
      file.scalar(each.type).scalar(offset + static_cast<std::uint64_t>(each.offset_error));
      offset += (each.data.size() + alignment - 1) / alignment * alignment;
    }
    for (const Tensor& each : tensors) file.pad_to(alignment).raw(each.data);
    return file.bytes();
  }
};

/// A file of one metadata value and two tensors.
inline GgufBuilder small_file() {
  GgufBuilder builder;
  builder.set_uint("answer", 42);
  builder.add_floats("first", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  builder.add_floats("second", {3}, {9, 10, 11});
  return builder;
}

}  // namespace fovea::testing
