#include "engine/tokenizer.h"

#include <sentencepiece_processor.h>

#include <exception>
#include <map>
#include <utility>

#include "engine/error_text.h"
#include "engine/gguf.h"
#include "engine/mapped_file.h"
#include "engine/vocabulary.h"

namespace fovea {
namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";         // U+2581, how pieces spell a space
constexpr std::string_view kUnknownSurface = " \xE2\x81\x87 ";  // U+2047 in spaces, as sentencepiece shows it
constexpr std::size_t kMaxFileBytes = 128U << 20;

std::string with_spaces(std::string_view piece) {
  std::string text;
  text.reserve(piece.size());
  while (!piece.empty()) {
    const std::size_t mark = piece.find(kSpaceMark);
    text += piece.substr(0, mark);
    if (mark == std::string_view::npos) break;
    text += ' ';
    piece.remove_prefix(mark + kSpaceMark.size());
  }
  return text;
}

/// What a token adds to a text that already has something before it.
std::string surface(const Piece& piece) {
  switch (piece.type) {
    case PieceType::kControl:
      return {};
    case PieceType::kUnknown:
      return std::string(kUnknownSurface);
    case PieceType::kByte:
      return std::string(1, static_cast<char>(std::stoi(piece.text.substr(3, 2), nullptr, 16)));
    case PieceType::kNormal:
    case PieceType::kUserDefined:
    case PieceType::kUnused:
      return with_spaces(piece.text);
  }
  return {};
}

}  // namespace

struct Tokenizer::Impl {
  sentencepiece::SentencePieceProcessor processor;
  Vocabulary vocabulary;
  std::vector<std::string> surfaces;                // [token id]
  std::map<std::string_view, TokenId> control_ids;  // views into vocabulary

  [[nodiscard]] const Piece* find(TokenId id) const {
    const auto index = static_cast<std::size_t>(id);
    return id >= 0 && index < vocabulary.pieces.size() ? &vocabulary.pieces[index] : nullptr;
  }

  static Result<std::unique_ptr<Impl>> create(Result<Vocabulary> vocabulary, const std::string& path) {
    if (!vocabulary) return std::move(vocabulary).error();
    if (auto valid = validate(*vocabulary, path); !valid) return valid.error();
    auto impl = std::make_unique<Impl>();
    // Validation refuses what the library is known to abort or throw on; this is the second line of defence.
    try {
      const auto status = impl->processor.LoadFromSerializedProto(serialize(*vocabulary));
      if (!status.ok())
        return file_error(ErrorCode::kDamaged, path, "the tokenizer is refused: " + status.ToString());
    } catch (const std::exception& exception) {
      return file_error(ErrorCode::kDamaged, path,
                        std::string("the tokenizer is refused: ") + exception.what());
    }
    impl->vocabulary = std::move(vocabulary).value();
    const auto& pieces = impl->vocabulary.pieces;
    impl->surfaces.reserve(pieces.size());
    for (std::size_t id = 0; id < pieces.size(); ++id) {
      impl->surfaces.push_back(surface(pieces[id]));
      if (pieces[id].type == PieceType::kControl)
        impl->control_ids.emplace(pieces[id].text, static_cast<TokenId>(id));
    }
    return impl;
  }
};

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Result<Tokenizer> Tokenizer::from_file(const std::string& path) {
  auto file = MappedFile::open(path);
  if (!file) return std::move(file).error();
  return from_bytes(file->bytes(), path);
}

Result<Tokenizer> Tokenizer::from_bytes(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() > kMaxFileBytes)
    return file_error(ErrorCode::kDamaged, name, "the tokenizer is too large");
  auto impl = Impl::create(parse_sentencepiece(bytes, name), name);
  if (!impl) return std::move(impl).error();
  return Tokenizer(std::move(impl).value());
}

Result<Tokenizer> Tokenizer::from_gguf(const Gguf& gguf) {
  auto impl = Impl::create(read_vocabulary(gguf), gguf.path());
  if (!impl) return std::move(impl).error();
  return Tokenizer(std::move(impl).value());
}

std::vector<TokenId> Tokenizer::encode(std::string_view text) const {
  std::vector<int> ids;
  // The status is success for every text once the model is loaded; without it, no ids are better than some.
  if (!m_impl->processor.Encode(text, &ids).ok()) ids.clear();
  return ids;
}

std::string Tokenizer::decode(std::span<const TokenId> ids) const {
  const Vocabulary& vocabulary = m_impl->vocabulary;
  const bool strips = vocabulary.add_space_prefix || vocabulary.remove_extra_whitespaces;
  bool at_start = strips;  // the space that encoding put before the text is still to be taken away
  std::string text;
  for (const TokenId id : ids) {
    const Piece* piece = m_impl->find(id);
    if (piece == nullptr || piece->type == PieceType::kControl) continue;
    std::string_view added = m_impl->surfaces[static_cast<std::size_t>(id)];
    const bool marked = piece->text.starts_with(kSpaceMark);
    if (at_start && marked) added.remove_prefix(1);
    // Encoding that removes extra spaces leaves none at the start, so all of them go.
    at_start = at_start && added.empty() && vocabulary.remove_extra_whitespaces;
    text += added;
  }
  return text;
}

std::string Tokenizer::piece(TokenId id) const {
  const Piece* found = m_impl->find(id);
  return found == nullptr ? std::string() : found->text;
}

std::string Tokenizer::token_bytes(TokenId id) const {
  return m_impl->find(id) == nullptr ? std::string() : m_impl->surfaces[static_cast<std::size_t>(id)];
}

bool Tokenizer::is_control(TokenId id) const {
  const Piece* found = m_impl->find(id);
  return found != nullptr && found->type == PieceType::kControl;
}

std::optional<TokenId> Tokenizer::control_id(std::string_view piece) const {
  const auto found = m_impl->control_ids.find(piece);
  if (found == m_impl->control_ids.end()) return std::nullopt;
  return found->second;
}

int Tokenizer::vocabulary_size() const {
  return static_cast<int>(m_impl->vocabulary.pieces.size());
}
TokenId Tokenizer::begin_id() const {
  return m_impl->vocabulary.begin;
}
TokenId Tokenizer::end_id() const {
  return m_impl->vocabulary.end;
}

}  // namespace fovea
