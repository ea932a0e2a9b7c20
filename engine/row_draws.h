// RowDraws: what a sampler draws from the rows of a pass, made when they are first asked for. Borrows the
// backend and the sampler; one thread at a time.
#pragma once

#include <span>
#include <vector>

#include "engine/backend.h"

namespace fovea {

class RowDraws {
 public:
  RowDraws(Backend& backend, Sampler& sampler) : m_backend(backend), m_sampler(sampler) {}

  /// The rows of another pass. What the call views must stay while draws are asked for.
  void begin(const SampleCall& call);
  /// Ask for rows in order. Valid until the next begin().
  const Draw& operator[](std::size_t row);

 private:
  Backend& m_backend;
  Sampler& m_sampler;
  SampleCall m_call;
  std::size_t m_drawn = 0;    // rows [0, m_drawn) are there
  std::vector<Draw> m_draws;  // [>= rows]
};

}  // namespace fovea
