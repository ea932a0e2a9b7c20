#include "engine/random_selector.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/random.h"

namespace fovea {

RandomSelector::RandomSelector(Backend& backend, Decoder& verifier, AttentionRows& draft, double density)
    : Selector(backend, verifier, {}, {}, Judges::kBeforeThePass), m_draft(draft), m_density(density) {}

Result<std::unique_ptr<RandomSelector>> RandomSelector::create(Backend& backend, Decoder& verifier,
                                                               AttentionRows& draft, double density,
                                                               std::uint64_t seed) {
  std::unique_ptr<RandomSelector> selector(new RandomSelector(backend, verifier, draft, density));
  if (Result<void> allocated = selector->allocate(); !allocated) return allocated.error();
  if (Result<void> allocated = selector->allocate_random(seed); !allocated) return allocated.error();
  return selector;
}

Result<void> RandomSelector::allocate_random(std::uint64_t seed) {
  const std::size_t sources = m_draft.sources();
  const std::size_t mass = sources * m_stride;
  Result<Buffer> memory = m_backend.allocate((2 * mass + layers() * (sources + 1)) * sizeof(float));
  if (!memory) return memory.error();
  m_memory = std::move(memory).value();
  m_mass = reinterpret_cast<float*>(m_memory.get());
  m_random_mass = m_mass + mass;
  m_weights = m_random_mass + mass;
  m_top_p = m_weights + layers() * sources;

  // Exponential, as uneven as attention is, and above 0, so that a top-p of 1 keeps everything.
  RandomGenerator random(seed);
  std::vector<float> numbers(m_stride);
  for (std::size_t source = 0; source < sources; ++source) {
    for (float& number : numbers) number = static_cast<float>(1e-3 - std::log1p(-random.uniform()));
    write_values(m_backend, m_random_mass + source * m_stride, std::span<const float>(numbers));
  }
  // A source of its own for each layer, as far as they go; a little of the others, so that none is skipped.
  constexpr float kLittle = 1e-4F;
  std::vector<float> weights(layers() * sources, kLittle);
  for (std::size_t layer = 0; layer < layers(); ++layer) weights[layer * sources + layer % sources] = 1;
  write_values(m_backend, m_weights, std::span<const float>(weights));
  return {};
}

void RandomSelector::select(std::size_t positions) {
  SelectCall call = select_call(positions);
  call.mass = m_random_mass;
  call.mass_stride = m_stride;
  call.sources = m_draft.sources();
  call.weights = m_weights;
  call.next_share = m_options.next_share;
  call.p = m_top_p;
  m_backend.select(lists(), call);
}

void RandomSelector::calibrate(std::size_t positions) {
  const auto always = static_cast<std::size_t>(m_options.sinks) + static_cast<std::size_t>(m_options.window);
  const std::size_t middle = positions - std::min(always, positions);
  const double wanted = static_cast<double>(layers()) *
                        (m_density * static_cast<double>(middle) + static_cast<double>(positions - middle));
  std::vector<std::int32_t> counts(layers());
  const auto chosen_at = [&](float p) {
    const std::vector<float> top_p(layers(), p);
    write_values(m_backend, m_top_p, std::span<const float>(top_p));
    select(positions);
    read_values(m_backend, std::span(counts), static_cast<const std::int32_t*>(lists().counts));
    return std::accumulate(counts.begin(), counts.end(), 0.0);
  };
  float low = 0;
  float high = 1;
  constexpr int kSteps = 24;  // what a float between 0 and 1 tells apart
  for (int step = 0; step < kSteps; ++step) {
    const float p = (low + high) / 2;
    (chosen_at(p) < wanted ? low : high) = p;
  }
  chosen_at(high);
}

void RandomSelector::choose(std::size_t positions, std::size_t draft_rows) {
  const std::size_t rows = std::min(draft_rows, m_draft.slot_count());
  if (rows == 0) {  // nobody has looked
    choose_everything();
    return;
  }
  m_draft.mass(m_mass, m_stride, 0, rows, positions);
  select(positions);
}

}  // namespace fovea
