#include <cmath>
#include <limits>

#include "kernels/reference/reference.h"

namespace fovea::kernels::reference {

void attention_mass(float* mass, std::size_t mass_stride, const float* scores, std::size_t stride,
                    const float* log_sum_exp, std::size_t rows, std::size_t heads, std::size_t kv_heads,
                    std::size_t n) {
  const std::size_t group = heads / kv_heads;
  for (std::size_t k = 0; k < kv_heads; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      double sum = 0;
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t h = k * group; h < (k + 1) * group; ++h) {
          const float score = scores[(r * heads + h) * stride + i];
          if (score == -std::numeric_limits<float>::infinity()) continue;
          sum += std::exp(static_cast<double>(score) - static_cast<double>(log_sum_exp[r * heads + h]));
        }
      }
      mass[k * mass_stride + i] = static_cast<float>(sum / static_cast<double>(rows * group));
    }
  }
}

void weighted_sum(float* out, const float* weights, const float* rows, std::size_t stride, std::size_t count,
                  std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < count; ++j) {
      if (weights[j] != 0) sum += static_cast<double>(weights[j]) * static_cast<double>(rows[j * stride + i]);
    }
    out[i] = static_cast<float>(sum);
  }
}

}  // namespace fovea::kernels::reference
