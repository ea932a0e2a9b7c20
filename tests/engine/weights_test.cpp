#include "engine/weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/gguf.h"
#include "tests/engine/tiny_model.h"

namespace fovea {
namespace {

using kernels::DType;
using testing::GgufBuilder;
using testing::tiny_model;

void with_weights(const GgufBuilder& builder, const std::function<void(const Result<Weights>&)>& check) {
  const auto bytes = builder.build();
  const auto gguf = Gguf::from_bytes(bytes, "tiny.gguf");
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  const auto config = load_model_config(*gguf);
  ASSERT_TRUE(config.ok()) << config.error().message;
  check(load_weights(*gguf, *config));
}

void expect_error(const GgufBuilder& builder, ErrorCode code, const std::string& words) {
  with_weights(builder, [&](const Result<Weights>& weights) {
    ASSERT_FALSE(weights.ok()) << "expected: " << words;
    EXPECT_EQ(weights.error().code, code) << weights.error().message;
    EXPECT_NE(weights.error().message.find(words), std::string::npos) << weights.error().message;
    EXPECT_TRUE(weights.error().message.starts_with("tiny.gguf: ")) << weights.error().message;
  });
}

TEST(Weights, LoadsTheTinyModelWithTiedOutput) {
  with_weights(tiny_model(), [](const Result<Weights>& weights) {
    ASSERT_TRUE(weights.ok()) << weights.error().message;
    ASSERT_EQ(weights->layers.size(), 1U);
    const LayerWeights& layer = weights->layers[0];
    EXPECT_EQ(layer.key.rows, 32U);
    EXPECT_EQ(layer.key.columns, 64U);
    EXPECT_EQ(layer.down.rows, 64U);
    EXPECT_EQ(layer.down.columns, 96U);
    EXPECT_EQ(layer.gate.dtype, DType::kF16);
    EXPECT_EQ(layer.attention_norm[63], 1.0F);
    EXPECT_EQ(weights->output.data, weights->embedding.data);
    EXPECT_EQ(weights->output.rows, 271U);
  });
}

TEST(Weights, AnOutputOfItsOwnIsUsed) {
  GgufBuilder builder = tiny_model();
  builder.add_tensor("output.weight", {64, 271}, 0, std::vector<std::byte>(64 * 271 * 4));
  with_weights(builder, [](const Result<Weights>& weights) {
    ASSERT_TRUE(weights.ok()) << weights.error().message;
    EXPECT_NE(weights->output.data, weights->embedding.data);
    EXPECT_EQ(weights->output.dtype, DType::kF32);
  });
}

TEST(Weights, TakesEveryDtypeOfTheKernels) {
  struct Case {
    std::uint32_t type;
    DType dtype;
  };
  for (const Case& each : {Case{0, DType::kF32}, Case{1, DType::kF16}, Case{30, DType::kBF16},
                           Case{8, DType::kQ8_0}, Case{2, DType::kQ4_0}}) {
    GgufBuilder builder = tiny_model();
    auto& tensor = builder.tensor("blk.0.ffn_down.weight");
    tensor.type = each.type;
    tensor.data.assign(64 * kernels::row_bytes(each.dtype, 96), std::byte{0});
    with_weights(builder, [&](const Result<Weights>& weights) {
      ASSERT_TRUE(weights.ok()) << weights.error().message;
      EXPECT_EQ(weights->layers[0].down.dtype, each.dtype);
    });
  }
}

TEST(Weights, LoadsTheEmbeddedPair) {
  for (const char* file : {"/fovea-verifier-q4_0.gguf", "/fovea-draft-q8_0.gguf"}) {
    const auto gguf = Gguf::open(std::string(FOVEA_EMBEDDED_MODELS) + file);
    ASSERT_TRUE(gguf.ok()) << gguf.error().message;
    const auto config = load_model_config(*gguf);
    ASSERT_TRUE(config.ok()) << config.error().message;
    const auto weights = load_weights(*gguf, *config);
    ASSERT_TRUE(weights.ok()) << weights.error().message;
    EXPECT_EQ(weights->layers.size(), static_cast<std::size_t>(config->layers));
    EXPECT_EQ(weights->output.data, weights->embedding.data);
  }
}

TEST(Weights, NamesEveryMissingTensor) {
  for (const auto& tensor : tiny_model().tensors) {
    if (tensor.name == "token_embd.weight")
      continue;  // then the vocabulary comes from the tokens; checked below
    expect_error(tiny_model().remove_tensor(tensor.name), ErrorCode::kDamaged,
                 "'" + tensor.name + "' is missing");
  }
  expect_error(tiny_model().remove_tensor("token_embd.weight"), ErrorCode::kDamaged,
               "'token_embd.weight' is missing");
  expect_error(tiny_model().set_uint("llama.block_count", 2), ErrorCode::kDamaged,
               "'blk.1.attn_norm.weight'");
}

TEST(Weights, NamesEveryWrongShape) {
  for (const auto& tensor : tiny_model().tensors) {
    GgufBuilder builder = tiny_model();
    auto& broken = builder.tensor(tensor.name);
    const std::string expected = std::to_string(broken.shape.back());
    broken.shape.back() -= 1;
    expect_error(builder, ErrorCode::kDamaged, "'" + tensor.name + "' has shape");
    expect_error(builder, ErrorCode::kDamaged, expected + "]");
  }
  GgufBuilder builder = tiny_model();
  builder.tensor("blk.0.attn_q.weight").shape = {64, 64, 1};
  expect_error(builder, ErrorCode::kDamaged, "[64, 64, 1], expected [64, 64]");
}

TEST(Weights, RefusesOtherTypes) {
  GgufBuilder builder = tiny_model();
  builder.tensor("output_norm.weight").type = 1;
  expect_error(builder, ErrorCode::kUnsupported, "'output_norm.weight' has type F16, expected F32");
  builder = tiny_model();
  builder.tensor("blk.0.attn_k.weight").type = 3;
  expect_error(builder, ErrorCode::kUnsupported, "has type Q4_1");
  builder = tiny_model();
  builder.tensor("blk.0.attn_k.weight").type = 1000;
  expect_error(builder, ErrorCode::kUnsupported, "has type type 1000");
}

TEST(Weights, RefusesNormsThatAreNotFinite) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    GgufBuilder builder = tiny_model();
    std::memcpy(builder.tensor("blk.0.ffn_norm.weight").data.data() + 4 * 17, &value, sizeof(value));
    expect_error(builder, ErrorCode::kDamaged, "'blk.0.ffn_norm.weight' has a value at 17");
  }
}

TEST(Weights, RefusesNormsThatAreNotAligned) {
  const auto bytes = tiny_model().build();
  std::vector<std::byte> shifted(bytes.size() + 1);
  std::copy(bytes.begin(), bytes.end(), shifted.begin() + 1);
  const auto gguf = Gguf::from_bytes(std::span<const std::byte>(shifted).subspan(1), "tiny.gguf");
  ASSERT_TRUE(gguf.ok()) << gguf.error().message;
  const auto weights = load_weights(*gguf, load_model_config(*gguf).value());
  ASSERT_FALSE(weights.ok());
  EXPECT_NE(weights.error().message.find("multiple of 4 bytes"), std::string::npos);
}

TEST(Weights, RefusesRowsThatAreNoMultipleOf32) {
  GgufBuilder builder = tiny_model();
  builder.set_uint("llama.feed_forward_length", 90);
  builder.tensor("blk.0.ffn_gate.weight").shape = {64, 90};
  builder.tensor("blk.0.ffn_up.weight").shape = {64, 90};
  builder.tensor("blk.0.ffn_down.weight").shape = {90, 64};
  expect_error(builder, ErrorCode::kUnsupported, "rows of 90");
}

TEST(Weights, RefusesTensorsThatWouldChangeTheResult) {
  for (const char* name : {"blk.0.attn_q.bias", "rope_freqs.weight", "blk.1.attn_norm.weight"}) {
    GgufBuilder builder = tiny_model();
    builder.add_floats(name, {64}, std::vector<float>(64));
    expect_error(builder, ErrorCode::kUnsupported, std::string("'") + name + "' is not part of");
  }
}

}  // namespace
}  // namespace fovea
