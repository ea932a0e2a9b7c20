#include "engine/model_config.h"

#include <gtest/gtest.h>

#include <limits>

#include "engine/gguf.h"
#include "tests/engine/tiny_model.h"

namespace fovea {
namespace {

using testing::GgufBuilder;
using testing::tiny_model;

Result<ModelConfig> config_of(const GgufBuilder& builder) {
  const auto bytes = builder.build();
  const auto gguf = Gguf::from_bytes(bytes, "tiny.gguf");
  if (!gguf) return gguf.error();
  return load_model_config(*gguf);
}

void expect_error(const GgufBuilder& builder, ErrorCode code, const std::string& words) {
  const auto config = config_of(builder);
  ASSERT_FALSE(config.ok()) << "expected: " << words;
  EXPECT_EQ(config.error().code, code) << config.error().message;
  EXPECT_NE(config.error().message.find(words), std::string::npos) << config.error().message;
  EXPECT_TRUE(config.error().message.starts_with("tiny.gguf: ")) << config.error().message;
  EXPECT_FALSE(config.error().remedy.empty());
}

TEST(ModelConfig, ReadsTheTinyModel) {
  const auto config = config_of(tiny_model());
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->name, "Tiny");
  EXPECT_EQ(config->layers, 1);
  EXPECT_EQ(config->width, 64);
  EXPECT_EQ(config->feed_forward, 96);
  EXPECT_EQ(config->heads, 2);
  EXPECT_EQ(config->kv_heads, 1);
  EXPECT_EQ(config->head_dim, 32);
  EXPECT_EQ(config->vocabulary, 271);
  EXPECT_EQ(config->context_tokens, 128);
  EXPECT_FLOAT_EQ(config->rope_base, 5000.0F);
  EXPECT_FLOAT_EQ(config->norm_epsilon, 1e-6F);
}

TEST(ModelConfig, ReadsTheEmbeddedPair) {
  struct Expected {
    const char* file;
    int layers, width, feed_forward, heads, kv_heads;
  };
  for (const Expected& expected : {Expected{"fovea-verifier-q4_0.gguf", 16, 512, 1408, 8, 4},
                                   Expected{"fovea-draft-q8_0.gguf", 6, 256, 704, 4, 2}}) {
    const auto gguf = Gguf::open(std::string(FOVEA_EMBEDDED_MODELS) + "/" + expected.file);
    ASSERT_TRUE(gguf.ok()) << gguf.error().message;
    const auto config = load_model_config(*gguf);
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->layers, expected.layers);
    EXPECT_EQ(config->width, expected.width);
    EXPECT_EQ(config->feed_forward, expected.feed_forward);
    EXPECT_EQ(config->heads, expected.heads);
    EXPECT_EQ(config->kv_heads, expected.kv_heads);
    EXPECT_EQ(config->head_dim, 64);
    EXPECT_EQ(config->vocabulary, 8192);
    EXPECT_EQ(config->context_tokens, 4096);
    EXPECT_FLOAT_EQ(config->rope_base, 100000.0F);
    EXPECT_FLOAT_EQ(config->norm_epsilon, 1e-5F);
  }
}

TEST(ModelConfig, OptionalKeysHaveDefaults) {
  GgufBuilder builder = tiny_model();
  builder.remove("general.name").remove("llama.rope.freq_base").remove("llama.rope.dimension_count");
  builder.remove("llama.attention.head_count_kv").remove("tokenizer.ggml.tokens");
  const auto config = config_of(builder);
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->name, "llama");
  EXPECT_FLOAT_EQ(config->rope_base, 10000.0F);
  EXPECT_EQ(config->kv_heads, 2);
  EXPECT_EQ(config->vocabulary, 271) << "from the embedding";
}

TEST(ModelConfig, NamesWhatIsMissing) {
  for (const char* key :
       {"general.architecture", "llama.block_count", "llama.embedding_length", "llama.feed_forward_length",
        "llama.context_length", "llama.attention.head_count", "llama.attention.layer_norm_rms_epsilon"}) {
    expect_error(tiny_model().remove(key), ErrorCode::kDamaged, key);
  }
  expect_error(tiny_model().remove("tokenizer.ggml.tokens").remove_tensor("token_embd.weight"),
               ErrorCode::kDamaged, "vocabulary");
}

TEST(ModelConfig, RefusesWhatIsOutOfRange) {
  for (const char* key :
       {"llama.block_count", "llama.embedding_length", "llama.feed_forward_length", "llama.context_length",
        "llama.attention.head_count", "llama.attention.head_count_kv"}) {
    expect_error(tiny_model().set_uint(key, 0), ErrorCode::kDamaged, key);
    expect_error(tiny_model().set_uint(key, 0xFFFFFFFF), ErrorCode::kDamaged, key);
    expect_error(tiny_model().set(key, GgufType::kInt64, ByteWriter().scalar(std::int64_t{-1})),
                 ErrorCode::kDamaged, key);
    expect_error(tiny_model().set_string(key, "7"), ErrorCode::kDamaged, key);
  }
  for (const float value :
       {0.0F, -1.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    expect_error(tiny_model().set_float("llama.rope.freq_base", value), ErrorCode::kDamaged,
                 "llama.rope.freq_base");
    expect_error(tiny_model().set_float("llama.attention.layer_norm_rms_epsilon", value), ErrorCode::kDamaged,
                 "llama.attention.layer_norm_rms_epsilon");
  }
}

TEST(ModelConfig, RefusesContradictions) {
  expect_error(tiny_model().set_uint("llama.attention.head_count", 3), ErrorCode::kDamaged,
               "embedding_length");
  expect_error(tiny_model().set_uint("llama.attention.head_count_kv", 4), ErrorCode::kDamaged,
               "not a multiple");
  expect_error(tiny_model().set_uint("llama.attention.head_count", 64), ErrorCode::kUnsupported,
               "head size 1");
  expect_error(tiny_model().set_uint("llama.rope.dimension_count", 16), ErrorCode::kUnsupported,
               "dimension_count");
  expect_error(tiny_model().set_uint("llama.attention.key_length", 48), ErrorCode::kUnsupported, "differs");
  expect_error(tiny_model().set_uint("llama.attention.value_length", 16), ErrorCode::kUnsupported,
               "value_length");
  expect_error(tiny_model().set_uint("llama.vocab_size", 300), ErrorCode::kDamaged, "vocab_size");
  expect_error(tiny_model().set_strings("tokenizer.ggml.tokens", {"one"}), ErrorCode::kDamaged, "vocabulary");
}

TEST(ModelConfig, RefusesWhatItDoesNotRun) {
  expect_error(tiny_model().set_string("general.architecture", "qwen2"), ErrorCode::kUnsupported, "'qwen2'");
  expect_error(tiny_model().set_string("llama.rope.scaling.type", "yarn"), ErrorCode::kUnsupported, "'yarn'");
  expect_error(tiny_model().set_uint("llama.rope.scaling.type", 1), ErrorCode::kDamaged, "scaling.type");
  expect_error(tiny_model().set_float("llama.rope.scaling.factor", 4.0F), ErrorCode::kUnsupported,
               "RoPE scaling");
  expect_error(tiny_model().set_float("llama.rope.scale_linear", 0.5F), ErrorCode::kUnsupported,
               "RoPE scaling");
  expect_error(tiny_model().set_uint("llama.expert_count", 8), ErrorCode::kUnsupported, "expert_count");
  EXPECT_TRUE(config_of(tiny_model().set_string("llama.rope.scaling.type", "none")).ok());
  EXPECT_TRUE(config_of(tiny_model().set_float("llama.rope.scaling.factor", 1.0F)).ok());
  EXPECT_TRUE(config_of(tiny_model().set_uint("llama.expert_count", 0)).ok());
}

}  // namespace
}  // namespace fovea
