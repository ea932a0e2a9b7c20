// Each filter by hand, all of them against a plain full sort, and the draws by their frequencies.
#include "engine/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "tests/engine/allocation_counter.h"
#include "tests/engine/chi_square.h"

namespace fovea {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

using Distribution = std::vector<TokenProbability>;

/// Temperature 1 and every filter off; the tests switch on what they test.
SamplingOptions plain() {
  SamplingOptions options;
  options.temperature = 1;
  options.top_k = 0;
  options.top_p = 1;
  options.min_p = 0;
  options.repetition_penalty = 1;
  options.seed = 1;
  return options;
}

std::vector<float> logits_of(const std::vector<double>& probabilities) {
  std::vector<float> logits(probabilities.size());
  std::ranges::transform(probabilities, logits.begin(),
                         [](double p) { return static_cast<float>(std::log(p) + 3); });
  return logits;
}

Distribution filtered(const SamplingOptions& options, const std::vector<float>& logits,
                      const std::vector<TokenId>& history = {}) {
  Distribution out;
  Sampler(options).distribution(logits, history, out);
  return out;
}

void expect_near(const Distribution& got, const Distribution& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].token, expected[i].token) << i;
    EXPECT_NEAR(got[i].probability, expected[i].probability, 2e-6) << i;
  }
}

const std::vector<double> kFive{0.1, 0.4, 0.05, 0.25, 0.2};

TEST(Sampler, NoFilterGivesTheSoftmaxSorted) {
  expect_near(filtered(plain(), logits_of(kFive)), {{1, 0.4F}, {3, 0.25F}, {4, 0.2F}, {0, 0.1F}, {2, 0.05F}});
}

TEST(Sampler, TemperatureRaisesToItsInverse) {
  SamplingOptions options = plain();
  options.temperature = 0.5F;  // squares, then renormalises: 0.01, 0.16, 0.0025, 0.0625, 0.04 over 0.275
  expect_near(filtered(options, logits_of(kFive)), {{1, 0.16F / 0.275F},
                                                    {3, 0.0625F / 0.275F},
                                                    {4, 0.04F / 0.275F},
                                                    {0, 0.01F / 0.275F},
                                                    {2, 0.0025F / 0.275F}});
  options.temperature = 1e-30F;
  expect_near(filtered(options, logits_of(kFive)), {{1, 1.0F}});
}

TEST(Sampler, TopK) {
  SamplingOptions options = plain();
  options.top_k = 2;
  expect_near(filtered(options, logits_of(kFive)), {{1, 0.4F / 0.65F}, {3, 0.25F / 0.65F}});
  options.top_k = 1;
  expect_near(filtered(options, logits_of(kFive)), {{1, 1.0F}});
  options.top_k = 100;
  EXPECT_EQ(filtered(options, logits_of(kFive)).size(), 5U);
}

TEST(Sampler, TopKKeepsTheLowerIdOfATie) {
  SamplingOptions options = plain();
  options.top_k = 2;
  expect_near(filtered(options, {1, 5, 1, 1}),
              {{1, 1 / (1 + std::exp(-4.0F))}, {0, 1 / (1 + std::exp(4.0F))}});
  std::vector<float> equal(1000, 0.5F);
  options.top_k = 3;
  expect_near(filtered(options, equal), {{0, 1 / 3.0F}, {1, 1 / 3.0F}, {2, 1 / 3.0F}});
}

TEST(Sampler, TopPKeepsTheTokenThatReachesIt) {
  SamplingOptions options = plain();
  options.top_p = 0.64F;
  expect_near(filtered(options, logits_of(kFive)), {{1, 0.4F / 0.65F}, {3, 0.25F / 0.65F}});
  options.top_p = 0.66F;
  EXPECT_EQ(filtered(options, logits_of(kFive)).size(), 3U);
  options.top_p = 1e-6F;
  expect_near(filtered(options, logits_of(kFive)), {{1, 1.0F}});
  options.top_p = 0.5F;  // exactly reached by two of four equal tokens
  expect_near(filtered(options, {2, 2, 2, 2}), {{0, 0.5F}, {1, 0.5F}});
}

TEST(Sampler, MinPComparesWithTheLikeliest) {
  SamplingOptions options = plain();
  options.min_p = 0.45F;  // times 0.4: 0.18
  expect_near(filtered(options, logits_of(kFive)),
              {{1, 0.4F / 0.85F}, {3, 0.25F / 0.85F}, {4, 0.2F / 0.85F}});
  options.min_p = 0.99F;
  expect_near(filtered(options, logits_of(kFive)), {{1, 1.0F}});
}

TEST(Sampler, FiltersApplyInTheDocumentedOrder) {
  SamplingOptions options = plain();
  options.top_k = 3;  // leaves 0.4, 0.25, 0.2 of 0.85: top-p sees 0.47, 0.29, 0.24
  options.top_p = 0.7F;
  // Of all five, 0.7 would need three tokens; of top-k's renormalised three, two reach 0.76.
  EXPECT_EQ(filtered(options, logits_of(kFive)).size(), 2U);
  options.top_k = 0;
  EXPECT_EQ(filtered(options, logits_of(kFive)).size(), 3U);

  // Of all five, top-p 0.6 takes two tokens; of the two that min-p leaves, it would take one.
  options.top_p = 0.6F;
  options.min_p = 0.6F;
  expect_near(filtered(options, logits_of(kFive)), {{1, 0.4F / 0.65F}, {3, 0.25F / 0.65F}});

  options = plain();  // temperature first: squared probabilities decide how many top-p keeps
  options.top_p = 0.6F;
  EXPECT_EQ(filtered(options, logits_of(kFive)).size(), 2U);
  options.temperature = 0.5F;
  options.top_p = 0.58F;
  EXPECT_EQ(filtered(options, logits_of(kFive)).size(), 1U);
}

TEST(Sampler, RepetitionPenaltyDividesPositiveAndMultipliesNegative) {
  SamplingOptions options = plain();
  options.repetition_penalty = 2;
  const std::vector<float> logits{2, -1, 0.5F, 3};
  const std::vector<TokenId> history{3, 1, 1, 99,
                                     -7};  // a repeated token once, ids outside the vocabulary never
  const Distribution expected = filtered(plain(), {2, -2, 0.5F, 1.5F});
  EXPECT_EQ(filtered(options, logits, history), expected);
  options.repetition_window = 4;  // the first 3 falls out of the window
  EXPECT_EQ(filtered(options, logits, history), filtered(plain(), {2, -2, 0.5F, 3}));
  options.repetition_window = 0;
  EXPECT_EQ(filtered(options, logits, history), filtered(plain(), logits));
}

TEST(Sampler, GreedyIsTheArgmaxAndIgnoresTheFilters) {
  SamplingOptions options;
  options.temperature = 0;
  options.min_p = 0.9F;
  options.repetition_penalty = 1.1F;
  options.seed = 1;
  Sampler sampler(options);
  EXPECT_TRUE(sampler.is_greedy());
  std::vector<float> logits(37, -1.0F);
  logits[20] = logits[36] = 4;
  expect_near(filtered(options, logits), {{20, 1.0F}});
  EXPECT_EQ(sampler.sample(logits, {}), 20);
  EXPECT_EQ(sampler.sample(logits, std::vector<TokenId>{20}), 36) << "the penalty still applies";
  for (std::size_t i = 0; i < logits.size(); ++i) {
    std::vector<float> one(logits.size(), -kInfinity);
    one[i] = -5;
    EXPECT_EQ(sampler.sample(one, {}), static_cast<TokenId>(i)) << "vector body and tail alike";
  }
}

TEST(Sampler, NanAndInfinities) {
  for (const float temperature : {0.0F, 1.0F}) {
    SamplingOptions options = plain();
    options.temperature = temperature;
    expect_near(filtered(options, {kNan, -3, kNan, -kInfinity}), {{1, 1.0F}});
    expect_near(filtered(options, {1, kInfinity, kNan}), {{1, 1.0F}});
    expect_near(filtered(options, {kNan, -kInfinity, -kInfinity}), {{1, 1.0F}});
    expect_near(filtered(options, {kNan, kNan}), {{0, 1.0F}});
    expect_near(filtered(options, std::vector<float>(50, kNan)), {{0, 1.0F}});
    expect_near(filtered(options, {3e38F, -3e38F, 1}), {{0, 1.0F}});
  }
  expect_near(filtered(plain(), {kInfinity, 0, kInfinity}), {{0, 0.5F}, {2, 0.5F}});
  expect_near(filtered(plain(), {}), {{0, 1.0F}});
}

/// The same filters, one after the other, over a full sort in double.
Distribution filtered_plainly(const SamplingOptions& options, std::vector<float> logits,
                              const std::vector<TokenId>& history) {
  const std::vector<float> original = logits;
  const auto window = std::min(history.size(), static_cast<std::size_t>(options.repetition_window));
  for (const TokenId token :
       std::vector<TokenId>(history.end() - static_cast<std::ptrdiff_t>(window), history.end())) {
    const auto i = static_cast<std::size_t>(token);
    logits[i] =
        original[i] > 0 ? original[i] / options.repetition_penalty : original[i] * options.repetition_penalty;
  }
  std::vector<std::pair<double, TokenId>> entries;  // negated logit, so that ascending order is ours
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] > -kInfinity)
      entries.emplace_back(-static_cast<double>(logits[i]), static_cast<TokenId>(i));
  }
  std::sort(entries.begin(), entries.end());
  if (options.top_k > 0) entries.resize(std::min(entries.size(), static_cast<std::size_t>(options.top_k)));
  const double largest = -entries.front().first;
  double total = 0;
  for (auto& [value, token] : entries) total += value = std::exp((-value - largest) / options.temperature);
  double mass = 0;
  std::size_t kept = 0;
  while (kept < entries.size() && (options.top_p >= 1 || mass < options.top_p * total))
    mass += entries[kept++].first;
  entries.resize(kept);
  std::erase_if(entries, [&](const auto& entry) { return entry.first < options.min_p; });
  double rest = 0;
  for (const auto& [value, token] : entries) rest += value;
  Distribution out;
  for (const auto& [value, token] : entries) out.push_back({token, static_cast<float>(value / rest)});
  return out;
}

TEST(Sampler, AgreesWithAFullSort) {
  std::mt19937 random(11);
  const auto pick = [&](const auto& choices) { return choices[random() % choices.size()]; };
  for (int round = 0; round < 400; ++round) {
    SamplingOptions options = plain();
    options.temperature = pick(std::vector<float>{0.3F, 0.8F, 1.0F, 4.0F});
    options.top_k = pick(std::vector<int>{0, 1, 7, 40, 300, 700, 5000});
    options.top_p = pick(std::vector<float>{0.137F, 0.613F, 0.951F, 0.99937F, 1.0F});
    options.min_p = pick(std::vector<float>{0, 0, 0.0137F, 0.213F});
    options.repetition_penalty = pick(std::vector<float>{1.0F, 1.3F});
    std::normal_distribution<float> normal(0, pick(std::vector<float>{0.1F, 2.0F, 6.0F}));
    std::vector<float> logits(pick(std::vector<std::size_t>{1, 2, 15, 33, 1000, 4099}));
    const bool ties = random() % 2 == 0;
    for (float& logit : logits) {
      logit = normal(random);
      if (ties) logit = std::round(logit * 8) / 8;
      if (random() % 50 == 0) logit = random() % 2 == 0 ? kNan : -kInfinity;
    }
    logits[random() % logits.size()] = 1;  // at least one that can be chosen
    std::vector<TokenId> history(random() % 100);
    for (TokenId& token : history) token = static_cast<TokenId>(random() % logits.size());

    Distribution got = filtered(options, logits, history);
    Distribution expected = filtered_plainly(options, logits, history);
    ASSERT_TRUE(std::is_sorted(got.begin(), got.end(),
                               [](const auto& a, const auto& b) { return a.probability > b.probability; }));
    double sum = 0;
    for (const TokenProbability& entry : got) sum += static_cast<double>(entry.probability);
    EXPECT_NEAR(sum, 1.0, 1e-5);
    std::erase_if(expected, [](const TokenProbability& entry) { return entry.probability <= 1e-30F; });
    std::erase_if(got, [](const TokenProbability& entry) { return entry.probability <= 1e-30F; });
    // Logits one rounding apart may share a weight and then go by id, so compare token by token.
    const auto by_token = [](const auto& a, const auto& b) { return a.token < b.token; };
    std::sort(got.begin(), got.end(), by_token);
    std::sort(expected.begin(), expected.end(), by_token);
    ASSERT_EQ(got.size(), expected.size()) << "round " << round;
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].token, expected[i].token) << "round " << round;
      ASSERT_NEAR(got[i].probability, expected[i].probability, 1e-5F * expected[i].probability + 1e-9F)
          << round;
    }
  }
}

TEST(Sampler, EqualLogitsGoByIdHoweverMany) {
  std::vector<float> logits(5000);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i * 7919 % 3);
  for (const int top_k : {0, 10, 700, 4999}) {
    SamplingOptions options = plain();
    options.top_k = top_k;
    const Distribution got = filtered(options, logits);
    ASSERT_EQ(got.size(), top_k == 0 ? logits.size() : static_cast<std::size_t>(top_k));
    for (std::size_t i = 1; i < got.size(); ++i) {
      const float before = logits[static_cast<std::size_t>(got[i - 1].token)];
      const float here = logits[static_cast<std::size_t>(got[i].token)];
      ASSERT_TRUE(before > here || (before == here && got[i - 1].token < got[i].token)) << i;
    }
  }
}

TEST(Sampler, DrawsFollowTheDistribution) {
  SamplingOptions options = plain();
  options.top_k = 20;
  options.top_p = 0.9F;
  options.seed = 5;
  Sampler sampler(options);
  std::vector<float> logits(64);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i * 37 % 64) / 8.0F;
  Distribution distribution;
  sampler.distribution(logits, {}, distribution);
  std::vector<double> probabilities(logits.size(), 0.0);
  for (const auto& [token, probability] : distribution)
    probabilities[static_cast<std::size_t>(token)] = probability;
  std::vector<std::size_t> drawn(logits.size(), 0);
  std::vector<std::size_t> placed(logits.size(), 0);
  for (int i = 0; i < 200'000; ++i) {
    ++drawn[static_cast<std::size_t>(sampler.draw(distribution))];
    // A place in the text has its own noise.
    ++placed[static_cast<std::size_t>(sampler.draw_at(distribution, static_cast<std::size_t>(i)))];
  }
  expect_drawn_from(probabilities, drawn);
  expect_drawn_from(probabilities, placed);
  std::vector<std::size_t> sampled(logits.size(), 0);
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    options.seed = seed;
    ++sampled[static_cast<std::size_t>(Sampler(options).sample(logits, {}))];
  }
  expect_drawn_from(probabilities, sampled);
}

// What checking a guess against another distribution rests on (Daliri, Musco and Suresh 2024): alike
// distributions mostly draw alike, at least as often as (1 - d) / (1 + d).
TEST(Sampler, NeighbouringDistributionsMostlyDrawTheSameAtAPlace) {
  SamplingOptions options = plain();
  options.seed = 11;
  const Sampler sampler(options);
  const Distribution p{{1, 0.5F}, {2, 0.3F}, {3, 0.2F}};
  const Distribution q{{2, 0.4F}, {1, 0.4F}, {7, 0.2F}};  // d = 0.3
  int alike = 0;
  constexpr int kPlaces = 100'000;
  for (std::size_t place = 0; place < kPlaces; ++place) {
    alike += sampler.draw_at(p, place) == sampler.draw_at(q, place) ? 1 : 0;
    ASSERT_EQ(sampler.draw_at(p, place), sampler.draw_at(p, place));
  }
  const double share = static_cast<double>(alike) / kPlaces;
  EXPECT_GT(share, (1 - 0.3) / (1 + 0.3) - 0.01);
  EXPECT_LT(share, 0.7 + 0.01) << "no rule can do better than the overlap";
}

TEST(Sampler, SeedsRepeatAndZeroDoesNot) {
  const std::vector<float> logits(1000, 0.0F);
  const auto answer = [&](std::uint64_t seed) {
    SamplingOptions options = plain();
    options.seed = seed;
    Sampler sampler(options);
    std::vector<TokenId> tokens;
    while (tokens.size() < 20) tokens.push_back(sampler.sample(logits, tokens));
    return std::pair(tokens, sampler.seed());
  };
  EXPECT_EQ(answer(7), answer(7));
  EXPECT_NE(answer(7).first, answer(8).first);
  const auto [tokens, seed] = answer(0);
  EXPECT_NE(seed, 0U);
  EXPECT_NE(tokens, answer(0).first);
  EXPECT_EQ(tokens, answer(seed).first) << "seed() repeats the turn";
}

TEST(Sampler, AllocatesNothingAfterTheFirstCall) {
  for (const float temperature : {0.0F, 0.8F}) {
    for (const int top_k : {0, 40}) {
      SamplingOptions options;
      options.temperature = temperature;
      options.top_k = top_k;
      options.repetition_penalty = 1.1F;
      options.seed = 3;
      Sampler sampler(options);
      std::mt19937 random(1);
      std::normal_distribution<float> normal(0, 4);
      std::vector<std::vector<float>> logits(3, std::vector<float>(8192));
      for (auto& row : logits) std::generate(row.begin(), row.end(), [&] { return normal(random); });
      std::vector<TokenId> history(100, 4);
      Distribution out;
      (void)sampler.sample(logits[0], history);
      sampler.distribution(logits[0], history, out);
      const std::size_t before = allocation_count();
      for (const auto& row : logits) {
        (void)sampler.sample(row, history);
        sampler.distribution(row, history, out);
      }
      EXPECT_EQ(allocation_count(), before) << temperature << " " << top_k;
    }
  }
  SamplingOptions options = plain();
  options.temperature = 0;
  Sampler sampler(options);
  const std::vector<float> logits(8192, 1.0F);
  const std::size_t before = allocation_count();
  (void)sampler.sample(logits, {});
  EXPECT_EQ(allocation_count(), before) << "greedy without a penalty never allocates";
}

// Computed apart from the published description; SplitMix64's part agrees with its widely used test vector.
TEST(RandomGenerator, IsXoshiro256StarStar) {
  RandomGenerator random(42);
  EXPECT_EQ(random.next(), 1546998764402558742U);
  EXPECT_EQ(random.next(), 6990951692964543102U);
  EXPECT_EQ(random.next(), 12544586762248559009U);
  EXPECT_EQ(random.next(), 17057574109182124193U);
  RandomGenerator again(42);
  EXPECT_EQ(again.uniform(), 0.08386297105988216);
  EXPECT_EQ(again.uniform(), 0.3789802506626686);
}

TEST(RandomGenerator, IsUniform) {
  RandomGenerator random(9);
  std::vector<std::size_t> counts(100, 0);
  for (int i = 0; i < 1'000'000; ++i) {
    const double value = random.uniform();
    ASSERT_TRUE(value >= 0 && value < 1);
    ++counts[static_cast<std::size_t>(value * 100)];
  }
  expect_drawn_from(std::vector<double>(100, 0.01), counts);
}

}  // namespace
}  // namespace fovea
