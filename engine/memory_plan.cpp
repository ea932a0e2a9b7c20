#include "engine/memory_plan.h"

#include <algorithm>
#include <utility>

#include "engine/error_text.h"
#include "engine/gguf.h"
#include "engine/kv_cache.h"
#include "engine/llama.h"
#include "engine/model_config.h"

namespace fovea {
namespace {

constexpr std::size_t kContextStep = 256;  // what is advised is rounded down to this

}  // namespace

Result<ModelMemory> model_memory(std::string name, const std::string& path, const Backend& backend,
                                 std::size_t context) {
  Result<Gguf> gguf = Gguf::open(path);
  if (!gguf) return gguf.error();
  Result<ModelConfig> config = load_model_config(*gguf);
  if (!config) return config.error();
  ModelMemory memory;
  memory.name = std::move(name);
  memory.positions = context != 0 ? context : static_cast<std::size_t>(config->context_tokens);
  for (const GgufTensor& tensor : gguf->tensors()) memory.weights += tensor.data.size();
  memory.kv_cache = KvCache::bytes(backend, *config, memory.positions);
  memory.workspace =
      Llama::activation_bytes(*config) + backend.workspace_bytes(Llama::limits(*config, memory.positions));
  return memory;
}

Result<void> check_memory(std::span<const ModelMemory> models, std::size_t available) {
  std::size_t total = 0;
  std::size_t fixed = 0;
  std::size_t by_context = 0;
  std::string parts;
  for (const ModelMemory& model : models) {
    total += model.weights + model.kv_cache + model.workspace;
    fixed += model.weights + model.workspace;
    by_context += model.kv_cache;
    parts += (parts.empty() ? "" : "; ") + model.name + ": weights " + mebibytes(model.weights) +
             ", KV cache of " + std::to_string(model.positions) + " tokens " + mebibytes(model.kv_cache) +
             ", workspace " + mebibytes(model.workspace);
  }
  if (total <= available) return {};
  // The workspace grows with the context too, so this errs on the safe side.
  std::size_t fits = 0;
  if (fixed < available) {
    const double share = static_cast<double>(available - fixed) / static_cast<double>(by_context);
    fits = static_cast<std::size_t>(share * static_cast<double>(models[0].positions)) / kContextStep *
           kContextStep;
  }
  const std::string shorter =
      fits > 0 ? "Choose a context of at most " + std::to_string(fits) + " tokens, " : "Choose ";
  return Error{ErrorCode::kOutOfMemory,
               "The models do not fit the GPU: they need " + mebibytes(total) + ", and " +
                   mebibytes(available) + " are free (" + parts + ").",
               shorter + "a smaller or more strongly quantised model, or the backend cpu."};
}

}  // namespace fovea
