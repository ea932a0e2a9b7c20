// One row's part of Backend::sample on the host.
#pragma once

#include <span>

#include "engine/backend.h"

namespace fovea {

/// logits [vocabulary]: of the call's row `row`, on the host. Where the call wants the confidence, `draw`
/// keeps scratch of that size.
void draw_row(Draw& draw, std::span<const float> logits, std::size_t row, const SampleCall& call,
              Sampler& sampler);

}  // namespace fovea
