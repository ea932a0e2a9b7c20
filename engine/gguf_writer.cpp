#include "engine/gguf_writer.h"

#include <bit>

#include "engine/gguf_types.h"

namespace fovea {
namespace {

constexpr std::uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr std::uint32_t kVersion = 3;

static_assert(std::endian::native == std::endian::little, "ByteWriter copies scalars as they are");

}  // namespace

ByteWriter& GgufWriter::begin_value(std::string_view key, GgufType type) {
  ++m_metadata_count;
  return m_metadata.text(key).scalar(type);
}

ByteWriter& GgufWriter::begin_array(std::string_view key, GgufType element, std::size_t count) {
  return begin_value(key, GgufType::kArray).scalar(element).scalar<std::uint64_t>(count);
}

void GgufWriter::add_uint(std::string_view key, std::uint32_t value) {
  begin_value(key, GgufType::kUint32).scalar(value);
}

void GgufWriter::add_float(std::string_view key, float value) {
  begin_value(key, GgufType::kFloat32).scalar(value);
}

void GgufWriter::add_bool(std::string_view key, bool value) {
  begin_value(key, GgufType::kBool).scalar<std::uint8_t>(value ? 1 : 0);
}

void GgufWriter::add_string(std::string_view key, std::string_view value) {
  begin_value(key, GgufType::kString).text(value);
}

void GgufWriter::add_strings(std::string_view key, std::span<const std::string_view> values) {
  begin_array(key, GgufType::kString, values.size());
  for (const std::string_view value : values) m_metadata.text(value);
}

void GgufWriter::add_floats(std::string_view key, std::span<const float> values) {
  begin_array(key, GgufType::kFloat32, values.size()).raw(std::as_bytes(values));
}

void GgufWriter::add_ints(std::string_view key, std::span<const std::int32_t> values) {
  begin_array(key, GgufType::kInt32, values.size()).raw(std::as_bytes(values));
}

void GgufWriter::add_tensor(std::string_view name, std::span<const std::uint64_t> shape, std::uint32_t type) {
  ++m_tensor_count;
  m_tensors.text(name).scalar(static_cast<std::uint32_t>(shape.size())).raw(std::as_bytes(shape));
  m_tensors.scalar(type).scalar(m_data_bytes);
  const TensorType& known = *find_tensor_type(type);
  std::uint64_t bytes = known.block_bytes;
  for (const std::uint64_t extent : shape) bytes *= extent;
  bytes /= known.block_elements;
  m_data_bytes += bytes + padding(bytes);
}

std::vector<std::byte> GgufWriter::head() const {
  ByteWriter head;
  head.scalar(kMagic).scalar(kVersion).scalar(m_tensor_count).scalar(m_metadata_count);
  return head.raw(m_metadata.bytes()).raw(m_tensors.bytes()).pad_to(kAlignment).bytes();
}

}  // namespace fovea
