#include "app/replay_summary.h"

#include <algorithm>
#include <cmath>

#include "app/token_origins.h"

namespace fovea::app {

ReplayMeaning replayMeaning(const GenerationOptions& options) {
  if (options.mode != Mode::kSparse) return ReplayMeaning::kPromised;
  return options.sampling.temperature > 0 ? ReplayMeaning::kOtherNumbers : ReplayMeaning::kApproximate;
}

ReplayRequest replayRequest(const TurnTrace& trace) {
  ReplayRequest request{trace.prompt, answerTokens(trace), trace.options.sampling, {}};
  const AnswerOrigins origins = answerOrigins(trace);
  for (const TokenOrigin& origin : origins.tokens)
    request.refused.push_back(origin.refusal ? origin.refusal->refused : ReplayRequest::kNothing);
  request.refused.push_back(origins.atEnd ? origins.atEnd->refused : ReplayRequest::kNothing);
  return request;
}

ReplaySummary summarise(const TurnTrace& trace, const Replay& replay) {
  const std::vector<TokenId> answer = answerTokens(trace);
  ReplaySummary summary;
  // Where the user or a limit ended the answer, nobody drew its end.
  const bool ended = trace.reason == FinishReason::kEndOfText;
  summary.places = std::min(answer.size() + (ended ? 1 : 0), replay.tokens.size());
  double logarithms = 0;
  for (std::size_t place = 0; place < summary.places; ++place) {
    const ReplayedToken& token = replay.tokens[place];
    if (token.drawn == (place < answer.size() ? answer[place] : replay.end)) {
      ++summary.agreeing;
    } else if (!summary.first) {
      summary.first = place;
    }
    if (!(token.answer_probability > 0)) {
      ++summary.impossible;
      if (!summary.firstImpossible) summary.firstImpossible = place;
    } else {
      logarithms += std::log(static_cast<double>(token.answer_probability));
    }
  }
  const std::size_t possible = summary.places - summary.impossible;
  summary.meanProbability = possible > 0 ? std::exp(logarithms / static_cast<double>(possible)) : 0.0;
  return summary;
}

}  // namespace fovea::app
