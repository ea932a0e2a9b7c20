// The steps of one answer or of several, as the step chart draws them: of all layers together or of one of
// them. Values and pure functions; any thread.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "app/turn_trace.h"

namespace fovea::ui {

/// One pass of the verifier. Shares are 0 .. 1, NaN where there is none: a pass that confirms has no dense
/// counterpart, and not every selector estimates the attention.
struct StepPoint {
  double read = std::numeric_limits<double>::quiet_NaN();  // of the entries that dense reading would read
  double mass = std::numeric_limits<double>::quiet_NaN();  // of the attention, that lies on them
  double proposed = 0;                                     // tokens
  double accepted = 0;                                     // of those
};

struct StepSeries {
  std::vector<StepPoint> points;
  std::vector<std::size_t> begins;  // [answer]: its first point
};

inline constexpr int kAllLayers = -1;

/// Adds an answer. A layer that the trace does not have adds an answer without steps.
void appendAnswer(StepSeries& series, const app::TurnTrace& trace, int layer = kAllLayers);

/// `points`, or where they are more than `most` that many means of neighbours: what a chart has pixels for.
[[nodiscard]] std::vector<StepPoint> pooled(const std::vector<StepPoint>& points, std::size_t most);

}  // namespace fovea::ui
