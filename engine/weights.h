// The weights of one Llama-architecture model: views into its GGUF, demanded by name, dtype and shape, so
// that loading is the validation. Views only: the Gguf they came from must outlive them. Immutable; any
// thread.
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "engine/backend.h"
#include "engine/matrix.h"
#include "engine/model_config.h"
#include "engine/result.h"

namespace fovea {

class Gguf;

struct LayerWeights {
  const float* attention_norm = nullptr;     // [width]
  Matrix query;                              // [heads * head_dim, width]
  Matrix key;                                // [kv_heads * head_dim, width]
  Matrix value;                              // [kv_heads * head_dim, width]
  Matrix attention_output;                   // [width, heads * head_dim]
  const float* feed_forward_norm = nullptr;  // [width]
  Matrix gate;                               // [feed_forward, width]
  Matrix up;                                 // [feed_forward, width]
  Matrix down;                               // [width, feed_forward]
};

struct Weights {
  Matrix embedding;                    // [vocabulary, width]
  std::vector<LayerWeights> layers;    // [layers]
  const float* output_norm = nullptr;  // [width]
  Matrix output;                       // [vocabulary, width]; the embedding where the file ties them
};

/// Brings every weight to where the backend's kernels want it; `weights` afterwards views the returned
/// buffers, none for what stays where it is. `on_progress` gets 0 .. 1. Fails with kOutOfMemory or
/// kCancelled.
Result<std::vector<Buffer>> place_weights(Weights& weights, const ModelConfig& config, Backend& backend,
                                          const std::function<void(double)>& on_progress,
                                          const std::stop_token& stop);

/// Demands every tensor of `config`; an Error names the tensor, what was expected and what the file holds.
Result<Weights> load_weights(const Gguf& gguf, const ModelConfig& config);

}  // namespace fovea
