// Reader of GGUF v2 and v3 (github.com/ggml-org/ggml, docs/gguf.md). Memory-maps the file and checks every
// count, size, offset, alignment and string before use: a damaged file gives an Error naming the field and
// the byte. Owns the mapping; tensor data and strings are views into it. Immutable after opening; any thread.
// A file that shrinks while it is mapped cannot be guarded against: the operating system ends a process that
// reads past the new end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/mapped_file.h"
#include "engine/result.h"

namespace fovea {

/// GGUF's metadata value types, by their numbers in the file.
enum class GgufType : std::uint32_t {
  kUint8 = 0,
  kInt8 = 1,
  kUint16 = 2,
  kInt16 = 3,
  kUint32 = 4,
  kInt32 = 5,
  kFloat32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11,
  kFloat64 = 12,
};

/// One metadata value. Integers are widened; arrays stay in the file and are read through the typed getters
/// of Gguf.
struct GgufArray {
  GgufType element = GgufType::kUint8;
  std::uint64_t count = 0;
  std::size_t offset = 0;  // byte of the first element
};
using GgufValue = std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, GgufArray>;

struct GgufTensor {
  std::string_view name;
  std::uint32_t type = 0;  // GGML's type number, as stored (0 F32, 1 F16, 2 Q4_0, 8 Q8_0, 30 BF16, ...)
  std::vector<std::uint64_t> shape;  // fastest dimension first, as stored
  std::span<const std::byte> data;   // empty for types whose size this program does not know
};

class Gguf {
 public:
  /// Fails as MappedFile::open does, and with kDamaged or kUnsupported for what is in the file.
  static Result<Gguf> open(const std::string& path);
  /// Reads `bytes`, which somebody else owns and keeps alive longer than this; `name` stands for the path in
  /// errors.
  static Result<Gguf> from_bytes(std::span<const std::byte> bytes, const std::string& name);

  [[nodiscard]] const std::string& path() const { return m_path; }
  [[nodiscard]] std::uint32_t version() const { return m_version; }
  [[nodiscard]] std::size_t file_bytes() const { return m_bytes.size(); }
  [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }
  /// MappedFile::release_pages; nothing where the bytes belong to somebody else.
  void release_pages() const;
  [[nodiscard]] const std::map<std::string_view, GgufValue>& metadata() const { return m_metadata; }
  [[nodiscard]] const std::vector<GgufTensor>& tensors() const { return m_tensors; }
  [[nodiscard]] const GgufTensor* find_tensor(std::string_view name) const;

  /// Typed look-ups: kNotFound when the key is absent, kDamaged when it has another type or does not fit.
  [[nodiscard]] Result<std::int64_t> get_int(std::string_view key) const;
  [[nodiscard]] Result<double> get_float(std::string_view key) const;
  [[nodiscard]] Result<bool> get_bool(std::string_view key) const;
  [[nodiscard]] Result<std::string_view> get_string(std::string_view key) const;
  [[nodiscard]] Result<std::vector<std::string_view>> get_strings(std::string_view key) const;
  [[nodiscard]] Result<std::vector<float>> get_floats(std::string_view key) const;
  [[nodiscard]] Result<std::vector<std::int64_t>> get_ints(std::string_view key) const;
  [[nodiscard]] bool contains(std::string_view key) const { return m_metadata.contains(key); }

 private:
  Gguf() = default;
  [[nodiscard]] Result<const GgufValue*> find_value(std::string_view key) const;
  [[nodiscard]] Result<GgufArray> get_array(std::string_view key) const;
  [[nodiscard]] Error wrong_type(std::string_view key, std::string_view expected) const;

  std::string m_path;
  std::optional<MappedFile> m_file;  // empty when the bytes belong to somebody else
  std::span<const std::byte> m_bytes;
  std::uint32_t m_version = 0;
  std::map<std::string_view, GgufValue> m_metadata;
  std::vector<GgufTensor> m_tensors;
  std::map<std::string_view, std::size_t> m_tensor_index;
};

/// GGML's name of a tensor type number ("F32", "Q4_0", ...), or "type N".
[[nodiscard]] std::string tensor_type_name(std::uint32_t type);

}  // namespace fovea
