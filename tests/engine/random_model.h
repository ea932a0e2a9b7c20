// A complete model, of one layer unless more are asked for, with random weights: fast enough for thousands of
// answers. Every seed adds its own noise to the same weights, so that two seeds make a pair whose draft is
// sometimes right and sometimes wrong.
#pragma once

#include <random>

#include "kernels/reference/reference.h"
#include "tests/engine/tiny_model.h"

namespace fovea::testing {

inline GgufBuilder random_model(std::uint32_t seed, const TinyVocabulary& vocabulary = {},
                                std::uint32_t layers = 1) {
  GgufBuilder builder;
  std::mt19937 random(20261123);
  std::mt19937 noise(seed);
  builder.set_string("general.architecture", "llama").set_string("general.name", "Random");
  builder.set_uint("llama.block_count", layers).set_uint("llama.embedding_length", kTinyWidth);
  builder.set_uint("llama.feed_forward_length", kTinyFeedForward).set_uint("llama.context_length", 128);
  builder.set_uint("llama.attention.head_count", 2).set_uint("llama.attention.head_count_kv", 1);
  builder.set_uint("llama.rope.dimension_count", 32).set_float("llama.rope.freq_base", 5000.0F);
  builder.set_float("llama.attention.layer_norm_rms_epsilon", 1e-6F);
  vocabulary.put(builder);
  const auto matrix = [&](const std::string& name, std::uint64_t columns, std::uint64_t rows,
                          float deviation) {
    // One for each engine: a distribution keeps half of each pair that it draws.
    std::normal_distribution<float> normal(0.0F, deviation);
    std::normal_distribution<float> normal_noise(0.0F, deviation);
    std::vector<std::byte> data(columns * rows * 2);
    for (std::size_t i = 0; i < columns * rows; ++i) {
      const std::uint16_t half =
          kernels::reference::float_to_half(normal(random) + 0.25F * normal_noise(noise));
      std::memcpy(data.data() + i * 2, &half, 2);
    }
    builder.add_tensor(name, {columns, rows}, 1, data);
  };
  const auto norm = [&builder](const std::string& name) {
    builder.add_floats(name, {kTinyWidth}, std::vector<float>(kTinyWidth, 1.0F));
  };
  matrix("token_embd.weight", kTinyWidth, vocabulary.tokens.size(), 0.2F);
  for (std::uint32_t layer = 0; layer < layers; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    norm(block + "attn_norm.weight");
    matrix(block + "attn_q.weight", kTinyWidth, kTinyWidth, 0.2F);
    matrix(block + "attn_k.weight", kTinyWidth, kTinyKvWidth, 0.2F);
    matrix(block + "attn_v.weight", kTinyWidth, kTinyKvWidth, 0.1F);
    matrix(block + "attn_output.weight", kTinyWidth, kTinyWidth, 0.1F);
    norm(block + "ffn_norm.weight");
    matrix(block + "ffn_gate.weight", kTinyWidth, kTinyFeedForward, 0.1F);
    matrix(block + "ffn_up.weight", kTinyWidth, kTinyFeedForward, 0.1F);
    matrix(block + "ffn_down.weight", kTinyFeedForward, kTinyWidth, 0.1F);
  }
  norm("output_norm.weight");
  // Logits of a deviation of about 3, so that the draft is sometimes sure enough to propose something.
  matrix("output.weight", kTinyWidth, vocabulary.tokens.size(), 0.4F);
  return builder;
}

}  // namespace fovea::testing
