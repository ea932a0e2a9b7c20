// AttentionPlan: what one pass of a model reads of its KV cache, and where it leaves its attention scores.
// The forward pass asks it before each layer's attention, so a plan may look at the layer's queries.
// Implementations own what they point to. One thread at a time.
#pragma once

#include <cstddef>
#include <optional>

#include "engine/backend.h"

namespace fovea {

class AttentionPlan {
 public:
  AttentionPlan() = default;
  virtual ~AttentionPlan() = default;
  AttentionPlan(const AttentionPlan&) = delete;
  AttentionPlan& operator=(const AttentionPlan&) = delete;

  /// True when every entry is read: then the keys and values that the pass appends are those of a dense pass.
  [[nodiscard]] virtual bool is_dense() const = 0;
  /// A pass of `rows` rows after `first_position` entries begins. Returns a number for what plan_layer will
  /// put into its calls: passes of equal numbers get the same pointers, and a backend may replay the one for
  /// the other without asking plan_layer. None: it must be asked.
  virtual std::optional<std::size_t> begin_pass(std::size_t first_position, std::size_t rows) = 0;
  /// Completes `call` (selection, scores) for a layer. query: of the backend, [rows, heads, head_dim].
  /// Pointers put into `call` stay valid until the next call for this layer.
  virtual void plan_layer(std::size_t layer, AttentionCall& call, const float* query, std::size_t rows) = 0;
};

}  // namespace fovea
