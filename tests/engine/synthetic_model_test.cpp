#include "engine/synthetic_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>
#include <set>
#include <vector>

#include "engine/gguf.h"
#include "engine/tokenizer.h"
#include "kernels/reference/reference.h"
#include "tests/engine/model_files.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using kernels::DType;
using testing::greedy;
using testing::open_session;
using testing::TemporaryFolder;

SyntheticModel small_model(DType dtype = DType::kF16) {
  SyntheticModel model;
  model.config.layers = 2;
  model.config.width = 128;
  model.config.feed_forward = 192;
  model.config.heads = 4;
  model.config.kv_heads = 2;
  model.config.head_dim = 32;
  model.config.vocabulary = 400;
  model.config.context_tokens = 256;
  model.dtype = dtype;
  return model;
}

std::string written(const TemporaryFolder& folder, const std::string& name, const SyntheticModel& model,
                    int threads = 2) {
  std::string path = folder.path(name);
  const auto done = write_synthetic_model(path, model, threads, nullptr, {});
  EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().to_string());
  return path;
}

std::vector<char> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<float> floats_of(const GgufTensor& tensor, DType dtype) {
  const auto columns = static_cast<std::size_t>(tensor.shape[0]);
  std::vector<float> values(columns * static_cast<std::size_t>(tensor.shape[1]));
  for (std::size_t begin = 0; begin < values.size(); begin += columns) {
    kernels::reference::dequantize_row(
        values.data() + begin, tensor.data.data() + begin / columns * kernels::row_bytes(dtype, columns),
        dtype, columns);
  }
  return values;
}

TEST(SyntheticModel, HasTheSizesOfTheShapesItIsNamedAfter) {
  const std::vector<std::uint64_t> published{6'738'415'616, 1'100'048'384, 8'030'261'248, 1'235'814'400};
  for (std::size_t i = 0; i < published.size(); ++i) {
    const auto model = synthetic_shape(kSyntheticShapes[i]);
    ASSERT_TRUE(model.has_value());
    EXPECT_TRUE(validate(*model).ok()) << kSyntheticShapes[i];
    EXPECT_EQ(size_of(*model).parameters, published[i]) << kSyntheticShapes[i];
  }
  EXPECT_FALSE(synthetic_shape("llama-9").has_value());
}

TEST(SyntheticModel, LoadsAndGeneratesInEveryFormat) {
  const TemporaryFolder folder;
  for (const DType dtype : {DType::kF16, DType::kQ8_0, DType::kQ4_0}) {
    const SyntheticModel model = small_model(dtype);
    const std::string path = written(folder, kernels::to_string(dtype), model);
    EXPECT_EQ(std::filesystem::file_size(path), size_of(model).bytes);
    const auto session = open_session(path);
    ASSERT_NE(session, nullptr);
    EXPECT_EQ(session->info().verifier_name, "synthetic custom");

    const auto ids = session->tokenizer().encode("Any text.");
    const auto logits = session->logits(ids);
    ASSERT_TRUE(logits.ok());
    EXPECT_TRUE(std::ranges::all_of(*logits, [](float logit) { return std::isfinite(logit); }));
    const auto [least, most] = std::ranges::minmax(*logits);
    EXPECT_GT(most - least, 1.0F);
    const auto turn = session->generate(ids, greedy(Mode::kDense, 32), {}, {});
    ASSERT_TRUE(turn.ok());
    EXPECT_GT(std::set<TokenId>(turn->token_ids.begin(), turn->token_ids.end()).size(), 4U);
  }
}

TEST(SyntheticModel, IsTheSameForASeed) {
  const TemporaryFolder folder;
  SyntheticModel model = small_model(DType::kQ4_0);
  const auto first = content_of(written(folder, "a", model, 1));
  EXPECT_EQ(first, content_of(written(folder, "b", model, 3)));
  model.seed = 2;
  EXPECT_NE(first, content_of(written(folder, "c", model)));
}

// A matrix of several pieces, and each piece of many parts: the seams show nowhere.
TEST(SyntheticModel, DoesNotDependOnTheThreads) {
  const TemporaryFolder folder;
  SyntheticModel model = small_model(DType::kQ8_0);
  model.config.layers = 1;
  model.config.width = 1024;
  model.config.vocabulary = 40'000;
  model.tied_output = true;
  EXPECT_TRUE(content_of(written(folder, "a", model, 1)) == content_of(written(folder, "b", model, 4)));
}

TEST(SyntheticModel, HasWeightsOfTheStatedDeviationInEveryFormat) {
  const TemporaryFolder folder;
  std::vector<float> exact;
  for (const DType dtype : {DType::kF16, DType::kQ8_0, DType::kQ4_0}) {
    const auto gguf = Gguf::open(written(folder, kernels::to_string(dtype), small_model(dtype)));
    ASSERT_TRUE(gguf.ok());
    const std::vector<float> values = floats_of(*gguf->find_tensor("blk.1.ffn_down.weight"), dtype);
    const auto count = static_cast<double>(values.size());
    const double mean = std::reduce(values.begin(), values.end(), 0.0) / count;
    const double squares = std::transform_reduce(values.begin(), values.end(), 0.0, std::plus(),
                                                 [](float value) { return double{value} * double{value}; });
    const double expected = 1 / std::sqrt(192.0);
    EXPECT_NEAR(mean, 0, 0.02 * expected) << kernels::to_string(dtype);
    EXPECT_NEAR(std::sqrt(squares / count), expected, 0.04 * expected) << kernels::to_string(dtype);
    if (dtype == DType::kF16) exact = values;
    // The same weights, rounded; what the formats cut off lies further out.
    const double step = dtype == DType::kQ4_0 ? 2.5 / 8 : 4.0 / 127;
    const double cut = dtype == DType::kQ4_0 ? 2.1 : 4.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::fabs(exact[i]) >= cut * expected) continue;
      ASSERT_NEAR(values[i], exact[i], 0.6 * step * expected) << i;
    }
  }
}

TEST(SyntheticModel, TiesTheOutputWhereTheShapeDoes) {
  const TemporaryFolder folder;
  SyntheticModel model = small_model();
  model.tied_output = true;
  const std::string path = written(folder, "tied", model);
  const auto gguf = Gguf::open(path);
  ASSERT_TRUE(gguf.ok());
  EXPECT_EQ(gguf->find_tensor("output.weight"), nullptr);
  EXPECT_NE(open_session(path), nullptr);
}

TEST(SyntheticModel, TokenizesAnyText) {
  const TemporaryFolder folder;
  const auto session = open_session(written(folder, "model", small_model()));
  ASSERT_NE(session, nullptr);
  const Tokenizer& tokenizer = session->tokenizer();
  for (const std::string text : {"", " ", "Hello, world!", "Grüße, 世界 🙂\n\tt300 </s><s><unk>"}) {
    const std::vector<TokenId> ids = tokenizer.encode(text);
    EXPECT_EQ(tokenizer.decode(ids), text);
    EXPECT_TRUE(std::ranges::none_of(ids, [](TokenId id) { return id < 3; })) << text;
  }
}

TEST(SyntheticModel, MakesPairsOfShapesThatShareAVocabulary) {
  const TemporaryFolder folder;
  SyntheticModel draft = small_model(DType::kQ8_0);
  draft.config.layers = 1;
  draft.config.heads = 2;
  draft.config.head_dim = 64;
  const auto session =
      open_session(written(folder, "verifier", small_model()), written(folder, "draft", draft));
  ASSERT_NE(session, nullptr);
  const auto ids = session->tokenizer().encode("Any text.");
  const auto dense = session->generate(ids, greedy(Mode::kDense, 16), {}, {});
  const auto speculative = session->generate(ids, greedy(Mode::kSpeculative, 16), {}, {});
  ASSERT_TRUE(dense.ok() && speculative.ok());
  EXPECT_EQ(dense->token_ids, speculative->token_ids);

  EXPECT_EQ(synthetic_shape("llama-2-7b")->config.vocabulary,
            synthetic_shape("tinyllama-1.1b")->config.vocabulary);
  EXPECT_EQ(synthetic_shape("llama-3.1-8b")->config.vocabulary,
            synthetic_shape("llama-3.2-1b")->config.vocabulary);
}

TEST(SyntheticModel, RefusesShapesThatAreNoModel) {
  const auto expect_refused = [](const std::string& words, const std::function<void(ModelConfig&)>& damage) {
    SyntheticModel model = small_model();
    damage(model.config);
    const auto valid = validate(model);
    ASSERT_FALSE(valid.ok()) << words;
    EXPECT_EQ(valid.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(valid.error().message.find(words), std::string::npos) << valid.error().message;
  };
  expect_refused("no layers", [](ModelConfig& config) { config.layers = 0; });
  expect_refused("context", [](ModelConfig& config) { config.context_tokens = 0; });
  expect_refused("the width is 100", [](ModelConfig& config) { config.width = 100; });
  expect_refused("feed-forward", [](ModelConfig& config) { config.feed_forward = 33; });
  expect_refused("3 KV heads", [](ModelConfig& config) { config.kv_heads = 3; });
  expect_refused("0 KV heads", [](ModelConfig& config) { config.kv_heads = 0; });
  expect_refused("head size is 33", [](ModelConfig& config) { config.head_dim = 33; });
  expect_refused("heads times head size is 8", [](ModelConfig& config) { config.head_dim = 2; });
  expect_refused("vocabulary of 259", [](ModelConfig& config) { config.vocabulary = 259; });
}

TEST(SyntheticModel, LeavesNothingWhereItIsStoppedOrFails) {
  const TemporaryFolder folder;
  std::stop_source stop;
  double last = 0;
  const auto cancelled = write_synthetic_model(
      folder.path("model"), small_model(), 2,
      [&](double fraction) {
        EXPECT_GT(fraction, last);
        last = fraction;
        stop.request_stop();
      },
      stop.get_token());
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(cancelled.error().code, ErrorCode::kCancelled);
  SyntheticModel endless = small_model();
  endless.config.layers = 1024;
  endless.config.width = 1 << 16;
  endless.config.feed_forward = 1 << 20;
  const auto too_large = write_synthetic_model(folder.path("model"), endless, 2, nullptr, {});
  ASSERT_FALSE(too_large.ok());
  EXPECT_NE(too_large.error().message.find("MiB are needed"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace fovea
