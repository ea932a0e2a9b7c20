// What a replay (engine/replay) says of a traced answer, and what it is asked with. Pure functions; any
// thread.
#pragma once

#include <cstddef>
#include <optional>

#include "app/turn_trace.h"
#include "engine/replay.h"

namespace fovea::app {

/// Whether the dense verifier has to draw the very tokens of this answer. In mode sparse it need not: passes
/// left entries out; and a sampled sparse answer was drawn with other random numbers besides.
enum class ReplayMeaning {
  kPromised,      // a difference is a fault, or comes from other arithmetic
  kApproximate,   // greedy in mode sparse: a difference is what leaving out entries did
  kOtherNumbers,  // sampled in mode sparse: only probabilities can be compared
};
[[nodiscard]] ReplayMeaning replayMeaning(const GenerationOptions& options);

/// The trace's answer, with the proposals that were refused. The trace has an answer and is not `remapped`.
[[nodiscard]] ReplayRequest replayRequest(const TurnTrace& trace);

struct ReplaySummary {
  std::size_t places = 0;            // compared: the answer's tokens, and its end where the model ended it
  std::size_t agreeing = 0;          // of those, each after the answer's own text
  std::optional<std::size_t> first;  // place of the first difference
  std::size_t impossible = 0;        // places whose token the dense verifier never draws
  std::optional<std::size_t> firstImpossible;
  double meanProbability = 0;  // geometric, of the answer's tokens, by the dense verifier
};
[[nodiscard]] ReplaySummary summarise(const TurnTrace& trace, const Replay& replay);

}  // namespace fovea::app
