// The engine against the independent float32 reference: logits, greedy continuations and perplexity of the
// real models.
#include <cmath>
#include <filesystem>

#include "engine/tokenizer.h"
#include "tests/engine/model_files.h"

namespace fovea {
namespace {

using namespace fovea::testing;

class GoldenModel : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] std::string file() const { return std::string("fovea-") + GetParam() + "-f16.gguf"; }
};

// The reference states its logits to 2e-3 of their scale with F16 weights and F32 arithmetic. Ours also
// rounds K and V to f16 (2^-11 of each entry), which stays within that.
TEST_P(GoldenModel, LogitsMatch) {
  FOVEA_MODEL_OR_SKIP(model, file());
  const auto session = open_session(model);
  for (const auto& entry : golden().at("generation")) {
    if (entry.at("model") != GetParam()) continue;
    const std::vector<float> expected = golden_floats(entry.at("last_logits"));
    const Result<std::vector<float>> logits = session->logits(ids_of(entry.at("prompt_ids")));
    ASSERT_TRUE(logits.ok());
    ASSERT_EQ(logits->size(), expected.size());
    float scale = 0;
    float error = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      scale = std::max(scale, std::abs(expected[i]));
      error = std::max(error, std::abs((*logits)[i] - expected[i]));
    }
    EXPECT_LE(error, 2e-3F * scale);
    RecordProperty("relative_error", std::to_string(error / scale));
  }
}

TEST_P(GoldenModel, GreedyContinuationsMatch) {
  FOVEA_MODEL_OR_SKIP(model, file());
  const auto session = open_session(model);
  for (const auto& entry : golden().at("generation")) {
    if (entry.at("model") != GetParam()) continue;
    const Result<TurnResult> turn =
        session->generate(ids_of(entry.at("prompt_ids")), greedy(Mode::kDense, 32), {}, {});
    ASSERT_TRUE(turn.ok());
    // Rounding moves logits of scale 20 by a few thousandths here; every margin of the reference is larger.
    ASSERT_GT(entry.at("smallest_margin").get<double>(), 0.01);
    EXPECT_EQ(turn->token_ids, ids_of(entry.at("greedy_ids"))) << entry.at("prompt");
  }
}

INSTANTIATE_TEST_SUITE_P(Pair, GoldenModel, ::testing::Values("verifier", "draft"),
                         [](const auto& model) { return std::string(model.param); });

class GoldenPerplexity : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenPerplexity, WithinHalfAPercent) {
  const std::string name = GetParam();
  FOVEA_MODEL_OR_SKIP(model, "fovea-" + name + ".gguf");
  const auto session = open_session(model);
  const std::vector<TokenId> ids = ids_of(golden().at("alignment").at("ids"));
  bool found = false;
  for (const auto& entry : golden().at("perplexity")) {
    if (entry.at("model") != name) continue;
    found = true;
    const Result<TextScore> result = session->score(ids, entry.at("scored_from").get<int>(), {}, {});
    ASSERT_TRUE(result.ok());
    const double expected = entry.at("ppl").get<double>();
    EXPECT_NEAR(result->perplexity(), expected, 0.005 * expected);
    EXPECT_EQ(result->tokens, 256 - entry.at("scored_from").get<int>());
    std::printf("%s: perplexity %.4f, reference %.4f\n", name.c_str(), result->perplexity(), expected);
  }
  EXPECT_TRUE(found);
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenPerplexity,
                         ::testing::Values("verifier-f16", "draft-f16", "verifier-q8_0", "verifier-q4_0"),
                         [](const auto& model) {
                           std::string name = model.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace fovea
