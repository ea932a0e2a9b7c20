#include "engine/gguf_parser.h"

#include <algorithm>
#include <bit>
#include <concepts>
#include <optional>
#include <utility>

#include "engine/error_text.h"
#include "engine/gguf_layout.h"

namespace fovea {
namespace {

static_assert(std::endian::native == std::endian::little,
              "GGUF weights are read in place, so the host must match");

constexpr std::uint64_t kMaxMetadata = 1U << 16;
constexpr std::uint64_t kMaxTensors = 1U << 16;
constexpr std::uint64_t kMaxKeyBytes = 65535;      // GGUF's own limit
constexpr std::uint64_t kMaxTensorNameBytes = 64;  // GGUF's own limit
constexpr std::uint32_t kMaxDimensions = 4;        // GGML's own limit
constexpr std::uint64_t kMinMetadataBytes = 13;    // length, empty key, type, one byte
constexpr std::uint64_t kMinTensorInfoBytes = 32;  // length, empty name, one dimension, type, offset
constexpr std::uint64_t kDefaultAlignment = 32;
constexpr std::uint64_t kMinAlignment = 8;
constexpr std::uint64_t kMaxAlignment = 1U << 16;

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

/// One walk over one file. Each step returns false once it has left an error in m_error; the first one
/// stands.
class Parser {
 public:
  Parser(std::span<const std::byte> bytes, const std::string& path) : m_bytes(bytes), m_path(path) {}

  Result<GgufContents> run() {
    if (!read_header() || !read_metadata() || !read_alignment() || !read_tensor_infos())
      return std::move(m_error);
    // The padding itself may be missing where no tensor follows, so the start may lie past the end.
    const auto data_start =
        static_cast<std::size_t>((m_position + m_alignment - 1) / m_alignment * m_alignment);
    const std::span<const std::byte> data = m_bytes.subspan(std::min(data_start, m_bytes.size()));
    if (auto placed = place_tensors(m_contents.tensors, m_offsets, data, m_alignment, m_path); !placed) {
      return placed.error();
    }
    return std::move(m_contents);
  }

 private:
  [[nodiscard]] std::uint64_t remaining() const { return m_bytes.size() - m_position; }

  /// "path: place: problem (byte N)."
  bool fail(ErrorCode code, std::string_view problem, std::size_t byte) {
    m_error =
        file_error(code, m_path, m_place + ": " + std::string(problem) + " (byte " + number(byte) + ")");
    return false;
  }
  bool damaged(std::string_view problem, std::size_t byte) {
    return fail(ErrorCode::kDamaged, problem, byte);
  }

  template <typename T>
  bool read(T& value, std::string_view field) {
    if (remaining() < sizeof(T)) {
      return damaged("the file ends inside the " + std::string(field), m_position);
    }
    value = load_unaligned<T>(m_bytes.data() + m_position);
    m_position += sizeof(T);
    return true;
  }

  bool read_string(std::string_view& text, std::uint64_t bytes_max, std::string_view field) {
    const std::size_t start = m_position;
    std::uint64_t length = 0;
    if (!read(length, std::string(field) + " length")) return false;
    if (length > remaining() || length > bytes_max) {
      return damaged(std::string(field) + " length " + number(length) + " exceeds " +
                         (length > remaining() ? "the file" : "the limit of " + number(bytes_max)),
                     start);
    }
    // Characters may alias anything, so viewing mapped bytes as text is sound.
    text = {reinterpret_cast<const char*>(m_bytes.data() + m_position), static_cast<std::size_t>(length)};
    m_position += static_cast<std::size_t>(length);
    return true;
  }

  bool read_header();
  bool read_count(std::uint64_t& count, std::uint64_t bytes_each, std::uint64_t limit,
                  std::string_view field);
  bool read_metadata();
  bool read_value(GgufType type, GgufValue& value);
  bool read_array(GgufValue& value);
  bool skip_strings(std::uint64_t count);
  bool check_bools(std::uint64_t count);
  bool read_alignment();
  bool read_tensor_infos();
  bool read_shape(GgufTensor& tensor);

  template <std::unsigned_integral T>
  bool read_unsigned(GgufValue& value) {
    T scalar{};
    if (!read(scalar, "value")) return false;
    value = std::uint64_t{scalar};
    return true;
  }
  template <std::signed_integral T>
  bool read_signed(GgufValue& value) {
    T scalar{};
    if (!read(scalar, "value")) return false;
    value = std::int64_t{scalar};
    return true;
  }
  template <std::floating_point T>
  bool read_float(GgufValue& value) {
    T scalar{};
    if (!read(scalar, "value")) return false;
    value = double{scalar};
    return true;
  }

  std::span<const std::byte> m_bytes;
  const std::string& m_path;
  std::size_t m_position = 0;
  std::string m_place = "header";  // what is being read, for errors
  std::uint64_t m_alignment = kDefaultAlignment;
  std::uint64_t m_tensor_count = 0;
  std::uint64_t m_metadata_count = 0;
  std::vector<StoredOffset> m_offsets;  // [tensor]
  GgufContents m_contents;
  Error m_error;
};

bool Parser::read_header() {
  std::uint32_t magic = 0;
  if (!read(magic, "magic number")) return false;
  constexpr std::uint32_t kMagic = 0x46554747;         // "GGUF"
  constexpr std::uint32_t kSwappedMagic = 0x47475546;  // "FUGG"
  if (magic == kSwappedMagic) return fail(ErrorCode::kUnsupported, "the file is big-endian", 0);
  if (magic != kMagic) return damaged("this is not a GGUF file", 0);

  std::uint32_t& version = m_contents.version;
  if (!read(version, "version")) return false;
  if (version != 2 && version != 3) {
    const bool swapped = (version & 0xFFFF) == 0 && version != 0;
    return fail(
        ErrorCode::kUnsupported,
        swapped ? "the file is big-endian" : "GGUF version " + number(version) + " is neither 2 nor 3", 4);
  }
  return read_count(m_tensor_count, kMinTensorInfoBytes, kMaxTensors, "tensor count") &&
         read_count(m_metadata_count, kMinMetadataBytes, kMaxMetadata, "metadata count");
}

bool Parser::read_count(std::uint64_t& count, std::uint64_t bytes_each, std::uint64_t limit,
                        std::string_view field) {
  const std::size_t start = m_position;
  if (!read(count, field)) return false;
  if (count > limit || count > remaining() / bytes_each) {
    return damaged(std::string(field) + " " + number(count) + " exceeds " +
                       (count > limit ? "the limit of " + number(limit) : "what the file can hold"),
                   start);
  }
  return true;
}

bool Parser::read_metadata() {
  for (std::uint64_t index = 0; index < m_metadata_count; ++index) {
    m_place = "metadata " + number(index);
    const std::size_t start = m_position;
    std::string_view key;
    if (!read_string(key, kMaxKeyBytes, "key")) return false;
    m_place += ' ';
    m_place += quoted(key);
    if (key.empty()) return damaged("the key is empty", start);

    std::uint32_t type = 0;
    if (!read(type, "value type")) return false;
    GgufValue value;
    if (!read_value(static_cast<GgufType>(type), value)) return false;
    if (!m_contents.metadata.emplace(key, value).second) return damaged("the key appears twice", start);
  }
  return true;
}

bool Parser::read_value(GgufType type, GgufValue& value) {
  switch (type) {
    case GgufType::kUint8:
      return read_unsigned<std::uint8_t>(value);
    case GgufType::kUint16:
      return read_unsigned<std::uint16_t>(value);
    case GgufType::kUint32:
      return read_unsigned<std::uint32_t>(value);
    case GgufType::kUint64:
      return read_unsigned<std::uint64_t>(value);
    case GgufType::kInt8:
      return read_signed<std::int8_t>(value);
    case GgufType::kInt16:
      return read_signed<std::int16_t>(value);
    case GgufType::kInt32:
      return read_signed<std::int32_t>(value);
    case GgufType::kInt64:
      return read_signed<std::int64_t>(value);
    case GgufType::kFloat32:
      return read_float<float>(value);
    case GgufType::kFloat64:
      return read_float<double>(value);
    case GgufType::kBool: {
      if (!check_bools(1)) return false;
      value = m_bytes[m_position++] != std::byte{0};
      return true;
    }
    case GgufType::kString: {
      std::string_view text;
      if (!read_string(text, UINT64_MAX, "string")) return false;
      value = text;
      return true;
    }
    case GgufType::kArray:
      return read_array(value);
  }
  return damaged("value type " + number(static_cast<std::uint32_t>(type)) + " is unknown",
                 m_position - sizeof(std::uint32_t));
}

bool Parser::read_array(GgufValue& value) {
  const std::size_t start = m_position;
  std::uint32_t element = 0;
  std::uint64_t count = 0;
  if (!read(element, "array element type") || !read(count, "array count")) return false;
  const auto type = static_cast<GgufType>(element);
  if (type == GgufType::kArray) {
    return fail(ErrorCode::kUnsupported, "arrays of arrays are not supported", start);
  }
  const bool strings = type == GgufType::kString;
  const std::size_t bytes_each = strings ? sizeof(std::uint64_t) : gguf_scalar_bytes(type);
  if (bytes_each == 0) return damaged("array element type " + number(element) + " is unknown", start);
  if (count > remaining() / bytes_each) {
    return damaged("array count " + number(count) + " exceeds what the file can hold", start + 4);
  }

  value = GgufArray{type, count, m_position};
  if (strings) return skip_strings(count);
  if (type == GgufType::kBool && !check_bools(count)) return false;
  m_position += static_cast<std::size_t>(count) * bytes_each;
  return true;
}

bool Parser::skip_strings(std::uint64_t count) {
  for (std::uint64_t index = 0; index < count; ++index) {
    std::string_view text;
    if (!read_string(text, UINT64_MAX, "array element")) return false;
  }
  return true;
}

/// Leaves the position where it is: at the first of `count` bools.
bool Parser::check_bools(std::uint64_t count) {
  if (count > remaining()) return damaged("the file ends inside the value", m_position);
  for (std::size_t byte = m_position; byte < m_position + count; ++byte) {
    if (std::to_integer<unsigned>(m_bytes[byte]) > 1) return damaged("a boolean is neither 0 nor 1", byte);
  }
  return true;
}

bool Parser::read_alignment() {
  m_place = "metadata 'general.alignment'";
  const auto found = m_contents.metadata.find("general.alignment");
  if (found == m_contents.metadata.end()) return true;
  const auto* value = std::get_if<std::uint64_t>(&found->second);
  if (value == nullptr) return damaged("the alignment is not an unsigned integer", m_position);
  if (!std::has_single_bit(*value) || *value < kMinAlignment || *value > kMaxAlignment) {
    return damaged("alignment " + number(*value) + " is not a power of two from 8 to 65536", m_position);
  }
  m_alignment = *value;
  return true;
}

bool Parser::read_tensor_infos() {
  for (std::uint64_t index = 0; index < m_tensor_count; ++index) {
    m_place = "tensor " + number(index);
    const std::size_t start = m_position;
    GgufTensor tensor;
    if (!read_string(tensor.name, kMaxTensorNameBytes, "name")) return false;
    m_place += ' ';
    m_place += quoted(tensor.name);
    if (tensor.name.empty()) return damaged("the name is empty", start);

    if (!read_shape(tensor) || !read(tensor.type, "tensor type")) return false;
    StoredOffset offset{0, m_position};
    if (!read(offset.value, "data offset")) return false;
    if (!m_contents.tensor_index.emplace(tensor.name, m_contents.tensors.size()).second) {
      return damaged("the name appears twice", start);
    }
    m_offsets.push_back(offset);
    m_contents.tensors.push_back(std::move(tensor));
  }
  return true;
}

bool Parser::read_shape(GgufTensor& tensor) {
  const std::size_t start = m_position;
  std::uint32_t dimensions = 0;
  if (!read(dimensions, "dimension count")) return false;
  if (dimensions == 0 || dimensions > kMaxDimensions) {
    return damaged("dimension count " + number(dimensions) + " is not 1 to 4", start);
  }
  std::uint64_t elements = 1;
  for (std::uint32_t index = 0; index < dimensions; ++index) {
    const std::size_t place = m_position;
    std::uint64_t extent = 0;
    if (!read(extent, "dimensions")) return false;
    if (extent == 0) return damaged("dimension " + number(index) + " is zero", place);
    const auto product = checked_product(elements, extent);
    if (!product) return damaged("the number of elements overflows", place);
    elements = *product;
    tensor.shape.push_back(extent);
  }
  return true;
}

}  // namespace

std::size_t gguf_scalar_bytes(GgufType type) {
  switch (type) {
    case GgufType::kUint8:
    case GgufType::kInt8:
    case GgufType::kBool:
      return 1;
    case GgufType::kUint16:
    case GgufType::kInt16:
      return 2;
    case GgufType::kUint32:
    case GgufType::kInt32:
    case GgufType::kFloat32:
      return 4;
    case GgufType::kUint64:
    case GgufType::kInt64:
    case GgufType::kFloat64:
      return 8;
    case GgufType::kString:
    case GgufType::kArray:
      return 0;
  }
  return 0;
}

Result<GgufContents> parse_gguf(std::span<const std::byte> bytes, const std::string& path) {
  return Parser(bytes, path).run();
}

}  // namespace fovea
