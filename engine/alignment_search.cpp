#include "engine/alignment_search.h"

#include <utility>

#include <spdlog/spdlog.h>

#include "engine/content_hash.h"
#include "engine/model_config.h"

namespace fovea {
namespace {

bool fits(const Alignment& alignment, const ModelConfig& verifier, const ModelConfig& draft) {
  return alignment.verifier_layers == verifier.layers && alignment.verifier_kv_heads == verifier.kv_heads &&
         alignment.draft_layers == draft.layers && alignment.draft_kv_heads == draft.kv_heads;
}

}  // namespace

Result<FoundAlignment> find_alignment(const std::vector<std::string>& folders, const Gguf& verifier,
                                      const Gguf& draft, spdlog::logger* logger) {
  const Result<ModelConfig> verifier_config = load_model_config(verifier);
  if (!verifier_config) return verifier_config.error();
  const Result<ModelConfig> draft_config = load_model_config(draft);
  if (!draft_config) return draft_config.error();
  const std::string verifier_hash = content_hash(verifier.bytes());
  const std::string draft_hash = content_hash(draft.bytes());
  const std::string file_name = alignment_file_name(verifier_hash, draft_hash);
  for (const std::string& folder : folders) {
    const std::string path = std::string(folder).append("/").append(file_name);
    Result<Alignment> loaded = load_alignment(path);
    if (!loaded && loaded.error().code == ErrorCode::kNotFound) continue;
    if (loaded && fits(*loaded, *verifier_config, *draft_config) && loaded->verifier_hash == verifier_hash &&
        loaded->draft_hash == draft_hash) {
      return FoundAlignment{path, std::move(loaded).value()};
    }
    if (logger != nullptr) {
      logger->warn("ignored the alignment {}: {}", path,
                   loaded ? "it belongs to other models" : loaded.error().to_string());
    }
  }
  return Error{ErrorCode::kNotFound, "There is no alignment of these two models.",
               "Compute one with 'fovea-cli align', or choose the mode dense or speculative."};
}

}  // namespace fovea
