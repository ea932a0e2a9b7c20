// Turns a conversation into the token ids a chat model was trained on. Control tokens come from ids, never
// from text, so a user who types "<|system|>" sends the characters and not the token. Stateless after
// creation; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/options.h"
#include "engine/result.h"

namespace fovea {

class Tokenizer;

enum class Role { kSystem, kUser, kAssistant };
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> role_from_string(std::string_view name);

struct ChatMessage {
  Role role = Role::kUser;
  std::string content;  // UTF-8
};

/// The embedded pair's format: <s>, then per message the role's control token, the text, </s>; the answer
/// follows
/// <|assistant|> and ends with </s>.
class ChatTemplate {
 public:
  /// Fails with kUnsupported when the vocabulary lacks the control tokens this template needs.
  static Result<ChatTemplate> create(const Tokenizer& tokenizer);

  /// Ids of the prompt for the next answer: all `messages` and the opening of the assistant's turn.
  [[nodiscard]] std::vector<TokenId> prompt(const Tokenizer& tokenizer,
                                            std::span<const ChatMessage> messages) const;
  /// Ids of one whole message: role token, text, end token. `prompt` is begin + these + opening.
  [[nodiscard]] std::vector<TokenId> message(const Tokenizer& tokenizer, const ChatMessage& message) const;
  [[nodiscard]] TokenId begin() const { return m_begin; }        // opens the prompt
  [[nodiscard]] TokenId end() const { return m_end; }            // ends a message
  [[nodiscard]] TokenId opening() const { return m_assistant; }  // opens the answer

 private:
  ChatTemplate() = default;
  TokenId m_begin = 0;
  TokenId m_end = 0;
  TokenId m_system = 0;
  TokenId m_user = 0;
  TokenId m_assistant = 0;
};

}  // namespace fovea
