// OracleSelector: selects by the verifier's own attention, which it computes in full first. It saves nothing;
// it is the upper bound that other selectors are measured against.
#pragma once

#include <memory>

#include "engine/selector.h"

namespace fovea {

class OracleSelector final : public Selector {
 public:
  static Result<std::unique_ptr<Selector>> create(Backend& backend, Decoder& verifier,
                                                  const SparsityOptions& options);

 private:
  OracleSelector(Backend& backend, Decoder& verifier, const SparsityOptions& options)
      : Selector(backend, verifier, options, {}, Judges::kByQueries) {}
  void choose(std::size_t /*positions*/, std::size_t /*draft_rows*/) override {}
  void choose_layer(std::size_t layer, const AttentionCall& call, const float* query,
                    std::size_t rows) override;

  Buffer m_scratch;
  float* m_output = nullptr;  // [rows, heads, head_dim]: not used further
  float* m_scores = nullptr;  // [rows, heads, stride]
  float* m_log_sum_exp = nullptr;
  float* m_mass = nullptr;     // [rows, kv_heads, stride]
  float* m_weights = nullptr;  // [kv_heads]: all alike
};

}  // namespace fovea
