#include "app/turn_trace.h"

#include <iterator>
#include <utility>

namespace fovea::app {

void TurnTrace::append(TurnTrace part) {
  options = part.options;
  reason = part.reason;
  kvEntryBytes = part.kvEntryBytes;
  weightsBytes = part.weightsBytes;
  remapped = remapped || part.remapped;
  if (!part.prompt.empty()) prompt = std::move(part.prompt);
  if (part.reads.layers() > 0) reads = std::move(part.reads);
  steps.insert(steps.end(), std::make_move_iterator(part.steps.begin()),
               std::make_move_iterator(part.steps.end()));
  texts.merge(part.texts);
}

std::vector<TokenId> answerTokens(const TurnTrace& trace) {
  std::vector<TokenId> tokens;
  for (const TraceStep& step : trace.steps)
    tokens.insert(tokens.end(), step.telemetry.tokens.begin(), step.telemetry.tokens.end());
  return tokens;
}

std::string tokenText(const TurnTrace& trace, TokenId token) {
  const auto found = trace.texts.find(token);
  return found == trace.texts.end() ? "?" : found->second;
}

}  // namespace fovea::app
