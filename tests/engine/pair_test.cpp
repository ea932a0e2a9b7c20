// The embedded pair: long greedy answers with and without the draft, and damaged copies of its files.
#include <filesystem>
#include <random>

#include "engine/tokenizer.h"
#include "tests/engine/model_files.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using namespace fovea::testing;

// A sanitizer slows a token down thirtyfold; it looks for other faults than a difference in the last token.
constexpr int kLongAnswer = FOVEA_SANITIZED ? 60 : 1000;

std::vector<std::vector<TokenId>> golden_prompts() {
  std::vector<std::vector<TokenId>> prompts;
  for (const auto& entry : golden().at("generation")) {
    if (entry.at("model") == "verifier") prompts.push_back(ids_of(entry.at("prompt_ids")));
  }
  return prompts;
}

TEST(PairTest, SpeculativeEqualsDenseOverAThousandTokens) {
  const auto session = open_session(embedded_verifier(), embedded_draft());
  for (const std::vector<TokenId>& prompt : golden_prompts()) {
    const Result<TurnResult> dense = session->generate(prompt, greedy(Mode::kDense, kLongAnswer), {}, {});
    const Result<TurnResult> speculative =
        session->generate(prompt, greedy(Mode::kSpeculative, kLongAnswer, 5), {}, {});
    ASSERT_TRUE(dense.ok() && speculative.ok());
    EXPECT_EQ(speculative->token_ids, dense->token_ids);
    EXPECT_EQ(speculative->reason, dense->reason);
    EXPECT_LT(speculative->statistics.steps, dense->statistics.steps);
  }
}

SessionOptions aligned_pair() {
  SessionOptions options;
  options.verifier_path = embedded_verifier();
  options.draft_path = embedded_draft();
  options.threads = 2;
  options.alignment.folders = {FOVEA_EMBEDDED_ALIGNMENTS};
  return options;
}

// Thousands of greedy tokens over all golden prompts, and sampled ones: exact is dense, whatever was pruned.
TEST(PairTest, ExactEqualsDenseOverAThousandTokens) {
  auto session = Session::create(aligned_pair(), nullptr, {});
  ASSERT_TRUE(session.ok());
  std::int64_t refused = 0;
  for (const std::vector<TokenId>& prompt : golden_prompts()) {
    const Result<TurnResult> dense = (*session)->generate(prompt, greedy(Mode::kDense, kLongAnswer), {}, {});
    const Result<TurnResult> exact =
        (*session)->generate(prompt, greedy(Mode::kExact, kLongAnswer, 5), {}, {});
    ASSERT_TRUE(dense.ok() && exact.ok()) << exact.error().to_string();
    EXPECT_EQ(exact->token_ids, dense->token_ids);
    EXPECT_EQ(exact->reason, dense->reason);
    refused += exact->statistics.refused;
  }
  EXPECT_TRUE(refused > 0 || FOVEA_SANITIZED) << "the dense pass had something to correct";
  for (const Mode mode : {Mode::kSpeculative, Mode::kExact}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      GenerationOptions options = greedy(Mode::kDense, kLongAnswer / 5);
      options.sampling.temperature = 0.8F;
      options.sampling.seed = seed;
      const auto dense = (*session)->generate(golden_prompts()[0], options, {}, {});
      options.mode = mode;
      const auto other = (*session)->generate(golden_prompts()[0], options, {}, {});
      ASSERT_TRUE(dense.ok() && other.ok());
      EXPECT_EQ(other->token_ids, dense->token_ids) << to_string(mode) << " seed " << seed;
    }
  }
}

// The alignment that is shipped is the one of the models that are shipped.
TEST(PairTest, TheShippedAlignmentBelongsToTheEmbeddedPair) {
  auto session = Session::create(aligned_pair(), nullptr, {});
  ASSERT_TRUE(session.ok());
  const Result<Alignment> alignment =
      (*session)->alignment(nullptr, {});  // there is no text to compute one from
  ASSERT_TRUE(alignment.ok()) << alignment.error().to_string();
  EXPECT_EQ(alignment->verifier_layers, 16);
  EXPECT_EQ(alignment->draft_layers, 6);
}

// The stronger promise behind it: the logits of a position have the same bits in a batch and alone.
TEST(PairTest, LogitsAreBitIdenticalWhateverCameBefore) {
  const std::vector<TokenId> ids = ids_of(golden().at("alignment").at("ids"));
  const auto fresh = open_session(embedded_verifier(), "", 1);
  const auto used = open_session(embedded_verifier(), "", 3);
  // Prefilled in one chunk, and token by token after other contents.
  const std::vector<float> expected = *fresh->logits(ids);
  ASSERT_TRUE(used->generate(std::vector<TokenId>{1, 500, 600}, greedy(Mode::kDense, 20), {}, {}).ok());
  std::vector<float> logits;
  for (std::size_t n = 200; n <= ids.size(); n += 8) logits = *used->logits(std::span(ids).first(n));
  expect_same_logits(*used, logits, expected);
}

TEST(PairTest, ATruncatedModelGivesAnError) {
  const TemporaryFolder folder;
  std::mt19937 random(1);
  const std::string copy = folder.path("cut.gguf");
  std::filesystem::copy_file(embedded_draft(), copy);
  for (std::uintmax_t size = std::filesystem::file_size(copy); size > 0;
       size = size * (90 + random() % 10) / 100) {
    std::filesystem::resize_file(copy, size - 1);
    SessionOptions options;
    options.verifier_path = copy;
    const auto session = Session::create(options, nullptr, {});
    ASSERT_FALSE(session.ok()) << size;
    EXPECT_NE(session.error().message.find("cut.gguf"), std::string::npos) << session.error().message;
    --size;
  }
}

// A flipped bit in the header gives an error or changes nothing that matters; one in the weights changes
// numbers. In no case may the engine crash, whatever it then computes.
TEST(PairTest, ABitFlippedModelNeverCrashes) {
  const TemporaryFolder folder;
  std::ifstream file(embedded_draft(), std::ios::binary);
  const std::vector<char> original((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::mt19937_64 random(2);
  int errors = 0;
  int answers = 0;
  for (int i = 0; i < 60; ++i) {
    std::vector<char> bytes = original;
    // Half of them in the first 4 KiB, where counts, types and sizes live.
    const std::size_t at = random() % (i % 2 == 0 ? 4096 : bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    const std::string path = folder.write("flipped.gguf", std::as_bytes(std::span(bytes)));
    SessionOptions options;
    options.verifier_path = path;
    const auto session = Session::create(options, nullptr, {});
    if (!session.ok()) {
      ++errors;
      EXPECT_FALSE(session.error().message.empty());
      continue;
    }
    if ((*session)->generate(std::vector<TokenId>{1, 300, 400}, greedy(Mode::kDense, 3), {}, {}).ok())
      ++answers;
  }
  EXPECT_GT(errors + answers, 0);
}

TEST(PairTest, AnswersAChat) {
  const auto session = open_session(embedded_verifier(), embedded_draft());
  const std::vector<ChatMessage> messages{{Role::kUser, "Who are you?"}};
  std::string streamed;
  TurnObserver observer;
  observer.on_text = [&](std::string_view text) { streamed += text; };
  const Result<TurnResult> turn = session->chat(messages, greedy(Mode::kSpeculative, 80), observer, {});
  ASSERT_TRUE(turn.ok());
  EXPECT_EQ(streamed, turn->text);
  EXPECT_FALSE(turn->text.empty());
  EXPECT_NE(turn->text.front(), ' ');
  EXPECT_EQ(turn->text.find("<|"), std::string::npos);
  std::printf("%s\n", turn->text.c_str());
}

}  // namespace
}  // namespace fovea
