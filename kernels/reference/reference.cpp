// Layers: embedding, normalisation, rotation, products and element-wise work. Pure functions, any thread.
#include "kernels/reference/reference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace fovea::kernels::reference {

namespace {

/// Weights are decoded this many at a time into the stack; a multiple of every block length.
constexpr std::size_t kChunk = 32;

double dot(const std::byte* row, DType dtype, const float* x, std::size_t columns) {
  std::array<float, kChunk> weights{};
  double sum = 0;
  for (std::size_t begin = 0; begin < columns; begin += kChunk) {
    const std::size_t count = std::min(kChunk, columns - begin);
    dequantize_row(weights.data(), row + row_bytes(dtype, begin), dtype, count);
    for (std::size_t i = 0; i < count; ++i) {
      sum += static_cast<double>(weights[i]) * static_cast<double>(x[begin + i]);
    }
  }
  return sum;
}

}  // namespace

void embed(float* out, const void* table, DType dtype, std::size_t columns, const std::int32_t* ids,
           std::size_t rows) {
  const auto* bytes = static_cast<const std::byte*>(table);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto id = static_cast<std::size_t>(ids[row]);
    dequantize_row(out + (row * columns), bytes + (id * row_bytes(dtype, columns)), dtype, columns);
  }
}

void rms_norm(float* out, const float* x, const float* weight, std::size_t rows, std::size_t columns,
              float epsilon) {
  for (std::size_t row = 0; row < rows; ++row) {
    const float* from = x + (row * columns);
    float* to = out + (row * columns);
    double squares = 0;
    for (std::size_t i = 0; i < columns; ++i)
      squares += static_cast<double>(from[i]) * static_cast<double>(from[i]);
    const double scale =
        1.0 / std::sqrt((squares / static_cast<double>(columns)) + static_cast<double>(epsilon));
    for (std::size_t i = 0; i < columns; ++i) {
      to[i] = static_cast<float>(static_cast<double>(from[i]) * scale * static_cast<double>(weight[i]));
    }
  }
}

void row_norms(float* out, const float* x, std::size_t rows, std::size_t columns) {
  for (std::size_t row = 0; row < rows; ++row) {
    double squares = 0;
    for (std::size_t i = 0; i < columns; ++i) {
      const auto value = static_cast<double>(x[(row * columns) + i]);
      squares += value * value;
    }
    out[row] = static_cast<float>(std::sqrt(squares));
  }
}

void rope(float* x, std::size_t rows, std::size_t heads, std::size_t head_dim, const std::int32_t* positions,
          float base) {
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t pair = 0; pair < head_dim / 2; ++pair) {
      const double exponent = -2.0 * static_cast<double>(pair) / static_cast<double>(head_dim);
      const double angle = positions[row] * std::pow(static_cast<double>(base), exponent);
      const double cosine = std::cos(angle);
      const double sine = std::sin(angle);
      for (std::size_t head = 0; head < heads; ++head) {
        float* at = x + ((row * heads + head) * head_dim) + (2 * pair);
        const double real = at[0];
        const double imaginary = at[1];
        at[0] = static_cast<float>((real * cosine) - (imaginary * sine));
        at[1] = static_cast<float>((real * sine) + (imaginary * cosine));
      }
    }
  }
}

void matmul(float* out, const void* weight, DType dtype, std::size_t outputs, std::size_t columns,
            const float* x, std::size_t rows) {
  const auto* bytes = static_cast<const std::byte*>(weight);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t output = 0; output < outputs; ++output) {
      const std::byte* weight_row = bytes + (output * row_bytes(dtype, columns));
      out[(row * outputs) + output] =
          static_cast<float>(dot(weight_row, dtype, x + (row * columns), columns));
    }
  }
}

void silu_gate(float* out, const float* gate, const float* up, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const double g = gate[i];
    out[i] = static_cast<float>(g / (1.0 + std::exp(-g)) * static_cast<double>(up[i]));
  }
}

void softmax(float* x, std::size_t n) {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, static_cast<double>(x[i]));
  if (largest == -std::numeric_limits<double>::infinity()) {
    std::fill_n(x, n, 0.0F);  // a fully masked row: nothing to weigh
    return;
  }
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::exp(static_cast<double>(x[i]) - largest);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = static_cast<float>(std::exp(static_cast<double>(x[i]) - largest) / sum);
  }
}

void softmax_rows(float* x, std::size_t rows, std::size_t n) {
  for (std::size_t row = 0; row < rows; ++row) softmax(x + (row * n), n);
}

void add(float* x, const float* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) x[i] += y[i];
}

std::size_t argmax(const float* x, std::size_t n) {
  std::size_t best = n;
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isnan(x[i])) continue;
    if (best == n || x[i] > x[best]) best = i;
  }
  return best == n ? 0 : best;
}

}  // namespace fovea::kernels::reference
