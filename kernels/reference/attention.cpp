// Attention over a KV cache, full and over a selection. Three passes that recompute each score instead of
// keeping it: the maximum, the sum, then the values. Pure functions, any thread.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/reference/reference.h"

namespace fovea::kernels::reference {

namespace {

/// Output dimensions accumulated at once, so that a head of any size fits on the stack.
constexpr std::size_t kChunk = 64;

/// What one row sees: `selected[0 .. selected_count)`, then `suffix_count` positions from `suffix_begin`.
struct View {
  const std::int32_t* selected;
  std::size_t selected_count;
  std::size_t suffix_begin;
  std::size_t suffix_count;

  [[nodiscard]] std::size_t size() const { return selected_count + suffix_count; }
  [[nodiscard]] std::size_t position(std::size_t index) const {
    return index < selected_count ? static_cast<std::size_t>(selected[index])
                                  : suffix_begin + (index - selected_count);
  }
};

/// One query head over the cache of its KV head; consecutive positions lie `stride` elements apart.
struct Head {
  const float* query;   // [head_dim]
  const float* keys;    // [position, stride], offset to the KV head
  const float* values;  // likewise
  std::size_t stride;
  std::size_t head_dim;
  double scale;

  [[nodiscard]] double score(std::size_t position) const {
    const float* key = keys + (position * stride);
    double sum = 0;
    for (std::size_t i = 0; i < head_dim; ++i) {
      sum += static_cast<double>(query[i]) * static_cast<double>(key[i]);
    }
    return sum * scale;
  }
};

/// out[head_dim]; probabilities: null or [view.size()].
void attend(float* out, const Head& head, const View& view, float* probabilities) {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < view.size(); ++i) largest = std::max(largest, head.score(view.position(i)));
  double sum = 0;
  for (std::size_t i = 0; i < view.size(); ++i) sum += std::exp(head.score(view.position(i)) - largest);

  for (std::size_t begin = 0; begin < head.head_dim; begin += kChunk) {
    const std::size_t count = std::min(kChunk, head.head_dim - begin);
    std::array<double, kChunk> accumulated{};
    for (std::size_t i = 0; i < view.size(); ++i) {
      const double probability = std::exp(head.score(view.position(i)) - largest) / sum;
      if (probabilities != nullptr) probabilities[i] = static_cast<float>(probability);
      const float* value = head.values + (view.position(i) * head.stride) + begin;
      for (std::size_t d = 0; d < count; ++d) {
        accumulated[d] += probability * static_cast<double>(value[d]);
      }
    }
    for (std::size_t d = 0; d < count; ++d) out[begin + d] = static_cast<float>(accumulated[d]);
  }
}

}  // namespace

void attention(float* out, const float* query, const float* keys, const float* values, std::size_t rows,
               std::size_t heads, std::size_t kv_heads, std::size_t head_dim, const std::int32_t* positions,
               float scale, float* probabilities, std::size_t probability_stride) {
  attention_selected(out, query, keys, values, rows, heads, kv_heads, head_dim, positions, nullptr, 0, 0,
                     scale, probabilities, probability_stride);
}

void attention_selected(float* out, const float* query, const float* keys, const float* values,
                        std::size_t rows, std::size_t heads, std::size_t kv_heads, std::size_t head_dim,
                        const std::int32_t* positions, const std::int32_t* selected,
                        std::size_t selected_count, std::int32_t suffix_begin, float scale,
                        float* probabilities, std::size_t probability_stride) {
  for (std::size_t row = 0; row < rows; ++row) {
    const std::int32_t last = positions[row];
    const auto seen =
        static_cast<std::size_t>(std::upper_bound(selected, selected + selected_count, last) - selected);
    const auto suffix = static_cast<std::size_t>(std::max(0, last - suffix_begin + 1));
    const View view{selected, seen, static_cast<std::size_t>(suffix_begin), suffix};
    for (std::size_t h = 0; h < heads; ++h) {
      const std::size_t kv_offset = (h / (heads / kv_heads)) * head_dim;
      const std::size_t offset = ((row * heads) + h) * head_dim;
      const Head head{query + offset,      keys + kv_offset, values + kv_offset,
                      kv_heads * head_dim, head_dim,         scale};
      float* row_probabilities = nullptr;
      if (probabilities != nullptr) {
        row_probabilities = probabilities + (((row * heads) + h) * probability_stride);
        std::fill_n(row_probabilities, probability_stride, 0.0F);
      }
      // A suffix is only seen together with the whole selection, so the columns of the two never shift:
      // either every selected entry precedes `last`, or the suffix is empty.
      attend(out + offset, head, view, row_probabilities);
    }
  }
}

}  // namespace fovea::kernels::reference
