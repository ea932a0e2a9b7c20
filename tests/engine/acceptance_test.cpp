// The acceptance rule by its distribution: what is emitted must be the verifier's, whatever the draft
// proposes.
#include "engine/acceptance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

#include "tests/engine/chi_square.h"

namespace fovea {
namespace {

using Distribution = std::vector<TokenProbability>;

constexpr std::size_t kDraws = 200'000;

/// A distribution over a random part of the vocabulary, sorted as Sampler::distribution sorts it.
Distribution random_distribution(std::mt19937& random, std::size_t vocabulary) {
  std::uniform_real_distribution<double> uniform(0.01, 1);
  std::vector<TokenId> tokens(vocabulary);
  std::iota(tokens.begin(), tokens.end(), 0);
  std::shuffle(tokens.begin(), tokens.end(), random);
  tokens.resize(1 + (random() % vocabulary));
  std::vector<double> weights(tokens.size());
  for (double& weight : weights) weight = std::pow(uniform(random), 3);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  Distribution out;
  for (std::size_t i = 0; i < tokens.size(); ++i)
    out.push_back({tokens[i], static_cast<float>(weights[i] / total)});
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.probability > b.probability; });
  return out;
}

std::vector<double> dense(const Distribution& distribution, std::size_t vocabulary) {
  std::vector<double> out(vocabulary, 0.0);
  for (const auto& [token, probability] : distribution) out[static_cast<std::size_t>(token)] = probability;
  return out;
}

TEST(Acceptance, FirstTokenFollowsTheVerifierAndAcceptsTheOverlap) {
  std::mt19937 cases(1);
  RandomGenerator random(2);
  Acceptance acceptance;
  for (int round = 0; round < 30; ++round) {
    const std::size_t vocabulary = 2 + (cases() % 12);
    const Distribution p = random_distribution(cases, vocabulary);
    const Distribution q = random_distribution(cases, vocabulary);
    std::vector<std::size_t> counts(vocabulary, 0);
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < kDraws; ++i) {
      const TokenId proposal = draw(q, random);
      const Acceptance::Step step = acceptance.accept_one(p, q, proposal, random);
      if (step.accepted) {
        ++accepted;
        ASSERT_EQ(step.token, proposal);
      }
      ++counts[static_cast<std::size_t>(step.token)];
    }
    SCOPED_TRACE(round);
    const std::vector<double> dense_p = dense(p, vocabulary);
    const std::vector<double> dense_q = dense(q, vocabulary);
    expect_drawn_from(dense_p, counts);
    double overlap = 0;
    for (std::size_t i = 0; i < vocabulary; ++i) overlap += std::min(dense_p[i], dense_q[i]);
    const double deviation = std::sqrt((overlap * (1 - overlap) / kDraws) + 1e-12);
    EXPECT_NEAR(static_cast<double>(accepted) / kDraws, overlap, 5 * deviation);
  }
}

TEST(Acceptance, EqualDistributionsAlwaysAccept) {
  std::mt19937 cases(3);
  RandomGenerator random(4);
  Acceptance acceptance;
  for (int round = 0; round < 100; ++round) {
    const Distribution p = random_distribution(cases, 20);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(acceptance.accept_one(p, p, draw(p, random), random).accepted);
  }
}

TEST(Acceptance, DisjointSupportsNeverAccept) {
  const Distribution p{{7, 0.75F}, {9, 0.25F}};
  const Distribution q{{1, 0.5F}, {2, 0.5F}};
  RandomGenerator random(5);
  Acceptance acceptance;
  std::vector<std::size_t> counts(10, 0);
  for (std::size_t i = 0; i < kDraws; ++i) {
    const Acceptance::Step step = acceptance.accept_one(p, q, draw(q, random), random);
    ASSERT_FALSE(step.accepted);
    ++counts[static_cast<std::size_t>(step.token)];
  }
  expect_drawn_from(dense(p, 10), counts);
}

TEST(Acceptance, PointMassesAreGreedy) {
  const Distribution three{{3, 1.0F}};
  const Distribution wide{{3, 0.5F}, {4, 0.5F}};
  RandomGenerator random(6);
  Acceptance acceptance;
  for (int i = 0; i < 1000; ++i) {
    const Acceptance::Step same = acceptance.accept_one(three, three, 3, random);
    EXPECT_TRUE(same.accepted);
    EXPECT_TRUE(acceptance.accept_one(three, wide, 3, random).accepted);
    const Acceptance::Step other = acceptance.accept_one(three, wide, 4, random);
    EXPECT_FALSE(other.accepted);
    EXPECT_EQ(other.token, 3);
    const Acceptance::Step far = acceptance.accept_one(three, Distribution{{90'000, 1.0F}}, 90'000, random);
    EXPECT_FALSE(far.accepted);
    EXPECT_EQ(far.token, 3);
  }
}

TEST(Acceptance, RoundingThatLeavesNoResidualFallsBackToTheVerifier) {
  const Distribution p{{0, 0.25F}, {1, 0.125F}};  // below q everywhere: only rounding could do this
  const Distribution q{{0, 0.5F}, {1, 0.5F}};
  RandomGenerator random(7);
  Acceptance acceptance;
  std::vector<std::size_t> counts(2, 0);
  while (counts[0] + counts[1] < kDraws) {
    const Acceptance::Step step = acceptance.accept_one(p, q, 1, random);
    if (!step.accepted) ++counts[static_cast<std::size_t>(step.token)];
  }
  expect_drawn_from({2 / 3.0, 1 / 3.0}, counts);
}

TEST(Acceptance, AProposalOutsideTheDraftIsJudgedByTheVerifierAlone) {
  RandomGenerator random(8);
  Acceptance acceptance;
  EXPECT_TRUE(
      acceptance.accept_one(Distribution{{1, 0.1F}, {2, 0.9F}}, Distribution{{2, 1.0F}}, 1, random).accepted);
  EXPECT_FALSE(acceptance.accept_one(Distribution{{2, 1.0F}}, Distribution{{2, 1.0F}}, 1, random).accepted);
}

TEST(Acceptance, AsksTheVerifierInOrderAndNoFurtherThanNeeded) {
  const std::vector<Distribution> drafts(3, Distribution{{1, 1.0F}});
  const std::vector<TokenId> proposals(3, 1);
  RandomGenerator random(9);
  Acceptance acceptance;
  for (std::size_t refused = 0; refused <= 3; ++refused) {
    std::vector<std::size_t> asked;
    Distribution current;
    const auto verifier = [&](std::size_t index) -> std::span<const TokenProbability> {
      asked.push_back(index);
      current = {{index == refused ? 5 : 1, 1.0F}};
      return current;
    };
    const Acceptance::Run run = acceptance.accept_run(proposals, drafts, verifier, random);
    EXPECT_EQ(run.accepted, refused);
    EXPECT_EQ(run.next, 5);
    std::vector<std::size_t> expected(refused + 1);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(asked, expected);
  }
  const Acceptance::Run none = acceptance.accept_run(
      {}, {},
      [](std::size_t) -> std::span<const TokenProbability> {
        static const Distribution eight{{8, 1.0F}};
        return eight;
      },
      random);
  EXPECT_EQ(none.accepted, 0U);
  EXPECT_EQ(none.next, 8);
}

// --- Sequences: a small model whose next logits depend on the last token, filtered by the real Sampler ---

constexpr std::size_t kVocabulary = 5;
using Chain = std::array<std::vector<float>, kVocabulary>;  // [last token] -> logits [kVocabulary]

Chain random_chain(unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.5F, 1.2F);
  Chain chain;
  for (auto& logits : chain) {
    logits.resize(kVocabulary);
    for (float& logit : logits) logit = normal(random);
  }
  return chain;
}

Distribution next_of(const Chain& chain, Sampler& sampler, const std::vector<TokenId>& history) {
  Distribution out;
  sampler.distribution(chain[static_cast<std::size_t>(history.back())], history, out);
  return out;
}

/// Appends one speculative step to `history`: `k` proposals of `draft`, what `verifier` keeps, and one token
/// more.
void speculate(const Chain& draft, const Chain& verifier, std::size_t k, Sampler& sampler,
               Acceptance& acceptance, std::vector<TokenId>& history) {
  std::vector<TokenId> proposals;
  std::vector<Distribution> drafts;
  std::vector<TokenId> seen = history;
  for (std::size_t i = 0; i < k; ++i) {
    drafts.push_back(next_of(draft, sampler, seen));
    proposals.push_back(sampler.draw(drafts.back()));
    seen.push_back(proposals.back());
  }
  Distribution current;
  const auto ask = [&](std::size_t index) -> std::span<const TokenProbability> {
    // Asking again means that the last proposal stands: it belongs to the penalty's window now.
    if (index > 0) history.push_back(proposals[index - 1]);
    current = next_of(verifier, sampler, history);
    return current;
  };
  history.push_back(acceptance.accept_run(proposals, drafts, ask, sampler.random()).next);
}

/// Probability of every sequence of `length` tokens after `history`, by enumeration of the verifier alone.
void enumerate(const Chain& verifier, Sampler& sampler, std::vector<TokenId>& history, std::size_t length,
               double probability, std::size_t cell, std::vector<double>& out) {
  if (length == 0) {
    out[cell] += probability;
    return;
  }
  for (const auto& [token, share] : next_of(verifier, sampler, history)) {
    history.push_back(token);
    enumerate(verifier, sampler, history, length - 1, probability * static_cast<double>(share),
              (cell * kVocabulary) + static_cast<std::size_t>(token), out);
    history.pop_back();
  }
}

class AcceptanceSequences : public testing::TestWithParam<std::tuple<std::size_t, int>> {};

TEST_P(AcceptanceSequences, JointDistributionIsTheVerifiersChain) {
  const auto [k, filters] = GetParam();
  SamplingOptions options;
  options.seed = 100 + k;
  options.temperature = 1;
  options.top_k = filters > 0 ? 4 : 0;
  options.top_p = filters > 0 ? 0.93F : 1.0F;
  options.min_p = filters > 0 ? 0.05F : 0.0F;
  options.repetition_penalty = filters > 1 ? 1.8F : 1.0F;
  options.repetition_window = 2;
  Sampler sampler(options);
  Acceptance acceptance;
  const Chain draft = random_chain(21);
  const Chain verifier = random_chain(22);
  constexpr std::size_t kLength = 3;
  constexpr std::size_t kSequences = 60'000;
  std::vector<double> expected(kVocabulary * kVocabulary * kVocabulary, 0.0);
  std::vector<TokenId> start{2};
  enumerate(verifier, sampler, start, kLength, 1, 0, expected);

  std::vector<std::size_t> counts(expected.size(), 0);
  for (std::size_t i = 0; i < kSequences; ++i) {
    std::vector<TokenId> history = start;
    while (history.size() < 1 + kLength) speculate(draft, verifier, k, sampler, acceptance, history);
    std::size_t cell = 0;
    for (std::size_t t = 1; t <= kLength; ++t)
      cell = (cell * kVocabulary) + static_cast<std::size_t>(history[t]);
    ++counts[cell];
  }
  expect_drawn_from(expected, counts);
}

INSTANTIATE_TEST_SUITE_P(ProposalsAndFilters, AcceptanceSequences,
                         testing::Combine(testing::Values(1, 2, 4), testing::Values(0, 1, 2)));

TEST(Acceptance, GreedySequencesAreTheVerifiersToTheToken) {
  SamplingOptions options;
  options.temperature = 0;
  options.seed = 1;
  for (unsigned seed = 0; seed < 50; ++seed) {
    Sampler sampler(options);
    Acceptance acceptance;
    const Chain draft = random_chain(seed);
    const Chain verifier = random_chain(seed + 1000);
    std::vector<TokenId> dense_history{0};
    while (dense_history.size() < 60) {
      dense_history.push_back(
          sampler.sample(verifier[static_cast<std::size_t>(dense_history.back())], dense_history));
    }
    std::vector<TokenId> history{0};
    while (history.size() < 60) speculate(draft, verifier, 1 + (seed % 5), sampler, acceptance, history);
    history.resize(60);
    EXPECT_EQ(history, dense_history);
  }
}

// What the verifier alone would draw at each place, whoever proposed what: right guesses stand, and the first
// wrong one is replaced by the verifier's own.
TEST(Acceptance, SharedNoiseEmitsTheVerifiersOwnDraws) {
  SamplingOptions options;
  options.seed = 3;
  const Sampler sampler(options);
  const std::vector<TokenProbability> verifier{{4, 0.5F}, {5, 0.3F}, {6, 0.2F}};
  for (std::size_t position = 10; position < 400; ++position) {
    const std::vector<TokenId> own{sampler.draw_at(verifier, position),
                                   sampler.draw_at(verifier, position + 1),
                                   sampler.draw_at(verifier, position + 2)};
    const auto drawn = [&](std::size_t index) { return own[index]; };
    const std::vector<TokenId> right{own[0], own[1]};
    const Acceptance::Run all = Acceptance::accept_shared(right, drawn);
    ASSERT_EQ(all.accepted, 2U);
    ASSERT_EQ(all.next, own[2]);
    const std::vector<TokenId> wrong{own[0], own[1] + 1, own[2]};
    const Acceptance::Run some = Acceptance::accept_shared(wrong, drawn);
    ASSERT_EQ(some.accepted, 1U);
    ASSERT_EQ(some.next, own[1]);
  }
}

}  // namespace
}  // namespace fovea
