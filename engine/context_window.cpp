#include "engine/context_window.h"

#include <algorithm>
#include <string>

namespace fovea {
namespace {

Error too_long(std::size_t needed, std::size_t budget) {
  return {ErrorCode::kInvalidArgument,
          "The message is too long: with the system prompt it takes " + std::to_string(needed) +
              " tokens, and the context has room for " + std::to_string(budget) + ".",
          "Shorten the message, or choose a longer context."};
}

}  // namespace

int turn_boundary(std::span<const ChatMessage> turns, int dropped) {
  const int last = static_cast<int>(turns.size()) - 1;
  while (dropped < last && turns[static_cast<std::size_t>(dropped)].role != Role::kUser) ++dropped;
  return std::min(dropped, std::max(last, 0));
}

Result<FittedPrompt> fit_prompt(const ChatTemplate& chat_template, const Tokenizer& tokenizer,
                                std::span<const ChatMessage> messages, std::size_t budget, int dropped) {
  if (messages.empty()) return Error{ErrorCode::kInvalidArgument, "There is no message to answer.", ""};
  FittedPrompt prompt;
  prompt.ids.push_back(chat_template.begin());
  if (messages.front().role == Role::kSystem && messages.size() > 1) {
    const std::vector<TokenId> system = chat_template.message(tokenizer, messages.front());
    prompt.ids.insert(prompt.ids.end(), system.begin(), system.end());
    messages = messages.subspan(1);
  }
  std::vector<std::vector<TokenId>> turns;
  std::size_t total = prompt.ids.size() + 1;  // and the opening of the answer
  for (const ChatMessage& message : messages) {
    turns.push_back(chat_template.message(tokenizer, message));
    total += turns.back().size();
  }

  const auto drop_to = [&](int target) {
    for (; prompt.dropped < target; ++prompt.dropped)
      total -= turns[static_cast<std::size_t>(prompt.dropped)].size();
  };
  drop_to(dropped > 0 ? turn_boundary(messages, dropped) : 0);
  if (total > budget) {
    const int last = static_cast<int>(turns.size()) - 1;
    while (total > budget / 2 && prompt.dropped < last) drop_to(turn_boundary(messages, prompt.dropped + 1));
  }
  if (total > budget) return too_long(total, budget);
  for (std::size_t i = static_cast<std::size_t>(prompt.dropped); i < turns.size(); ++i) {
    prompt.ids.insert(prompt.ids.end(), turns[i].begin(), turns[i].end());
  }
  prompt.ids.push_back(chat_template.opening());
  return prompt;
}

}  // namespace fovea
