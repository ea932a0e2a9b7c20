// Which KV entries verification reads, as options of `generate`, `chat`, `perplexity` and `evaluate`. Plain
// values; main thread.
#pragma once

#include <CLI/CLI.hpp>

#include "engine/evaluation.h"
#include "engine/options.h"
#include "engine/result.h"

namespace fovea::app::cli {

/// All of them.
void addSparsityOptions(CLI::App& command, SparsityOptions& options);

/// Those that refine a selector, without the choice of one and of how much it reads: a sweep chooses these
/// itself.
void addSelectionDetails(CLI::App& command, SparsityOptions& options);

/// --gamma and --mass, of the commands that score texts.
void addScoringOptions(CLI::App& command, ScoringOptions& options);

/// Fails with kInvalidArgument, naming the first option out of its range.
[[nodiscard]] Result<void> checkSparsity(const SparsityOptions& options);

}  // namespace fovea::app::cli
