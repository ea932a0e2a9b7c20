// What a command says besides its result: errors as one line on stderr, and results as JSON on stdout. Used
// on the main thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/options.h"
#include "engine/result.h"
#include "engine/session.h"

namespace fovea::app::cli {

/// JSON objects keep the order in which their keys were added: a person reads them too.
using Json = nlohmann::ordered_json;

/// "fovea-cli: message" on stderr, as one line.
void printError(std::string_view message);

/// When an error happened decides what it means: a damaged file is wrong usage while loading (2), whereas the
/// same code while running is a failure (1).
enum class Phase { kLoading, kRunning };

/// Prints the error and returns the exit status that belongs to it. A cancellation prints nothing.
int reportError(const Error& error, Phase phase);

/// One line of JSON on stdout. Bytes that are not UTF-8 come out as U+FFFD, numbers that are not finite as
/// null. Returns the exit status.
int printJson(const Json& json, int indent = -1);

/// The object that `generate --json` prints.
[[nodiscard]] Json turnJson(const TurnResult& result, const SessionInfo& info, Mode mode);

/// "42 tokens, 61.3 tokens/s, 71% of drafted tokens accepted": what a person wants to know about an answer.
[[nodiscard]] std::string turnSummary(const TurnStatistics& statistics);

/// A size or count for a person: "36.1 MiB", "51.4 M".
[[nodiscard]] std::string bytesText(double bytes);
[[nodiscard]] std::string countText(double count);

}  // namespace fovea::app::cli
