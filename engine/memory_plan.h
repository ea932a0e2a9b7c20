// What a pair of models will take of a device's memory, known before anything is loaded: the sizes follow
// from the files' headers. Plain values; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/backend.h"
#include "engine/result.h"

namespace fovea {

/// One model's part, in bytes.
struct ModelMemory {
  std::string name;  // "verifier", "draft"
  std::size_t weights = 0;
  std::size_t kv_cache = 0;   // of `positions` tokens
  std::size_t workspace = 0;  // activations, scores and what kernels keep between their parts
  std::size_t positions = 0;
};

/// Reads the header of the model at `path`. context 0: what the model was trained for.
Result<ModelMemory> model_memory(std::string name, const std::string& path, const Backend& backend,
                                 std::size_t context);

/// Fails with kOutOfMemory where the models together exceed `available` bytes: the error names each part and
/// the longest context that would fit, if any does.
Result<void> check_memory(std::span<const ModelMemory> models, std::size_t available);

}  // namespace fovea
