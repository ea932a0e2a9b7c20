#include "engine/telemetry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace fovea {
namespace {

StepTelemetry step_of(int proposed, int accepted, double mass) {
  StepTelemetry step;
  step.proposed = proposed;
  step.accepted = accepted;
  step.emitted = accepted + 1;
  step.kv_entries_read = 25;
  step.kv_entries_dense = 100;
  step.draft_kv_entries_read = 7;
  step.attention_mass_kept = mass;
  step.draft_seconds = 0.5;
  step.verify_seconds = 1.0;
  step.sample_seconds = 0.25;
  return step;
}

TEST(Telemetry, AnEmptyTurnHasNeutralRates) {
  const TurnStatistics statistics;
  EXPECT_EQ(statistics.tokens_per_second(), 0.0);
  EXPECT_EQ(statistics.acceptance_rate(), 0.0);
  EXPECT_EQ(statistics.kv_reads_saved(), 0.0);
  EXPECT_EQ(statistics.attention_mass_kept, 1.0);
}

TEST(Telemetry, AddsUp) {
  TurnStatistics statistics;
  statistics.add(step_of(4, 2, 0.9));
  statistics.add(step_of(3, 3, 0.9));
  EXPECT_EQ(statistics.steps, 2);
  EXPECT_EQ(statistics.proposed, 7);
  EXPECT_EQ(statistics.accepted, 5);
  EXPECT_EQ(statistics.generated_tokens, 7);
  EXPECT_EQ(statistics.kv_entries_read, 50);
  EXPECT_EQ(statistics.kv_entries_dense, 200);
  EXPECT_EQ(statistics.draft_kv_entries_read, 14);
  EXPECT_DOUBLE_EQ(statistics.kv_reads_saved(), 0.75);
  EXPECT_DOUBLE_EQ(statistics.acceptance_rate(), 5.0 / 7.0);
  EXPECT_DOUBLE_EQ(statistics.draft_seconds, 1.0);
  EXPECT_DOUBLE_EQ(statistics.verify_seconds, 2.0);
  EXPECT_DOUBLE_EQ(statistics.sample_seconds, 0.5);
  statistics.decode_seconds = 3.5;
  EXPECT_DOUBLE_EQ(statistics.tokens_per_second(), 2.0);
}

TEST(Telemetry, CountsByDraftPosition) {
  TurnStatistics statistics;
  statistics.add(step_of(2, 1, 1.0));
  statistics.add(step_of(4, 3, 1.0));
  statistics.add(step_of(0, 0, 1.0));
  EXPECT_EQ(statistics.proposed_at, (std::vector<std::int64_t>{2, 2, 1, 1}));
  EXPECT_EQ(statistics.accepted_at, (std::vector<std::int64_t>{2, 1, 1}));
}

TEST(Telemetry, TheMassIsAMeanOverRows) {
  TurnStatistics statistics;
  statistics.add(step_of(4, 0, 0.8));  // five rows
  EXPECT_DOUBLE_EQ(statistics.attention_mass_kept, 0.8) << "the initial 1 is no row";
  statistics.add(step_of(0, 0, 1.0));  // one row
  EXPECT_NEAR(statistics.attention_mass_kept, (5 * 0.8 + 1.0) / 6, 1e-12);
}

// Or a selector that estimates nothing would report the 1 of the plain pass that ended its answer.
TEST(Telemetry, AnUnknownMassMakesTheMeanUnknown) {
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  for (const bool first : {true, false}) {
    TurnStatistics statistics;
    statistics.add(step_of(4, 0, first ? unknown : 0.8));
    statistics.add(step_of(4, 0, first ? 0.8 : unknown));
    statistics.add(step_of(0, 0, 1.0));
    EXPECT_TRUE(std::isnan(statistics.attention_mass_kept));
  }
}

TEST(Telemetry, APassThatConfirmsPrunesNothing) {
  TurnStatistics statistics;
  statistics.add(step_of(4, 0, 0.8));
  StepTelemetry confirm = step_of(0, 0, 1.0);
  confirm.kind = PassKind::kConfirm;
  confirm.confirmed = 9;
  confirm.refused = 1;
  statistics.add(confirm);
  EXPECT_DOUBLE_EQ(statistics.attention_mass_kept, 0.8) << "a pass that confirms prunes nothing";
  EXPECT_DOUBLE_EQ(statistics.agreement(), 0.9);
  EXPECT_EQ(statistics.passes[static_cast<std::size_t>(PassKind::kConfirm)], 1);
}

TEST(ReadMap, CountsByBucket) {
  ReadMap map;
  ASSERT_EQ(ReadMap::kBucketPositions, 8U);
  map.add_pass(22);
  map.add_range(1, 6, 22);
  map.add(0, std::vector<std::int32_t>{0, 7, 8, 21});
  map.add(0, {});
  EXPECT_EQ(map.layers(), 2U);
  const auto counts = [](std::span<const std::int64_t> reads) {
    return std::vector<std::int64_t>(reads.begin(), reads.end());
  };
  EXPECT_EQ(counts(map.dense()), (std::vector<std::int64_t>{8, 8, 6}));
  EXPECT_EQ(counts(map.reads(0)), (std::vector<std::int64_t>{2, 1, 1}));
  EXPECT_EQ(counts(map.reads(1)), (std::vector<std::int64_t>{2, 8, 6}));
  EXPECT_EQ(ReadMap({counts(map.reads(0)), counts(map.reads(1))}, counts(map.dense())), map);
}

}  // namespace
}  // namespace fovea
