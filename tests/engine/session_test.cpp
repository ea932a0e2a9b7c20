// Session over small random models: what a turn promises, whatever the weights say.
#include "engine/session.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "engine/tokenizer.h"
#include "tests/engine/chi_square.h"
#include "tests/engine/model_files.h"
#include "tests/engine/random_model.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using namespace fovea::testing;

class SessionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Session> open(bool with_draft = true, int context = 0, int threads = 2) {
    return open_session(m_verifier, with_draft ? m_draft : "", threads, context);
  }
  TemporaryFolder m_folder;
  std::string m_verifier = m_folder.write("verifier.gguf", random_model(1).build());
  std::string m_draft = m_folder.write("draft.gguf", random_model(2).build());
};

std::vector<ChatMessage> conversation(int turns, const std::string& text = "ab ab ab") {
  std::vector<ChatMessage> messages{{Role::kSystem, "a"}};
  for (int i = 0; i < turns; ++i) {
    messages.push_back({Role::kUser, text});
    if (i + 1 < turns) messages.push_back({Role::kAssistant, text});
  }
  return messages;
}

TEST_F(SessionTest, SpeculativeIsTokenIdenticalToDenseWhateverTheDraftLength) {
  const auto session = open();
  for (TokenId first = 260; first < 268; ++first) {
    const std::vector<TokenId> prompt{1, first, 264, 262};
    const Result<TurnResult> dense = session->generate(prompt, greedy(Mode::kDense, 100), {}, {});
    ASSERT_TRUE(dense.ok());
    for (int k = 1; k <= GenerationOptions::kMaxDraftTokens; ++k) {
      const Result<TurnResult> speculative =
          session->generate(prompt, greedy(Mode::kSpeculative, 100, k), {}, {});
      ASSERT_TRUE(speculative.ok());
      ASSERT_EQ(speculative->token_ids, dense->token_ids) << "draft of " << k;
      ASSERT_EQ(speculative->text, dense->text);
    }
  }
}

TEST_F(SessionTest, AnswersDoNotDependOnTheNumberOfThreads) {
  const std::vector<TokenId> prompt{1, 262, 264};
  const auto one = open(true, 0, 1);
  const auto three = open(true, 0, 3);
  EXPECT_EQ(one->info().threads, 1);
  if (three->info().backend == "cpu") {
    EXPECT_EQ(three->info().threads, 3);
  }
  EXPECT_EQ(*one->logits(prompt), *three->logits(prompt));
}

// Joint distribution of the first two tokens, with and without a draft that is often wrong.
TEST_F(SessionTest, SpeculativeSamplingHasTheVerifiersDistribution) {
  const auto session = open();
  GenerationOptions options;
  options.max_tokens = 2;
  options.draft_tokens = 3;
  options.sampling.temperature = 1.5F;
  options.sampling.top_k = 4;
  options.sampling.top_p = 1;
  options.sampling.min_p = 0;
  const std::vector<TokenId> prompt{1, 262, 264};
  const int draws = 6000;
  // Token ids to cells: the few that occur, found by the dense runs.
  std::map<std::pair<TokenId, TokenId>, std::pair<std::size_t, std::size_t>> counts;
  int accepted = 0;
  int proposed = 0;
  for (const Mode mode : {Mode::kDense, Mode::kSpeculative}) {
    options.mode = mode;
    for (int i = 0; i < draws; ++i) {
      options.sampling.seed = static_cast<std::uint64_t>(i) * 2 + (mode == Mode::kDense ? 1 : 2);
      const Result<TurnResult> turn = session->generate(prompt, options, {}, {});
      ASSERT_TRUE(turn.ok());
      std::vector<TokenId> ids = turn->token_ids;
      ids.resize(2, -1);
      auto& cell = counts[{ids[0], ids[1]}];
      (mode == Mode::kDense ? cell.first : cell.second) += 1;
      accepted += static_cast<int>(turn->statistics.accepted);
      proposed += static_cast<int>(turn->statistics.proposed);
    }
  }
  EXPECT_GT(accepted, proposed / 20);  // both outcomes of the rule are exercised
  EXPECT_LT(accepted, proposed * 19 / 20);
  // Two samples of one distribution (chi-square test of homogeneity for equal sizes): sum (a - b)^2 / (a +
  // b).
  double statistic = 0;
  std::size_t cells = 0;
  for (const auto& [ids, count] : counts) {
    const auto a = static_cast<double>(count.first);
    const auto b = static_cast<double>(count.second);
    if (a + b < 10) continue;
    statistic += (a - b) * (a - b) / (a + b);
    ++cells;
  }
  ASSERT_GE(cells, 8U);
  EXPECT_LT(statistic, chi_square_limit(cells - 1));
}

TEST_F(SessionTest, TheSameSeedRepeatsAnAnswer) {
  const auto session = open();
  GenerationOptions options;
  options.max_tokens = 30;
  options.sampling.seed = 7;
  const std::vector<TokenId> prompt{1, 262, 264};
  const Result<TurnResult> a = session->generate(prompt, options, {}, {});
  const Result<TurnResult> b = session->generate(prompt, options, {}, {});
  options.sampling.seed = 8;
  const Result<TurnResult> c = session->generate(prompt, options, {}, {});
  EXPECT_EQ(a->token_ids, b->token_ids);
  EXPECT_NE(a->token_ids, c->token_ids);
}

TEST_F(SessionTest, AFollowUpQuestionPrefillsOnlyWhatIsNew) {
  const auto session = open();
  GenerationOptions options = greedy(Mode::kSpeculative, 8);
  std::vector<ChatMessage> messages = conversation(1);
  const Result<TurnResult> first = session->chat(messages, options, {}, {});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->statistics.prefilled_tokens, first->statistics.prompt_tokens);
  // The answer as the engine wrote it, then a new question.
  messages.push_back({Role::kAssistant, "ab"});
  messages.push_back({Role::kUser, "ab"});
  const Result<TurnResult> second = session->chat(messages, options, {}, {});
  ASSERT_TRUE(second.ok());
  // Everything up to the opening of the first answer is still in the cache.
  EXPECT_LE(second->statistics.prefilled_tokens,
            second->statistics.prompt_tokens - first->statistics.prompt_tokens);
  // And the answer is what a fresh session says.
  EXPECT_EQ(open()->chat(messages, options, {}, {})->token_ids, second->token_ids);
}

TEST_F(SessionTest, ALongConversationDropsWholeTurnsAndSaysSo) {
  const auto session = open(true, 96);
  const GenerationOptions options = greedy(Mode::kSpeculative, 6);
  int told = -1;
  TurnObserver observer;
  observer.on_context_dropped = [&](int dropped) { told = dropped; };
  const std::vector<ChatMessage> messages = conversation(20);
  const Result<TurnResult> turn = session->chat(messages, options, observer, {});
  ASSERT_TRUE(turn.ok()) << turn.error().to_string();
  EXPECT_GT(turn->dropped_messages, 0);
  EXPECT_EQ(turn->dropped_messages % 2, 0);  // question and answer together
  EXPECT_EQ(told, turn->dropped_messages);
  EXPECT_LE(turn->statistics.prompt_tokens, 96);
  // What is answered is the conversation without those turns, system prompt kept.
  std::vector<ChatMessage> shorter = messages;
  shorter.erase(shorter.begin() + 1, shorter.begin() + 1 + turn->dropped_messages);
  EXPECT_EQ(session->chat(shorter, options, {}, {})->token_ids, turn->token_ids);
}

TEST_F(SessionTest, OnceTurnsAreDroppedTheNextQuestionReusesTheRest) {
  const auto session = open(true, 128);
  const GenerationOptions options = greedy(Mode::kDense, 4);
  std::vector<ChatMessage> messages = conversation(20);
  const Result<TurnResult> first = session->chat(messages, options, {}, {});
  ASSERT_TRUE(first.ok());
  messages.push_back({Role::kAssistant, "ab"});
  messages.push_back({Role::kUser, "ab"});
  const Result<TurnResult> second = session->chat(messages, options, {}, {});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->dropped_messages, first->dropped_messages);
  EXPECT_LT(second->statistics.prefilled_tokens, 20);
}

TEST_F(SessionTest, ALongAnswerPushesOutOldTurnsAndGoesOn) {
  const auto session = open(true, 96);
  GenerationOptions options = greedy(Mode::kSpeculative, 300);
  options.sampling.temperature =
      1;  // a greedy loop of this model would end in </s> or repeat; either is fine
  options.sampling.seed = 3;
  std::string streamed;
  std::vector<int> told;
  TurnObserver observer;
  observer.on_text = [&](std::string_view text) { streamed += text; };
  observer.on_context_dropped = [&](int dropped) { told.push_back(dropped); };
  const Result<TurnResult> turn = session->chat(conversation(4), options, observer, {});
  ASSERT_TRUE(turn.ok()) << turn.error().to_string();
  EXPECT_EQ(streamed, turn->text);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  if (turn->reason == FinishReason::kContextFull) {
    EXPECT_GT(turn->statistics.generated_tokens, 20);
  }
}

TEST_F(SessionTest, AMessageThatCannotFitIsRefusedInWords) {
  const auto session = open(true, 64);
  std::string text;
  for (int i = 0; i < 200; ++i) text += "ab ";
  const Result<TurnResult> turn = session->chat(conversation(1, text), greedy(Mode::kDense, 10), {}, {});
  ASSERT_FALSE(turn.ok());
  EXPECT_NE(turn.error().message.find("too long"), std::string::npos);
  EXPECT_FALSE(turn.error().remedy.empty());
}

TEST_F(SessionTest, ARawPromptEndsWhereTheContextDoes) {
  const auto session = open(true, 64);
  for (const Mode mode : {Mode::kDense, Mode::kSpeculative}) {
    GenerationOptions options = greedy(mode, 1000);
    options.sampling.temperature = 1;
    for (std::uint64_t seed = 1; seed < 20; ++seed) {
      options.sampling.seed = seed;
      const Result<TurnResult> turn = session->generate(std::vector<TokenId>{1, 262, 264}, options, {}, {});
      ASSERT_TRUE(turn.ok());
      EXPECT_LE(turn->statistics.generated_tokens + 3, 65);
      if (turn->reason == FinishReason::kContextFull) {
        EXPECT_EQ(turn->statistics.generated_tokens + 3, 65);
      }
    }
  }
}

TEST_F(SessionTest, StopsWithinOneStep) {
  const auto session = open();
  std::stop_source stop;
  int steps = 0;
  TurnObserver observer;
  observer.on_step = [&](const StepTelemetry&) {
    if (++steps == 3) stop.request_stop();
  };
  GenerationOptions options = greedy(Mode::kSpeculative, 100);
  options.sampling.temperature = 1;
  options.sampling.seed = 5;
  const Result<TurnResult> turn =
      session->generate(std::vector<TokenId>{1, 262}, options, observer, stop.get_token());
  ASSERT_TRUE(turn.ok());
  EXPECT_EQ(steps, 3);
  EXPECT_EQ(turn->reason, FinishReason::kCancelled);
  EXPECT_GT(turn->statistics.generated_tokens, 0);
  // And before the first.
  const Result<TurnResult> none =
      session->generate(std::vector<TokenId>{1, 262}, options, {}, stop.get_token());
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->reason, FinishReason::kCancelled);
  EXPECT_EQ(none->statistics.generated_tokens, 0);
}

TEST_F(SessionTest, StatisticsAddUp) {
  const auto session = open();
  std::vector<StepTelemetry> steps;
  TurnObserver observer;
  observer.on_step = [&](const StepTelemetry& step) { steps.push_back(step); };
  const Result<TurnResult> turn =
      session->generate(std::vector<TokenId>{1, 262, 264}, greedy(Mode::kSpeculative, 40), observer, {});
  ASSERT_TRUE(turn.ok());
  const TurnStatistics& s = turn->statistics;
  TurnStatistics sum;
  for (const StepTelemetry& step : steps) sum.add(step);
  EXPECT_EQ(s.steps, static_cast<int>(steps.size()));
  EXPECT_EQ(s.generated_tokens, static_cast<int>(turn->token_ids.size()));
  EXPECT_EQ(s.proposed, sum.proposed);
  EXPECT_EQ(s.accepted, sum.accepted);
  EXPECT_EQ(s.kv_entries_read, s.kv_entries_dense);  // nothing is pruned in these modes
  EXPECT_EQ(s.kv_reads_saved(), 0);
  EXPECT_GT(s.draft_kv_entries_read, 0);
  // The first verification reads the prompt and its proposals once, in the one layer there is.
  EXPECT_EQ(steps[0].kv_entries_read, 3 + steps[0].proposed);
  ASSERT_FALSE(s.proposed_at.empty());
  EXPECT_GT(s.proposed_at[0], 0);
  EXPECT_LE(s.proposed_at[0], s.steps);
  EXPECT_EQ(std::accumulate(s.proposed_at.begin(), s.proposed_at.end(), std::int64_t{0}), s.proposed);
  EXPECT_EQ(std::accumulate(s.accepted_at.begin(), s.accepted_at.end(), std::int64_t{0}), s.accepted);
}

TEST_F(SessionTest, RequestsThatMakeNoSenseAreRefusedInWords) {
  const auto without = open(false);
  const std::vector<TokenId> prompt{1, 262};
  const auto message = [&](const std::vector<TokenId>& ids, const GenerationOptions& options) {
    const Result<TurnResult> turn = without->generate(ids, options, {}, {});
    return turn.ok() ? std::string() : turn.error().to_string();
  };
  EXPECT_NE(message(prompt, greedy(Mode::kSpeculative, 5)).find("draft"), std::string::npos);
  EXPECT_NE(message({}, greedy(Mode::kDense, 5)).find("empty"), std::string::npos);
  EXPECT_NE(message({1, 5000}, greedy(Mode::kDense, 5)).find("5000"), std::string::npos);
  EXPECT_NE(message({1, -1}, greedy(Mode::kDense, 5)).find("-1"), std::string::npos);
  EXPECT_NE(message(std::vector<TokenId>(1000, 262), greedy(Mode::kDense, 5)).find("1000"),
            std::string::npos);
  EXPECT_NE(message(prompt, greedy(Mode::kDense, 0)), "");
  EXPECT_EQ(message(prompt, greedy(Mode::kDense, 5)), "");
}

TEST_F(SessionTest, ADraftOfAnotherVocabularyIsRefused) {
  TinyVocabulary other;
  other.tokens[8] = "other";
  const std::string renamed = m_folder.write("renamed.gguf", random_model(3, other).build());
  other.add("more", -20, 1);
  const std::string larger = m_folder.write("larger.gguf", random_model(3, other).build());
  for (const std::string& draft : {renamed, larger}) {
    SessionOptions options;
    options.verifier_path = m_verifier;
    options.draft_path = draft;
    const Result<std::unique_ptr<Session>> session = Session::create(options, nullptr, {});
    ASSERT_FALSE(session.ok());
    EXPECT_NE(session.error().message.find("vocabular"), std::string::npos) << session.error().message;
    EXPECT_FALSE(session.error().remedy.empty());
  }
}

TEST_F(SessionTest, LoadingReportsProgressAndCanBeCancelled) {
  SessionOptions options;
  options.verifier_path = m_verifier;
  options.draft_path = m_draft;
  std::vector<double> fractions;
  ASSERT_TRUE(Session::create(options, [&](double f, std::string_view) { fractions.push_back(f); }, {}).ok());
  EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
  EXPECT_DOUBLE_EQ(fractions.back(), 1.0);

  std::stop_source stop;
  stop.request_stop();
  const auto cancelled = Session::create(options, nullptr, stop.get_token());
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(cancelled.error().code, ErrorCode::kCancelled);
}

TEST_F(SessionTest, ImpossibleContextsAreRefused) {
  SessionOptions options;
  options.verifier_path = m_verifier;
  for (const int context : {-5, 1, 1 << 30}) {
    options.context_tokens = context;
    EXPECT_FALSE(Session::create(options, nullptr, {}).ok()) << context;
  }
  options.context_tokens = 0;
}

TEST_F(SessionTest, AnAskedForBackendServesOrSaysWhyNot) {
  SessionOptions options;
  options.verifier_path = m_verifier;
  options.backend = BackendKind::kCpu;
  const auto cpu = Session::create(options, nullptr, {});
  ASSERT_TRUE(cpu.ok());
  EXPECT_EQ((*cpu)->info().backend, "cpu");
  options.backend = BackendKind::kCuda;
  const auto cuda = Session::create(options, nullptr, {});
  if (cuda.ok()) {
    EXPECT_EQ((*cuda)->info().backend, "cuda");
  } else {
    EXPECT_EQ(cuda.error().code, ErrorCode::kUnsupported);
    EXPECT_FALSE(cuda.error().message.empty());
    EXPECT_NE(cuda.error().remedy.find("cpu"), std::string::npos);
  }
}

}  // namespace
}  // namespace fovea
