// Cycles at a stated density and acceptance: what is measured is what was asked for, and counted right.
#include "engine/benchmark_cycle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "engine/backend_cpu.h"
#include "engine/random_selector.h"
#include "engine/replay_acceptance.h"
#include "engine/synthetic_model.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using testing::TemporaryFolder;

SyntheticModel small_model(int layers) {
  SyntheticModel model;
  model.config.layers = layers;
  model.config.width = 64;
  model.config.feed_forward = 96;
  model.config.heads = 4;
  model.config.kv_heads = 2;
  model.config.head_dim = 32;
  model.config.vocabulary = 300;
  model.config.context_tokens = 64;
  return model;
}

class BenchmarkCycleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_synthetic_model(m_folder.path("verifier"), small_model(3), 1, nullptr, {}).ok());
    ASSERT_TRUE(write_synthetic_model(m_folder.path("draft"), small_model(2), 1, nullptr, {}).ok());
  }
  CycleOptions options() const {
    CycleOptions options;
    options.session.verifier_path = m_folder.path("verifier");
    options.session.draft_path = m_folder.path("draft");
    options.session.backend = BackendKind::kCpu;
    options.session.threads = 2;
    options.contexts = {200, 600};
    options.densities = {0.1, 0.5};
    options.acceptance = 0.5;
    options.cycles = 40;
    options.repetitions = 1;
    return options;
  }
  TemporaryFolder m_folder;
};

TEST_F(BenchmarkCycleTest, MeasuresEveryModeAtEveryContext) {
  const CycleOptions asked = options();
  int calls = 0;
  const auto benchmark =
      benchmark_cycles(asked, [&](int, int total, std::string_view) { calls += total > 0 ? 1 : 0; }, {});
  ASSERT_TRUE(benchmark.ok()) << benchmark.error().to_string();
  EXPECT_EQ(benchmark->verifier_name, "synthetic custom");
  EXPECT_EQ(benchmark->backend, "cpu");
  ASSERT_EQ(benchmark->cycles.size(), 8U);
  EXPECT_EQ(calls, 9);
  for (std::size_t i = 0; i < benchmark->cycles.size(); ++i) {
    const BenchmarkCycle& line = benchmark->cycles[i];
    const std::vector<Mode> modes{Mode::kDense, Mode::kSpeculative, Mode::kSparse, Mode::kSparse};
    EXPECT_EQ(line.mode, modes[i % 4]);
    EXPECT_EQ(line.context, asked.contexts[i / 4]);
    EXPECT_GT(line.seconds, 0);
    EXPECT_GT(line.verify.seconds, 0);
    EXPECT_GE(line.select.seconds, 0);
    const bool drafts = line.mode != Mode::kDense;
    EXPECT_EQ(line.draft.seconds > 0, drafts);
    EXPECT_EQ(line.draft.bytes > 0, drafts);
    EXPECT_EQ(line.proposed, drafts ? 4 : 0) << "the draft never stops early";
    // 0.5 + 0.25 + 0.125 + 0.0625; the lot falls 40 times.
    EXPECT_NEAR(line.tokens_expected, drafts ? 1.9375 : 1, 1e-9);
    EXPECT_NEAR(line.accepted, drafts ? 0.9375 : 0, 0.6);
  }
}

TEST_F(BenchmarkCycleTest, ReadsTheShareThatWasAskedFor) {
  const auto benchmark = benchmark_cycles(options(), nullptr, {});
  ASSERT_TRUE(benchmark.ok());
  for (const BenchmarkCycle& line : benchmark->cycles) {
    if (line.mode != Mode::kSparse) {
      EXPECT_EQ(line.density, 1);
      continue;
    }
    // Beside the share of the middle: 4 sinks, a window of 32, and the 5 rows of the pass. The context grows
    // by about 80 tokens, of which the top-p that was found for its beginning keeps the same share.
    const double length = line.context + 40;
    const double expected = (line.density_asked * (length - 36) + 36 + 5) / (length + 5);
    EXPECT_NEAR(line.density, expected, 0.04) << line.context << " " << line.density_asked;
  }
}

TEST_F(BenchmarkCycleTest, CountsWhatIsRead) {
  CycleOptions asked = options();
  asked.contexts = {500};
  asked.densities.clear();
  asked.cycles = 1;
  const auto benchmark = benchmark_cycles(asked, nullptr, {});
  ASSERT_TRUE(benchmark.ok());
  const auto weights = [](int layers) {
    const double layer = 64.0 * (128 + 64 + 64 + 128 + 3 * 96) * 2 + 2 * 64 * 4;
    return layers * layer + 64 * 4 + 64 * 300 * 2;  // the output matrix, not the embedding
  };
  const double entry = 2 * 64 * 2;  // keys and values of one layer, f16
  EXPECT_EQ(benchmark->cycles[0].verify.bytes, weights(3) + 3 * 500 * entry);
  EXPECT_EQ(benchmark->cycles[1].verify.bytes, weights(3) + 3 * 504 * entry);
  EXPECT_EQ(benchmark->cycles[1].draft.bytes, 4 * weights(2) + 2 * (500 + 501 + 502 + 503) * entry);
}

TEST_F(BenchmarkCycleTest, RefusesWhatCannotBeMeasured) {
  const auto expect_refused = [&](const std::string& words,
                                  const std::function<void(CycleOptions&)>& damage) {
    CycleOptions damaged = options();
    damage(damaged);
    const auto benchmark = benchmark_cycles(damaged, nullptr, {});
    ASSERT_FALSE(benchmark.ok()) << words;
    EXPECT_EQ(benchmark.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(benchmark.error().message.find(words), std::string::npos) << benchmark.error().message;
  };
  expect_refused("draft", [](CycleOptions& bad) { bad.session.draft_path.clear(); });
  expect_refused("2 tokens", [](CycleOptions& bad) { bad.contexts = {1}; });
  expect_refused("2 tokens", [](CycleOptions& bad) { bad.contexts.clear(); });
  expect_refused("do not fit", [](CycleOptions& bad) { bad.session.context_tokens = 700; });
  expect_refused("do not fit", [](CycleOptions& bad) { bad.contexts = {1 << 20}; });
  expect_refused("between 0 and 1", [](CycleOptions& bad) { bad.densities = {1.5}; });
  expect_refused("between 0 and 1", [](CycleOptions& bad) { bad.acceptance = std::nan(""); });
  expect_refused("proposes 1 to 16", [](CycleOptions& bad) { bad.draft_tokens = 17; });
  expect_refused("nothing to measure", [](CycleOptions& bad) { bad.cycles = 0; });
}

TEST_F(BenchmarkCycleTest, CanBeStopped) {
  std::stop_source stop;
  const auto benchmark = benchmark_cycles(
      options(), [&](int done, int, std::string_view) { done > 0 ? stop.request_stop() : false; },
      stop.get_token());
  ASSERT_FALSE(benchmark.ok());
  EXPECT_EQ(benchmark.error().code, ErrorCode::kCancelled);
}

TEST(ReplayAcceptance, DecidesByLotWhateverTheTokensAre) {
  constexpr int kTrials = 10'000;
  for (const double rate : {0.0, 0.3, 1.0}) {
    ReplayAcceptance acceptance(rate, 7);
    ReplayAcceptance again(rate, 7);
    int stand = 0;
    for (int i = 0; i < kTrials; ++i) {
      const TokenId proposal = i % 3;
      const TokenId drawn = i % 2;
      const TokenId judged = acceptance.judge(proposal, drawn);
      EXPECT_EQ(judged, again.judge(proposal, drawn));
      EXPECT_GE(judged, 0);
      stand += judged == proposal ? 1 : 0;
    }
    EXPECT_NEAR(stand, rate * kTrials, 0.02 * kTrials) << rate;
  }
}

class RandomSelectorTest : public BenchmarkCycleTest {
 protected:
  static constexpr std::size_t kContext = 500;

  void SetUp() override {
    BenchmarkCycleTest::SetUp();
    m_verifier = open("verifier");
    m_draft = open("draft");
    m_rows = std::move(AttentionRows::create(m_backend, m_draft->config(), 1, kContext + 1)).value();
    for (std::size_t i = 0; i <= kContext; ++i) m_ids.push_back(static_cast<TokenId>(3 + i % 250));
    m_rows->expect(0, 1);
    m_draft->decode(m_ids, 1, m_rows.get());
    m_verifier->decode(std::span(m_ids).first(kContext), 1);
  }
  std::unique_ptr<Decoder> open(const std::string& name) {
    return std::move(Decoder::open(m_folder.path(name), m_backend, kContext + 1, nullptr, {})).value();
  }
  // The lists of one pass of the last token, [layer].
  std::vector<std::vector<std::int32_t>> lists(double density, std::uint64_t seed) {
    auto selector = RandomSelector::create(m_backend, *m_verifier, *m_rows, density, seed);
    EXPECT_TRUE(selector.ok());
    (*selector)->calibrate(kContext);
    (*selector)->prepare(kContext, 1);
    m_verifier->decode(m_ids, 1, selector->get(), Reuse::kAny);
    (*selector)->collect();
    std::vector<std::vector<std::int32_t>> result;
    for (std::size_t layer = 0; layer < (*selector)->layers(); ++layer) {
      const auto positions = (*selector)->positions(layer);
      result.emplace_back(positions.begin(), positions.end());
    }
    return result;
  }

  BackendCpu m_backend{2};  // outlives what follows
  std::unique_ptr<Decoder> m_verifier;
  std::unique_ptr<Decoder> m_draft;
  std::unique_ptr<AttentionRows> m_rows;
  std::vector<TokenId> m_ids;
};

TEST_F(RandomSelectorTest, ChoosesAShareBesideSinksAndWindow) {
  for (const double density : {0.0, 0.05, 0.3, 0.9, 1.0}) {
    const auto chosen = lists(density, 1);
    double count = 0;
    for (const std::vector<std::int32_t>& list : chosen) {
      EXPECT_TRUE(std::ranges::is_sorted(list));
      EXPECT_EQ(std::ranges::adjacent_find(list), list.end());
      for (const std::int32_t always : {0, 3, 468, 499})
        EXPECT_TRUE(std::ranges::binary_search(list, always));
      EXPECT_LT(list.back(), static_cast<std::int32_t>(kContext));
      count += static_cast<double>(list.size());
    }
    EXPECT_NEAR(count / 3, 36 + density * 464, 5) << density;
  }
}

TEST_F(RandomSelectorTest, ChoosesDifferentlyForLayersAndSeeds) {
  const auto chosen = lists(0.2, 1);
  EXPECT_EQ(chosen, lists(0.2, 1));
  EXPECT_NE(chosen, lists(0.2, 2));
  EXPECT_NE(chosen[0], chosen[1]);
}

}  // namespace
}  // namespace fovea
