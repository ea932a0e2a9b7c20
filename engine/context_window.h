// Which part of a conversation the model sees when not all of it fits: the system prompt, then as many of the
// newest turns as there is room for. Turns are dropped whole, oldest first, so the model never meets half a
// sentence. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/chat_template.h"
#include "engine/options.h"
#include "engine/result.h"
#include "engine/tokenizer.h"

namespace fovea {

struct FittedPrompt {
  std::vector<TokenId> ids;  // ready to be answered
  int dropped = 0;           // oldest messages left out, the system prompt not among them
};

/// How many messages must go at least so that the next one to stay opens a turn: for a conversation after its
/// system prompt, the index of the first question at or after `dropped`, never beyond the last message.
[[nodiscard]] int turn_boundary(std::span<const ChatMessage> turns, int dropped);

/// The prompt for `messages` (optionally a system message first, the question last) in at most `budget`
/// tokens, leaving out at least `dropped` messages. When more must go, it goes on to half the budget, so that
/// the following turns find room and the KV prefix stays good for them. Fails with kInvalidArgument when not
/// even the question fits.
Result<FittedPrompt> fit_prompt(const ChatTemplate& chat_template, const Tokenizer& tokenizer,
                                std::span<const ChatMessage> messages, std::size_t budget, int dropped);

}  // namespace fovea
