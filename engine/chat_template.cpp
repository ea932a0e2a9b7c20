#include "engine/chat_template.h"

#include <array>
#include <utility>

#include "engine/tokenizer.h"

namespace fovea {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 3> kRoles{{
    {Role::kSystem, "system"},
    {Role::kUser, "user"},
    {Role::kAssistant, "assistant"},
}};

Error lacks(std::string_view token) {
  return Error{
      ErrorCode::kUnsupported,
      "The model's vocabulary lacks the control token " + std::string(token) + ", so it cannot chat.",
      "Choose a model made for this chat format."};
}

}  // namespace

std::string_view to_string(Role role) {
  for (const auto& [value, name] : kRoles) {
    if (value == role) return name;
  }
  return "unknown";
}

std::optional<Role> role_from_string(std::string_view name) {
  for (const auto& [value, known] : kRoles) {
    if (known == name) return value;
  }
  return std::nullopt;
}

Result<ChatTemplate> ChatTemplate::create(const Tokenizer& tokenizer) {
  const auto system = tokenizer.control_id("<|system|>");
  const auto user = tokenizer.control_id("<|user|>");
  const auto assistant = tokenizer.control_id("<|assistant|>");
  if (tokenizer.begin_id() < 0) return lacks("<s>");
  if (tokenizer.end_id() < 0) return lacks("</s>");
  if (!system) return lacks("<|system|>");
  if (!user) return lacks("<|user|>");
  if (!assistant) return lacks("<|assistant|>");

  ChatTemplate chat_template;
  chat_template.m_begin = tokenizer.begin_id();
  chat_template.m_end = tokenizer.end_id();
  chat_template.m_system = *system;
  chat_template.m_user = *user;
  chat_template.m_assistant = *assistant;
  return chat_template;
}

std::vector<TokenId> ChatTemplate::prompt(const Tokenizer& tokenizer,
                                          std::span<const ChatMessage> messages) const {
  std::vector<TokenId> ids{m_begin};
  for (const ChatMessage& each : messages) {
    const std::vector<TokenId> message_ids = message(tokenizer, each);
    ids.insert(ids.end(), message_ids.begin(), message_ids.end());
  }
  ids.push_back(m_assistant);
  return ids;
}

std::vector<TokenId> ChatTemplate::message(const Tokenizer& tokenizer, const ChatMessage& message) const {
  TokenId role = m_user;
  if (message.role == Role::kSystem) role = m_system;
  if (message.role == Role::kAssistant) role = m_assistant;
  std::vector<TokenId> ids = tokenizer.encode(message.content);
  ids.insert(ids.begin(), role);
  ids.push_back(m_end);
  return ids;
}

}  // namespace fovea
