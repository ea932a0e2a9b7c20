#include "engine/draft_selector.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace fovea {

Result<std::unique_ptr<Selector>> DraftSelector::create(Backend& backend, Decoder& verifier,
                                                        const SparsityOptions& options,
                                                        SelectorInputs inputs) {
  std::unique_ptr<DraftSelector> selector(new DraftSelector(backend, verifier, options, std::move(inputs)));
  if (Result<void> allocated = selector->allocate(); !allocated) return allocated.error();
  const std::size_t rows = options.rows == RowCombination::kMean ? 1 : selector->m_draft.slot_count();
  Result<Buffer> mass =
      backend.allocate(rows * selector->m_draft.sources() * selector->m_stride * sizeof(float));
  if (!mass) return mass.error();
  selector->m_mass = std::move(mass).value();
  return std::unique_ptr<Selector>(std::move(selector));
}

void DraftSelector::choose(std::size_t positions, std::size_t draft_rows) {
  const std::size_t rows = std::min(draft_rows, m_draft.slot_count());
  if (rows == 0) {  // nobody has looked: everything is read
    for (std::size_t layer = 0; layer < layers(); ++layer) {
      std::iota(chosen(layer), chosen(layer) + positions, 0);
      m_results[layer] = {positions, 1.0, 1.0};
    }
    return;
  }
  auto* mass = reinterpret_cast<float*>(m_mass.get());
  SelectCall call = select_call(positions);
  call.mass = mass;
  call.mass_stride = m_stride;
  call.sources = m_draft.sources();
  call.weights = m_weights.data();
  call.next_share = m_options.next_share;
  if (m_options.rows == RowCombination::kMean) {
    m_draft.mass(mass, m_stride, 0, rows, positions);
  } else {
    call.rows = rows;
    for (std::size_t r = 0; r < rows; ++r) {
      m_draft.mass(mass + r * call.sources * m_stride, m_stride, r, 1, positions);
    }
  }
  m_backend.select(chosen(0), estimate(0), m_stride, m_results.data(), call);
}

}  // namespace fovea
