// A token as words about it show it. A pure function.
#pragma once

#include <QString>

namespace fovea::ui {

/// In quotation marks, with its line breaks in sight, and its spaces where it has nothing else.
[[nodiscard]] QString quotedToken(const QString& text);

}  // namespace fovea::ui
