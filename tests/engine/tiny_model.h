// The smallest complete model file: one Llama layer, a tokenizer with control and byte tokens. For tests that
// break it one piece at a time. Values only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/engine/gguf_builder.h"

namespace fovea::testing {

inline constexpr std::uint64_t kTinyWidth = 64;
inline constexpr std::uint64_t kTinyKvWidth = 32;
inline constexpr std::uint64_t kTinyFeedForward = 96;

struct TinyVocabulary {
  std::vector<std::string> tokens{"<unk>", "<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>"};
  std::vector<float> scores{0, 0, 0, 0, 0, 0};
  std::vector<std::int32_t> types{2, 3, 3, 3, 3, 3};

  TinyVocabulary() {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    for (std::size_t byte = 0; byte < 256; ++byte) {
      add(std::string("<0x") + kHex[byte >> 4] + kHex[byte & 15] + ">", 0, 6);
    }
    float score = 0;
    for (const char* piece : {"▁", "a", "b", "ab", "▁ab", "<", "s", ">", "|"}) add(piece, score--, 1);
  }
  void add(const std::string& token, float score, std::int32_t type) {
    tokens.push_back(token);
    scores.push_back(score);
    types.push_back(type);
  }
  void put(GgufBuilder& builder) const {
    builder.set_string("tokenizer.ggml.model", "llama");
    builder.set_strings("tokenizer.ggml.tokens", tokens);
    builder.set_array("tokenizer.ggml.scores", GgufType::kFloat32, scores);
    builder.set_array("tokenizer.ggml.token_type", GgufType::kInt32, types);
    builder.set_uint("tokenizer.ggml.bos_token_id", 1);
    builder.set_uint("tokenizer.ggml.eos_token_id", 2);
  }
};

inline GgufBuilder tiny_model(const TinyVocabulary& vocabulary = {}) {
  GgufBuilder builder;
  builder.set_string("general.architecture", "llama").set_string("general.name", "Tiny");
  builder.set_uint("llama.block_count", 1).set_uint("llama.embedding_length", kTinyWidth);
  builder.set_uint("llama.feed_forward_length", kTinyFeedForward).set_uint("llama.context_length", 128);
  builder.set_uint("llama.attention.head_count", 2).set_uint("llama.attention.head_count_kv", 1);
  builder.set_uint("llama.rope.dimension_count", 32).set_float("llama.rope.freq_base", 5000.0F);
  builder.set_float("llama.attention.layer_norm_rms_epsilon", 1e-6F);
  vocabulary.put(builder);

  const auto half_matrix = [&builder](const char* name, std::uint64_t columns, std::uint64_t rows) {
    builder.add_tensor(name, {columns, rows}, 1, std::vector<std::byte>(columns * rows * 2));
  };
  const auto norm = [&builder](const char* name) {
    builder.add_floats(name, {kTinyWidth}, std::vector<float>(kTinyWidth, 1.0F));
  };
  half_matrix("token_embd.weight", kTinyWidth, vocabulary.tokens.size());
  norm("blk.0.attn_norm.weight");
  half_matrix("blk.0.attn_q.weight", kTinyWidth, kTinyWidth);
  half_matrix("blk.0.attn_k.weight", kTinyWidth, kTinyKvWidth);
  half_matrix("blk.0.attn_v.weight", kTinyWidth, kTinyKvWidth);
  half_matrix("blk.0.attn_output.weight", kTinyWidth, kTinyWidth);
  norm("blk.0.ffn_norm.weight");
  half_matrix("blk.0.ffn_gate.weight", kTinyWidth, kTinyFeedForward);
  half_matrix("blk.0.ffn_up.weight", kTinyWidth, kTinyFeedForward);
  half_matrix("blk.0.ffn_down.weight", kTinyFeedForward, kTinyWidth);
  norm("output_norm.weight");
  return builder;
}

}  // namespace fovea::testing
