// The colours of a heatmap, from little to much: viridis (Stefan van der Walt and Nathaniel Smith, CC0),
// which colour-blind people read as well. Nine of its colours, and straight lines between them. A pure
// function.
#pragma once

#include <QColor>

namespace fovea::ui {

/// value: 0 .. 1; what lies outside counts as the nearer end.
[[nodiscard]] QRgb heatColour(double value);

}  // namespace fovea::ui
