// Replay over small random models: it agrees with answers that the dense verifier would have given, finds the
// place where others leave them, and reports the probabilities that the models' own logits give.
#include "engine/replay.h"

#include <algorithm>

#include "engine/sampler.h"
#include "engine/session.h"
#include "engine/tokenizer.h"
#include "tests/engine/model_files.h"
#include "tests/engine/random_model.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using namespace fovea::testing;

constexpr int kContext = 384;

class ReplayTest : public ::testing::Test {
 protected:
  std::unique_ptr<Session> open() { return open_session(m_verifier, m_draft, 2, kContext); }
  static std::vector<TokenId> prompt(int length, int variant) {
    std::vector<TokenId> ids{1};
    for (int i = 1; i < length; ++i) ids.push_back(262 + (i * (variant + 3) + i / 7) % 9);
    return ids;
  }
  static GenerationOptions sampled(Mode mode, float temperature, std::uint64_t seed) {
    GenerationOptions options = greedy(mode, 70, 4);
    options.sampling.temperature = temperature;
    options.sampling.top_k = 8;
    options.sampling.repetition_penalty = 1.1F;
    options.sampling.seed = seed;
    // Judged without a draft's alignment, and pruned hard.
    options.sparsity.selector = SelectorKind::kStreaming;
    options.sparsity.budget = 0.05F;
    options.sparsity.sinks = 1;
    options.sparsity.window = 2;
    return options;
  }
  static ReplayRequest request(const std::vector<TokenId>& ids, const TurnResult& answer,
                               const GenerationOptions& options) {
    ReplayRequest request{ids, answer.token_ids, options.sampling, {}};
    request.sampling.seed = answer.seed;
    return request;
  }
  static std::vector<TokenId> drawn(const Replay& replay) {
    std::vector<TokenId> tokens;
    for (const ReplayedToken& token : replay.tokens) tokens.push_back(token.drawn);
    return tokens;
  }
  TemporaryFolder m_folder;
  std::string m_verifier = m_folder.write("verifier.gguf", random_model(1, {}, 3).build());
  std::string m_draft = m_folder.write("draft.gguf", random_model(2, {}, 2).build());
};

TEST_F(ReplayTest, AnswersOfTheModesThatPromiseEqualityAreDrawnAgain) {
  const auto session = open();
  for (const Mode mode : {Mode::kDense, Mode::kSpeculative, Mode::kExact}) {
    for (const float temperature : {0.0F, 0.9F, 1.6F}) {
      for (int variant = 0; variant < 4; ++variant) {
        const std::vector<TokenId> ids = prompt(100 + 40 * variant, variant);
        const auto seed = static_cast<std::uint64_t>(variant) + 1;
        const GenerationOptions options = sampled(mode, temperature, seed);
        const auto answer = session->generate(ids, options, {}, {});
        ASSERT_TRUE(answer.ok()) << answer.error().to_string();
        if (answer->token_ids.empty()) continue;
        const auto replay = session->replay(request(ids, *answer, options), nullptr, {});
        ASSERT_TRUE(replay.ok()) << replay.error().to_string();
        std::vector<TokenId> tokens = drawn(*replay);
        ASSERT_EQ(tokens.size(), answer->token_ids.size() + 1);
        // What follows the answer is what the dense verifier goes on with.
        std::vector<TokenId> longer = ids;
        longer.insert(longer.end(), answer->token_ids.begin(), answer->token_ids.end());
        GenerationOptions one = sampled(Mode::kDense, temperature, seed);
        one.max_tokens = 1;
        const auto next = session->generate(longer, one, {}, {});
        ASSERT_TRUE(next.ok());
        EXPECT_EQ(tokens.back(), next->token_ids.empty() ? replay->end : next->token_ids.front());
        tokens.pop_back();
        EXPECT_EQ(tokens, answer->token_ids) << to_string(mode) << " at " << temperature;
        for (std::size_t i = 0; i < tokens.size(); ++i)
          EXPECT_EQ(replay->tokens[i].answer_probability, replay->tokens[i].drawn_probability);
      }
    }
  }
}

// The greedy dense answer itself says where a sparse one leaves it.
TEST_F(ReplayTest, TheFirstDifferenceIsWhereTheDenseAnswerGoesElsewhere) {
  const auto session = open();
  int different = 0;
  for (int variant = 0; variant < 8; ++variant) {
    const std::vector<TokenId> ids = prompt(150 + 10 * variant, variant);
    const auto dense = session->generate(ids, sampled(Mode::kDense, 0, 1), {}, {});
    const auto sparse = session->generate(ids, sampled(Mode::kSparse, 0, 1), {}, {});
    ASSERT_TRUE(dense.ok() && sparse.ok());
    const auto replay = session->replay(request(ids, *sparse, sampled(Mode::kSparse, 0, 1)), nullptr, {});
    ASSERT_TRUE(replay.ok()) << replay.error().to_string();
    const std::vector<TokenId> tokens = drawn(*replay);
    const auto [ours, theirs] =
        std::mismatch(sparse->token_ids.begin(), sparse->token_ids.end(), tokens.begin());
    const auto expected = std::mismatch(sparse->token_ids.begin(), sparse->token_ids.end(),
                                        dense->token_ids.begin(), dense->token_ids.end());
    ASSERT_EQ(ours, expected.first) << variant;
    if (ours == sparse->token_ids.end()) continue;
    ++different;
    if (expected.second != dense->token_ids.end()) {
      EXPECT_EQ(*theirs, *expected.second);
    }
    const ReplayedToken& place = replay->tokens[static_cast<std::size_t>(theirs - tokens.begin())];
    EXPECT_LT(place.answer_probability, place.drawn_probability);
  }
  EXPECT_GT(different, 2) << "the answers do differ";
}

TEST_F(ReplayTest, ProbabilitiesAreThoseOfTheModelsOwnLogits) {
  const auto session = open();
  const auto draft_alone = open_session(m_draft, "", 2, kContext);
  const std::vector<TokenId> ids = prompt(90, 5);
  const GenerationOptions options = sampled(Mode::kSpeculative, 1.2F, 7);
  const auto answer = session->generate(ids, options, {}, {});
  ASSERT_TRUE(answer.ok());
  ReplayRequest asked = request(ids, *answer, options);
  const std::vector<std::size_t> places{0, 31, 32, 33, 69};  // on both sides of a block's end
  asked.refused.assign(answer->token_ids.size() + 1, ReplayRequest::kNothing);
  Sampler sampler(asked.sampling);
  std::vector<TokenProbability> distribution;
  const auto of = [&](Session& model, std::size_t place) {
    std::vector<TokenId> before = ids;
    before.insert(before.end(), asked.answer.begin(),
                  asked.answer.begin() + static_cast<std::ptrdiff_t>(place));
    sampler.distribution(*model.logits(before), before, distribution);
  };
  for (const std::size_t place : places) {
    of(*session, place);
    asked.refused[place] = distribution.back().token;
  }
  const auto replay = session->replay(asked, nullptr, {});
  ASSERT_TRUE(replay.ok()) << replay.error().to_string();
  const auto probability = [&](TokenId token) {
    for (const TokenProbability& entry : distribution)
      if (entry.token == token) return entry.probability;
    return 0.0F;
  };
  for (const std::size_t place : places) {
    const ReplayedToken& token = replay->tokens[place];
    of(*session, place);
    EXPECT_NEAR(token.answer_probability, probability(asked.answer[place]), 1e-3F) << place;
    EXPECT_NEAR(token.drawn_probability, probability(token.drawn), 1e-3F);
    EXPECT_NEAR(token.refused_probability, probability(asked.refused[place]), 1e-3F);
    of(*draft_alone, place);
    EXPECT_NEAR(token.draft_probability, probability(asked.refused[place]), 1e-3F);
  }
  EXPECT_TRUE(std::isnan(replay->tokens[1].refused_probability));
  EXPECT_TRUE(std::isnan(replay->tokens[1].draft_probability));
}

TEST_F(ReplayTest, WhenGreedyProbabilitiesAreThoseBeforeAnyFilter) {
  const auto session = open();
  const std::vector<TokenId> ids = prompt(60, 2);
  GenerationOptions options = sampled(Mode::kDense, 0, 1);
  options.sampling.repetition_penalty = 1;
  const auto answer = session->generate(ids, options, {}, {});
  ASSERT_TRUE(answer.ok());
  const auto replay = session->replay(request(ids, *answer, options), nullptr, {});
  ASSERT_TRUE(replay.ok());
  const std::vector<float> logits = *session->logits(ids);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  const double expected =
      std::exp(static_cast<double>(logits[static_cast<std::size_t>(answer->token_ids[0])])) / sum;
  EXPECT_NEAR(replay->tokens[0].drawn_probability, expected, 1e-3);
  EXPECT_LT(replay->tokens[0].drawn_probability, 1);
}

TEST_F(ReplayTest, AFullContextLeavesNoRoomForWhatFollows) {
  const auto session = open();
  const std::vector<TokenId> ids = prompt(kContext - 30, 1);
  const auto answer = session->generate(ids, sampled(Mode::kDense, 0, 1), {}, {});
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->reason, FinishReason::kContextFull);
  const auto replay = session->replay(request(ids, *answer, sampled(Mode::kDense, 0, 1)), nullptr, {});
  ASSERT_TRUE(replay.ok()) << replay.error().to_string();
  EXPECT_EQ(drawn(*replay), answer->token_ids);
}

TEST_F(ReplayTest, ItCanBeStoppedAndReportsHowFarItIs) {
  const auto session = open();
  const std::vector<TokenId> ids = prompt(200, 1);
  const auto answer = session->generate(ids, sampled(Mode::kDense, 0, 1), {}, {});
  ASSERT_TRUE(answer.ok());
  const ReplayRequest again = request(ids, *answer, sampled(Mode::kDense, 0, 1));
  std::vector<double> progress;
  ASSERT_TRUE(session->replay(again, [&](double done) { progress.push_back(done); }, {}).ok());
  ASSERT_GE(progress.size(), 3U);
  EXPECT_TRUE(std::is_sorted(progress.begin(), progress.end()));
  EXPECT_EQ(progress.back(), 1.0);
  std::stop_source stop;
  const auto stopped = session->replay(
      again, [&](double) { stop.request_stop(); }, stop.get_token());
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

TEST_F(ReplayTest, WhatCannotBeReplayedIsRefusedInWords) {
  const auto session = open();
  const SamplingOptions sampling = sampled(Mode::kDense, 1, 3).sampling;
  const std::vector<TokenId> ids = prompt(20, 1);
  const std::vector<ReplayRequest> wrong{
      {{}, {262}, sampling, {}},
      {ids, {}, sampling, {}},
      {ids, {1 << 20}, sampling, {}},
      {{-1}, {262}, sampling, {}},
      {prompt(kContext, 1), {262, 263}, sampling, {}},
      {ids,
       {262},
       [&] {
         auto bad = sampling;
         bad.temperature = -1;
         return bad;
       }(),
       {}},
  };
  for (const ReplayRequest& request : wrong) {
    const auto replay = session->replay(request, nullptr, {});
    ASSERT_FALSE(replay.ok());
    EXPECT_EQ(replay.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(replay.error().message.empty());
  }
  // A refused token of another vocabulary has no chance, and does no harm.
  const auto odd =
      session->replay({ids, {262}, sampled(Mode::kDense, 0, 1).sampling, {1 << 20, -7}}, nullptr, {});
  ASSERT_TRUE(odd.ok());
  EXPECT_EQ(odd->tokens[0].refused_probability, 0);
}

}  // namespace
}  // namespace fovea
