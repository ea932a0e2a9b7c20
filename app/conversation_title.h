// Names a conversation after its first question, until the user renames it. Pure functions, any thread.
#pragma once

#include <QString>

namespace fovea::app {

/// The first six words of `question` on one line, at most 60 characters, with an ellipsis where something was
/// cut.
[[nodiscard]] QString titleFromQuestion(const QString& question);

/// What a user typed as a name, on one line and at most 200 characters; empty when nothing is left.
[[nodiscard]] QString cleanedTitle(const QString& typed);

}  // namespace fovea::app
