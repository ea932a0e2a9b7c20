#include "engine/alignment_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include <nlohmann/json.hpp>

#include "engine/error_text.h"
#include "engine/mapped_file.h"
#include "engine/output_file.h"

namespace fovea {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFormat = "fovea-alignment";
constexpr int kVersion = 1;
constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;
constexpr std::size_t kTextBytesMax = 1024;
constexpr int kDepthMax = 2;  // of brackets inside the outermost: the rows of a matrix
constexpr int kLayersMax = 1024;
constexpr int kHeadsMax = 1024;
constexpr std::size_t kHashDigits = 32;

Error damaged(std::string_view path, std::string_view problem) {
  Error error = file_error(ErrorCode::kDamaged, path, problem);
  error.remedy = "Delete the file: Fovea then aligns the two models anew.";
  return error;
}

/// Takes fields out of the JSON, one after another; the first problem stands and later calls do nothing.
class Reader {
 public:
  explicit Reader(const Json& root) : m_root(root) {}

  [[nodiscard]] bool ok() const { return m_problem.empty(); }
  [[nodiscard]] const std::string& problem() const { return m_problem; }

  void text(std::string& out, const char* object, const char* key) {
    const Json* value = find(object, key);
    if (value == nullptr) return;
    if (!value->is_string()) return fail(name(object, key) + " is not a text");
    const auto& content = value->get_ref<const std::string&>();
    if (content.size() > kTextBytesMax) return fail(name(object, key) + " is too long");
    out = content;
  }

  void integer(int& out, const char* object, const char* key, int min, int max) {
    const Json* value = find(object, key);
    if (value != nullptr) integer(out, *value, name(object, key), min, max);
  }

  /// [rows][columns] of whole numbers in [0, limit).
  void indices(std::vector<int>& out, const char* key, std::size_t rows, std::size_t columns, int limit) {
    matrix(key, rows, columns, [&](const Json& value, const std::string& where) {
      int index = 0;
      integer(index, value, where, 0, limit - 1);
      out.push_back(index);
    });
  }

  /// [count] of whole numbers in [0, limit).
  void list(std::vector<int>& out, const char* key, std::size_t count, int limit) {
    const Json* values = find(nullptr, key);
    if (values == nullptr || !sized(*values, key, count)) return;
    for (std::size_t i = 0; i < count && ok(); ++i) {
      int index = 0;
      integer(index, (*values)[i], std::string(key) + place(i), 0, limit - 1);
      out.push_back(index);
    }
  }

  template <typename Number>
  void numbers(std::vector<Number>& out, const char* key, std::size_t rows, std::size_t columns) {
    matrix(key, rows, columns,
           [&](const Json& value, const std::string& where) { number(out, value, where); });
  }

  /// [count] of numbers.
  template <typename Number>
  void numbers(std::vector<Number>& out, const char* key, std::size_t count) {
    const Json* values = find(nullptr, key);
    if (values == nullptr || !sized(*values, key, count)) return;
    for (std::size_t i = 0; i < count && ok(); ++i) number(out, (*values)[i], std::string(key) + place(i));
  }

  void fail(std::string problem) {
    if (ok()) m_problem = std::move(problem);
  }

 private:
  static std::string name(const char* object, const char* key) {
    return object == nullptr ? key : std::string(object) + "." + key;
  }
  static std::string place(std::size_t index) { return "[" + std::to_string(index) + "]"; }

  const Json* find(const char* object, const char* key) {
    if (!ok()) return nullptr;
    const Json* parent = &m_root;
    if (object != nullptr) {
      const auto found = m_root.find(object);
      if (found == m_root.end() || !found->is_object()) {
        fail(std::string(object) + (found == m_root.end() ? " is missing" : " is not an object"));
        return nullptr;
      }
      parent = &*found;
    }
    const auto found = parent->find(key);
    if (found != parent->end()) return &*found;
    fail(name(object, key) + " is missing");
    return nullptr;
  }

  void integer(int& out, const Json& value, const std::string& where, int min, int max) {
    if (!value.is_number_integer()) return fail(where + " is not a whole number");
    // An unsigned number beyond 63 bits would wrap around.
    const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT32_MAX};
    const auto number = huge ? std::int64_t{-1} : value.get<std::int64_t>();
    if (huge || number < min || number > max) {
      return fail(where + " is not between " + std::to_string(min) + " and " + std::to_string(max));
    }
    out = static_cast<int>(number);
  }

  template <typename Number>
  void number(std::vector<Number>& out, const Json& value, const std::string& where) {
    if (!value.is_number()) return fail(where + " is not a number");
    const auto found = value.get<double>();
    if (!(std::abs(found) <= static_cast<double>(std::numeric_limits<Number>::max()))) {
      return fail(where + " is out of range");
    }
    out.push_back(static_cast<Number>(found));
  }

  bool sized(const Json& value, const std::string& where, std::size_t count) {
    if (!value.is_array()) {
      fail(where + " is not a list");
    } else if (value.size() != count) {
      fail(where + " has " + std::to_string(value.size()) + " entries instead of " + std::to_string(count));
    }
    return ok();
  }

  template <typename Each>
  void matrix(const char* key, std::size_t rows, std::size_t columns, Each each) {
    const Json* values = find(nullptr, key);
    if (values == nullptr || !sized(*values, key, rows)) return;
    for (std::size_t row = 0; row < rows; ++row) {
      const std::string where = key + place(row);
      if (!sized((*values)[row], where, columns)) return;
      for (std::size_t column = 0; column < columns; ++column) {
        each((*values)[row][column], where + place(column));
        if (!ok()) return;
      }
    }
  }

  const Json& m_root;
  std::string m_problem;
};

bool is_hash(std::string_view text) {
  return text.size() == kHashDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What the types and sizes do not say already.
void check_meaning(Reader& reader, const Alignment& alignment) {
  if (!is_hash(alignment.verifier_hash)) reader.fail("verifier.hash is not 32 hexadecimal digits");
  if (!is_hash(alignment.draft_hash)) reader.fail("draft.hash is not 32 hexadecimal digits");
  const auto layers = static_cast<std::size_t>(alignment.verifier_layers);
  const std::size_t heads = alignment.mixture.size() / layers;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    double sum = 0;
    for (std::size_t head = 0; head < heads; ++head) {
      const float weight = alignment.mixture[(layer * heads) + head];
      if (weight < 0) {
        reader.fail("mixture[" + std::to_string(layer) + "][" + std::to_string(head) + "] is negative");
      }
      sum += double{weight};
    }
    if (alignment.sensitivity[layer] < 0) {
      reader.fail("sensitivity[" + std::to_string(layer) + "] is negative");
    }
    if (!(sum > 0)) reader.fail("mixture[" + std::to_string(layer) + "] has no weight above 0");
  }
}

Alignment read_fields(Reader& reader) {
  Alignment alignment;
  reader.text(alignment.verifier_name, "verifier", "name");
  reader.text(alignment.verifier_hash, "verifier", "hash");
  reader.integer(alignment.verifier_layers, "verifier", "layers", 1, kLayersMax);
  reader.integer(alignment.verifier_kv_heads, "verifier", "kv_heads", 1, kHeadsMax);
  reader.text(alignment.draft_name, "draft", "name");
  reader.text(alignment.draft_hash, "draft", "hash");
  reader.integer(alignment.draft_layers, "draft", "layers", 1, kLayersMax);
  reader.integer(alignment.draft_kv_heads, "draft", "kv_heads", 1, kHeadsMax);
  reader.text(alignment.calibration, "calibration", "description");
  reader.integer(alignment.calibration_tokens, "calibration", "tokens", 0, INT32_MAX);
  reader.integer(alignment.calibration_rows, "calibration", "rows", 0, INT32_MAX);
  if (!reader.ok()) return alignment;

  const auto layers = static_cast<std::size_t>(alignment.verifier_layers);
  const auto kv_heads = static_cast<std::size_t>(alignment.verifier_kv_heads);
  const auto draft_layers = static_cast<std::size_t>(alignment.draft_layers);
  const int draft_heads = alignment.draft_layers * alignment.draft_kv_heads;
  reader.list(alignment.layer_map, "layer_map", layers, alignment.draft_layers);
  reader.indices(alignment.head_map, "head_map", layers, kv_heads, draft_heads);
  reader.numbers(alignment.mixture, "mixture", layers, static_cast<std::size_t>(draft_heads));
  reader.numbers(alignment.sensitivity, "sensitivity", layers);
  reader.numbers(alignment.layer_cost, "layer_cost", layers, draft_layers);
  reader.numbers(alignment.head_cost, "head_cost", layers * kv_heads, static_cast<std::size_t>(draft_heads));
  if (reader.ok()) check_meaning(reader, alignment);
  return alignment;
}

std::string json_text(const std::string& text) {
  // A name from a model file may be no UTF-8, which JSON cannot hold.
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string number_text(int value) {
  return std::to_string(value);
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return "null";  // JSON has no such number, and loading refuses null
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 6);
  return {buffer.data(), end.ptr};
}

template <typename Number>
std::string row_text(const std::vector<Number>& values, std::size_t begin, std::size_t count) {
  std::string text = "[";
  for (std::size_t i = begin; i < begin + count && i < values.size(); ++i) {
    if (i > begin) text += ", ";
    text += number_text(values[i]);
  }
  return text + "]";
}

template <typename Number>
std::string matrix_text(const char* key, const std::vector<Number>& values, std::int64_t columns) {
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(columns, 1));
  std::string text = "  \"" + std::string(key) + "\": [";
  for (std::size_t begin = 0; begin < values.size(); begin += count) {
    text += begin == 0 ? "\n    " : ",\n    ";
    text += row_text(values, begin, count);
  }
  return text + "\n  ]";
}

std::string model_text(const char* key, const std::string& name, const std::string& hash, int layers,
                       int kv_heads) {
  return "  \"" + std::string(key) + "\": {\"name\": " + json_text(name) + ", \"hash\": " + json_text(hash) +
         ", \"layers\": " + number_text(layers) + ", \"kv_heads\": " + number_text(kv_heads) + "},\n";
}

}  // namespace

Result<Alignment> parse_alignment(std::string_view text, std::string_view path) {
  if (text.size() > kFileBytesMax) return damaged(path, "is larger than an alignment can be (16 MiB)");
  // Deeper lists are dropped as they come: millions of brackets would cost a hundred times their size.
  const auto shallow = [](int depth, Json::parse_event_t, const Json&) { return depth <= kDepthMax + 1; };
  const Json root = Json::parse(text.begin(), text.end(), shallow, false);
  if (root.is_discarded()) return damaged(path, "is not valid JSON");
  if (!root.is_object()) return damaged(path, "holds no JSON object");

  Reader reader(root);
  std::string format;
  int version = 0;
  reader.text(format, nullptr, "format");
  if (reader.ok() && format != kFormat)
    reader.fail("format is " + fovea::quoted(format) + ", not " + fovea::quoted(kFormat));
  reader.integer(version, nullptr, "version", 1, INT32_MAX);
  if (!reader.ok()) return damaged(path, reader.problem());
  if (version != kVersion) {
    Error error = file_error(ErrorCode::kUnsupported, path,
                             "version is " + std::to_string(version) + ", and this program knows version " +
                                 std::to_string(kVersion) + " alone");
    error.remedy = "Update Fovea, or delete the file: Fovea then aligns the two models anew.";
    return error;
  }
  Alignment alignment = read_fields(reader);
  if (!reader.ok()) return damaged(path, reader.problem());
  return alignment;
}

Result<Alignment> load_alignment(const std::string& path) {
  const auto file = MappedFile::open(path);
  if (!file) return file.error();
  const auto bytes = file->bytes();
  return parse_alignment({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

std::string format_alignment(const Alignment& alignment) {
  const std::int64_t draft_heads = std::int64_t{alignment.draft_layers} * alignment.draft_kv_heads;
  std::string text =
      "{\n  \"format\": \"" + std::string(kFormat) + "\",\n  \"version\": " + number_text(kVersion) + ",\n";
  text += model_text("verifier", alignment.verifier_name, alignment.verifier_hash, alignment.verifier_layers,
                     alignment.verifier_kv_heads);
  text += model_text("draft", alignment.draft_name, alignment.draft_hash, alignment.draft_layers,
                     alignment.draft_kv_heads);
  text += "  \"calibration\": {\"description\": " + json_text(alignment.calibration) +
          ", \"tokens\": " + number_text(alignment.calibration_tokens) +
          ", \"rows\": " + number_text(alignment.calibration_rows) + "},\n";
  text += "  \"layer_map\": " + row_text(alignment.layer_map, 0, alignment.layer_map.size()) + ",\n";
  text += matrix_text("head_map", alignment.head_map, alignment.verifier_kv_heads) + ",\n";
  text += matrix_text("mixture", alignment.mixture, draft_heads) + ",\n";
  text += "  \"sensitivity\": " + row_text(alignment.sensitivity, 0, alignment.sensitivity.size()) + ",\n";
  text += matrix_text("layer_cost", alignment.layer_cost, alignment.draft_layers) + ",\n";
  text += matrix_text("head_cost", alignment.head_cost, draft_heads) + "\n}\n";
  return text;
}

Result<void> save_alignment(const std::string& path, const Alignment& alignment) {
  const std::string text = format_alignment(alignment);
  if (const auto valid = parse_alignment(text, path); !valid) {
    return Error{ErrorCode::kInvalidArgument, valid.error().message, ""};
  }
  auto file = OutputFile::create(path);
  if (!file) return file.error();
  if (auto written = file->write(std::as_bytes(std::span(text))); !written) return written;
  return file->commit();
}

std::string alignment_file_name(std::string_view verifier_hash, std::string_view draft_hash) {
  constexpr std::size_t kShownDigits = 16;
  return std::string(verifier_hash.substr(0, kShownDigits)) + "-" +
         std::string(draft_hash.substr(0, kShownDigits)) + ".json";
}

}  // namespace fovea
