// Names a conversation: after its first question, or as a model suggests, until the user renames it. Pure
// functions, any thread.
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "engine/chat_template.h"

namespace fovea::app {

/// The first six words of `question` on one line, at most 60 characters, with an ellipsis where something was
/// cut.
[[nodiscard]] QString titleFromQuestion(const QString& question);

/// What a user typed as a name, on one line and at most 200 characters; empty when nothing is left.
[[nodiscard]] QString cleanedTitle(const QString& typed);

/// `conversation`, which ends with an answer, and the wish for a title behind it: the same beginning, so that
/// a KV cache that holds the conversation reads only the wish.
[[nodiscard]] std::vector<ChatMessage> titlePrompt(std::vector<ChatMessage> conversation);
/// A title is shorter than this.
inline constexpr int kTitleTokensMax = 32;

/// What the model answered to titlePrompt() as a title, without quotes, "Title:" and a full stop; none where
/// it is no good one: empty, of several lines, longer than eight words or 60 characters, repetitive, or the
/// question itself.
[[nodiscard]] std::optional<QString> titleFromModel(const QString& answer, const QString& question);

}  // namespace fovea::app
