// Where each token of a traced answer came from: proposed by the draft or chosen by the verifier, by which
// pass, and in the place of what. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "app/turn_trace.h"

namespace fovea::app {

struct TokenOrigin {
  std::size_t step = 0;            // the pass that decided on it first, whose reads are its reads
  bool drafted = false;            // the draft proposed it
  bool confirmed = false;          // mode exact: a dense pass let it stand
  std::optional<Refusal> refusal;  // of the proposal in whose place it stands
};

struct AnswerOrigins {
  std::vector<TokenOrigin> tokens;  // [token of the answer]
  std::optional<Refusal> atEnd;     // of the proposal in whose place the answer ended
};

[[nodiscard]] AnswerOrigins answerOrigins(const TurnTrace& trace);

}  // namespace fovea::app
