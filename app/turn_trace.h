// What one answer read and did, step by step: what the insights show, the store keeps (app/trace_blob) and
// the exporter writes. A plain value. While an answer is written, traces also travel in parts, each of which
// holds what came since the one before.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/options.h"
#include "engine/session.h"
#include "engine/telemetry.h"

namespace fovea::app {

/// One pass of the verifier, and where in the context it read.
struct TraceStep {
  StepTelemetry telemetry;
  /// [bucket of ReadMap]: entries that this pass read there, all layers together. Empty in very long answers.
  std::vector<std::uint32_t> reads;
};

struct TurnTrace {
  GenerationOptions options;  // as used: sampling.seed is the one that was drawn with, never 0
  FinishReason reason = FinishReason::kEndOfText;
  std::int64_t kvEntryBytes = 0;  // one position of one layer of the verifier; 0: nobody said
  std::int64_t weightsBytes = 0;  // of the verifier
  std::vector<TokenId> prompt;    // what the answer followed: position p of the context is token p of it
  bool remapped = false;          // turns were dropped in the middle: positions before and after do not agree
  std::vector<TraceStep> steps;
  ReadMap reads;
  std::map<TokenId, std::string> texts;  // the bytes of each token that occurs; control tokens by their name

  /// Adds what came since: steps and texts to what is there; prompt and reads, where it has any, in the place
  /// of what is there.
  void append(TurnTrace part);
  [[nodiscard]] bool empty() const { return steps.empty() && prompt.empty() && reads.layers() == 0; }
};

/// The tokens of the answer: those that its steps added.
[[nodiscard]] std::vector<TokenId> answerTokens(const TurnTrace& trace);

/// The bytes of a token, or "?" where the trace does not know it.
[[nodiscard]] std::string tokenText(const TurnTrace& trace, TokenId token);

}  // namespace fovea::app
