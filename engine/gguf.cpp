#include "engine/gguf.h"

#include <limits>
#include <utility>

#include "engine/error_text.h"
#include "engine/gguf_parser.h"

namespace fovea {
namespace {

/// An integer element of an array, widened; nothing for other types and for what does not fit.
std::optional<std::int64_t> load_int(GgufType type, const std::byte* from) {
  switch (type) {
    case GgufType::kUint8:
      return load_unaligned<std::uint8_t>(from);
    case GgufType::kInt8:
      return load_unaligned<std::int8_t>(from);
    case GgufType::kUint16:
      return load_unaligned<std::uint16_t>(from);
    case GgufType::kInt16:
      return load_unaligned<std::int16_t>(from);
    case GgufType::kUint32:
      return load_unaligned<std::uint32_t>(from);
    case GgufType::kInt32:
      return load_unaligned<std::int32_t>(from);
    case GgufType::kInt64:
      return load_unaligned<std::int64_t>(from);
    case GgufType::kUint64: {
      const auto value = load_unaligned<std::uint64_t>(from);
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
      return static_cast<std::int64_t>(value);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<Gguf> Gguf::open(const std::string& path) {
  auto file = MappedFile::open(path);
  if (!file) return std::move(file).error();
  auto gguf = from_bytes(file->bytes(), path);
  if (gguf) gguf->m_file = std::move(file).value();
  return gguf;
}

void Gguf::release_pages() const {
  if (m_file) m_file->release_pages();
}

Result<Gguf> Gguf::from_bytes(std::span<const std::byte> bytes, const std::string& name) {
  auto contents = parse_gguf(bytes, name);
  if (!contents) return std::move(contents).error();
  Gguf gguf;
  gguf.m_path = name;
  gguf.m_bytes = bytes;
  gguf.m_version = contents->version;
  gguf.m_metadata = std::move(contents->metadata);
  gguf.m_tensors = std::move(contents->tensors);
  gguf.m_tensor_index = std::move(contents->tensor_index);
  return gguf;
}

const GgufTensor* Gguf::find_tensor(std::string_view name) const {
  const auto found = m_tensor_index.find(name);
  return found == m_tensor_index.end() ? nullptr : &m_tensors[found->second];
}

Error Gguf::wrong_type(std::string_view key, std::string_view expected) const {
  return file_error(ErrorCode::kDamaged, m_path,
                    "metadata " + quoted(key) + " is not " + std::string(expected));
}

Result<const GgufValue*> Gguf::find_value(std::string_view key) const {
  const auto found = m_metadata.find(key);
  if (found == m_metadata.end()) {
    return file_error(ErrorCode::kNotFound, m_path, "metadata " + quoted(key) + " is missing");
  }
  return &found->second;
}

Result<GgufArray> Gguf::get_array(std::string_view key) const {
  auto value = find_value(key);
  if (!value) return std::move(value).error();
  const auto* array = std::get_if<GgufArray>(*value);
  if (array == nullptr) return wrong_type(key, "an array");
  return *array;
}

Result<std::int64_t> Gguf::get_int(std::string_view key) const {
  auto value = find_value(key);
  if (!value) return std::move(value).error();
  if (const auto* number = std::get_if<std::int64_t>(*value)) return *number;
  if (const auto* number = std::get_if<std::uint64_t>(*value)) {
    if (std::in_range<std::int64_t>(*number)) return static_cast<std::int64_t>(*number);
  }
  return wrong_type(key, "an integer of at most 63 bits");
}

Result<double> Gguf::get_float(std::string_view key) const {
  auto value = find_value(key);
  if (!value) return std::move(value).error();
  if (const auto* number = std::get_if<double>(*value)) return *number;
  return wrong_type(key, "a floating-point number");
}

Result<bool> Gguf::get_bool(std::string_view key) const {
  auto value = find_value(key);
  if (!value) return std::move(value).error();
  if (const auto* flag = std::get_if<bool>(*value)) return *flag;
  return wrong_type(key, "a boolean");
}

Result<std::string_view> Gguf::get_string(std::string_view key) const {
  auto value = find_value(key);
  if (!value) return std::move(value).error();
  if (const auto* text = std::get_if<std::string_view>(*value)) return *text;
  return wrong_type(key, "a string");
}

// The array getters trust offsets and counts: parsing has walked every element once.

Result<std::vector<std::string_view>> Gguf::get_strings(std::string_view key) const {
  auto array = get_array(key);
  if (!array) return std::move(array).error();
  if (array->element != GgufType::kString) return wrong_type(key, "an array of strings");
  std::vector<std::string_view> texts;
  texts.reserve(static_cast<std::size_t>(array->count));
  const std::byte* at = m_bytes.data() + array->offset;
  for (std::uint64_t index = 0; index < array->count; ++index) {
    const auto length = static_cast<std::size_t>(load_unaligned<std::uint64_t>(at));
    at += sizeof(std::uint64_t);
    texts.emplace_back(reinterpret_cast<const char*>(at), length);
    at += length;
  }
  return texts;
}

Result<std::vector<float>> Gguf::get_floats(std::string_view key) const {
  auto array = get_array(key);
  if (!array) return std::move(array).error();
  if (array->element != GgufType::kFloat32)
    return wrong_type(key, "an array of 32-bit floating-point numbers");
  std::vector<float> numbers;
  numbers.reserve(static_cast<std::size_t>(array->count));
  const std::byte* at = m_bytes.data() + array->offset;
  for (std::uint64_t index = 0; index < array->count; ++index, at += sizeof(float)) {
    numbers.push_back(load_unaligned<float>(at));
  }
  return numbers;
}

Result<std::vector<std::int64_t>> Gguf::get_ints(std::string_view key) const {
  auto array = get_array(key);
  if (!array) return std::move(array).error();
  const std::size_t bytes_each = gguf_scalar_bytes(array->element);
  std::vector<std::int64_t> numbers;
  if (bytes_each != 0) numbers.reserve(static_cast<std::size_t>(array->count));
  const std::byte* at = m_bytes.data() + array->offset;
  for (std::uint64_t index = 0; index < array->count; ++index, at += bytes_each) {
    const auto number = load_int(array->element, at);
    if (!number) return wrong_type(key, "an array of integers of at most 63 bits");
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace fovea
