#include "engine/pair_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/backend_choice.h"
#include "engine/gguf.h"
#include "engine/machine_memory.h"
#include "engine/model_config.h"
#include "engine/model_pair.h"

namespace fovea {
namespace {

struct OpenModel {
  Gguf gguf;
  ModelSummary summary;
};

ModelSummary summarise(const Gguf& gguf, const ModelConfig& config) {
  ModelSummary summary;
  summary.name = config.name;
  summary.layers = config.layers;
  summary.vocabulary = config.vocabulary;
  summary.context_tokens = config.context_tokens;
  std::map<std::uint32_t, std::size_t> bytes_by_type;
  for (const GgufTensor& tensor : gguf.tensors()) {
    double elements = 1;
    for (const std::uint64_t extent : tensor.shape) elements *= static_cast<double>(extent);
    summary.parameters += elements;
    bytes_by_type[tensor.type] += tensor.data.size();
  }
  const auto most = std::max_element(bytes_by_type.begin(), bytes_by_type.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != bytes_by_type.end()) summary.quantisation = tensor_type_name(most->first);
  return summary;
}

Result<OpenModel> open_model(const std::string& path) {
  Result<Gguf> gguf = Gguf::open(path);
  if (!gguf) return gguf.error();
  const Result<ModelConfig> config = load_model_config(*gguf);
  if (!config) return config.error();
  ModelSummary summary = summarise(*gguf, *config);
  return OpenModel{std::move(gguf).value(), std::move(summary)};
}

/// The model's part of the plan; what stands in the way goes to `problem`.
std::optional<OpenModel> describe(const std::string& path, std::optional<ModelSummary>& summary,
                                  std::optional<Error>& problem) {
  Result<OpenModel> opened = open_model(path);
  if (!opened) {
    problem = opened.error();
    return std::nullopt;
  }
  summary = opened->summary;
  return std::move(opened).value();
}

void plan_memory(PairPlan& plan, const SessionOptions& options, const Backend& backend,
                 std::size_t returned_bytes) {
  auto context = static_cast<std::size_t>(options.context_tokens);
  const auto add = [&](const char* name, const std::string& path, std::optional<Error>& problem) {
    Result<ModelMemory> memory = model_memory(name, path, backend, context);
    if (!memory) {
      problem = memory.error();
      return;
    }
    context = memory->positions;  // the draft's cache is as long as the verifier's
    plan.needed_bytes += memory->weights + memory->kv_cache + memory->workspace;
    plan.memory.push_back(std::move(memory).value());
  };
  if (plan.verifier) add("verifier", options.verifier_path, plan.verifier_problem);
  if (plan.draft) add("draft", options.draft_path, plan.draft_problem);

  if (const std::optional<std::size_t> on_device = backend.free_memory()) {
    plan.available_bytes = *on_device + returned_bytes;
    if (Result<void> fits = check_memory(plan.memory, *plan.available_bytes); !fits) {
      plan.backend_problem = fits.error();
    }
    return;
  }
  plan.available_bytes = available_memory();
  if (plan.available_bytes) {
    *plan.available_bytes += returned_bytes;
    plan.crowded = plan.needed_bytes > *plan.available_bytes;
  }
}

}  // namespace

PairPlan plan_pair(const SessionOptions& options, std::size_t returned_bytes) {
  PairPlan plan;
  const auto verifier = describe(options.verifier_path, plan.verifier, plan.verifier_problem);
  if (!options.draft_path.empty()) {
    const auto draft = describe(options.draft_path, plan.draft, plan.draft_problem);
    if (verifier && draft) {
      if (Result<void> fits = check_pair(verifier->gguf, draft->gguf); !fits) {
        plan.draft_problem = fits.error();
      }
    }
  }
  const Result<ChosenBackend> chosen = choose_backend(options.backend, options.threads);
  if (!chosen) {
    plan.backend_problem = chosen.error();
    return plan;
  }
  const Backend& backend = *chosen->backend;
  plan.backend = backend.name();
  plan.backend_reason = chosen->reason;
  plan.device = backend.device();
  plan.threads = backend.threads();
  plan_memory(plan, options, backend, returned_bytes);
  return plan;
}

}  // namespace fovea
