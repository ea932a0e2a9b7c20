#include "engine/vocabulary.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "engine/error_text.h"
#include "engine/gguf.h"
#include "engine/utf8.h"

namespace fovea {
namespace {

constexpr std::size_t kMaxPieces = 1U << 20;
constexpr std::size_t kMaxPieceBytes = 1024;  // the library recurses once per byte of a user-defined piece
constexpr std::size_t kMaxTotalBytes = 64U << 20;
/// The library collects the user-defined pieces that a text begins with in an array of this size, unchecked.
constexpr std::size_t kMaxNestedPrefixes = 64;

std::string describe(const Vocabulary& vocabulary, std::size_t id) {
  return "token " + std::to_string(id) + " " + quoted(vocabulary.pieces[id].text);
}

/// 0..255 of "<0x00>".."<0xFF>", upper-case as sentencepiece spells them.
std::optional<unsigned> byte_value(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return std::nullopt;
  for (const char digit : text.substr(3, 2)) {
    if (!((digit >= '0' && digit <= '9') || (digit >= 'A' && digit <= 'F'))) return std::nullopt;
  }
  unsigned value = 0;
  std::from_chars(text.data() + 3, text.data() + 5, value, 16);
  return value;
}

std::optional<std::string> piece_problem(const Piece& piece) {
  if (piece.text.empty()) return "is empty";
  if (piece.text.size() > kMaxPieceBytes)
    return "is longer than " + std::to_string(kMaxPieceBytes) + " bytes";
  if (piece.text.find('\0') != std::string::npos) return "contains a zero byte";
  if (!is_utf8(piece.text)) return "is not UTF-8";
  if (!std::isfinite(piece.score)) return "has a score that is not finite";
  if (piece.type == PieceType::kByte && !byte_value(piece.text)) return "is marked as a byte but names none";
  // The library looks single characters up among the control tokens too, so typed text could produce this
  // one.
  if (piece.type == PieceType::kControl && next_utf8(piece.text).bytes == piece.text.size()) {
    return "is a control token of one character";
  }
  return std::nullopt;
}

/// Bytes come all or none, each once; the unknown token comes exactly once.
std::optional<std::string> census_problem(const Vocabulary& vocabulary) {
  std::array<bool, 256> bytes{};
  std::size_t byte_count = 0;
  std::size_t unknown_count = 0;
  for (const Piece& piece : vocabulary.pieces) {
    if (piece.type == PieceType::kUnknown) ++unknown_count;
    if (piece.type != PieceType::kByte) continue;
    bytes[*byte_value(piece.text)] = true;
    ++byte_count;
  }
  if (unknown_count != 1)
    return "there are " + std::to_string(unknown_count) + " unknown tokens, expected one";
  if (byte_count != 0 && std::find(bytes.begin(), bytes.end(), false) != bytes.end()) {
    return "there are " + std::to_string(byte_count) + " byte tokens, expected all 256 or none";
  }
  return std::nullopt;
}

/// `sorted` holds the user-defined pieces in order, so that the prefixes of each stand on a stack before it.
std::optional<std::string> nesting_problem(std::vector<std::string_view> sorted) {
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::string_view> prefixes;
  for (const std::string_view text : sorted) {
    while (!prefixes.empty() && !text.starts_with(prefixes.back())) prefixes.pop_back();
    prefixes.push_back(text);
    if (prefixes.size() > kMaxNestedPrefixes) {
      return "more than " + std::to_string(kMaxNestedPrefixes) + " user-defined tokens begin one another";
    }
  }
  return std::nullopt;
}

std::optional<std::string> id_problem(const Vocabulary& vocabulary, std::string_view name, TokenId id) {
  if (id == -1) return std::nullopt;
  if (id >= 0 && static_cast<std::size_t>(id) < vocabulary.pieces.size()) return std::nullopt;
  return "the " + std::string(name) + " token " + std::to_string(id) + " is not in the vocabulary";
}

// --- GGUF ---

/// A list that must be there and as long as the tokens.
template <typename T>
Result<std::vector<T>> demand_list(const Gguf& gguf, Result<std::vector<T>> list, std::string_view key,
                                   std::size_t count) {
  if (!list) {
    if (list.error().code != ErrorCode::kNotFound) return list;
    return file_error(ErrorCode::kDamaged, gguf.path(), "metadata " + quoted(key) + " is missing");
  }
  if (list->size() != count) {
    return file_error(ErrorCode::kDamaged, gguf.path(),
                      "metadata " + quoted(key) + " has " + std::to_string(list->size()) + " entries for " +
                          std::to_string(count) + " tokens");
  }
  return list;
}

Result<TokenId> optional_id(const Gguf& gguf, std::string_view key, TokenId fallback) {
  if (!gguf.contains(key)) return fallback;
  const auto id = gguf.get_int(key);
  if (!id) return id.error();
  if (*id < 0 || *id > std::numeric_limits<TokenId>::max()) {
    return file_error(ErrorCode::kDamaged, gguf.path(),
                      "metadata " + quoted(key) + " is " + std::to_string(*id) + ", which is no token");
  }
  return static_cast<TokenId>(*id);
}

Result<bool> optional_flag(const Gguf& gguf, std::string_view key, bool fallback) {
  return gguf.contains(key) ? gguf.get_bool(key) : Result<bool>(fallback);
}

/// Only sentencepiece vocabularies ("llama"), and only without a table of character replacements.
Result<void> check_kind(const Gguf& gguf) {
  constexpr std::string_view kModel = "tokenizer.ggml.model";
  const auto model = gguf.get_string(kModel);
  if (!model) {
    return file_error(ErrorCode::kDamaged, gguf.path(),
                      "metadata 'tokenizer.ggml.model' is missing or no string");
  }
  if (*model != "llama") {
    return file_error(ErrorCode::kUnsupported, gguf.path(),
                      "tokenizer " + quoted(*model) + " is not 'llama', the one this program knows");
  }
  const auto charsmap = gguf.metadata().find("tokenizer.ggml.precompiled_charsmap");
  if (charsmap != gguf.metadata().end()) {
    const auto* array = std::get_if<GgufArray>(&charsmap->second);
    if (array == nullptr || array->count != 0) {
      return file_error(ErrorCode::kUnsupported, gguf.path(), "the tokenizer normalises characters");
    }
  }
  return {};
}

Result<std::vector<Piece>> read_pieces(const Gguf& gguf) {
  constexpr std::string_view kTokens = "tokenizer.ggml.tokens";
  constexpr std::string_view kScores = "tokenizer.ggml.scores";
  constexpr std::string_view kTypes = "tokenizer.ggml.token_type";
  const auto tokens = gguf.get_strings(kTokens);
  const std::size_t count = tokens ? tokens->size() : 0;
  if (const auto found = demand_list(gguf, tokens, kTokens, count); !found) return found.error();
  if (count > kMaxPieces) return file_error(ErrorCode::kDamaged, gguf.path(), "the vocabulary is too large");
  const auto scores = demand_list(gguf, gguf.get_floats(kScores), kScores, count);
  if (!scores) return scores.error();
  const auto types = demand_list(gguf, gguf.get_ints(kTypes), kTypes, count);
  if (!types) return types.error();

  std::vector<Piece> pieces(count);
  for (std::size_t id = 0; id < count; ++id) {
    const std::int64_t type = (*types)[id];
    if (type < 1 || type > 6) {
      return file_error(ErrorCode::kDamaged, gguf.path(),
                        "token " + std::to_string(id) + " has the unknown type " + std::to_string(type));
    }
    // Copied a little further than the limit, so that validation sees the excess without a huge copy.
    pieces[id] = Piece{std::string((*tokens)[id].substr(0, kMaxPieceBytes + 1)), (*scores)[id],
                       static_cast<PieceType>(type)};
  }
  return pieces;
}

/// Some files mark the begin and end tokens as plain text; typing their spelling must not end a message.
void seal(std::vector<Piece>& pieces, TokenId id) {
  if (id < 0 || static_cast<std::size_t>(id) >= pieces.size()) return;
  PieceType& type = pieces[static_cast<std::size_t>(id)].type;
  if (type == PieceType::kNormal || type == PieceType::kUserDefined) type = PieceType::kControl;
}

}  // namespace

TokenId find_control(const std::vector<Piece>& pieces, std::string_view text) {
  const auto found = std::find_if(pieces.begin(), pieces.end(), [text](const Piece& piece) {
    return piece.type == PieceType::kControl && piece.text == text;
  });
  return found == pieces.end() ? -1 : static_cast<TokenId>(found - pieces.begin());
}

Result<Vocabulary> read_vocabulary(const Gguf& gguf) {
  if (const auto kind = check_kind(gguf); !kind) return kind.error();
  auto pieces = read_pieces(gguf);
  if (!pieces) return std::move(pieces).error();

  const auto begin = optional_id(gguf, "tokenizer.ggml.bos_token_id", find_control(*pieces, "<s>"));
  const auto end = optional_id(gguf, "tokenizer.ggml.eos_token_id", find_control(*pieces, "</s>"));
  const auto prefix = optional_flag(gguf, "tokenizer.ggml.add_space_prefix", true);
  const auto remove = optional_flag(gguf, "tokenizer.ggml.remove_extra_whitespaces", false);
  if (!begin) return begin.error();
  if (!end) return end.error();
  if (!prefix) return prefix.error();
  if (!remove) return remove.error();
  seal(*pieces, *begin);
  seal(*pieces, *end);
  return Vocabulary{std::move(pieces).value(), *prefix, *remove, *begin, *end};
}

Result<void> validate(const Vocabulary& vocabulary, const std::string& path) {
  const auto damaged = [&path](const std::string& problem) {
    return Result<void>(file_error(ErrorCode::kDamaged, path, problem));
  };
  if (vocabulary.pieces.empty()) return damaged("the vocabulary is empty");
  if (vocabulary.pieces.size() > kMaxPieces) return damaged("the vocabulary is too large");

  std::size_t total_bytes = 0;
  std::map<std::string_view, std::size_t> seen;
  std::vector<std::string_view> user_defined;
  for (std::size_t id = 0; id < vocabulary.pieces.size(); ++id) {
    const Piece& piece = vocabulary.pieces[id];
    if (const auto problem = piece_problem(piece)) return damaged(describe(vocabulary, id) + " " + *problem);
    const auto [other, is_new] = seen.emplace(piece.text, id);
    if (!is_new) {
      return damaged(describe(vocabulary, id) + " repeats token " + std::to_string(other->second));
    }
    if (piece.type == PieceType::kUserDefined) user_defined.emplace_back(piece.text);
    total_bytes += piece.text.size();
    if (total_bytes > kMaxTotalBytes) return damaged("the vocabulary is too large");
  }
  if (const auto problem = census_problem(vocabulary)) return damaged(*problem);
  if (const auto problem = nesting_problem(std::move(user_defined))) return damaged(*problem);
  if (const auto problem = id_problem(vocabulary, "begin", vocabulary.begin)) return damaged(*problem);
  if (const auto problem = id_problem(vocabulary, "end", vocabulary.end)) return damaged(*problem);
  return {};
}

}  // namespace fovea
