// Figures as people read them, in the language of the window. Pure functions.
#pragma once

#include <QString>

namespace fovea::ui {

/// "72.1%", or that it is not known where `share` is not finite.
[[nodiscard]] QString percent(double share);
/// "1.3 ms", likewise.
[[nodiscard]] QString milliseconds(double seconds);
/// "14.2 KiB"
[[nodiscard]] QString dataSize(double bytes);

}  // namespace fovea::ui
