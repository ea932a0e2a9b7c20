// What `bench --density` prints about cycles of decoding: a table for people, JSON for programs, both of
// which say that the models' own attention and agreement had no part in it. Used on the main thread.
#pragma once

#include "app/cli/report.h"
#include "engine/benchmark_cycle.h"

namespace fovea::app::cli {

/// bandwidth: what the machine's memory was measured to read, in bytes per second; 0: not known.
void printCycles(const CycleBenchmark& benchmark, const CycleOptions& options, double bandwidth);
[[nodiscard]] Json cyclesJson(const CycleBenchmark& benchmark, const CycleOptions& options);

}  // namespace fovea::app::cli
