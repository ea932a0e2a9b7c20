// What every command shares: exit statuses, and how a command registers itself with the parser. Each command
// lives in a file of its own and offers one add...Command(); parsing only stores an action, which run()
// performs afterwards.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "app/cli/interrupt.h"

namespace fovea::app::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;         // something went wrong while running
inline constexpr int kExitUsage = 2;          // unknown option, missing file, wrong format
inline constexpr int kExitInterrupted = 130;  // Ctrl-C, as shells report it

/// Performs a parsed command and returns its exit status.
using Action = std::function<int(Interrupt& interrupt)>;

void addChatCommand(CLI::App& application, Action& action);
void addGenerateCommand(CLI::App& application, Action& action);
void addPerplexityCommand(CLI::App& application, Action& action);
void addAlignCommand(CLI::App& application, Action& action);
void addEvaluateCommand(CLI::App& application, Action& action);
void addTokenizeCommand(CLI::App& application, Action& action);
void addLogitsCommand(CLI::App& application, Action& action);
void addExportCommand(CLI::App& application, Action& action);
void addImportCommand(CLI::App& application, Action& action);
void addInfoCommand(CLI::App& application, Action& action);
void addBenchCommand(CLI::App& application, Action& action);
void addStatisticsCommand(CLI::App& application, Action& action);
void addSynthesizeCommand(CLI::App& application, Action& action);

}  // namespace fovea::app::cli
