// The modes sparse and exact over small random models: what they promise, whatever the weights say.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "engine/session.h"
#include "engine/tokenizer.h"
#include "tests/engine/model_files.h"
#include "tests/engine/random_model.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using namespace fovea::testing;

constexpr int kContext = 512;

class SparseSessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string text;
    for (int i = 0; i < 300; ++i) text += i % 7 < 3 ? " ab" : (i % 5 == 0 ? "a" : "b");
    std::ofstream(m_folder.path("calibration.txt")) << text;
  }
  SessionOptions options() const {
    SessionOptions options;
    options.verifier_path = m_verifier;
    options.draft_path = m_draft;
    options.threads = 2;
    options.context_tokens = kContext;
    options.alignment.cache_folder = m_folder.path("alignments");
    options.alignment.text_path = m_folder.path("calibration.txt");
    return options;
  }
  std::unique_ptr<Session> open() const {
    Result<std::unique_ptr<Session>> session = Session::create(options(), nullptr, {});
    EXPECT_TRUE(session.ok()) << (session.ok() ? "" : session.error().to_string());
    return session.ok() ? std::move(session).value() : nullptr;
  }
  static std::vector<TokenId> prompt(int length, int variant) {
    std::vector<TokenId> ids{1};
    for (int i = 1; i < length; ++i) ids.push_back(262 + (i * (variant + 3) + i / 7) % 9);
    return ids;
  }
  // Prunes hard, so that the sparse verifier is often wrong.
  static GenerationOptions pruned(Mode mode, float temperature, std::uint64_t seed) {
    GenerationOptions options = greedy(mode, 60, 4);
    options.sampling.temperature = temperature;
    options.sampling.top_k = 8;
    options.sampling.seed = seed;
    options.sparsity.attention_top_p = 0.5F;
    options.sparsity.sinks = 1;
    options.sparsity.window = 4;
    return options;
  }
  TemporaryFolder m_folder;
  std::string m_verifier = m_folder.write("verifier.gguf", random_model(1, {}, 3).build());
  std::string m_draft = m_folder.write("draft.gguf", random_model(2, {}, 2).build());
};

TEST_F(SparseSessionTest, ExactIsTokenIdenticalToDenseGreedyAndSampled) {
  const auto session = open();
  std::int64_t refused = 0;
  std::int64_t confirmed = 0;
  for (const float temperature : {0.0F, 0.7F, 1.5F}) {
    for (int variant = 0; variant < 8; ++variant) {
      const std::vector<TokenId> ids = prompt(150 + 20 * variant, variant);
      const auto seed = static_cast<std::uint64_t>(variant) + 1;
      const auto dense = session->generate(ids, pruned(Mode::kDense, temperature, seed), {}, {});
      GenerationOptions exactly = pruned(Mode::kExact, temperature, seed);
      exactly.sparsity.attention_top_p = variant % 2 == 0 ? 0.5F : 0.98F;  // often wrong, mostly right
      const auto exact = session->generate(ids, exactly, {}, {});
      const auto speculative = session->generate(ids, pruned(Mode::kSpeculative, temperature, seed), {}, {});
      ASSERT_TRUE(dense.ok() && exact.ok() && speculative.ok()) << exact.error().to_string();
      ASSERT_EQ(exact->token_ids, dense->token_ids)
          << "temperature " << temperature << " variant " << variant;
      ASSERT_EQ(exact->text, dense->text);
      ASSERT_EQ(exact->reason, dense->reason);
      ASSERT_EQ(speculative->token_ids, dense->token_ids);
      refused += exact->statistics.refused;
      confirmed += exact->statistics.confirmed;
    }
  }
  EXPECT_GT(refused, 20) << "both outcomes are exercised";
  EXPECT_GT(confirmed, 100);
}

// What the sparse passes of a turn left in the cache must not reach an answer that promises to be exact.
TEST_F(SparseSessionTest, ASparseTurnLeavesNothingBehindForAnExactOne) {
  const auto fresh = open();
  const auto used = open();
  std::vector<TokenId> ids = prompt(200, 1);
  const auto sparse = used->generate(ids, pruned(Mode::kSparse, 0, 1), {}, {});
  ASSERT_TRUE(sparse.ok()) << sparse.error().to_string();
  ASSERT_GT(sparse->statistics.kv_reads_saved(), 0.2);
  ids.insert(ids.end(), sparse->token_ids.begin(), sparse->token_ids.end());
  for (const Mode mode : {Mode::kDense, Mode::kSpeculative, Mode::kExact}) {
    const auto after = used->generate(ids, pruned(mode, 0, 1), {}, {});
    const auto expected = fresh->generate(ids, pruned(Mode::kDense, 0, 1), {}, {});
    ASSERT_TRUE(after.ok() && expected.ok());
    EXPECT_EQ(after->token_ids, expected->token_ids) << to_string(mode);
  }
  expect_same_logits(*used, *used->logits(ids), *fresh->logits(ids));
}

TEST_F(SparseSessionTest, KeepingAllAttentionIsDense) {
  const auto session = open();
  const std::vector<TokenId> ids = prompt(200, 2);
  GenerationOptions options = pruned(Mode::kSparse, 0, 1);
  options.sparsity.attention_top_p = 1;
  const auto sparse = session->generate(ids, options, {}, {});
  const auto dense = session->generate(ids, pruned(Mode::kDense, 0, 1), {}, {});
  ASSERT_TRUE(sparse.ok() && dense.ok());
  EXPECT_EQ(sparse->token_ids, dense->token_ids);
  EXPECT_EQ(sparse->statistics.kv_entries_read, sparse->statistics.kv_entries_dense);
}

TEST_F(SparseSessionTest, SparseAnswersRepeatForASeed) {
  const auto session = open();
  const auto other = open();
  const auto once = session->generate(prompt(180, 3), pruned(Mode::kSparse, 0.9F, 5), {}, {});
  const auto again = other->generate(prompt(180, 3), pruned(Mode::kSparse, 0.9F, 5), {}, {});
  ASSERT_TRUE(once.ok() && again.ok());
  EXPECT_EQ(once->token_ids, again->token_ids);
}

TEST_F(SparseSessionTest, EverySelectorAnswers) {
  const auto session = open();
  for (const SelectorKind kind :
       {SelectorKind::kDraft, SelectorKind::kStreaming, SelectorKind::kQuest, SelectorKind::kOracle}) {
    for (const Mode mode : {Mode::kSparse, Mode::kExact}) {
      GenerationOptions options = pruned(mode, 0, 1);
      options.sparsity.selector = kind;
      const auto turn = session->generate(prompt(220, 4), options, {}, {});
      ASSERT_TRUE(turn.ok()) << turn.error().to_string();
      EXPECT_EQ(turn->token_ids.size(), 60U) << to_string(kind);
      if (mode == Mode::kExact) {
        const auto dense = session->generate(prompt(220, 4), pruned(Mode::kDense, 0, 1), {}, {});
        EXPECT_EQ(turn->token_ids, dense->token_ids) << to_string(kind);
      }
    }
  }
}

TEST_F(SparseSessionTest, StatisticsAddUp) {
  const auto session = open();
  for (const Mode mode : {Mode::kSparse, Mode::kExact}) {
    std::int64_t read = 0;
    std::int64_t dense = 0;
    int emitted = 0;
    TurnObserver observer;
    observer.on_step = [&](const StepTelemetry& step) {
      read += step.kv_entries_read;
      dense += step.kv_entries_dense;
      emitted += step.emitted;
      if (step.kind != PassKind::kSparse) return;
      ASSERT_EQ(step.layers.size(), 3U);
      std::int64_t of_layers = 0;
      for (const LayerReads& layer : step.layers) {
        of_layers += layer.entries_read;
        EXPECT_LE(layer.mass_kept, 1.0F + 1e-4F);
      }
      EXPECT_EQ(of_layers, step.kv_entries_read);
    };
    const auto turn = session->generate(prompt(200, 5), pruned(mode, 0, 1), observer, {});
    ASSERT_TRUE(turn.ok());
    const TurnStatistics& statistics = turn->statistics;
    EXPECT_EQ(statistics.kv_entries_read, read);
    EXPECT_EQ(statistics.kv_entries_dense, dense);
    EXPECT_EQ(statistics.generated_tokens, emitted);
    EXPECT_EQ(static_cast<std::size_t>(emitted), turn->token_ids.size());
    std::int64_t mapped = 0;
    for (std::size_t layer = 0; layer < 3; ++layer) {
      for (const std::int64_t reads : statistics.read_map.reads(layer)) mapped += reads;
    }
    EXPECT_EQ(mapped, read) << "the heatmap holds every read";
    std::int64_t baseline = 0;
    for (const std::int64_t reads : statistics.read_map.dense()) baseline += 3 * reads;
    if (mode == Mode::kSparse) {
      EXPECT_EQ(baseline, dense);
    } else {
      EXPECT_GE(baseline, dense) << "passes built on refused tokens have no counterpart";
    }
    EXPECT_GT(statistics.passes[static_cast<std::size_t>(PassKind::kSparse)], 0);
  }
}

TEST_F(SparseSessionTest, AnAnswerMayEndAnywhere) {
  const auto session = open();
  for (int max_tokens = 1; max_tokens < 30; ++max_tokens) {
    GenerationOptions exact = pruned(Mode::kExact, 0, 1);
    GenerationOptions dense = pruned(Mode::kDense, 0, 1);
    exact.max_tokens = dense.max_tokens = max_tokens;
    const auto turn = session->generate(prompt(200, 6), exact, {}, {});
    const auto expected = session->generate(prompt(200, 6), dense, {}, {});
    ASSERT_TRUE(turn.ok() && expected.ok());
    ASSERT_EQ(turn->token_ids, expected->token_ids);
    ASSERT_EQ(turn->reason, expected->reason);
  }
  // And where the context does.
  for (const Mode mode : {Mode::kSparse, Mode::kExact}) {
    const auto turn = session->generate(prompt(kContext - 9, 6), pruned(mode, 0, 1), {}, {});
    const auto expected = session->generate(prompt(kContext - 9, 6), pruned(Mode::kDense, 0, 1), {}, {});
    ASSERT_TRUE(turn.ok() && expected.ok());
    EXPECT_EQ(turn->reason, expected->reason);
    EXPECT_EQ(turn->token_ids.size(), expected->token_ids.size());
  }
}

// With a draft that always agrees the rounds are as long as they can be, and end where the context does.
TEST_F(SparseSessionTest, LongestRoundsAndTheEndOfTheContextStayInBounds) {
  SessionOptions twins = options();
  twins.draft_path = m_verifier;
  const auto session = Session::create(twins, nullptr, {});
  const auto fresh = Session::create(twins, nullptr, {});
  ASSERT_TRUE(session.ok() && fresh.ok());
  GenerationOptions exact = pruned(Mode::kExact, 0, 1);
  GenerationOptions dense = pruned(Mode::kDense, 0, 1);
  exact.sparsity.attention_top_p = 1;
  exact.max_tokens = dense.max_tokens = 1000;
  for (const int draft_tokens : {1, 4, 5, 16}) {
    exact.draft_tokens = draft_tokens;
    for (int length = kContext - 45; length <= kContext; ++length) {
      const auto turn = (*session)->generate(prompt(length, 2), exact, {}, {});
      const auto expected = (*fresh)->generate(prompt(length, 2), dense, {}, {});
      ASSERT_TRUE(turn.ok() && expected.ok());
      ASSERT_EQ(turn->token_ids, expected->token_ids) << length << " " << draft_tokens;
      ASSERT_EQ(turn->reason, expected->reason);
    }
    const auto turn = (*session)->generate(prompt(20, 2), exact, {}, {});
    const auto expected = (*fresh)->generate(prompt(20, 2), dense, {}, {});
    ASSERT_TRUE(turn.ok() && expected.ok());
    ASSERT_EQ(turn->token_ids, expected->token_ids);
  }
  EXPECT_EQ(*(*session)->logits(prompt(300, 2)), *(*fresh)->logits(prompt(300, 2)));
}

// The penalty looks at the tokens before each position, provisional ones included, and the filters at the
// logits.
TEST_F(SparseSessionTest, ExactIsDenseWhateverTheFilters) {
  const auto session = open();
  for (const auto& [top_k, top_p, min_p, penalty, window] :
       {std::tuple{0, 1.0F, 0.0F, 1.0F, 0}, std::tuple{0, 0.7F, 0.0F, 1.3F, 5},
        std::tuple{5, 1.0F, 0.2F, 1.1F, 64}}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      GenerationOptions options = pruned(Mode::kDense, 1.2F, seed);
      options.sampling.top_k = top_k;
      options.sampling.top_p = top_p;
      options.sampling.min_p = min_p;
      options.sampling.repetition_penalty = penalty;
      options.sampling.repetition_window = window;
      const auto dense = session->generate(prompt(170, 1), options, {}, {});
      for (const Mode mode : {Mode::kExact, Mode::kSpeculative}) {
        options.mode = mode;
        const auto other = session->generate(prompt(170, 1), options, {}, {});
        ASSERT_TRUE(dense.ok() && other.ok());
        ASSERT_EQ(other->token_ids, dense->token_ids) << to_string(mode) << " seed " << seed;
      }
    }
  }
}

TEST_F(SparseSessionTest, AChatThatDropsTurnsIsTheSameExactlyAsDense) {
  std::vector<ChatMessage> messages{{Role::kSystem, "a"}};
  for (int i = 0; i < 12; ++i) {
    messages.push_back({Role::kUser, "ab ab ab ab ab ab ab ab ab ab"});
    messages.push_back({Role::kAssistant, "ab a b ab ab a b ab ab ab ab"});
  }
  messages.push_back({Role::kUser, "ab"});
  std::vector<std::vector<TokenId>> answers;
  for (const Mode mode : {Mode::kDense, Mode::kSpeculative, Mode::kExact}) {
    const auto session = open();
    GenerationOptions options = pruned(mode, 0.8F, 3);
    options.max_tokens = 700;  // more than the context holds: turns are dropped before and during the answer
    int dropped = 0;
    TurnObserver observer;
    observer.on_context_dropped = [&](int) { ++dropped; };
    const auto turn = session->chat(messages, options, observer, {});
    ASSERT_TRUE(turn.ok()) << turn.error().to_string();
    EXPECT_GT(dropped, 0);
    answers.push_back(turn->token_ids);
  }
  EXPECT_EQ(answers[1], answers[0]);
  EXPECT_EQ(answers[2], answers[0]);
}

TEST_F(SparseSessionTest, ExactStopsBetweenItsPasses) {
  const auto session = open();
  std::stop_source stop;
  int steps = 0;
  TurnObserver observer;
  observer.on_step = [&](const StepTelemetry&) {
    if (++steps == 3) stop.request_stop();
  };
  GenerationOptions options = pruned(Mode::kExact, 0, 1);
  options.max_tokens = 300;
  const auto turn = session->generate(prompt(150, 1), options, observer, stop.get_token());
  const auto dense = session->generate(prompt(150, 1), pruned(Mode::kDense, 0, 1), {}, {});
  ASSERT_TRUE(turn.ok() && dense.ok());
  EXPECT_EQ(turn->reason, FinishReason::kCancelled);
  ASSERT_LE(turn->token_ids.size(), dense->token_ids.size());
  EXPECT_TRUE(std::equal(turn->token_ids.begin(), turn->token_ids.end(), dense->token_ids.begin()))
      << "nothing that is not confirmed was said";
}

TEST_F(SparseSessionTest, ScoringOptionsAreChecked) {
  const auto session = open();
  for (const int draft_tokens : {-1, 0, 17, 1000}) {
    ScoringOptions options;
    options.mode = Mode::kSparse;
    options.draft_tokens = draft_tokens;
    EXPECT_FALSE(session->score(prompt(100, 1), 10, options, {}).ok()) << draft_tokens;
  }
  ScoringOptions options;
  options.mode = Mode::kSparse;
  options.sparsity.window = -1;
  EXPECT_FALSE(session->score(prompt(100, 1), 10, options, {}).ok());
}

TEST_F(SparseSessionTest, AlignsAPairOnceAndKeepsIt) {
  const auto session = open();
  int calls = 0;
  TurnObserver observer;
  observer.on_alignment = [&](double) { ++calls; };
  ASSERT_TRUE(session->generate(prompt(100, 0), pruned(Mode::kSparse, 0, 1), observer, {}).ok());
  EXPECT_GT(calls, 0);
  const Result<Alignment> computed = session->alignment(nullptr, {});
  ASSERT_TRUE(computed.ok());
  calls = 0;
  const auto later = open();
  ASSERT_TRUE(later->generate(prompt(100, 0), pruned(Mode::kSparse, 0, 1), observer, {}).ok());
  EXPECT_EQ(calls, 0) << "found in the cache";
  const Result<Alignment> found = later->alignment(nullptr, {});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->head_map, computed->head_map);
}

TEST_F(SparseSessionTest, ADamagedAlignmentIsReplaced) {
  std::string path;
  {
    const auto session = open();
    ASSERT_TRUE(session->alignment(nullptr, {}).ok());
    for (const auto& entry : std::filesystem::directory_iterator(m_folder.path("alignments"))) {
      path = entry.path().string();
    }
    ASSERT_FALSE(path.empty());
  }
  for (const std::string content : {"{", "{\"format\": \"fovea-alignment\", \"version\": 1}", ""}) {
    std::ofstream(path, std::ios::trunc) << content;
    const auto session = open();
    const Result<Alignment> computed = session->alignment(nullptr, {});
    ASSERT_TRUE(computed.ok()) << content;
    EXPECT_TRUE(load_alignment(path).ok()) << "and mended on disk";
  }
}

TEST_F(SparseSessionTest, WithoutAlignmentOrTextTheRemedyIsNamed) {
  SessionOptions bare = options();
  bare.alignment = {};
  const auto session = Session::create(bare, nullptr, {});
  ASSERT_TRUE(session.ok());
  const auto refused = (*session)->generate(prompt(100, 0), pruned(Mode::kExact, 0, 1), {}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().remedy.find("align"), std::string::npos);
  bare.alignment.text_path = m_folder.path("missing.txt");
  const auto other = Session::create(bare, nullptr, {});
  const auto unread = (*other)->generate(prompt(100, 0), pruned(Mode::kSparse, 0, 1), {}, {});
  ASSERT_FALSE(unread.ok());
  EXPECT_NE(unread.error().message.find("missing.txt"), std::string::npos);
}

TEST_F(SparseSessionTest, AligningCanBeStopped) {
  const auto session = open();
  std::stop_source stop;
  TurnObserver observer;
  observer.on_alignment = [&](double) { stop.request_stop(); };
  const auto turn =
      session->generate(prompt(100, 0), pruned(Mode::kSparse, 0, 1), observer, stop.get_token());
  ASSERT_TRUE(turn.ok());
  EXPECT_EQ(turn->reason, FinishReason::kCancelled);
}

TEST_F(SparseSessionTest, ScoringWithEverythingReadIsDenseScoring) {
  const auto session = open();
  const std::vector<TokenId> ids = prompt(300, 7);
  ScoringOptions options;
  const auto dense = session->score(ids, 30, options, {});
  options.mode = Mode::kSparse;
  options.sparsity.attention_top_p = 1;
  options.measure_mass = true;
  const auto sparse = session->score(ids, 30, options, {});
  ASSERT_TRUE(dense.ok() && sparse.ok());
  EXPECT_NEAR(sparse->negative_log_likelihood, dense->negative_log_likelihood, 1e-9);
  EXPECT_EQ(sparse->predictions, dense->predictions);
  EXPECT_EQ(sparse->tokens, 270);
  EXPECT_NEAR(sparse->mass_measured / sparse->passes, 1.0, 1e-9);
  options.sparsity.attention_top_p = 0.3F;
  const auto pruned_score = session->score(ids, 30, options, {});
  ASSERT_TRUE(pruned_score.ok());
  EXPECT_GT(pruned_score->kv_reads_saved(), 0.2);
  EXPECT_LT(pruned_score->mass_measured / pruned_score->passes, 1.0);
}

}  // namespace
}  // namespace fovea
