#include "engine/context_window.h"

#include "engine/gguf.h"
#include "tests/engine/model_files.h"
#include "tests/engine/random_model.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using namespace fovea::testing;

class ContextWindowTest : public ::testing::Test {
 protected:
  Result<FittedPrompt> fit(std::span<const ChatMessage> messages, std::size_t budget, int dropped = 0) {
    return fit_prompt(m_template, m_tokenizer, messages, budget, dropped);
  }
  TemporaryFolder m_folder;
  Gguf m_gguf = Gguf::open(m_folder.write("tiny.gguf", random_model(1).build())).value();
  Tokenizer m_tokenizer = Tokenizer::from_gguf(m_gguf).value();
  ChatTemplate m_template = ChatTemplate::create(m_tokenizer).value();
  std::vector<ChatMessage> m_messages{{Role::kSystem, "ab"},       {Role::kUser, "a a a"},
                                      {Role::kAssistant, "b b b"}, {Role::kUser, "ab ab"},
                                      {Role::kAssistant, "b ab"},  {Role::kUser, "a"}};
};

TEST_F(ContextWindowTest, EverythingThatFitsIsKept) {
  const std::vector<TokenId> whole = m_template.prompt(m_tokenizer, m_messages);
  const Result<FittedPrompt> fitted = fit(m_messages, whole.size());
  ASSERT_TRUE(fitted.ok());
  EXPECT_EQ(fitted->ids, whole);
  EXPECT_EQ(fitted->dropped, 0);
}

TEST_F(ContextWindowTest, DropsWholeTurnsOldestFirstAndKeepsTheSystemPrompt) {
  const std::size_t whole = m_template.prompt(m_tokenizer, m_messages).size();
  for (std::size_t budget = whole - 1;; --budget) {
    const Result<FittedPrompt> fitted = fit(m_messages, budget);
    if (!fitted.ok()) {
      // Not even system prompt and question.
      const std::vector<ChatMessage> least{m_messages.front(), m_messages.back()};
      EXPECT_LT(budget, m_template.prompt(m_tokenizer, least).size());
      break;
    }
    EXPECT_LE(fitted->ids.size(), budget);
    EXPECT_TRUE(fitted->dropped == 2 || fitted->dropped == 4) << fitted->dropped;
    std::vector<ChatMessage> rest = m_messages;
    rest.erase(rest.begin() + 1, rest.begin() + 1 + fitted->dropped);
    EXPECT_EQ(fitted->ids, m_template.prompt(m_tokenizer, rest));
  }
}

TEST_F(ContextWindowTest, WhatWasDroppedStaysDropped) {
  const Result<FittedPrompt> fitted =
      fit(m_messages, 1000, 1);  // in the middle of a turn: the whole turn goes
  ASSERT_TRUE(fitted.ok());
  EXPECT_EQ(fitted->dropped, 2);
  EXPECT_EQ(fit(m_messages, 1000, 100)->dropped, 4);  // the question always stays
}

TEST_F(ContextWindowTest, OddConversations) {
  EXPECT_FALSE(fit({}, 100).ok());
  const std::vector<ChatMessage> only_system{{Role::kSystem, "ab"}};
  EXPECT_TRUE(fit(only_system, 100).ok());
  const std::vector<ChatMessage> no_system{{Role::kUser, "ab"}, {Role::kUser, "a"}, {Role::kUser, "b"}};
  const std::size_t whole = m_template.prompt(m_tokenizer, no_system).size();
  EXPECT_GE(fit(no_system, whole - 1)->dropped, 1);
}

}  // namespace
}  // namespace fovea
