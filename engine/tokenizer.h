// Text to token ids and back, by the sentencepiece library, from a `tokenizer.model` file or rebuilt from the
// token list, scores and types that a GGUF holds. Immutable after creation; any thread may encode and decode.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/options.h"
#include "engine/result.h"

namespace fovea {

class Gguf;

class Tokenizer {
 public:
  /// From a sentencepiece model file's path: BPE without normalisation. Fails as MappedFile::open does, with
  /// kDamaged for a vocabulary that contradicts itself, with kUnsupported for another algorithm.
  static Result<Tokenizer> from_file(const std::string& path);
  /// The same from the file's bytes, which are copied; `name` stands for the path in errors.
  static Result<Tokenizer> from_bytes(std::span<const std::byte> bytes, const std::string& name);
  /// From `tokenizer.ggml.*` of a GGUF (model "llama": sentencepiece), copied. Fails likewise.
  static Result<Tokenizer> from_gguf(const Gguf& gguf);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// Ids of `text`, without a begin token. Never a control token, whatever the text says: tokens that a file
  /// marks user-defined are ordinary text and can be produced. Invalid UTF-8 is replaced.
  [[nodiscard]] std::vector<TokenId> encode(std::string_view text) const;
  /// Text of `ids`, control tokens and ids outside the vocabulary as nothing, without the space that encoding
  /// puts before a text. May hold incomplete UTF-8 where byte tokens are cut.
  [[nodiscard]] std::string decode(std::span<const TokenId> ids) const;
  /// The piece as the vocabulary spells it ("▁the", "<0x0A>", "<s>").
  [[nodiscard]] std::string piece(TokenId id) const;
  /// The bytes one token adds to a text that already has something before it ("▁the" gives " the").
  [[nodiscard]] std::string token_bytes(TokenId id) const;
  [[nodiscard]] bool is_control(TokenId id) const;
  /// A control token's id by its spelling, e.g. "<|user|>".
  [[nodiscard]] std::optional<TokenId> control_id(std::string_view piece) const;
  [[nodiscard]] int vocabulary_size() const;
  [[nodiscard]] TokenId begin_id() const;  // <s>, or -1
  [[nodiscard]] TokenId end_id() const;    // </s>, or -1

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

/// Releases text only in complete UTF-8 sequences, as tokens arrive. One per answer, one thread.
class Utf8Stream {
 public:
  /// Appends bytes and returns what is complete now.
  [[nodiscard]] std::string push(std::string_view bytes);
  /// What is left at the end, with U+FFFD for a cut sequence.
  [[nodiscard]] std::string finish();

 private:
  std::string m_pending;
};

}  // namespace fovea
