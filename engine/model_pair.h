// What makes two models a pair. Pure functions; any thread.
#pragma once

#include "engine/gguf.h"
#include "engine/result.h"

namespace fovea {

/// A draft proposes token ids, so both models must mean the same by them. Fails with kInvalidArgument, saying
/// where their vocabularies differ; and where a file is not one of a model that this program runs.
[[nodiscard]] Result<void> check_pair(const Gguf& verifier, const Gguf& draft);

}  // namespace fovea
