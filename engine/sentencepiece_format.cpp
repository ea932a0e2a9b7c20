// Sentencepiece's model file: a protocol-buffer message (google/sentencepiece,
// src/sentencepiece_model.proto). The library's public headers do not describe it, and it is small, so it is
// read and written here by hand.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "engine/error_text.h"
#include "engine/vocabulary.h"

namespace fovea {
namespace {

// Field numbers of the messages.
constexpr std::uint32_t kModelPieces = 1;
constexpr std::uint32_t kModelTrainer = 2;
constexpr std::uint32_t kModelNormalizer = 3;
constexpr std::uint32_t kPieceText = 1;
constexpr std::uint32_t kPieceScore = 2;
constexpr std::uint32_t kPieceType = 3;
constexpr std::uint32_t kTrainerModelType = 3;
constexpr std::uint32_t kTrainerWhitespaceSuffix = 24;
constexpr std::uint32_t kTrainerByteFallback = 35;
constexpr std::uint32_t kTrainerBeginPiece = 46;
constexpr std::uint32_t kTrainerEndPiece = 47;
constexpr std::uint32_t kNormalizerName = 1;
constexpr std::uint32_t kNormalizerCharsmap = 2;
constexpr std::uint32_t kNormalizerSpacePrefix = 3;
constexpr std::uint32_t kNormalizerRemoveSpaces = 4;
constexpr std::uint32_t kNormalizerEscapeSpaces = 5;

constexpr std::uint64_t kModelTypeUnigram = 1;
constexpr std::uint64_t kModelTypeBpe = 2;

enum class Wire : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct Field {
  std::uint32_t number = 0;
  Wire wire = Wire::kVarint;
  std::uint64_t integer = 0;  // of kVarint and the fixed widths
  std::string_view bytes;     // of kBytes

  [[nodiscard]] float real() const { return std::bit_cast<float>(static_cast<std::uint32_t>(integer)); }
};

/// Takes one message apart, field by field. After next() has returned nothing, damaged() tells why.
class MessageReader {
 public:
  explicit MessageReader(std::string_view bytes) : m_rest(bytes) {}

  [[nodiscard]] bool damaged() const { return m_damaged; }

  std::optional<Field> next() {
    if (m_rest.empty()) return std::nullopt;
    const auto tag = varint();
    if (!tag || (*tag >> 3) == 0 || (*tag >> 3) > 0x1FFFFFFF) return fail();
    Field field{static_cast<std::uint32_t>(*tag >> 3), static_cast<Wire>(*tag & 7), 0, {}};
    std::optional<std::uint64_t> value;
    switch (field.wire) {
      case Wire::kVarint:
        value = varint();
        break;
      case Wire::kFixed64:
        value = fixed(8);
        break;
      case Wire::kFixed32:
        value = fixed(4);
        break;
      case Wire::kBytes:
        value = varint();
        if (!value || *value > m_rest.size()) return fail();
        field.bytes = m_rest.substr(0, static_cast<std::size_t>(*value));
        m_rest.remove_prefix(field.bytes.size());
        break;
    }
    if (!value) return fail();
    field.integer = *value;
    return field;
  }

 private:
  std::optional<Field> fail() {
    m_damaged = true;
    return std::nullopt;
  }

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(m_rest.front());
      m_rest.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

  std::optional<std::uint64_t> fixed(std::size_t width) {
    if (m_rest.size() < width) return std::nullopt;
    std::uint64_t value = 0;
    std::memcpy(&value, m_rest.data(), width);
    m_rest.remove_prefix(width);
    return value;
  }

  std::string_view m_rest;
  bool m_damaged = false;
};

/// What the file says beyond what Vocabulary holds; defaults are the format's.
struct ModelFile {
  Vocabulary vocabulary{{}, true, true, -1, -1};
  std::uint64_t model_type = kModelTypeUnigram;
  bool whitespace_suffix = false;
  bool byte_fallback = false;
  bool charsmap = false;
  bool escape_spaces = true;
  std::string_view begin_piece = "<s>";
  std::string_view end_piece = "</s>";
};

bool read_piece(std::string_view bytes, Piece& piece) {
  MessageReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == kPieceText && field->wire == Wire::kBytes) piece.text = field->bytes;
    if (field->number == kPieceScore && field->wire == Wire::kFixed32) piece.score = field->real();
    if (field->number == kPieceType) {
      if (field->wire != Wire::kVarint || field->integer < 1 || field->integer > 6) return false;
      piece.type = static_cast<PieceType>(field->integer);
    }
  }
  return !reader.damaged();
}

bool read_trainer(std::string_view bytes, ModelFile& model) {
  MessageReader reader(bytes);
  while (const auto field = reader.next()) {
    switch (field->number) {
      case kTrainerModelType:
        model.model_type = field->integer;
        break;
      case kTrainerWhitespaceSuffix:
        model.whitespace_suffix = field->integer != 0;
        break;
      case kTrainerByteFallback:
        model.byte_fallback = field->integer != 0;
        break;
      case kTrainerBeginPiece:
        model.begin_piece = field->bytes;
        break;
      case kTrainerEndPiece:
        model.end_piece = field->bytes;
        break;
      default:
        break;
    }
  }
  return !reader.damaged();
}

bool read_normalizer(std::string_view bytes, ModelFile& model) {
  MessageReader reader(bytes);
  while (const auto field = reader.next()) {
    switch (field->number) {
      case kNormalizerCharsmap:
        model.charsmap = !field->bytes.empty();
        break;
      case kNormalizerSpacePrefix:
        model.vocabulary.add_space_prefix = field->integer != 0;
        break;
      case kNormalizerRemoveSpaces:
        model.vocabulary.remove_extra_whitespaces = field->integer != 0;
        break;
      case kNormalizerEscapeSpaces:
        model.escape_spaces = field->integer != 0;
        break;
      default:
        break;
    }
  }
  return !reader.damaged();
}

bool read_model(std::string_view bytes, ModelFile& model) {
  MessageReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number > kModelNormalizer) continue;
    if (field->wire != Wire::kBytes) return false;
    if (field->number == kModelPieces) {
      if (!read_piece(field->bytes, model.vocabulary.pieces.emplace_back())) return false;
    }
    if (field->number == kModelTrainer && !read_trainer(field->bytes, model)) return false;
    if (field->number == kModelNormalizer && !read_normalizer(field->bytes, model)) return false;
  }
  return !reader.damaged();
}

std::optional<std::string> unsupported_feature(const ModelFile& model) {
  if (model.model_type != kModelTypeBpe) return "the tokenizer's algorithm is not BPE";
  if (model.charsmap) return "the tokenizer normalises characters";
  if (model.whitespace_suffix) return "the tokenizer puts spaces after words";
  if (!model.escape_spaces) return "the tokenizer does not mark spaces";
  const auto& pieces = model.vocabulary.pieces;
  const bool has_bytes = std::any_of(pieces.begin(), pieces.end(),
                                     [](const Piece& piece) { return piece.type == PieceType::kByte; });
  if (has_bytes != model.byte_fallback) return "the tokenizer's byte tokens and its byte fallback disagree";
  return std::nullopt;
}

class MessageWriter {
 public:
  void integer(std::uint32_t number, std::uint64_t value) {
    tag(number, Wire::kVarint);
    varint(value);
  }
  void real(std::uint32_t number, float value) {
    tag(number, Wire::kFixed32);
    std::array<char, sizeof(float)> bytes{};
    std::memcpy(bytes.data(), &value, bytes.size());
    m_bytes.append(bytes.data(), bytes.size());
  }
  void bytes(std::uint32_t number, std::string_view value) {
    tag(number, Wire::kBytes);
    varint(value.size());
    m_bytes.append(value);
  }
  [[nodiscard]] std::string take() { return std::move(m_bytes); }

 private:
  void tag(std::uint32_t number, Wire wire) {
    varint(std::uint64_t{number} << 3 | static_cast<std::uint32_t>(wire));
  }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) m_bytes += static_cast<char>((value & 0x7F) | 0x80);
    m_bytes += static_cast<char>(value);
  }

  std::string m_bytes;
};

}  // namespace

Result<Vocabulary> parse_sentencepiece(std::span<const std::byte> bytes, const std::string& path) {
  ModelFile model;
  if (!read_model({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, model)) {
    return file_error(ErrorCode::kDamaged, path, "this is not a sentencepiece model");
  }
  Vocabulary& vocabulary = model.vocabulary;
  if (vocabulary.pieces.empty()) return file_error(ErrorCode::kDamaged, path, "the vocabulary is empty");
  if (const auto feature = unsupported_feature(model)) {
    return file_error(ErrorCode::kUnsupported, path, *feature);
  }
  vocabulary.begin = find_control(vocabulary.pieces, model.begin_piece);
  vocabulary.end = find_control(vocabulary.pieces, model.end_piece);
  return std::move(vocabulary);
}

std::string serialize(const Vocabulary& vocabulary) {
  MessageWriter model;
  bool byte_fallback = false;
  for (const Piece& piece : vocabulary.pieces) {
    MessageWriter message;
    message.bytes(kPieceText, piece.text);
    message.real(kPieceScore, piece.score);
    message.integer(kPieceType, static_cast<std::uint64_t>(piece.type));
    model.bytes(kModelPieces, message.take());
    byte_fallback = byte_fallback || piece.type == PieceType::kByte;
  }
  MessageWriter trainer;
  trainer.integer(kTrainerModelType, kModelTypeBpe);
  trainer.integer(kTrainerByteFallback, byte_fallback ? 1 : 0);
  model.bytes(kModelTrainer, trainer.take());

  MessageWriter normalizer;
  normalizer.bytes(kNormalizerName, "identity");
  normalizer.integer(kNormalizerSpacePrefix, vocabulary.add_space_prefix ? 1 : 0);
  normalizer.integer(kNormalizerRemoveSpaces, vocabulary.remove_extra_whitespaces ? 1 : 0);
  normalizer.integer(kNormalizerEscapeSpaces, 1);
  model.bytes(kModelNormalizer, normalizer.take());
  return model.take();
}

}  // namespace fovea
