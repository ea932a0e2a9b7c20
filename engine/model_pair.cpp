#include "engine/model_pair.h"

#include <algorithm>
#include <string>

#include "engine/model_config.h"

namespace fovea {

Result<void> check_pair(const Gguf& verifier, const Gguf& draft) {
  const Result<ModelConfig> verifier_config = load_model_config(verifier);
  if (!verifier_config) return verifier_config.error();
  const Result<ModelConfig> draft_config = load_model_config(draft);
  if (!draft_config) return draft_config.error();
  const std::string remedy = "Choose a draft that was made for this verifier, or none.";
  if (verifier_config->vocabulary != draft_config->vocabulary) {
    return Error{ErrorCode::kInvalidArgument,
                 "The draft does not fit the verifier: their vocabularies hold " +
                     std::to_string(draft_config->vocabulary) + " and " +
                     std::to_string(verifier_config->vocabulary) + " tokens.",
                 remedy};
  }
  const auto verifier_tokens = verifier.get_strings("tokenizer.ggml.tokens");
  const auto draft_tokens = draft.get_strings("tokenizer.ggml.tokens");
  if (verifier_tokens && draft_tokens && *verifier_tokens != *draft_tokens) {
    const auto difference = std::mismatch(verifier_tokens->begin(), verifier_tokens->end(),
                                          draft_tokens->begin(), draft_tokens->end());
    return Error{ErrorCode::kInvalidArgument,
                 "The draft does not fit the verifier: their vocabularies differ from token " +
                     std::to_string(difference.first - verifier_tokens->begin()) + " on.",
                 remedy};
  }
  return {};
}

}  // namespace fovea
