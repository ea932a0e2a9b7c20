#include "app/token_origins.h"

namespace fovea::app {

AnswerOrigins answerOrigins(const TurnTrace& trace) {
  AnswerOrigins origins;
  std::vector<TokenOrigin>
      provisional;  // mode exact: what sparse passes wrote, until a dense one looks at it
  for (std::size_t number = 0; number < trace.steps.size(); ++number) {
    const StepTelemetry& step = trace.steps[number].telemetry;
    const auto accepted = static_cast<std::size_t>(step.accepted);
    const auto origin = [&](std::size_t at) {
      TokenOrigin made{number, at < accepted, false, std::nullopt};
      if (at == accepted) made.refusal = step.refusal;
      return made;
    };
    if (trace.options.mode == Mode::kExact && step.kind == PassKind::kSparse) {
      for (std::size_t at = 0; at <= accepted; ++at) provisional.push_back(origin(at));
      continue;
    }
    const bool confirms = step.kind == PassKind::kConfirm;
    const std::size_t stands = confirms ? static_cast<std::size_t>(step.confirmed) : accepted;
    for (std::size_t at = 0; at < step.tokens.size(); ++at) {
      if (confirms && at < stands && at < provisional.size()) {
        origins.tokens.push_back(provisional[at]);
        origins.tokens.back().confirmed = true;
      } else if (confirms) {
        origins.tokens.push_back({number, false, false, step.refusal});
      } else {
        origins.tokens.push_back(origin(at));
      }
    }
    // What the verifier chose in its place is the end, which is no token of the answer.
    if (step.refusal && step.tokens.size() == stands) origins.atEnd = step.refusal;
    provisional.clear();
  }
  return origins;
}

}  // namespace fovea::app
