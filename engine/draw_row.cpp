#include "engine/draw_row.h"

#include <algorithm>

#include "kernels/cpu/elementwise.h"

namespace fovea {

void draw_row(Draw& draw, std::span<const float> logits, std::size_t row, const SampleCall& call,
              Sampler& sampler) {
  const auto history = call.sequence.first(call.sequence.size() - (call.logits.rows - 1 - row));
  if (call.confidence) {
    draw.scratch.assign(logits.begin(), logits.end());
    kernels::cpu::softmax(draw.scratch.data(), draw.scratch.size());
    draw.confidence = *std::max_element(draw.scratch.begin(), draw.scratch.end());
  }
  if (call.distribution) {
    sampler.distribution(logits, history, draw.distribution);
    draw.token = sampler.draw_at(draw.distribution, history.size());
  } else {
    draw.token = sampler.sample(logits, history);
  }
}

}  // namespace fovea
