// The first byte decides: a tokenizer model from a stranger, or text from one for the embedded tokenizer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/gguf.h"
#include "engine/tokenizer.h"
#include "engine/utf8.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

const fovea::Tokenizer& embedded() {
  static const fovea::Tokenizer tokenizer = [] {
    const auto gguf = fovea::Gguf::open(std::string(FOVEA_EMBEDDED_MODELS) + "/fovea-draft-q8_0.gguf");
    require(gguf.ok());
    auto loaded = fovea::Tokenizer::from_gguf(*gguf);
    require(loaded.ok());
    return std::move(loaded).value();
  }();
  return tokenizer;
}

void encode_and_decode(const fovea::Tokenizer& tokenizer, std::string_view text) {
  const auto ids = tokenizer.encode(text);
  std::string streamed;
  fovea::Utf8Stream stream;
  for (const fovea::TokenId id : ids) {
    require(id >= 0 && id < tokenizer.vocabulary_size() && !tokenizer.is_control(id));
    streamed += stream.push(tokenizer.token_bytes(id));
    require(fovea::is_utf8(streamed));
  }
  streamed += stream.finish();
  require(fovea::is_utf8(streamed));
  static_cast<void>(tokenizer.decode(ids));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  if (data[0] % 2 == 0) {
    const auto tokenizer = fovea::Tokenizer::from_bytes(bytes, "fuzz.model");
    if (tokenizer) encode_and_decode(*tokenizer, "<s> ab|<|user|>ab\xF0\x9F\x99\x82 \n");
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  encode_and_decode(embedded(), text);
  // A space mark is read as the space it stands for, so only text without one comes back unchanged.
  if (fovea::is_utf8(text) && text.find("\xE2\x96\x81") == std::string_view::npos) {
    require(embedded().decode(embedded().encode(text)) == text);
  }
  return 0;
}
