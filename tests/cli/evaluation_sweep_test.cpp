// Which settings a sweep consists of; the running of one is tested with the embedded pair, in sparse_test.
#include "app/cli/evaluation_sweep.h"

#include <gtest/gtest.h>

namespace fovea::app::cli {
namespace {

TEST(EvaluationSettings, FollowTheOrderOfThePlan) {
  EvaluationPlan plan;
  plan.selectors = {"streaming", "draft"};
  plan.p = {0.5F, 0.9F};
  plan.budgets = {0.25F};
  plan.sparsity.window = 64;
  const auto settings = evaluationSettings(plan);
  ASSERT_EQ(settings.size(), 3U);
  EXPECT_EQ(settings[0].label, "budget = 0.25");
  EXPECT_EQ(settings[0].sparsity.selector, SelectorKind::kStreaming);
  EXPECT_EQ(settings[0].sparsity.budget, 0.25F);
  EXPECT_EQ(settings[1].label, "p = 0.5");
  EXPECT_EQ(settings[1].sparsity.selector, SelectorKind::kDraft);
  EXPECT_EQ(settings[2].sparsity.attention_top_p, 0.9F);
  for (const EvaluationSetting& setting : settings) EXPECT_EQ(setting.sparsity.window, 64);
}

TEST(EvaluationSettings, TheHeadMapIsComparedByAttentionAlone) {
  EvaluationPlan plan;
  plan.selectors = {"head"};
  const auto settings = evaluationSettings(plan);
  ASSERT_EQ(settings.size(), plan.p.size());
  for (const EvaluationSetting& setting : settings) {
    EXPECT_EQ(setting.selector, "head");
    EXPECT_EQ(setting.sparsity.selector, SelectorKind::kDraft);
    EXPECT_EQ(setting.sparsity.map, AlignmentMap::kHead);
    EXPECT_FALSE(setting.sparsity.value_aware);
    EXPECT_FALSE(setting.sparsity.per_layer);
  }
}

TEST(EvaluationSettings, ThePaperIsAsPublishedWhateverElseIsChosen) {
  EvaluationPlan plan;
  plan.selectors = {"paper"};
  plan.sparsity.sinks = 7;
  plan.sparsity.map = AlignmentMap::kHead;
  const auto settings = evaluationSettings(plan);
  ASSERT_EQ(settings.size(), 4U);
  for (const EvaluationSetting& setting : settings) {
    EXPECT_EQ(setting.selector, "paper");
    EXPECT_EQ(setting.sparsity.selector, SelectorKind::kDraft);
    EXPECT_EQ(setting.sparsity.map, AlignmentMap::kLayer);
    EXPECT_EQ(setting.sparsity.rows, RowCombination::kUnion);
    EXPECT_EQ(setting.sparsity.search, ThresholdSearch::kBisection);
    EXPECT_EQ(setting.sparsity.dense_layers, 2);
    EXPECT_FALSE(setting.sparsity.value_aware);
    EXPECT_FALSE(setting.sparsity.per_layer);
    EXPECT_EQ(setting.sparsity.sinks, 0);
    EXPECT_EQ(setting.sparsity.window, 0);
  }
  EXPECT_EQ(settings[1].label, "p = 0.95");
}

}  // namespace
}  // namespace fovea::app::cli
