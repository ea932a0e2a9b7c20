// What makes two models a pair. Pure functions; any thread.
#pragma once

#include "engine/decoder.h"
#include "engine/result.h"

namespace fovea {

/// A draft proposes token ids, so both models must mean the same by them. Fails with kInvalidArgument, saying
/// where their vocabularies differ.
[[nodiscard]] Result<void> check_pair(const Decoder& verifier, const Decoder& draft);

}  // namespace fovea
