// Both acceptance rules on the device. Shared noise token by token against the engine's; speculative sampling
// by its distribution: what is emitted must be the verifier's, whatever the draft proposes.
#include "kernels/cuda/acceptance.h"

#include <cmath>
#include <numeric>

#include "engine/acceptance.h"
#include "tests/engine/chi_square.h"
#include "tests/kernels/cuda/device_draws.h"

namespace fovea::kernels {
namespace {

using cuda::AcceptanceResult;
using cuda::ProposalState;
using testing::DeviceArray;
using testing::DeviceDraws;
using testing::parameters_of;
using testing::TokenDistribution;

SamplingOptions plain(std::uint64_t seed) {
  SamplingOptions options;
  options.temperature = 1;
  options.top_k = 0;
  options.top_p = 1;
  options.min_p = 0;
  options.repetition_penalty = 1;
  options.seed = seed;
  return options;
}

std::vector<double> dense(const TokenDistribution& distribution, std::size_t vocabulary) {
  std::vector<double> out(vocabulary, 0.0);
  for (const auto& [token, p] : distribution) out[static_cast<std::size_t>(token)] = p;
  return out;
}

class CudaAcceptanceTest : public testing::CudaTest {
 protected:
  std::uint64_t fresh_seed() { return 1 + random.below(1'000'000'000); }
  /// Logits of a random part of the vocabulary; the rest cannot be drawn.
  std::vector<float> partial_logits(std::size_t vocabulary, std::size_t chance) {
    std::vector<float> logits = random.normals(vocabulary, 1.5F);
    for (float& logit : logits) {
      if (random.below(chance) == 0) logit = -std::numeric_limits<float>::infinity();
    }
    logits[random.below(vocabulary)] = 1;
    return logits;
  }
};

// Whole steps, replayed: k proposals, a row for each and one more, the engine's answer beside.
TEST_F(CudaAcceptanceTest, SharedNoiseEmitsWhatTheEngineDoes) {
  constexpr std::size_t kVocabulary = 300;
  constexpr std::size_t kSteps = 4;
  SamplingOptions options = plain(fresh_seed());
  options.temperature = 0.8F;
  options.top_k = 40;
  options.repetition_penalty = 1.3F;
  options.repetition_window = 6;
  Sampler sampler(options);

  constexpr std::size_t kCapacity = 1000;
  DeviceArray<float> draft_logits(kSteps * kVocabulary);
  DeviceArray<float> verifier_logits((kSteps + 1) * kVocabulary);
  DeviceArray<std::int32_t> tokens(kCapacity);
  DeviceArray<std::int32_t> position(std::vector<std::int32_t>{2});
  DeviceArray<ProposalState> state(std::vector<ProposalState>{{2, 0, 0, 1.0F}});
  DeviceArray<AcceptanceResult> result(2);
  DeviceArray<cuda::SamplingParameters> parameters(std::vector{parameters_of(options)});
  DeviceDraws draft(kSteps, kVocabulary);
  DeviceDraws verifier(kSteps + 1, kVocabulary);
  std::vector<TokenId> sequence{5, 299, 7};
  tokens.set(sequence);
  const testing::Graph graph([&](cudaStream_t stream) {
    for (std::size_t step = 0; step < kSteps; ++step) {
      ASSERT_EQ(cuda::propose(draft.view(), state.get(), tokens.get(),
                              draft_logits.get() + step * kVocabulary, parameters.get(), {0.25F, -1},
                              cuda::AcceptanceRule::kSharedNoise, step, kVocabulary, stream),
                cudaSuccess);
    }
    ASSERT_EQ(cuda::sample(verifier.view(), verifier_logits.get(), tokens.get(), position.get(),
                           parameters.get(), kSteps + 1, kVocabulary, stream),
              cudaSuccess);
    ASSERT_EQ(
        cuda::accept_shared(result.get(), tokens.get(), position.get(), state.get(), verifier.view(), stream),
        cudaSuccess);
  });
  std::vector<int> accepted_times(kSteps + 1, 0);
  for (int round = 0; round < 150; ++round) {
    std::vector<float> row = random.normals((kSteps + 1) * kVocabulary, 3);
    for (std::size_t i = 0; i <= kSteps; ++i) row[i * kVocabulary + random.below(kVocabulary)] += 8;
    verifier_logits.set(row);
    for (float& logit : row) logit += random.normal(0.3F);
    std::vector<float> draft_row(row.begin(), row.end() - kVocabulary);
    draft_logits.set(draft_row);
    ASSERT_NO_FATAL_FAILURE(graph.run());

    const AcceptanceResult got = result.host()[0];
    const std::vector<std::int32_t> text = tokens.host();
    const std::vector<TokenId> proposals(
        text.begin() + static_cast<std::ptrdiff_t>(sequence.size()),
        text.begin() + static_cast<std::ptrdiff_t>(sequence.size()) + std::min(got.accepted, got.proposed));
    // The engine draws from the verifier's logits alone; the draft only decides how far it looks.
    const std::vector<float> logits = verifier_logits.host();
    ASSERT_GE(got.accepted, 0);
    ASSERT_LE(got.accepted, got.proposed);
    ASSERT_LE(got.proposed, static_cast<std::int32_t>(kSteps));
    ASSERT_EQ(got.emitted, got.accepted + 1);
    for (std::int32_t i = 0; i < got.emitted; ++i) {
      const TokenId token = sampler.sample(
          std::span(logits).subspan(static_cast<std::size_t>(i) * kVocabulary, kVocabulary), sequence);
      ASSERT_EQ(got.tokens[i], token) << "step " << round << " token " << i;
      sequence.push_back(token);
    }
    ASSERT_EQ(std::vector<TokenId>(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(sequence.size())),
              sequence);
    const auto last = static_cast<std::int32_t>(sequence.size() - 1);
    ASSERT_EQ(got.position, last);
    ASSERT_EQ(position.host()[0], last);
    const ProposalState fresh = state.host()[0];
    ASSERT_EQ(fresh.position, last);
    ASSERT_EQ(fresh.proposed, 0);
    ASSERT_EQ(fresh.stopped, 0);
    ASSERT_EQ(fresh.all_stand, 1);
    ++accepted_times[static_cast<std::size_t>(got.accepted)];
    ASSERT_EQ(result.host()[1].position, -1) << "nothing beside the result";
  }
  EXPECT_GT(accepted_times[0], 0);
  EXPECT_GT(accepted_times[1] + accepted_times[2] + accepted_times[3] + accepted_times[4], 10);
}

// Proposals set by the host, so that each count and each place of the first refusal comes.
TEST_F(CudaAcceptanceTest, SharedNoiseKeepsTheLongestEqualPrefix) {
  DeviceDraws verifier(cuda::kMaxProposals + 1, 1);
  std::vector<std::int32_t> drawn(cuda::kMaxProposals + 1);
  std::iota(drawn.begin(), drawn.end(), 100);
  FOVEA_CUDA_OK(cudaMemcpy(verifier.view().token, drawn.data(), drawn.size() * sizeof(std::int32_t),
                           cudaMemcpyHostToDevice));
  DeviceArray<std::int32_t> tokens(60);
  DeviceArray<std::int32_t> position(1);
  DeviceArray<ProposalState> state(1);
  DeviceArray<AcceptanceResult> result(1);
  for (const std::int32_t proposed : {0, 1, 5, 31, 32}) {
    for (std::int32_t refused = 0; refused <= proposed; ++refused) {
      std::vector<std::int32_t> text(60, 7);
      std::copy(drawn.begin(), drawn.begin() + proposed, text.begin() + 11);
      if (refused < proposed) text[static_cast<std::size_t>(11 + refused)] = 1;
      tokens.set(text);
      position.set({10});
      state.set({{10 + proposed, proposed, 1, 0.5F}});
      FOVEA_CUDA_OK(cuda::accept_shared(result.get(), tokens.get(), position.get(), state.get(),
                                        verifier.view(), nullptr));
      const AcceptanceResult got = result.host()[0];
      ASSERT_EQ(got.accepted, refused) << "of " << proposed;
      ASSERT_EQ(got.proposed, proposed);
      for (std::int32_t i = 0; i <= refused; ++i) ASSERT_EQ(got.tokens[i], 100 + i);
      text[static_cast<std::size_t>(11 + refused)] = 100 + refused;
      ASSERT_EQ(tokens.host(), text);
      ASSERT_EQ(position.host()[0], 11 + refused);
    }
  }
  position.set({10});
  FOVEA_CUDA_OK(
      cuda::accept_shared(result.get(), tokens.get(), position.get(), nullptr, verifier.view(), nullptr));
  EXPECT_EQ(result.host()[0].emitted, 1);
  EXPECT_EQ(result.host()[0].tokens[0], 100);
}

/// Steps of one proposal from q, judged by p, at ever new places.
struct OneProposal {
  OneProposal(const SamplingOptions& options, const std::vector<float>& p, const std::vector<float>& q)
      : vocabulary(p.size()),
        verifier_logits(doubled(p)),
        draft_logits(q),
        tokens(kCapacity),
        position(std::vector<std::int32_t>{0}),
        state(std::vector<ProposalState>{ProposalState{}}),
        results(kSteps),
        parameters(std::vector{parameters_of(options)}),
        draft(1, p.size()),
        verifier(2, p.size()) {}

  static std::vector<float> doubled(std::vector<float> row) {
    row.insert(row.end(), row.begin(), row.end());
    return row;
  }

  void record(cudaStream_t stream) {
    for (std::size_t i = 0; i < kSteps; ++i) {
      ASSERT_EQ(cuda::propose(draft.view(), state.get(), tokens.get(), draft_logits.get(), parameters.get(),
                              {0, -1}, cuda::AcceptanceRule::kSpeculativeSampling, 0, vocabulary, stream),
                cudaSuccess);
      ASSERT_EQ(cuda::sample(verifier.view(), verifier_logits.get(), tokens.get(), position.get(),
                             parameters.get(), 2, vocabulary, stream),
                cudaSuccess);
      ASSERT_EQ(cuda::accept_sampled(results.get() + i, tokens.get(), position.get(), state.get(),
                                     verifier.view(), draft.view(), parameters.get(), vocabulary, stream),
                cudaSuccess);
    }
  }

  static constexpr std::size_t kSteps = 100;
  static constexpr std::size_t kCapacity = 1 << 17;
  std::size_t vocabulary;
  DeviceArray<float> verifier_logits;
  DeviceArray<float> draft_logits;
  DeviceArray<std::int32_t> tokens;
  DeviceArray<std::int32_t> position;
  DeviceArray<ProposalState> state;
  DeviceArray<AcceptanceResult> results;
  DeviceArray<cuda::SamplingParameters> parameters;
  DeviceDraws draft;
  DeviceDraws verifier;
};

/// First and second tokens of `draws` steps follow p, and as many proposals stand as p and q have in common.
void expect_verifiers(const SamplingOptions& options, const std::vector<float>& p,
                      const std::vector<float>& q, std::size_t draws) {
  OneProposal steps(options, p, q);
  const testing::Graph graph([&](cudaStream_t stream) { steps.record(stream); });
  const std::size_t vocabulary = p.size();
  std::vector<std::size_t> first(vocabulary, 0);
  std::vector<std::size_t> second(vocabulary, 0);
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < draws; i += OneProposal::kSteps) {
    ASSERT_NO_FATAL_FAILURE(graph.run());
    for (const AcceptanceResult& result : steps.results.host()) {
      ASSERT_EQ(result.proposed, 1);
      ASSERT_EQ(result.emitted, result.accepted + 1);
      ++first[static_cast<std::size_t>(result.tokens[0])];
      if (result.accepted == 1) ++second[static_cast<std::size_t>(result.tokens[1])];
      accepted += static_cast<std::size_t>(result.accepted);
    }
  }
  Sampler sampler(options);
  TokenDistribution distribution;
  sampler.distribution(p, {}, distribution);
  const std::vector<double> dense_p = dense(distribution, vocabulary);
  sampler.distribution(q, {}, distribution);
  const std::vector<double> dense_q = dense(distribution, vocabulary);
  expect_drawn_from(dense_p, first);
  if (accepted > 1000) expect_drawn_from(dense_p, second);
  double overlap = 0;
  for (std::size_t i = 0; i < vocabulary; ++i) overlap += std::min(dense_p[i], dense_q[i]);
  const auto n = static_cast<double>(draws);
  EXPECT_NEAR(static_cast<double>(accepted) / n, overlap,
              5 * std::sqrt((std::max(overlap * (1 - overlap), 0.0) / n) + 1e-12) + 1e-6);
}

TEST_F(CudaAcceptanceTest, SampledTokensFollowTheVerifierAndAcceptTheOverlap) {
  for (int round = 0; round < 12; ++round) {
    const std::size_t vocabulary = 2 + random.below(12);
    SamplingOptions options = plain(fresh_seed());
    options.top_p = round % 2 == 0 ? 1.0F : 0.9F;
    SCOPED_TRACE(round);
    expect_verifiers(options, partial_logits(vocabulary, 4), partial_logits(vocabulary, 4), 20'000);
    ASSERT_FALSE(HasFailure());
  }
}

// Distributions that no list holds: of the verifier, of the draft, of both.
TEST_F(CudaAcceptanceTest, WideDistributionsFollowTheVerifier) {
  constexpr std::size_t kVocabulary = 900;
  const std::vector<float> wide_a = random.normals(kVocabulary, 1);
  const std::vector<float> wide_b = random.normals(kVocabulary, 1);
  std::vector<float> few = random.normals(kVocabulary, 1);
  for (std::size_t i = 0; i < kVocabulary; ++i) {
    if (i % 5 != 0) few[i] = -std::numeric_limits<float>::infinity();
  }
  expect_verifiers(plain(fresh_seed()), wide_a, wide_b, 20'000);
  expect_verifiers(plain(fresh_seed()), wide_a, few, 20'000);
  expect_verifiers(plain(fresh_seed()), few, wide_b, 20'000);
}

TEST_F(CudaAcceptanceTest, EqualDisjointAndSingleDistributions) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  const std::vector<float> a{1, 2, kNever, kNever, 0.5F};
  const std::vector<float> b{kNever, kNever, 0.3F, 0, kNever};
  const std::vector<float> one{kNever, 3, kNever, kNever, kNever};
  expect_verifiers(plain(fresh_seed()), a, a, 5'000);
  expect_verifiers(plain(fresh_seed()), a, b, 5'000);
  expect_verifiers(plain(fresh_seed()), one, a, 5'000);
  expect_verifiers(plain(fresh_seed()), a, one, 5'000);
  SamplingOptions greedy = plain(fresh_seed());
  greedy.temperature = 0;
  expect_verifiers(greedy, a, a, 1'000);
  expect_verifiers(greedy, a, b, 1'000);
}

// Sequences of a small chain whose next logits depend on the last token, with every filter and the penalty:
// their joint distribution is the verifier's alone.
TEST_F(CudaAcceptanceTest, JointDistributionIsTheVerifiersChain) {
  constexpr std::size_t kVocabulary = 5;
  constexpr std::size_t kProposals = 2;
  constexpr std::size_t kLength = 3;
  constexpr std::size_t kSequences = 12'000;
  SamplingOptions options = plain(fresh_seed());
  options.top_k = 4;
  options.top_p = 0.93F;
  options.min_p = 0.05F;
  options.repetition_penalty = 1.8F;
  options.repetition_window = 2;
  std::vector<std::vector<float>> draft_chain;
  std::vector<std::vector<float>> chain;
  for (std::size_t i = 0; i < kVocabulary; ++i) {
    draft_chain.push_back(random.normals(kVocabulary, 1.2F));
    chain.push_back(random.normals(kVocabulary, 1.2F));
  }
  Sampler sampler(options);
  std::vector<double> expected(kVocabulary * kVocabulary * kVocabulary, 0.0);
  const auto enumerate = [&](auto self, std::vector<TokenId> history, double p, std::size_t cell) -> void {
    if (history.size() == 1 + kLength) {
      expected[cell] += p;
      return;
    }
    TokenDistribution next;
    sampler.distribution(chain[static_cast<std::size_t>(history.back())], history, next);
    for (const auto& [token, share] : next) {
      std::vector<TokenId> longer = history;
      longer.push_back(token);
      self(self, longer, p * share, cell * kVocabulary + static_cast<std::size_t>(token));
    }
  };
  enumerate(enumerate, {2}, 1, 0);

  // All logits that can be asked for lie on the device; the host copies the rows that the tokens choose.
  DeviceArray<float> draft_logits(kVocabulary);
  DeviceArray<float> verifier_logits((kProposals + 1) * kVocabulary);
  DeviceArray<std::int32_t> tokens(16);
  DeviceArray<std::int32_t> position(1);
  DeviceArray<ProposalState> state(1);
  DeviceArray<AcceptanceResult> result(1);
  DeviceArray<cuda::SamplingParameters> parameters(1);
  DeviceDraws draft(kProposals, kVocabulary);
  DeviceDraws verifier(kProposals + 1, kVocabulary);
  std::vector<std::size_t> counts(expected.size(), 0);
  for (std::size_t sequence = 0; sequence < kSequences; ++sequence) {
    std::vector<TokenId> history{2};
    tokens.set(history);
    position.set({0});
    state.set({ProposalState{}});
    parameters.set({parameters_of(options, sequence * 100)});  // fresh noise
    while (history.size() < 1 + kLength) {
      std::vector<TokenId> seen = history;
      std::vector<float> rows;
      for (std::size_t i = 0; i < kProposals; ++i) {
        draft_logits.set(draft_chain[static_cast<std::size_t>(seen.back())]);
        FOVEA_CUDA_OK(cuda::propose(draft.view(), state.get(), tokens.get(), draft_logits.get(),
                                    parameters.get(), {0, -1}, cuda::AcceptanceRule::kSpeculativeSampling, i,
                                    kVocabulary, nullptr));
        seen.push_back(tokens.host()[seen.size()]);
      }
      for (std::size_t i = 0; i <= kProposals; ++i) {
        const auto& row = chain[static_cast<std::size_t>(seen[history.size() - 1 + i])];
        rows.insert(rows.end(), row.begin(), row.end());
      }
      verifier_logits.set(rows);
      FOVEA_CUDA_OK(cuda::sample(verifier.view(), verifier_logits.get(), tokens.get(), position.get(),
                                 parameters.get(), kProposals + 1, kVocabulary, nullptr));
      FOVEA_CUDA_OK(cuda::accept_sampled(result.get(), tokens.get(), position.get(), state.get(),
                                         verifier.view(), draft.view(), parameters.get(), kVocabulary,
                                         nullptr));
      const AcceptanceResult got = result.host()[0];
      history.insert(history.end(), got.tokens, got.tokens + got.emitted);
    }
    std::size_t cell = 0;
    for (std::size_t t = 1; t <= kLength; ++t) {
      cell = cell * kVocabulary + static_cast<std::size_t>(history[t]);
    }
    ++counts[cell];
  }
  expect_drawn_from(expected, counts);
}

}  // namespace
}  // namespace fovea::kernels
