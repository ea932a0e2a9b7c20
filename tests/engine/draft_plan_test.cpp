#include "engine/draft_plan.h"

#include <numeric>

#include <gtest/gtest.h>

#include "engine/draft.h"
#include "tests/engine/counting_backend.h"
#include "tests/engine/random_model.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using namespace fovea::testing;

constexpr std::size_t kCapacity = 1024;
constexpr std::size_t kPasses = 5;

class DraftPlanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string path = m_folder.write("draft.gguf", random_model(2, {}, 2).build());
    m_decoder = std::move(Decoder::open(path, m_backend, kCapacity, nullptr, {})).value();
    for (int i = 0; i < 900; ++i) m_ids.push_back(262 + (i * i + i / 3) % 9);
  }
  std::unique_ptr<DraftPlan> plan(float top_p, std::size_t kept = kPasses) {
    SparsityOptions options;
    options.draft_top_p = top_p;
    return std::move(DraftPlan::create(m_backend, *m_decoder, kPasses, kept, options)).value();
  }
  // The logits of each query of a step after `positions` entries.
  std::vector<std::vector<float>> step(DraftPlan* plan, std::size_t positions) {
    EXPECT_TRUE(m_decoder->prefill(std::span(m_ids).first(positions + 1), nullptr, {}).ok());
    std::vector<std::vector<float>> all;
    for (std::size_t query = 0; query < kPasses; ++query) {
      if (plan != nullptr) plan->expect(query, 1, positions, true);
      const auto logits =
          m_decoder->decode_to_host(std::span(m_ids).first(positions + query + 1), 1, plan, Reuse::kAny);
      all.emplace_back(logits.begin(), logits.end());
    }
    return all;
  }

  TemporaryFolder m_folder;
  CountingBackend m_backend{2};
  std::unique_ptr<Decoder> m_decoder;
  std::vector<TokenId> m_ids{1};
};

TEST_F(DraftPlanTest, ReportedReadsAreTheReadsMade) {
  for (const float top_p : {0.0F, 0.5F, 0.9F, 1.0F}) {
    for (const std::size_t positions : {100UL, 800UL}) {
      const auto reading = plan(top_p);
      EXPECT_TRUE(m_decoder->prefill(std::span(m_ids).first(positions + 1), nullptr, {}).ok());
      m_backend.entries = 0;
      step(reading.get(), positions);
      EXPECT_EQ(reading->entries_read(), m_backend.entries);
      const auto dense =
          static_cast<std::int64_t>(2 * (kPasses * (positions + 1) + kPasses * (kPasses - 1) / 2));
      if (top_p == 1 || positions == 100) {
        EXPECT_EQ(reading->entries_read(), dense) << "nothing to gain: everything is read";
      } else {
        EXPECT_LT(reading->entries_read(), dense);
        EXPECT_GE(reading->entries_read(), static_cast<std::int64_t>(2 * (positions + 1)));
      }
    }
  }
}

TEST_F(DraftPlanTest, TheFirstLookIsTheDenseOne) {
  const std::vector<std::vector<float>> dense = step(nullptr, 800);
  const auto reading = plan(0.5F);
  const std::vector<std::vector<float>> listed = step(reading.get(), 800);
  EXPECT_EQ(listed[0], dense[0]);
  EXPECT_NE(listed[2], dense[2]) << "a list of half the attention changes something";
  EXPECT_EQ(step(plan(1.0F).get(), 800), dense);
}

// Teacher-forced scoring runs the later queries in one pass, generation one by one.
TEST_F(DraftPlanTest, QueriesInOnePassAreThoseOfPassesOfTheirOwn) {
  const auto reading = plan(0.6F);
  const std::vector<std::vector<float>> singly = step(reading.get(), 800);
  EXPECT_TRUE(m_decoder->prefill(std::span(m_ids).first(801), nullptr, {}).ok());
  reading->expect(0, 1, 800, true);
  m_decoder->decode(std::span(m_ids).first(801), 1, reading.get(), Reuse::kAny);
  reading->expect(1, kPasses - 1, 800, true);
  const auto logits = m_decoder->decode_to_host(std::span(m_ids).first(800 + kPasses), kPasses - 1,
                                                reading.get(), Reuse::kAny);
  const std::size_t vocabulary = singly[0].size();
  for (std::size_t query = 1; query < kPasses; ++query) {
    const auto row = logits.subspan((query - 1) * vocabulary, vocabulary);
    EXPECT_TRUE(std::equal(row.begin(), row.end(), singly[query].begin())) << query;
  }
}

TEST_F(DraftPlanTest, WhatListedQueriesLeaveLiesOnTheirLists) {
  const std::size_t positions = 800;
  const auto reading = plan(0.3F);
  step(reading.get(), positions);
  const std::size_t stride = kCapacity;
  const std::size_t sources = reading->rows().sources();
  std::vector<float> mass(sources * stride);
  const auto nonzero = [&](std::size_t source) {
    return std::count_if(mass.begin() + static_cast<std::ptrdiff_t>(source * stride),
                         mass.begin() + static_cast<std::ptrdiff_t>(source * stride + positions),
                         [](float m) { return m > 0; });
  };
  reading->rows().mass(mass.data(), stride, 1, kPasses - 1, positions);
  std::int64_t listed = 0;
  for (std::size_t source = 0; source < sources; ++source) listed += nonzero(source);
  EXPECT_LE(listed, reading->listed_entries());
  EXPECT_GT(listed, 0);
  // With the first query's: shares of the attention to these positions, nearly all of what there is.
  reading->rows().mass(mass.data(), stride, 0, kPasses, positions);
  for (std::size_t source = 0; source < sources; ++source) {
    const auto begin = mass.begin() + static_cast<std::ptrdiff_t>(source * stride);
    const double sum = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(positions), 0.0);
    EXPECT_GT(sum, 0.5);
    EXPECT_LE(sum, 1 + 1e-5);
    EXPECT_EQ(nonzero(source), static_cast<std::ptrdiff_t>(positions)) << "the first query saw everything";
  }
}

// A wrong guess costs speed alone: what a draft proposes by lists is judged as anything else is.
TEST_F(DraftPlanTest, ProposesWithFewSlots) {
  Sampler sampler({.temperature = 0, .seed = 1});
  const auto reading = plan(0.5F, 1);
  Draft draft(*m_decoder, sampler, 2, AcceptanceRule::kSharedNoise, reading.get());
  draft.propose_always();
  draft.propose(std::span(m_ids).first(801), 4, Draft::Rows::kKeep);
  EXPECT_EQ(draft.tokens().size(), 4U);
  EXPECT_EQ(draft.filled_rows(), 1U);
  EXPECT_EQ(draft.passes(), 4);
  EXPECT_EQ(draft.kv_entries_read(), reading->entries_read());
}

}  // namespace
}  // namespace fovea
