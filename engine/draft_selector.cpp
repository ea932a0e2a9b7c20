#include "engine/draft_selector.h"

#include <algorithm>
#include <utility>

namespace fovea {

Result<std::unique_ptr<Selector>> DraftSelector::create(Backend& backend, Decoder& verifier,
                                                        const SparsityOptions& options,
                                                        SelectorInputs inputs) {
  std::unique_ptr<DraftSelector> selector(new DraftSelector(backend, verifier, options, inputs));
  if (Result<void> allocated = selector->allocate(); !allocated) return allocated.error();
  const std::size_t rows = options.rows == RowCombination::kMean ? 1 : selector->m_draft.slot_count();
  const std::size_t mass = rows * selector->m_draft.sources() * selector->m_stride;
  Result<Buffer> memory = backend.allocate((mass + inputs.weights.size()) * sizeof(float));
  if (!memory) return memory.error();
  selector->m_memory = std::move(memory).value();
  selector->m_mass = reinterpret_cast<float*>(selector->m_memory.get());
  selector->m_weights = selector->m_mass + mass;
  write_values(backend, selector->m_weights, std::span<const float>(inputs.weights));
  return std::unique_ptr<Selector>(std::move(selector));
}

void DraftSelector::choose(std::size_t positions, std::size_t draft_rows) {
  const std::size_t rows = std::min(draft_rows, m_draft.slot_count());
  if (rows == 0) {  // nobody has looked
    choose_everything();
    return;
  }
  SelectCall call = select_call(positions);
  call.mass = m_mass;
  call.mass_stride = m_stride;
  call.sources = m_draft.sources();
  call.weights = m_weights;
  call.next_share = m_options.next_share;
  if (m_options.rows == RowCombination::kMean) {
    m_draft.mass(m_mass, m_stride, 0, rows, positions);
  } else {
    call.rows = rows;
    for (std::size_t r = 0; r < rows; ++r) {
      m_draft.mass(m_mass + r * call.sources * m_stride, m_stride, r, 1, positions);
    }
  }
  m_backend.select(lists(), call);
}

}  // namespace fovea
