// What one pass of a model moves and computes, by count: what measured times are compared with. Plain values.
#pragma once

#include "engine/gguf.h"
#include "engine/model_config.h"

namespace fovea {

struct PassCost {
  double weights_bytes = 0;  // that every pass reads
  double weights_elements = 0;
  double kv_entry_bytes = 0;        // keys and values of one position, all layers
  double attention_operations = 0;  // per (query, position), all layers
};

[[nodiscard]] PassCost pass_cost(const Gguf& gguf, const ModelConfig& config);

}  // namespace fovea
