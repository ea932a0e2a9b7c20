#include "engine/pass_cost.h"

namespace fovea {

PassCost pass_cost(const Gguf& gguf, const ModelConfig& config) {
  PassCost cost;
  for (const GgufTensor& tensor : gguf.tensors()) {
    // An embedding of its own is a table of which a pass reads one row; a tied one is the output matrix as
    // well.
    if (tensor.name == "token_embd.weight" && gguf.find_tensor("output.weight") != nullptr) continue;
    double elements = 1;
    for (const std::uint64_t extent : tensor.shape) elements *= static_cast<double>(extent);
    cost.weights_bytes += static_cast<double>(tensor.data.size());
    cost.weights_elements += elements;
  }
  constexpr double kKeysAndValues = 2;
  constexpr double kHalfBytes = 2;
  constexpr double kOperations = 4;  // a product and a sum each for the score and for the value
  const double layers = config.layers;
  cost.kv_entry_bytes = layers * config.kv_heads * config.head_dim * kKeysAndValues * kHalfBytes;
  cost.attention_operations = layers * config.heads * config.head_dim * kOperations;
  return cost;
}

}  // namespace fovea
