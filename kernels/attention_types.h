// What describes one call of attention on any processor: its shape, which entries it reads, where it leaves
// its scores. Plain views; whoever makes the call owns the memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea::kernels {

struct AttentionShape {
  std::size_t heads = 0;
  std::size_t kv_heads = 0;  // divides heads; query head h reads KV head h / (heads / kv_heads)
  std::size_t head_dim = 0;
  float scale = 1.0F;  // 1 / sqrt(head_dim)
};

/// The entries before the pass that are read, where not all are: ascending positions below first_position.
/// What the pass itself appends is always visible, causally. The softmax normalises over what is read.
struct AttentionSelection {
  const std::int32_t* positions = nullptr;  // [count]
  std::size_t count = 0;
};

/// Where to leave the scores, for those who select by attention. Probability of entry e: exp(score -
/// log_sum_exp). Entry e is position e or, with a selection, its e-th position and then those of the pass.
struct AttentionScores {
  float* scores = nullptr;  // [rows - first_row, heads, stride]; entries a row does not see stay as they were
  std::size_t stride = 0;   // >= entries read + rows
  float* log_sum_exp = nullptr;  // [rows - first_row, heads]
  std::size_t first_row = 0;     // earlier rows leave nothing
};

}  // namespace fovea::kernels
