// One layer's part of Backend::select on the CPU. Works on memory that the caller owns; any thread.
#pragma once

#include <cstdint>

#include "engine/backend.h"

namespace fovea {

/// chosen, estimate, scratch: room for call.positions each. False where a weight is not a finite number >= 0:
/// then every position is chosen.
bool select_layer(std::int32_t* chosen, float* estimate, float* scratch, LayerSelection& result,
                  const SelectCall& call, std::size_t layer);

}  // namespace fovea
