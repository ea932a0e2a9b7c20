#include "app/cli/score_totals.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fovea::app::cli {
namespace {

// Losses of `loss` for each token, one layer read in full and one in half.
TextScore scored(int tokens, double loss, TokenId prediction) {
  TextScore score;
  score.tokens = tokens;
  score.negative_log_likelihood = loss * tokens;
  score.token_losses.assign(static_cast<std::size_t>(tokens), static_cast<float>(loss));
  score.predictions.assign(static_cast<std::size_t>(tokens), prediction);
  score.passes = tokens / 10;
  score.mass_estimated = 0.9 * score.passes;
  score.kv_entries_dense = 200 * tokens;
  score.kv_entries_read = 150 * tokens;
  score.layer_entries_read = {100 * tokens, 50 * tokens};
  return score;
}

TEST(ScoreTotals, WindowsCountByTheirTokens) {
  ScoreTotals totals;
  totals.add(scored(90, 2.0, 1), scored(90, 2.0, 1));
  totals.add(scored(10, 4.0, 1), scored(10, 3.0, 2));
  EXPECT_EQ(totals.tokens(), 100);
  EXPECT_NEAR(totals.perplexity(), std::exp(2.2), 1e-12);
  EXPECT_NEAR(totals.perplexityDense(), std::exp(2.1), 1e-12);
  EXPECT_NEAR(totals.increase(), std::exp(0.1) - 1, 1e-12);
  EXPECT_NEAR(totals.agreement(), 0.9, 1e-12);
  EXPECT_NEAR(totals.readsSaved(), 0.25, 1e-12);
  EXPECT_NEAR(totals.massEstimated(), 0.9, 1e-12);
  ASSERT_EQ(totals.layerDensity().size(), 2U);
  EXPECT_NEAR(totals.layerDensity()[0], 1.0, 1e-12);
  EXPECT_NEAR(totals.layerDensity()[1], 0.5, 1e-12);
  EXPECT_TRUE(totals.layerMassMeasured().empty());
}

TEST(ScoreTotals, QuartersAreOfEachWindow) {
  TextScore sparse = scored(8, 1.0, 1);
  sparse.token_losses = {1, 1, 1, 1, 1, 1, 2, 2};
  ScoreTotals totals;
  totals.add(sparse, scored(8, 1.0, 1));
  EXPECT_NEAR(totals.quarterIncrease(0), 0.0, 1e-9);
  EXPECT_NEAR(totals.quarterIncrease(2), 0.0, 1e-9);
  EXPECT_NEAR(totals.quarterIncrease(3), std::exp(1.0) - 1, 1e-9);
}

TEST(ScoreTotals, AddUpTheSameInOneGoAndInTwo) {
  ScoreTotals one;
  ScoreTotals first;
  ScoreTotals second;
  for (ScoreTotals* totals : {&one, &first}) totals->add(scored(40, 2.0, 1), scored(40, 1.5, 1));
  for (ScoreTotals* totals : {&one, &second}) totals->add(scored(20, 3.0, 1), scored(20, 1.0, 2));
  first.add(second);
  EXPECT_EQ(one.increase(), first.increase());
  EXPECT_EQ(one.agreement(), first.agreement());
  EXPECT_EQ(one.readsSaved(), first.readsSaved());
  EXPECT_EQ(one.quarterIncrease(3), first.quarterIncrease(3));
  EXPECT_EQ(one.layerDensity(), first.layerDensity());
}

TEST(ScoreTotals, AnUnknownMassStaysUnknown) {
  TextScore score = scored(20, 1.0, 1);
  score.mass_estimated = std::nan("");
  ScoreTotals totals;
  totals.add(score, scored(20, 1.0, 1));
  EXPECT_TRUE(std::isnan(totals.massEstimated()));
}

}  // namespace
}  // namespace fovea::app::cli
