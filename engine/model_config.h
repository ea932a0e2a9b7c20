// The numbers that define a Llama-architecture model, read from GGUF metadata and checked against each other.
// Plain values.
#pragma once

#include <string>

#include "engine/result.h"

namespace fovea {

class Gguf;

struct ModelConfig {
  std::string name;  // general.name, or the architecture
  int layers = 0;
  int width = 0;  // residual stream
  int feed_forward = 0;
  int heads = 0;     // query heads
  int kv_heads = 0;  // divides heads
  int head_dim = 0;  // even
  int vocabulary = 0;
  int context_tokens = 0;  // trained length
  float rope_base = 10000.0F;
  float norm_epsilon = 1e-5F;
};

/// Reads and checks `llama.*`; an Error names the key that is missing, out of range or contradictory, or the
/// feature (an architecture, RoPE scaling) this program does not run.
Result<ModelConfig> load_model_config(const Gguf& gguf);

}  // namespace fovea
