// What follows from a trace: sums, and estimates with their assumptions. Pure functions; any thread.
#pragma once

#include <optional>

#include "app/turn_trace.h"

namespace fovea::app {

/// Its steps added up; the times of prompt and decoding, which no step knows, stay 0.
[[nodiscard]] TurnStatistics statisticsOf(const TurnTrace& trace);

/// Bytes of keys and values that verification read for each token of the answer; none where the trace does
/// not know how large an entry is.
[[nodiscard]] std::optional<double> bytesPerToken(const TurnTrace& trace, const TurnStatistics& statistics);

/// An estimate of the time that reading a byte took: that of all passes of the verifier over the bytes that
/// they read, its weights once a pass and the entries of its cache. It assumes that passes are bound by
/// memory; where they are bound by arithmetic it is too long.
[[nodiscard]] std::optional<double> secondsPerByte(const TurnTrace& trace, const TurnStatistics& statistics);

}  // namespace fovea::app
