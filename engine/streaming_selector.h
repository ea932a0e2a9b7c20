// StreamingSelector: sinks and the most recent entries, whatever is asked (StreamingLLM, Xiao et al. 2023,
// arXiv 2309.17453). The baseline that any attention-aware selector must beat at equal reads.
#pragma once

#include <memory>

#include "engine/selector.h"

namespace fovea {

class StreamingSelector final : public Selector {
 public:
  static Result<std::unique_ptr<Selector>> create(Backend& backend, Decoder& verifier,
                                                  const SparsityOptions& options);

 private:
  StreamingSelector(Backend& backend, Decoder& verifier, const SparsityOptions& options)
      : Selector(backend, verifier, options, {}, Judges::kBeforeThePass) {}
  void choose(std::size_t positions, std::size_t draft_rows) override;

  std::vector<std::int32_t> m_list;  // the same for all layers
};

}  // namespace fovea
