// What a sentencepiece BPE tokenizer consists of, whichever file it came from: pieces, and how spaces are
// treated. Both constructions of Tokenizer pass through this one form, so that they cannot differ, and
// through one check, because the sentencepiece library aborts or reads out of bounds on some vocabularies.
// Internal to the engine; plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/options.h"
#include "engine/result.h"

namespace fovea {

class Gguf;

/// Numbered as in sentencepiece's files, and in GGUF's.
enum class PieceType : std::uint8_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6
};

struct Piece {
  std::string text;  // UTF-8, spaces as U+2581
  float score = 0;
  PieceType type = PieceType::kNormal;
};

struct Vocabulary {
  std::vector<Piece> pieces;  // [token id]
  bool add_space_prefix = true;
  bool remove_extra_whitespaces = false;
  TokenId begin = -1;  // <s>, or -1
  TokenId end = -1;    // </s>, or -1
};

/// From the bytes of a sentencepiece model file; `path` stands in errors. Fails with kDamaged, or with
/// kUnsupported for other algorithms than BPE and for normalisation.
Result<Vocabulary> parse_sentencepiece(std::span<const std::byte> bytes, const std::string& path);

/// From `tokenizer.ggml.*`. Fails likewise, and with kDamaged for missing keys.
Result<Vocabulary> read_vocabulary(const Gguf& gguf);

/// The control token of that spelling, or -1.
[[nodiscard]] TokenId find_control(const std::vector<Piece>& pieces, std::string_view text);

/// Success when the sentencepiece library can take it and no text can produce a control token.
Result<void> validate(const Vocabulary& vocabulary, const std::string& path);

/// A sentencepiece model file for the library. `vocabulary` must be valid.
[[nodiscard]] std::string serialize(const Vocabulary& vocabulary);

}  // namespace fovea
