// Where in the context a traced answer, or one of its passes, read: shares of what dense reading would have
// read, by stretches of ReadMap::kBucketPositions positions. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "app/turn_trace.h"

namespace fovea::app {

/// [bucket]: of the whole answer, by one layer or by all together; NaN where no pass had it in sight. More
/// than 1 where passes that confirm read again what others had read.
[[nodiscard]] std::vector<float> answerShares(const TurnTrace& trace, std::optional<std::size_t> layer);

/// [bucket]: of one pass, all layers together. Empty where nobody recorded it.
[[nodiscard]] std::vector<float> stepShares(const TurnTrace& trace, std::size_t step);

/// [layer]: the share of the entries that the answer's passes read, over all positions. Like answerShares().
[[nodiscard]] std::vector<float> layerDensities(const TurnTrace& trace);

}  // namespace fovea::app
