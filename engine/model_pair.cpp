#include "engine/model_pair.h"

#include <algorithm>
#include <string>

namespace fovea {

Result<void> check_pair(const Decoder& verifier, const Decoder& draft) {
  const std::string remedy = "Choose a draft that was made for this verifier, or none.";
  if (verifier.config().vocabulary != draft.config().vocabulary) {
    return Error{ErrorCode::kInvalidArgument,
                 "The draft does not fit the verifier: their vocabularies hold " +
                     std::to_string(draft.config().vocabulary) + " and " +
                     std::to_string(verifier.config().vocabulary) + " tokens.",
                 remedy};
  }
  const auto verifier_tokens = verifier.gguf().get_strings("tokenizer.ggml.tokens");
  const auto draft_tokens = draft.gguf().get_strings("tokenizer.ggml.tokens");
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
