// DraftSelector: SpecAttn's own selector. The attention of the draft over its proposals, weighed by the layer
// alignment, tells which entries the verifier reads. All rows of a pass share one list per layer, made from
// the draft's rows for the same queries: for the last proposal, too, the draft runs, although nothing is
// proposed after it. That row is worth its cost: without it the perplexity of two-token blocks rises by a
// half more.
// The draft is often one position late: where it looks at an entry, the verifier wants the one before it,
// too. So a position weighs half of the next one's weight more (SparsityOptions::next_share).
#pragma once

#include <memory>
#include <vector>

#include "engine/selector.h"

namespace fovea {

class DraftSelector final : public Selector {
 public:
  static Result<std::unique_ptr<Selector>> create(Backend& backend, Decoder& verifier,
                                                  const SparsityOptions& options, SelectorInputs inputs);

 private:
  DraftSelector(Backend& backend, Decoder& verifier, const SparsityOptions& options,
                const SelectorInputs& inputs)
      : Selector(backend, verifier, options, inputs.leniency, Judges::kBeforeThePass),
        m_draft(*inputs.draft) {}
  void choose(std::size_t positions, std::size_t draft_rows) override;

  AttentionRows& m_draft;
  Buffer m_memory;
  float* m_weights = nullptr;  // [layers, sources]
  float* m_mass = nullptr;     // [rows, sources, stride]; one row where the mean is selected from
};

}  // namespace fovea
