// Where there is no display there is still a terminal: says so and becomes the terminal chat. Called before
// Qt's GUI starts, because that would end the program without one.
#pragma once

#include "app/desktop/desktop_options.h"

namespace fovea::desktop {

/// False only where it is certain that no window can be shown.
[[nodiscard]] bool displayAvailable();

/// Replaces this process by `fovea-cli chat` from the executable's folder. Returns only when that failed: an
/// exit status, after a line on standard error.
[[nodiscard]] int runTerminalChat(const QString& programFolder, const DesktopOptions& options);

}  // namespace fovea::desktop
