#include "kernels/cpu/elementwise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/elementwise.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "kernels/cpu/packed_weights.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Eight lanes at most, as in the other kernels: AVX2 and AVX-512 machines round alike.
using DF = hn::CappedTag<float, 8>;
using VF = hn::Vec<DF>;
constexpr std::size_t kLanes = hn::MaxLanes(DF());

float HalfToFloat(std::uint16_t bits) {
  const DF df;
  const hn::Rebind<std::uint16_t, DF> du;
  const hn::Rebind<hwy::float16_t, DF> dh;
  return hn::GetLane(hn::PromoteTo(df, hn::BitCast(dh, hn::Set(du, bits))));
}

// Row `row` of a table that is packed (kernels/cpu/packed_weights.h).
void UnpackRow(float* HWY_RESTRICT out, const std::uint8_t* table, DType dtype, std::size_t row,
               std::size_t columns) {
  const std::uint8_t* tile = table + row / kTileOutputs * tile_bytes(dtype, columns);
  const std::size_t lane = row % kTileOutputs;
  for (std::size_t c = 0; c < columns; c += block_elements(dtype)) {
    const std::size_t block = c / block_elements(dtype);
    std::uint16_t bits;
    __builtin_memcpy(&bits, tile + tile_scales(dtype, block) + lane * sizeof(bits), sizeof(bits));
    const float scale = HalfToFloat(bits);
    const std::uint8_t* chunk = tile + tile_chunks(dtype, block) + lane * kChunkBytes;
    for (std::size_t i = 0; i < block_chunks(dtype); ++i, chunk += kTileOutputs * kChunkBytes) {
      for (std::size_t k = 0; k < kChunkBytes; ++k) {
        float* to = out + c + i * kChunkBytes + k;
        const int byte = static_cast<std::int8_t>(chunk[kChunkOrder[k]]);  // NOLINT: it is signed
        if (dtype == DType::kQ8_0) {
          to[0] = scale * static_cast<float>(byte);
        } else {
          to[0] = scale * static_cast<float>(((byte & 15) ^ 8) - 8);
          to[block_elements(dtype) / 2] = scale * static_cast<float>(byte >> 4);
        }
      }
    }
  }
}

void DequantizeRow(float* HWY_RESTRICT out, const std::uint8_t* table, DType dtype, std::size_t row,
                   std::size_t columns) {
  const DF df;
  const hn::Rebind<hwy::float16_t, DF> dh;
  const hn::Rebind<hwy::bfloat16_t, DF> db;
  if (is_packed(dtype)) return UnpackRow(out, table, dtype, row, columns);
  const std::uint8_t* from = table + row * row_bytes(dtype, columns);
  if (dtype == DType::kF32) {
    std::copy_n(from, columns * sizeof(float), reinterpret_cast<std::uint8_t*>(out));
    return;
  }
  for (std::size_t c = 0; c < columns; c += kLanes) {
    const VF values =
        dtype == DType::kF16
            ? hn::PromoteTo(df, hn::LoadU(dh, reinterpret_cast<const hwy::float16_t*>(from) + c))
            : hn::PromoteTo(df, hn::LoadU(db, reinterpret_cast<const hwy::bfloat16_t*>(from) + c));
    hn::StoreU(values, df, out + c);
  }
}

float SumOfSquares(const float* x, std::size_t n) {
  const DF df;
  VF squares = hn::Zero(df);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const VF v = hn::LoadU(df, x + i);
    squares = hn::MulAdd(v, v, squares);
  }
  float total = hn::GetLane(hn::SumOfLanes(df, squares));
  for (; i < n; ++i) total += x[i] * x[i];
  return total;
}

void RmsNormRow(float* out, const float* x, const float* weight, std::size_t columns, float epsilon) {
  const DF df;
  const float scale = 1.0F / std::sqrt(SumOfSquares(x, columns) / static_cast<float>(columns) + epsilon);
  const VF scales = hn::Set(df, scale);
  std::size_t c = 0;
  for (; c + kLanes <= columns; c += kLanes) {
    hn::StoreU(hn::Mul(hn::Mul(hn::LoadU(df, x + c), scales), hn::LoadU(df, weight + c)), df, out + c);
  }
  for (; c < columns; ++c) out[c] = x[c] * scale * weight[c];
}

// Pairs (even, odd) turn as complex numbers: even' = even cos - odd sin, odd' = odd cos + even sin.
void RopeRow(float* HWY_RESTRICT x, const float* HWY_RESTRICT angles, std::size_t heads,
             std::size_t head_dim) {
  const DF df;
  for (std::size_t h = 0; h < heads; ++h, x += head_dim) {
    std::size_t d = 0;
    for (; d + kLanes <= head_dim; d += kLanes) {
      const VF v = hn::LoadU(df, x + d);
      const VF angle = hn::LoadU(df, angles + d);
      const VF turned = hn::Mul(hn::Shuffle2301(v), hn::DupOdd(angle));
      // Even lanes subtract, odd lanes add.
      const VF signed_turned = hn::OddEven(turned, hn::Neg(turned));
      hn::StoreU(hn::MulAdd(v, hn::DupEven(angle), signed_turned), df, x + d);
    }
    for (; d < head_dim; d += 2) {
      const float even = x[d];
      const float odd = x[d + 1];
      x[d] = even * angles[d] - odd * angles[d + 1];
      x[d + 1] = odd * angles[d] + even * angles[d + 1];
    }
  }
}

void SiluGateRange(float* out, const float* gate, const float* up, std::size_t n) {
  const DF df;
  const VF one = hn::Set(df, 1.0F);
  const VF largest = hn::Set(df, 88.0F);  // exp overflows soon after; the quotient is 0 to f32 long before
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const VF g = hn::LoadU(df, gate + i);
    const VF e = hn::Exp(df, hn::Min(hn::Neg(g), largest));
    hn::StoreU(hn::Mul(hn::Div(g, hn::Add(one, e)), hn::LoadU(df, up + i)), df, out + i);
  }
  for (; i < n; ++i) out[i] = gate[i] / (1.0F + std::exp(std::min(-gate[i], 88.0F))) * up[i];
}

void AddRange(float* HWY_RESTRICT x, const float* HWY_RESTRICT y, std::size_t n) {
  const DF df;
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    hn::StoreU(hn::Add(hn::LoadU(df, x + i), hn::LoadU(df, y + i)), df, x + i);
  for (; i < n; ++i) x[i] += y[i];
}

void SoftmaxRow(float* x, std::size_t n) {
  const DF df;
  VF largest_lanes = hn::Set(df, x[0]);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) largest_lanes = hn::Max(largest_lanes, hn::LoadU(df, x + i));
  float largest = hn::GetLane(hn::MaxOfLanes(df, largest_lanes));
  for (; i < n; ++i) largest = std::max(largest, x[i]);
  const VF shift = hn::Set(df, largest);
  VF total = hn::Zero(df);
  i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const VF e = hn::Exp(df, hn::Sub(hn::LoadU(df, x + i), shift));
    hn::StoreU(e, df, x + i);
    total = hn::Add(total, e);
  }
  float sum = hn::GetLane(hn::SumOfLanes(df, total));
  for (; i < n; ++i) {
    x[i] = std::exp(x[i] - largest);
    sum += x[i];
  }
  const float inverse = 1.0F / sum;
  for (i = 0; i < n; ++i) x[i] *= inverse;
}

// Largest value first, then its first place: two plain passes that vectorise, and NaN loses every comparison.
std::size_t ArgmaxRow(const float* x, std::size_t n) {
  const DF df;
  const float lowest = -std::numeric_limits<float>::infinity();
  VF best = hn::Set(df, lowest);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const VF v = hn::LoadU(df, x + i);
    best = hn::IfThenElse(hn::Gt(v, best), v, best);
  }
  float largest = hn::GetLane(hn::MaxOfLanes(df, best));
  for (; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  const VF wanted = hn::Set(df, largest);
  for (i = 0; i + kLanes <= n; i += kLanes) {
    const auto equal = hn::Eq(hn::LoadU(df, x + i), wanted);
    if (!hn::AllFalse(df, equal)) return i + static_cast<std::size_t>(hn::FindFirstTrue(df, equal));
  }
  for (; i < n; ++i) {
    if (x[i] == largest) return i;
  }
  return 0;
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {
namespace {

HWY_EXPORT(DequantizeRow);
HWY_EXPORT(SumOfSquares);
HWY_EXPORT(RmsNormRow);
HWY_EXPORT(RopeRow);
HWY_EXPORT(SiluGateRange);
HWY_EXPORT(AddRange);
HWY_EXPORT(SoftmaxRow);
HWY_EXPORT(ArgmaxRow);

// Below this many elements a kernel is done before a sleeping pool would have woken. A multiple of every
// vector.
constexpr std::size_t kElementsPerTask = 16384;

// Splits rows into tasks of about kElementsPerTask elements.
template <typename Body>
void for_rows(std::size_t rows, std::size_t columns, ThreadPool& pool, const Body& body) {
  const std::size_t step = std::max<std::size_t>(kElementsPerTask / std::max<std::size_t>(columns, 1), 1);
  pool.run((rows + step - 1) / step, [&](std::size_t task) {
    const std::size_t end = std::min((task + 1) * step, rows);
    for (std::size_t row = task * step; row < end; ++row) body(row);
  });
}

// Splits a range of elements likewise: body(begin, count).
template <typename Body>
void for_range(std::size_t n, ThreadPool& pool, const Body& body) {
  pool.run((n + kElementsPerTask - 1) / kElementsPerTask, [&](std::size_t task) {
    const std::size_t begin = task * kElementsPerTask;
    body(begin, std::min(kElementsPerTask, n - begin));
  });
}

}  // namespace

void embed(float* out, const void* table, DType dtype, std::size_t columns, const std::int32_t* ids,
           std::size_t rows, ThreadPool& pool) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(DequantizeRow);
  const auto* bytes = static_cast<const std::uint8_t*>(table);
  for_rows(rows, columns, pool, [&](std::size_t r) {
    kernel(out + r * columns, bytes, dtype, static_cast<std::size_t>(ids[r]), columns);
  });
}

void rms_norm(float* out, const float* x, const float* weight, std::size_t rows, std::size_t columns,
              float epsilon, ThreadPool& pool) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(RmsNormRow);
  for_rows(rows, columns, pool,
           [&](std::size_t r) { kernel(out + r * columns, x + r * columns, weight, columns, epsilon); });
}

void rope_angles(float* out, std::size_t first_position, std::size_t rows, std::size_t head_dim, float base) {
  const std::size_t pairs = head_dim / 2;
  for (std::size_t i = 0; i < pairs; ++i) {
    const double frequency =
        std::pow(static_cast<double>(base), -2.0 * static_cast<double>(i) / static_cast<double>(head_dim));
    for (std::size_t r = 0; r < rows; ++r) {
      const double angle = static_cast<double>(first_position + r) * frequency;
      out[(r * pairs + i) * 2] = static_cast<float>(std::cos(angle));
      out[(r * pairs + i) * 2 + 1] = static_cast<float>(std::sin(angle));
    }
  }
}

void rope(float* x, const float* angles, std::size_t rows, std::size_t heads, std::size_t head_dim,
          ThreadPool& pool) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(RopeRow);
  for_rows(rows, heads * head_dim, pool,
           [&](std::size_t r) { kernel(x + r * heads * head_dim, angles + r * head_dim, heads, head_dim); });
}

void silu_gate(float* out, const float* gate, const float* up, std::size_t n, ThreadPool& pool) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(SiluGateRange);
  for_range(n, pool, [&](std::size_t begin, std::size_t count) {
    kernel(out + begin, gate + begin, up + begin, count);
  });
}

void add(float* x, const float* y, std::size_t n, ThreadPool& pool) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(AddRange);
  for_range(n, pool, [&](std::size_t begin, std::size_t count) { kernel(x + begin, y + begin, count); });
}

void row_norms(float* out, const float* x, std::size_t rows, std::size_t columns, ThreadPool& pool) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(SumOfSquares);
  for_rows(rows, columns, pool, [&](std::size_t r) { out[r] = std::sqrt(kernel(x + r * columns, columns)); });
}

void softmax(float* x, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(SoftmaxRow)(x, n);
}

std::size_t argmax(const float* x, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(ArgmaxRow)(x, n);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
