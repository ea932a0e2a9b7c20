// How tokens are drawn and verified, as options of `generate` and `chat`. Plain values; main thread.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "engine/options.h"
#include "engine/result.h"

namespace fovea::app::cli {

struct SamplingArguments {
  std::string mode;  // empty: speculative with a draft, else dense
  GenerationOptions generation;
};

void addSamplingOptions(CLI::App& command, SamplingArguments& arguments);

/// Fails with kInvalidArgument when a value is out of its range or the mode needs a draft that is not there.
Result<GenerationOptions> generationOptions(const SamplingArguments& arguments, std::uint64_t seed,
                                            bool hasDraft);

/// Whether the mode that was asked for runs without the draft, so that it need not be loaded.
[[nodiscard]] inline bool needsNoDraft(const SamplingArguments& arguments) {
  return arguments.mode == "dense";
}

}  // namespace fovea::app::cli
