#include "engine/streaming_selector.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fovea {

Result<std::unique_ptr<Selector>> StreamingSelector::create(Backend& backend, Decoder& verifier,
                                                            const SparsityOptions& options) {
  std::unique_ptr<StreamingSelector> selector(new StreamingSelector(backend, verifier, options));
  if (Result<void> allocated = selector->allocate(); !allocated) return allocated.error();
  return std::unique_ptr<Selector>(std::move(selector));
}

void StreamingSelector::choose(std::size_t positions, std::size_t /*draft_rows*/) {
  const std::size_t sinks = std::min(static_cast<std::size_t>(m_options.sinks), positions);
  const auto budget = static_cast<std::size_t>(std::lround(m_options.budget * static_cast<float>(positions)));
  const std::size_t recent =
      std::min(std::max(static_cast<std::size_t>(m_options.window), budget - std::min(budget, sinks)),
               positions - sinks);
  m_list.resize(sinks + recent);
  const auto middle = m_list.begin() + static_cast<std::ptrdiff_t>(sinks);
  std::iota(m_list.begin(), middle, 0);
  std::iota(middle, m_list.end(), static_cast<std::int32_t>(positions - recent));
  for (std::size_t layer = 0; layer < layers(); ++layer) set_list(layer, m_list);
}

}  // namespace fovea
