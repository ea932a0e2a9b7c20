// Measures one cycle of decoding (the draft proposes, entries are selected, the verifier checks, tokens are
// drawn) stage by stage, at a stated density and acceptance, for models whose own attention and agreement
// mean nothing: random weights of a real size. The KV caches hold random entries instead of a text,
// selections are random (engine/random_selector), and which proposals stand is drawn by lot
// (engine/replay_acceptance). What is computed, and how much is read, is what a text of that density and
// acceptance would cost. Slow; runs on the calling thread and the threads it is told to use.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "engine/benchmark.h"
#include "engine/options.h"
#include "engine/result.h"
#include "engine/session.h"

namespace fovea {

struct CycleOptions {
  SessionOptions session;  // context_tokens 0: what the measurements need, whatever the model was trained for
  std::vector<int> contexts = {2048, 8192};  // tokens in the context before the first cycle; >= 2
  std::vector<double> densities;             // shares of the entries that the sparse cycles read, 0 .. 1
  double draft_density = 0.25;               // share that the draft's later passes read of its cache, 0 .. 1
  double acceptance = 0.7;                   // chance that a proposal stands when all before it do, 0 .. 1
  int draft_tokens = 4;                      // proposals of a cycle; 1 .. GenerationOptions::kMaxDraftTokens
  int cycles = 16;                           // of one measurement; >= 1
  int repetitions = 3;                       // the best counts; >= 1
};

/// One stage of a cycle, waited for at its end.
struct CycleStage {
  double seconds = 0;
  double bytes = 0;  // weights and KV entries read, by count; 0 where neither is
};

/// One measured line: means over the cycles of the best repetition.
struct BenchmarkCycle {
  Mode mode = Mode::kDense;  // kDense, kSpeculative or kSparse
  int context = 0;
  double density_asked = 1;    // of the entries outside sinks and window
  double density = 1;          // KV entries that verification read, of those that it would have read densely
  double proposed = 0;         // tokens
  double accepted = 0;         // tokens, as the lot fell
  double tokens_expected = 1;  // that a cycle brings at the acceptance asked for: free of the lot's noise
  double seconds = 0;          // without waits between the stages
  CycleStage draft;
  CycleStage select;
  CycleStage verify;  // without selection
  CycleStage sample;

  [[nodiscard]] double bytes() const { return draft.bytes + verify.bytes; }
  [[nodiscard]] double tokens_per_second() const { return seconds > 0 ? tokens_expected / seconds : 0; }
};

struct CycleBenchmark {
  std::string verifier_name;
  std::string draft_name;
  std::string backend;
  std::string device;
  std::vector<BenchmarkCycle> cycles;  // for each context: dense, speculative, sparse at each density
};

/// Fails as Session::create does, with kInvalidArgument without a draft or for a context that cannot be, and
/// with kCancelled.
Result<CycleBenchmark> benchmark_cycles(const CycleOptions& options, const BenchmarkProgress& progress,
                                        const std::stop_token& stop);

}  // namespace fovea
