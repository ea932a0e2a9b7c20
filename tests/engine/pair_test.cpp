// The embedded pair: long greedy answers with and without the draft, and damaged copies of its files.
#include <filesystem>
#include <random>

#include "engine/tokenizer.h"
#include "tests/engine/model_files.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using namespace fovea::testing;

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
    const Result<TurnResult> dense = session->generate(prompt, greedy(Mode::kDense, 1000), {}, {});
    const Result<TurnResult> speculative =
        session->generate(prompt, greedy(Mode::kSpeculative, 1000, 5), {}, {});
    ASSERT_TRUE(dense.ok() && speculative.ok());
    EXPECT_EQ(speculative->token_ids, dense->token_ids);
    EXPECT_EQ(speculative->reason, dense->reason);
    EXPECT_LT(speculative->statistics.steps, dense->statistics.steps);
  }
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
  EXPECT_EQ(logits, expected);
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
