// The GPU against the CPU, over the embedded pair. Skips where no device answers, saying so; with
// FOVEA_REQUIRE_CUDA set it fails instead. The promises inside one backend (speculative and exact equal
// dense) are those of session_test, sparse_session_test and pair_test, which run on a GPU where there is one.
#include "engine/backend_choice.h"

#include <cmath>
#include <cstdlib>

#include "tests/engine/model_files.h"

namespace fovea {
namespace {

using namespace fovea::testing;

// Logits of the two agree to this share of the largest one: the GPU keeps 22 bits of an activation, where the
// CPU keeps 16, and rounds a long prompt's to 11.
constexpr float kTolerance = 2e-3F;

class BackendCudaTest : public ::testing::Test {
 protected:
  static std::unique_ptr<Session> open(BackendKind kind) {
    SessionOptions options;
    options.verifier_path = embedded_verifier();
    options.draft_path = embedded_draft();
    options.backend = kind;
    options.alignment.folders = {FOVEA_EMBEDDED_ALIGNMENTS};
    auto session = Session::create(options, nullptr, {});
    EXPECT_TRUE(session.ok()) << session.error().to_string();
    return session.ok() ? std::move(session).value() : nullptr;
  }
  void SetUp() override {
    const auto device = choose_backend(BackendKind::kCuda, 0);
    if (!device.ok()) {
      if (std::getenv("FOVEA_REQUIRE_CUDA") != nullptr) FAIL() << device.error().to_string();
      GTEST_SKIP() << device.error().message;
    }
    m_cpu = open(BackendKind::kCpu);
    m_cuda = open(BackendKind::kCuda);
    ASSERT_TRUE(m_cpu && m_cuda);
    ASSERT_EQ(m_cuda->info().backend, "cuda");
  }
  static std::vector<std::vector<TokenId>> prompts() {
    std::vector<std::vector<TokenId>> prompts;
    for (const auto& entry : golden().at("generation")) {
      if (entry.at("model") == "verifier") prompts.push_back(ids_of(entry.at("prompt_ids")));
    }
    return prompts;
  }
  std::unique_ptr<Session> m_cpu;
  std::unique_ptr<Session> m_cuda;
};

float largest_of(const std::vector<float>& logits) {
  float largest = 0;
  for (const float logit : logits) largest = std::max(largest, std::abs(logit));
  return largest;
}

TEST_F(BackendCudaTest, LogitsAgreeWithTheCpus) {
  std::vector<TokenId> text = ids_of(golden().at("alignment").at("ids"));
  for (const std::size_t length : {1UL, 2UL, 33UL, 64UL, 65UL, 200UL, text.size()}) {
    const auto ids = std::span<const TokenId>(text).first(std::min(length, text.size()));
    const std::vector<float> expected = *m_cpu->logits(ids);
    const std::vector<float> actual = *m_cuda->logits(ids);
    const float tolerance = kTolerance * largest_of(expected);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(actual[i], expected[i], tolerance) << "token " << i << " after " << length;
    }
  }
}

// Where they part, the two best tokens must have been as near as rounding.
TEST_F(BackendCudaTest, GreedyAnswersEqualTheCpusUpToATie) {
  int equal = 0;
  for (const std::vector<TokenId>& prompt : prompts()) {
    const auto cpu = m_cpu->generate(prompt, greedy(Mode::kDense, 200), {}, {});
    const auto cuda = m_cuda->generate(prompt, greedy(Mode::kDense, 200), {}, {});
    ASSERT_TRUE(cpu.ok() && cuda.ok());
    const auto [a, b] = std::mismatch(cpu->token_ids.begin(), cpu->token_ids.end(), cuda->token_ids.begin(),
                                      cuda->token_ids.end());
    if (a == cpu->token_ids.end() || b == cuda->token_ids.end()) {
      EXPECT_EQ(cpu->token_ids.size(), cuda->token_ids.size());
      ++equal;
      continue;
    }
    std::vector<TokenId> before = prompt;
    before.insert(before.end(), cpu->token_ids.begin(), a);
    const std::vector<float> logits = *m_cpu->logits(before);
    EXPECT_NEAR(logits[static_cast<std::size_t>(*a)], logits[static_cast<std::size_t>(*b)],
                2 * kTolerance * largest_of(logits))
        << "at token " << a - cpu->token_ids.begin();
  }
  EXPECT_GE(equal, 3);
}

// The same text, scored as sparse generation would read it: the same lists, up to positions at the threshold.
TEST_F(BackendCudaTest, SparseReadingAgreesWithTheCpus) {
  const std::vector<TokenId> text = ids_of(golden().at("alignment").at("ids"));
  for (const SelectorKind selector :
       {SelectorKind::kDraft, SelectorKind::kStreaming, SelectorKind::kQuest, SelectorKind::kOracle}) {
    for (const RowCombination rows : {RowCombination::kMean, RowCombination::kMax, RowCombination::kUnion}) {
      ScoringOptions options;
      options.mode = Mode::kSparse;
      options.sparsity.selector = selector;
      options.sparsity.rows = rows;
      options.sparsity.attention_top_p = 0.6F;
      options.measure_mass = rows == RowCombination::kMean;
      const auto cpu = m_cpu->score(text, 64, options, {});
      const auto cuda = m_cuda->score(text, 64, options, {});
      ASSERT_TRUE(cpu.ok() && cuda.ok());
      EXPECT_NEAR(cuda->kv_reads_saved(), cpu->kv_reads_saved(), 5e-3) << to_string(selector);
      EXPECT_NEAR(cuda->perplexity(), cpu->perplexity(), 0.02 * cpu->perplexity()) << to_string(selector);
      if (options.measure_mass) {
        EXPECT_NEAR(cuda->mass_measured, cpu->mass_measured, 5e-3);
      }
    }
  }
}

// Every filter and every kind of draw, against the same seed on the CPU: the same tokens until rounding
// decides once.
TEST_F(BackendCudaTest, SampledAnswersStartLikeTheCpus) {
  std::size_t together = 0;
  std::size_t all = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    GenerationOptions options = greedy(seed % 2 == 0 ? Mode::kDense : Mode::kSpeculative, 60);
    options.sampling.temperature = 0.8F;
    options.sampling.seed = seed;
    options.sampling.top_k = seed % 3 == 0 ? 0 : 40;
    options.sampling.top_p = seed % 4 == 0 ? 1.0F : 0.95F;
    options.sampling.repetition_penalty = seed % 2 == 0 ? 1.0F : 1.1F;
    const auto cpu = m_cpu->generate(prompts()[seed % prompts().size()], options, {}, {});
    const auto cuda = m_cuda->generate(prompts()[seed % prompts().size()], options, {}, {});
    ASSERT_TRUE(cpu.ok() && cuda.ok());
    const auto parted = std::mismatch(cpu->token_ids.begin(), cpu->token_ids.end(), cuda->token_ids.begin(),
                                      cuda->token_ids.end());
    together += static_cast<std::size_t>(parted.first - cpu->token_ids.begin());
    all += cpu->token_ids.size();
  }
  EXPECT_GT(together * 2, all);
}

TEST_F(BackendCudaTest, TooMuchMemoryIsAnErrorThatNamesIt) {
  const auto device = choose_backend(BackendKind::kCuda, 0);
  ASSERT_TRUE(device.ok());
  const Result<Buffer> memory = device->backend->allocate(std::size_t{1} << 45);
  ASSERT_FALSE(memory.ok());
  EXPECT_EQ(memory.error().code, ErrorCode::kOutOfMemory);
  EXPECT_NE(memory.error().message.find("33554432 MiB"), std::string::npos) << memory.error().message;
  EXPECT_TRUE(device->backend->status().ok()) << "an allocation that fails breaks nothing";
}

}  // namespace
}  // namespace fovea
