// What the map of reads shows of each layer and stretch of positions: how often it was read, or what not
// reading it saved. Values and pure functions; any thread.
#pragma once

#include <optional>
#include <vector>

#include "engine/telemetry.h"

namespace fovea::ui {

enum class ReadMeasure {
  Share,         // 0 .. 1 of what dense reading would have read
  BytesSaved,    // keys and values that were not read
  SecondsSaved,  // the same, at the speed of the answer's passes
};

/// What an entry costs; unknown where the trace does not say.
struct EntryCost {
  std::optional<double> bytes;
  std::optional<double> seconds;
};

struct ReadValues {
  int layers = 0;
  int buckets = 0;
  std::vector<double> values;  // [layer][bucket], 0 .. top
  double top = 1;              // 1 for shares, else the largest; more than 0
};

/// Empty where the measure needs a cost that nobody knows.
[[nodiscard]] ReadValues readValues(const ReadMap& map, ReadMeasure measure, const EntryCost& cost);

/// Of a cell: what it would have read densely and did not; never less than 0.
[[nodiscard]] double entriesSaved(const ReadMap& map, std::size_t layer, std::size_t bucket);

/// The reads of two maps together.
[[nodiscard]] ReadMap added(const ReadMap& first, const ReadMap& second);

}  // namespace fovea::ui
