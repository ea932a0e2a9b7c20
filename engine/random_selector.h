// RandomSelector: a given share of the entries, chosen at random, at the price of choosing by the draft's
// attention. For benchmarks over models whose attention means nothing; no option of a turn leads here. It
// does all that DraftSelector does with the mean of the draft's rows, but the attention that it selects by is
// made up: random, the same for a seed, and such that the wanted share is kept.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/selector.h"

namespace fovea {

class RandomSelector final : public Selector {
 public:
  /// `draft`: what the draft leaves; it must outlive this. `density`: share of the entries outside sinks and
  /// window that each layer reads, 0 .. 1. Fails with kOutOfMemory.
  static Result<std::unique_ptr<RandomSelector>> create(Backend& backend, Decoder& verifier,
                                                        AttentionRows& draft, double density,
                                                        std::uint64_t seed);

  /// Finds the top-p that keeps the wanted share of this many entries. Before the first pass after about as
  /// many.
  void calibrate(std::size_t positions);

 private:
  RandomSelector(Backend& backend, Decoder& verifier, AttentionRows& draft, double density);
  Result<void> allocate_random(std::uint64_t seed);
  void choose(std::size_t positions, std::size_t draft_rows) override;
  void select(std::size_t positions);

  AttentionRows& m_draft;
  double m_density;
  Buffer m_memory;
  float* m_mass = nullptr;         // [sources, stride]: the draft's, computed and not looked at
  float* m_random_mass = nullptr;  // the same shape: what is selected by
  float* m_weights = nullptr;      // [layers, sources]
  float* m_top_p = nullptr;        // [layers]
};

}  // namespace fovea
