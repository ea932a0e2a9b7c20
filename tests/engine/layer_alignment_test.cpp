// Costs, maps and weights of the alignment: by hand, against brute force, on rows whose mixture is known, and
// on the reference's values.
#include "engine/layer_alignment.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "tests/engine/model_files.h"

namespace fovea {
namespace {

using testing::golden;
using testing::golden_floats;

using Heads = std::vector<std::vector<float>>;  // [layer * KV head][length]

void add(AlignmentRows& rows, const Heads& heads) {
  const std::size_t row = rows.add_row(heads.front().size());
  for (std::size_t head = 0; head < heads.size(); ++head) {
    const auto out = rows.probabilities(row, head / rows.kv_heads(), head % rows.kv_heads());
    std::copy(heads[head].begin(), heads[head].end(), out.begin());
  }
}

CostMatrix matrix(std::size_t rows, std::size_t columns, std::vector<double> values) {
  return {rows, columns, std::move(values)};
}

std::vector<float> random_row(std::mt19937& generator, std::size_t length) {
  // Attention is peaked: squares of squares leave few large entries.
  std::uniform_real_distribution<float> uniform(0, 1);
  std::vector<float> row(length);
  float sum = 0;
  for (float& value : row) sum += value = std::pow(uniform(generator), 4.0F) + 1e-4F;
  for (float& value : row) value /= sum;
  return row;
}

AlignmentRows random_rows(std::mt19937& generator, std::size_t layers, std::size_t kv_heads,
                          const std::vector<std::size_t>& lengths) {
  AlignmentRows rows(layers, kv_heads);
  for (const std::size_t length : lengths) {
    Heads heads;
    for (std::size_t head = 0; head < layers * kv_heads; ++head)
      heads.push_back(random_row(generator, length));
    add(rows, heads);
  }
  return rows;
}

/// The definition, word by word.
double divergence(const std::vector<double>& verifier, const std::vector<double>& draft) {
  double sum = 0;
  for (std::size_t i = 0; i < verifier.size(); ++i)
    sum += verifier[i] * (std::log(verifier[i] + 1e-9) - std::log(draft[i] + 1e-9));
  return sum;
}

std::vector<double> head_mean(const AlignmentRows& rows, std::size_t row, std::size_t layer) {
  std::vector<double> mean(rows.length(row), 0.0);
  for (std::size_t head = 0; head < rows.kv_heads(); ++head) {
    const auto values = rows.probabilities(row, layer, head);
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] += double{values[i]} / static_cast<double>(rows.kv_heads());
  }
  return mean;
}

TEST(LayerCost, ByHand) {
  AlignmentRows verifier(1, 1);
  AlignmentRows draft(2, 1);
  add(verifier, {{0.5F, 0.5F}});
  add(draft, {{0.25F, 0.75F}, {0.5F, 0.5F}});
  const auto cost = layer_cost(verifier, draft);
  ASSERT_TRUE(cost.ok());
  ASSERT_EQ(cost->rows, 1U);
  ASSERT_EQ(cost->columns, 2U);
  EXPECT_NEAR(cost->at(0, 0), (0.5 * std::log(2.0)) + (0.5 * std::log(2.0 / 3)), 1e-6);
  EXPECT_NEAR(cost->at(0, 1), 0, 1e-12);
}

TEST(LayerCost, TheFloorKeepsItFinite) {
  AlignmentRows verifier(1, 1);
  AlignmentRows draft(1, 1);
  add(verifier, {{1, 0}});
  add(draft, {{0, 1}});
  const auto cost = layer_cost(verifier, draft);
  ASSERT_TRUE(cost.ok());
  EXPECT_NEAR(cost->at(0, 0), -std::log(1e-9), 1e-5);
}

TEST(LayerCost, FollowsTheDefinitionOverUnequalRows) {
  std::mt19937 generator(1);
  const std::vector<std::size_t> lengths = {1, 7, 40, 129};
  const AlignmentRows verifier = random_rows(generator, 3, 2, lengths);
  const AlignmentRows draft = random_rows(generator, 2, 3, lengths);
  const auto by_layer = layer_cost(verifier, draft);
  const auto by_head = head_cost(verifier, draft);
  ASSERT_TRUE(by_layer.ok() && by_head.ok());
  ASSERT_EQ(by_layer->values.size(), 6U);
  ASSERT_EQ(by_head->values.size(), 36U);
  for (std::size_t j = 0; j < 3; ++j) {
    for (std::size_t i = 0; i < 2; ++i) {
      double expected = 0;
      for (std::size_t row = 0; row < lengths.size(); ++row)
        expected += divergence(head_mean(verifier, row, j), head_mean(draft, row, i)) / 4;
      EXPECT_NEAR(by_layer->at(j, i), expected, 1e-5);
    }
  }
  for (std::size_t j = 0; j < 6; ++j) {
    for (std::size_t i = 0; i < 6; ++i) {
      double expected = 0;
      for (std::size_t row = 0; row < lengths.size(); ++row) {
        const auto a = verifier.probabilities(row, j / 2, j % 2);
        const auto b = draft.probabilities(row, i / 3, i % 3);
        expected += divergence({a.begin(), a.end()}, {b.begin(), b.end()}) / 4;
      }
      EXPECT_NEAR(by_head->at(j, i), expected, 1e-5);
    }
  }
}

TEST(LayerCost, RowsThatDoNotMatchAreRefused) {
  std::mt19937 generator(2);
  const AlignmentRows three = random_rows(generator, 1, 1, {5, 6, 7});
  const AlignmentRows two = random_rows(generator, 1, 1, {5, 6});
  const AlignmentRows longer = random_rows(generator, 1, 1, {5, 6, 8});
  const AlignmentRows none(1, 1);
  const AlignmentRows headless = random_rows(generator, 1, 1, {});
  for (const auto& [verifier, draft] :
       {std::pair(&three, &two), std::pair(&three, &longer), std::pair(&none, &headless)}) {
    EXPECT_FALSE(layer_cost(*verifier, *draft).ok());
    EXPECT_FALSE(head_cost(*verifier, *draft).ok());
    const auto weights = fit_mixture(*verifier, *draft);
    ASSERT_FALSE(weights.ok());
    EXPECT_EQ(weights.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(weights.error().message.empty());
  }
  AlignmentRows no_layers(0, 4);
  no_layers.add_row(5);
  EXPECT_FALSE(layer_cost(no_layers, random_rows(generator, 1, 1, {5})).ok());
}

TEST(MonotoneMap, ByHand) {
  // Alone, the second layer would choose draft layer 0, behind the first.
  EXPECT_EQ(monotone_map(matrix(2, 2, {5, 0, 1, 2})), (std::vector<int>{1, 1}));
  EXPECT_EQ(monotone_map(matrix(2, 2, {1, 0, 0, 9})), (std::vector<int>{0, 0}));
  EXPECT_EQ(monotone_map(matrix(3, 2, {1, 1, 1, 1, 1, 1})), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(monotone_map(matrix(1, 3, {2, 1, 1})), (std::vector<int>{1}));
  EXPECT_EQ(monotone_map(matrix(4, 1, {1, 2, 3, 4})), (std::vector<int>{0, 0, 0, 0}));
  EXPECT_TRUE(monotone_map(matrix(0, 0, {})).empty());
  EXPECT_TRUE(monotone_map(matrix(3, 0, {})).empty());
}

/// Every monotone map in lexicographic order; the first of least cost is the lowest everywhere.
std::vector<int> brute_force(const CostMatrix& cost) {
  std::vector<int> best;
  double best_cost = std::numeric_limits<double>::infinity();
  std::vector<int> map;
  const std::function<void(std::size_t, double)> extend = [&](std::size_t lowest, double sum) {
    if (map.size() == cost.rows) {
      if (sum < best_cost) best = map;
      best_cost = std::min(best_cost, sum);
      return;
    }
    for (std::size_t i = lowest; i < cost.columns; ++i) {
      const double next = sum + cost.at(map.size(), i);
      map.push_back(static_cast<int>(i));
      extend(i, next);
      map.pop_back();
    }
  };
  extend(0, 0);
  return best;
}

TEST(MonotoneMap, AgreesWithBruteForce) {
  std::mt19937 generator(3);
  for (int trial = 0; trial < 400; ++trial) {
    const std::size_t rows = 1 + (generator() % 6);
    const std::size_t columns = 1 + (generator() % 5);
    std::vector<double> values(rows * columns);
    // Few whole numbers make ties common, and sums exact.
    for (double& value : values) value = static_cast<double>(generator() % (trial % 2 == 0 ? 4U : 1000U));
    const CostMatrix cost = matrix(rows, columns, std::move(values));
    EXPECT_EQ(monotone_map(cost), brute_force(cost)) << "trial " << trial;
  }
}

TEST(Maps, SurviveNumbersThatAreNone) {
  const double nan = std::nan("");
  for (const auto& map :
       {monotone_map(matrix(2, 2, {nan, nan, nan, nan})), head_map(matrix(2, 2, {nan, 1, 0, nan}))}) {
    ASSERT_EQ(map.size(), 2U);
    for (const int i : map) EXPECT_TRUE(i == 0 || i == 1);
  }
}

TEST(HeadMap, TakesTheLowestOfTheLeast) {
  EXPECT_EQ(head_map(matrix(3, 3, {2, 1, 1, 0, 0, 0, 3, 2, 1})), (std::vector<int>{1, 0, 2}));
  EXPECT_TRUE(head_map(matrix(0, 0, {})).empty());
}

TEST(Mixture, OfTheLayerMap) {
  const std::vector<int> map = {0, 0, 2};
  EXPECT_EQ(layer_map_mixture(map, 3, 2), (std::vector<float>{0.5, 0.5, 0, 0, 0, 0,  //
                                                              0.5, 0.5, 0, 0, 0, 0,  //
                                                              0, 0, 0, 0, 0.5, 0.5}));
}

TEST(Mixture, OfTheHeadMapCountsRepeatedPicks) {
  const std::vector<int> map = {0, 3, 3, 3, 1, 2, 0, 2};
  EXPECT_EQ(head_map_mixture(map, 4, 4), (std::vector<float>{0.25, 0, 0, 0.75, 0.25, 0.25, 0.5, 0}));
}

/// The verifier's rows are the given mixtures of the draft's heads, at every position.
AlignmentRows mixed(const AlignmentRows& draft, const Heads& weights) {
  AlignmentRows verifier(weights.size(), 1);
  for (std::size_t row = 0; row < draft.rows(); ++row) {
    Heads heads(weights.size(), std::vector<float>(draft.length(row), 0.0F));
    for (std::size_t layer = 0; layer < weights.size(); ++layer) {
      for (std::size_t head = 0; head < weights[layer].size(); ++head) {
        const auto values = draft.probabilities(row, head / draft.kv_heads(), head % draft.kv_heads());
        for (std::size_t i = 0; i < values.size(); ++i) heads[layer][i] += weights[layer][head] * values[i];
      }
    }
    add(verifier, heads);
  }
  return verifier;
}

TEST(FitMixture, FindsKnownWeights) {
  std::mt19937 generator(4);
  const AlignmentRows draft = random_rows(generator, 2, 2, {30, 100, 150, 200, 251});
  const Heads weights = {{0.1F, 0.2F, 0.3F, 0.4F}, {0, 1, 0, 0}, {0.5F, 0, 0.5F, 0}, {0.7F, 0, 0, 1.4F}};
  MixtureOptions options;
  options.iterations_max = 500;
  options.improvement_min = 0;
  const auto fitted = fit_mixture(mixed(draft, weights), draft, options);
  ASSERT_TRUE(fitted.ok());
  ASSERT_EQ(fitted->size(), 16U);
  for (std::size_t layer = 0; layer < 4; ++layer) {
    for (std::size_t head = 0; head < 4; ++head)
      EXPECT_NEAR((*fitted)[(layer * 4) + head], weights[layer][head], 0.01) << layer << ' ' << head;
  }
}

TEST(FitMixture, NeverFitsWorseThanFewerIterations) {
  std::mt19937 generator(5);
  const std::vector<std::size_t> lengths = {80, 120, 160};
  const AlignmentRows verifier = random_rows(generator, 2, 2, lengths);
  const AlignmentRows draft = random_rows(generator, 2, 3, lengths);
  std::vector<double> before(2, std::numeric_limits<double>::infinity());
  for (const int iterations : {0, 1, 2, 5, 20, 50}) {
    MixtureOptions options;
    options.iterations_max = iterations;
    const auto weights = fit_mixture(verifier, draft, options);
    ASSERT_TRUE(weights.ok());
    for (std::size_t layer = 0; layer < 2; ++layer) {
      double now = 0;
      for (std::size_t row = 0; row < lengths.size(); ++row) {
        const std::vector<double> target = head_mean(verifier, row, layer);
        for (std::size_t i = 4; i < lengths[row] - 32; ++i) {
          double mix = 0;
          for (std::size_t head = 0; head < 6; ++head)
            mix += double{(*weights)[(layer * 6) + head]} * draft.probabilities(row, head / 3, head % 3)[i];
          now += (target[i] * std::log(target[i] / mix)) - target[i] + mix;
        }
      }
      EXPECT_LE(now, before[layer] + 1e-6) << iterations;
      before[layer] = now;
    }
  }
}

TEST(FitMixture, SinksAndWindowDoNotCount) {
  std::mt19937 generator(6);
  const AlignmentRows draft = random_rows(generator, 1, 2, {100, 140});
  AlignmentRows verifier = mixed(draft, {{0.25F, 0.75F}});
  const auto before = fit_mixture(verifier, draft);
  for (std::size_t row = 0; row < 2; ++row) {
    const auto values = verifier.probabilities(row, 0, 0);
    values.front() = 100;
    values[3] = 100;
    values.back() = 100;
    values[values.size() - 32] = 100;
  }
  const auto after = fit_mixture(verifier, draft);
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_EQ(before.value(), after.value());
}

TEST(FitMixture, WithNothingToFitStaysUniform) {
  std::mt19937 generator(7);
  const std::vector<float> uniform(4, 0.25F);
  const AlignmentRows draft = random_rows(generator, 2, 2, {1, 4, 36});
  const AlignmentRows verifier = random_rows(generator, 1, 2, {1, 4, 36});
  const auto short_rows = fit_mixture(verifier, draft);
  ASSERT_TRUE(short_rows.ok());
  EXPECT_EQ(short_rows.value(), uniform);

  AlignmentRows silent(1, 1);  // attends to nothing between sinks and window
  silent.add_row(50);
  const auto no_target = fit_mixture(silent, random_rows(generator, 2, 2, {50}));
  ASSERT_TRUE(no_target.ok());
  EXPECT_EQ(no_target.value(), uniform);
}

TEST(FitMixture, OneRowAndSilentComponents) {
  std::mt19937 generator(8);
  AlignmentRows draft(2, 1);
  add(draft, {random_row(generator, 60), std::vector<float>(60, 0.0F)});
  const auto weights = fit_mixture(mixed(draft, {{1, 0}}), draft);
  ASSERT_TRUE(weights.ok());
  EXPECT_NEAR(weights->at(0), 1, 1e-3);
  EXPECT_EQ(weights->at(1), 0);

  AlignmentRows mute(2, 1);
  mute.add_row(60);
  const auto nothing = fit_mixture(random_rows(generator, 1, 1, {60}), mute);
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(nothing.value(), (std::vector<float>{0.5F, 0.5F}));
}

CostMatrix golden_matrix(const nlohmann::json& rows) {
  CostMatrix cost = matrix(rows.size(), rows.at(0).size(), {});
  for (const auto& row : rows) {
    for (const auto& value : row) cost.values.push_back(value.get<double>());
  }
  return cost;
}

TEST(GoldenAlignment, LayerMapOfTheReferenceCosts) {
  const auto& alignment = golden().at("alignment");
  EXPECT_EQ(monotone_map(golden_matrix(alignment.at("cost"))), alignment.at("map").get<std::vector<int>>());
}

TEST(GoldenAlignment, HeadMapOfTheReferenceCosts) {
  const auto& selection = golden().at("selection");
  std::vector<int> expected;
  for (const auto& pick : selection.at("head_map"))
    expected.push_back((pick.at(0).get<int>() * 2) + pick.at(1).get<int>());
  EXPECT_EQ(head_map(golden_matrix(selection.at("head_cost"))), expected);
}

/// Rows 248..255 of the reference, mean over heads: [layers][8][256] on disk.
AlignmentRows golden_rows(const std::string& name, std::size_t layers) {
  const std::vector<float> values = golden_floats(name);
  EXPECT_EQ(values.size(), layers * 8 * 256);
  AlignmentRows rows(layers, 1);
  for (std::size_t row = 0; row < 8; ++row) {
    rows.add_row(249 + row);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const auto out = rows.probabilities(row, layer, 0);
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(((layer * 8) + row) * 256), out.size(),
                  out.begin());
    }
  }
  return rows;
}

TEST(GoldenAlignment, CostOfTheLastRowsResemblesThatOfAll) {
  const AlignmentRows verifier = golden_rows("verifier_attention_last8.f32", 16);
  const AlignmentRows draft = golden_rows("draft_attention_last8.f32", 6);
  const auto cost = layer_cost(verifier, draft);
  ASSERT_TRUE(cost.ok());
  const CostMatrix all = golden_matrix(golden().at("alignment").at("cost"));
  for (std::size_t j = 0; j < 16; ++j) {
    for (std::size_t i = 0; i < 6; ++i) {
      double expected = 0;
      for (std::size_t row = 0; row < 8; ++row)
        expected += divergence(head_mean(verifier, row, j), head_mean(draft, row, i)) / 8;
      EXPECT_NEAR(cost->at(j, i), expected, 1e-5);
      // Eight rows against 192: within a factor of two (measured: 0.78 to 1.75).
      EXPECT_LT(cost->at(j, i), 2 * all.at(j, i));
      EXPECT_GT(cost->at(j, i), all.at(j, i) / 2);
    }
  }
  const std::vector<int> map = monotone_map(*cost);
  const auto expected = golden().at("alignment").at("map").get<std::vector<int>>();
  for (std::size_t j = 0; j < 16; ++j) EXPECT_LE(std::abs(map[j] - expected[j]), 1) << j;
}

TEST(LayerLeniency, IsStricterWithSensitiveLayersAndOneOnAverage) {
  const std::vector<float> sensitivity{0.1F, 0.4F, 0.1F, 1.6F, 0.0F};
  const std::vector<float> leniency = layer_leniency(sensitivity);
  ASSERT_EQ(leniency.size(), sensitivity.size());
  EXPECT_NEAR(std::accumulate(leniency.begin(), leniency.end(), 0.0), 5.0, 1e-5);
  EXPECT_FLOAT_EQ(leniency[0], leniency[2]);
  EXPECT_GT(leniency[0], leniency[1]);
  EXPECT_GT(leniency[1], leniency[3]);
  EXPECT_GE(leniency[4], leniency[0]);
  EXPECT_LE(leniency[4] / leniency[3], 4.0F) << "a layer that seems to need nothing is not starved";
}

TEST(LayerLeniency, DoesNotDependOnTheScale) {
  const std::vector<float> small = layer_leniency(std::vector<float>{1e-6F, 3e-6F});
  const std::vector<float> large = layer_leniency(std::vector<float>{1e6F, 3e6F});
  EXPECT_NEAR(small[0], large[0], 1e-5);
  EXPECT_EQ(layer_leniency(std::vector<float>{0, 0}), (std::vector<float>{1, 1}));
  EXPECT_TRUE(layer_leniency({}).empty());
}

}  // namespace
}  // namespace fovea
