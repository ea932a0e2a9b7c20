#include "engine/row_draws.h"

namespace fovea {

void RowDraws::begin(const SampleCall& call) {
  m_call = call;
  m_drawn = 0;
  if (m_draws.size() < call.logits.rows) m_draws.resize(call.logits.rows);
}

const Draw& RowDraws::operator[](std::size_t row) {
  while (m_drawn <= row) m_drawn += m_backend.sample(m_draws, m_drawn, m_call, m_sampler);
  return m_draws[row];
}

}  // namespace fovea
