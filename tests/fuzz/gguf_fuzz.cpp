// A model file from a stranger, loaded as a program would: open, configuration, weights, tokenizer. Every
// view that loading hands out is read from end to end, so that one outside the bytes is noticed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "engine/gguf.h"
#include "engine/model_config.h"
#include "engine/tokenizer.h"
#include "engine/weights.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

unsigned touch(std::span<const std::byte> bytes) {
  unsigned sum = 0;
  for (const std::byte byte : bytes) sum += std::to_integer<unsigned>(byte);
  return sum;
}

unsigned touch(const fovea::Matrix& matrix) {
  return touch({static_cast<const std::byte*>(matrix.data), matrix.bytes()});
}

void read_everything(const fovea::Gguf& gguf) {
  volatile unsigned sink = 0;
  for (const fovea::GgufTensor& tensor : gguf.tensors()) {
    require(gguf.find_tensor(tensor.name) == &tensor);
    sink = sink + touch(tensor.data);
  }
  for (const auto& [key, value] : gguf.metadata()) {
    static_cast<void>(gguf.get_int(key));
    static_cast<void>(gguf.get_float(key));
    static_cast<void>(gguf.get_ints(key));
    static_cast<void>(gguf.get_floats(key));
    if (const auto texts = gguf.get_strings(key)) {
      for (const std::string_view text : *texts) sink = sink + touch(std::as_bytes(std::span(text)));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto gguf = fovea::Gguf::from_bytes(std::as_bytes(std::span(data, size)), "fuzz.gguf");
  if (!gguf) {
    require(!gguf.error().message.empty() && !gguf.error().remedy.empty());
    return 0;
  }
  read_everything(*gguf);
  if (const auto config = fovea::load_model_config(*gguf)) {
    if (const auto weights = fovea::load_weights(*gguf, *config)) {
      require(weights->layers.size() == static_cast<std::size_t>(config->layers));
      volatile unsigned sink = touch(weights->embedding) + touch(weights->output);
      for (const fovea::LayerWeights& layer : weights->layers)
        sink = sink + touch(layer.down) + touch(layer.query);
    }
  }
  if (const auto tokenizer = fovea::Tokenizer::from_gguf(*gguf)) {
    for (const fovea::TokenId id : tokenizer->encode("<s> ab|<|user|>ab\xF0\x9F\x99\x82 \n")) {
      require(id >= 0 && id < tokenizer->vocabulary_size() && !tokenizer->is_control(id));
    }
  }
  return 0;
}
