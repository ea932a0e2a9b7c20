// One layer's part of Backend::select on the CPU. Works on memory that the caller owns; any thread.
#pragma once

#include <cstdint>

#include "engine/backend.h"

namespace fovea {

/// Fills the layer's part of `lists`.
void select_layer(const SelectionLists& lists, const SelectCall& call, std::size_t layer);

}  // namespace fovea
