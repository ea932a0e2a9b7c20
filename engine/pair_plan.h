// What is known about a pair of models before anything of it is loaded: what the files' headers say, whether
// the two work together, what they will take and what is free. Reads files and asks for a device, so it
// belongs on a worker thread. Plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/memory_plan.h"
#include "engine/result.h"
#include "engine/session.h"

namespace fovea {

/// One model, by its header.
struct ModelSummary {
  std::string name;          // as the file calls itself
  std::string quantisation;  // of most of its weights: "Q4_0"
  double parameters = 0;
  int layers = 0;
  int vocabulary = 0;
  int context_tokens = 0;  // trained length
};

/// Each part as far as it could be found out; each problem is one that loading would meet, too.
struct PairPlan {
  std::optional<ModelSummary> verifier;
  std::optional<ModelSummary> draft;
  std::vector<ModelMemory> memory;  // of the models whose headers could be read
  std::size_t needed_bytes = 0;
  std::optional<std::size_t> available_bytes;  // where the models would lie; none where nobody says
  std::string backend;                         // "cpu" or "cuda"; empty where none serves
  std::string backend_reason;                  // why this one
  std::string device;
  int threads = 0;

  std::optional<Error> verifier_problem;
  std::optional<Error> draft_problem;    // its file, or that it does not fit the verifier
  std::optional<Error> backend_problem;  // no device, or no room on it
  /// More than what is free of the machine's own memory: it loads, and the system will move other memory out.
  bool crowded = false;

  [[nodiscard]] bool loadable() const { return !verifier_problem && !draft_problem && !backend_problem; }
};

/// `returned_bytes`: what the pair that is loaded now gives back to the same device before this one comes.
[[nodiscard]] PairPlan plan_pair(const SessionOptions& options, std::size_t returned_bytes);

}  // namespace fovea
