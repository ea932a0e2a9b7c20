// Conversations whose texts come from strangers: whatever they say, the prompt has exactly the control tokens
// of its own messages, and the texts come back.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "engine/chat_template.h"
#include "engine/gguf.h"
#include "engine/tokenizer.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Loaded {
  fovea::Tokenizer tokenizer;
  fovea::ChatTemplate chat_template;
};

const Loaded& embedded() {
  static const Loaded loaded = [] {
    const auto gguf = fovea::Gguf::open(std::string(FOVEA_EMBEDDED_MODELS) + "/fovea-draft-q8_0.gguf");
    require(gguf.ok());
    auto tokenizer = fovea::Tokenizer::from_gguf(*gguf);
    require(tokenizer.ok());
    const auto chat_template = fovea::ChatTemplate::create(*tokenizer);
    require(chat_template.ok());
    return Loaded{std::move(tokenizer).value(), *chat_template};
  }();
  return loaded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider(data, size);
  std::vector<fovea::ChatMessage> messages;
  while (provider.remaining_bytes() > 0 && messages.size() < 16) {
    const auto role = static_cast<fovea::Role>(provider.ConsumeIntegralInRange<int>(0, 2));
    messages.push_back({role, provider.ConsumeRandomLengthString()});
  }
  const auto& [tokenizer, chat_template] = embedded();
  const auto ids = chat_template.prompt(tokenizer, messages);
  std::size_t controls = 0;
  for (const fovea::TokenId id : ids) controls += tokenizer.is_control(id) ? 1 : 0;
  require(controls == 2 + 2 * messages.size());
  require(ids.front() == chat_template.begin() && ids.back() == chat_template.opening());

  std::size_t position = 1;
  for (const fovea::ChatMessage& message : messages) {
    const auto expected = chat_template.message(tokenizer, message);
    require(position + expected.size() < ids.size());
    require(
        std::equal(expected.begin(), expected.end(), ids.begin() + static_cast<std::ptrdiff_t>(position)));
    position += expected.size();
  }
  require(position + 1 == ids.size());
  return 0;
}
