#include "kernels/cpu/matmul.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/matmul.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/cache_control.h>

#include "kernels/cpu/packed_product-inl.h"

#ifndef FOVEA_KERNELS_CPU_MATMUL_ONCE
#define FOVEA_KERNELS_CPU_MATMUL_ONCE
namespace fovea::kernels::cpu {

// What a task reads: x as given, and what packed weights multiply with.
struct Activations {
  const float* values;  // [rows, columns]
  PackedInput packed;
};

// Outputs [begin, begin + count) of a product of `rows` rows.
struct Task {
  const Product& product;
  std::size_t begin;
  std::size_t count;
  std::size_t rows;
  std::size_t columns;
};

}  // namespace fovea::kernels::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <DType dtype>
HWY_INLINE VF LoadFloats(const std::uint8_t* row, std::size_t index) {
  const DF df;
  if constexpr (dtype == DType::kF32) {
    return hn::LoadU(df, reinterpret_cast<const float*>(row) + index);
  } else if constexpr (dtype == DType::kF16) {
    const hn::Rebind<hwy::float16_t, DF> dh;
    return hn::PromoteTo(df, hn::LoadU(dh, reinterpret_cast<const hwy::float16_t*>(row) + index));
  } else {
    const hn::Rebind<hwy::bfloat16_t, DF> db;
    return hn::PromoteTo(df, hn::LoadU(db, reinterpret_cast<const hwy::bfloat16_t*>(row) + index));
  }
}

// kOutputs rows of weights times kRows rows of x, in f32. Every (output, row) pair keeps one accumulator and
// walks the columns in order, whatever kOutputs and kRows are: that is the guarantee in the header.
template <DType dtype, std::size_t kOutputs, std::size_t kRows>
HWY_INLINE void FloatTile(float* HWY_RESTRICT out, std::size_t out_stride, const std::uint8_t* weight,
                          std::size_t weight_stride, const float* x, std::size_t columns) {
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  VF sum[kOutputs][kRows];
#pragma GCC unroll 8
  for (std::size_t o = 0; o < kOutputs; ++o) {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r) sum[o][r] = hn::Zero(df);
  }
  for (std::size_t c = 0; c < columns; c += kLanes) {
    VF w[kOutputs];
#pragma GCC unroll 8
    for (std::size_t o = 0; o < kOutputs; ++o) {
      // The next tile's weights, in the order of memory: walking kOutputs rows at once hides that order from
      // the processor's own prefetcher.
      hwy::Prefetch(weight + kOutputs * weight_stride + (c * kOutputs + o * kLanes) * block_bytes(dtype));
      w[o] = LoadFloats<dtype>(weight + o * weight_stride, c);
    }
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r) {
      const VF xv = hn::LoadU(df, x + r * columns + c);
#pragma GCC unroll 8
      for (std::size_t o = 0; o < kOutputs; ++o) sum[o][r] = hn::MulAdd(w[o], xv, sum[o][r]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t o = 0; o < kOutputs; ++o) {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r) {
      out[r * out_stride + o] = hn::GetLane(hn::SumOfLanes(df, sum[o][r]));
    }
  }
}

// All outputs of a task for kRows rows of x.
template <DType dtype, std::size_t kRows>
HWY_INLINE void FloatTiles(float* out, std::size_t out_stride, const std::uint8_t* weight,
                           std::size_t outputs, const float* x, std::size_t columns) {
  // With few rows several outputs go side by side to keep enough independent sums in flight.
  constexpr std::size_t kOutputs = kRows == 1 ? 8 : (kRows == 2 ? 4 : (kRows <= 4 ? 2 : 1));
  const std::size_t stride = row_bytes(dtype, columns);
  std::size_t o = 0;
  for (; o + kOutputs <= outputs; o += kOutputs) {
    FloatTile<dtype, kOutputs, kRows>(out + o, out_stride, weight + o * stride, stride, x, columns);
  }
  for (; o < outputs; ++o) {
    FloatTile<dtype, 1, kRows>(out + o, out_stride, weight + o * stride, stride, x, columns);
  }
}

// All outputs of a task for the kRows rows of x from `row` on, which stay in the nearest cache while the
// weights stream by.
template <DType dtype, std::size_t kRows>
HWY_INLINE void OutputsOfRows(const Task& task, const Activations& x, std::size_t row) {
  const std::size_t stride = task.product.outputs;
  float* out = task.product.out + row * stride + task.begin;
  const auto* weight = static_cast<const std::uint8_t*>(task.product.weight);
  if constexpr (is_packed(dtype)) {
    PackedTiles<dtype, kRows>(out, stride,
                              weight + task.begin / kTileOutputs * tile_bytes(dtype, task.columns),
                              task.count, GroupAt(x.packed, row, task.columns), task.columns);
  } else {
    FloatTiles<dtype, kRows>(out, stride, weight + task.begin * row_bytes(dtype, task.columns), task.count,
                             x.values + row * task.columns, task.columns);
  }
}

template <DType dtype>
void MatmulOfType(const Task& task, const Activations& x) {
  std::size_t row = 0;
  for (; row + kMaxTile <= task.rows; row += kMaxTile) OutputsOfRows<dtype, kMaxTile>(task, x, row);
  switch (task.rows - row) {
    case 1:
      return OutputsOfRows<dtype, 1>(task, x, row);
    case 2:
      return OutputsOfRows<dtype, 2>(task, x, row);
    case 3:
      return OutputsOfRows<dtype, 3>(task, x, row);
    case 4:
      return OutputsOfRows<dtype, 4>(task, x, row);
    case 5:
      return OutputsOfRows<dtype, 5>(task, x, row);
    case 6:
      return OutputsOfRows<dtype, 6>(task, x, row);
    case 7:
      return OutputsOfRows<dtype, 7>(task, x, row);
    default:
      return;
  }
}

void MatmulTask(const Task& task, const Activations& x) {
  switch (task.product.dtype) {
    case DType::kF32:
      return MatmulOfType<DType::kF32>(task, x);
    case DType::kF16:
      return MatmulOfType<DType::kF16>(task, x);
    case DType::kBF16:
      return MatmulOfType<DType::kBF16>(task, x);
    case DType::kQ8_0:
      return MatmulOfType<DType::kQ8_0>(task, x);
    case DType::kQ4_0:
      return MatmulOfType<DType::kQ4_0>(task, x);
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {
namespace {

HWY_EXPORT(MatmulTask);
HWY_EXPORT(PackInput);

std::size_t round_up(std::size_t n, std::size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// Tasks should be many enough to balance threads of unequal speed and few enough that claiming them is free:
// at least 16 KiB of weights each, and about four a thread.
std::size_t outputs_per_task(const Product& product, std::size_t columns, std::size_t total_bytes,
                             int threads) {
  const std::size_t bytes = row_bytes(product.dtype, columns);
  const std::size_t target =
      std::max<std::size_t>(total_bytes / static_cast<std::size_t>(threads * 4), 16384);
  return std::max(round_up(target / bytes, kTileOutputs), kTileOutputs);
}

}  // namespace

std::size_t matmul_workspace_bytes(std::size_t rows, std::size_t columns) {
  return round_up(rows * sizeof(float), 64) + rows * columns * sizeof(std::int16_t);
}

void matmul(const Product* products, std::size_t count, const float* x, std::size_t rows, std::size_t columns,
            void* workspace, ThreadPool& pool) {
  auto* scales = static_cast<float*>(workspace);
  auto* numbers = reinterpret_cast<std::int16_t*>(static_cast<std::byte*>(workspace) +
                                                  round_up(rows * sizeof(float), 64));
  const Activations activations{x, {numbers, scales}};
  if (std::any_of(products, products + count, [](const Product& p) { return is_packed(p.dtype); })) {
    const auto pack = HWY_DYNAMIC_DISPATCH(PackInput);
    const auto one_row = [&](std::size_t r) { pack(activations.packed, x, r, rows, columns); };
    // A few rows take less time than waking the pool.
    if (rows * columns < 32768) {
      for (std::size_t r = 0; r < rows; ++r) one_row(r);
    } else {
      pool.run(rows, one_row);
    }
  }

  constexpr std::size_t kMaxProducts = 4;
  std::size_t total_bytes = 0;
  for (std::size_t p = 0; p < count; ++p)
    total_bytes += products[p].outputs * row_bytes(products[p].dtype, columns);
  std::size_t step[kMaxProducts] = {};
  std::size_t tasks = 0;
  for (std::size_t p = 0; p < count; ++p) {
    step[p] = outputs_per_task(products[p], columns, total_bytes, pool.size());
    tasks += (products[p].outputs + step[p] - 1) / step[p];
  }
  const auto matmul_task = HWY_DYNAMIC_DISPATCH(MatmulTask);
  pool.run(tasks, [&](std::size_t task) {
    std::size_t p = 0;
    while (true) {
      const std::size_t of_product = (products[p].outputs + step[p] - 1) / step[p];
      if (task < of_product) break;
      task -= of_product;
      ++p;
    }
    const std::size_t begin = task * step[p];
    const std::size_t outputs = std::min(step[p], products[p].outputs - begin);
    matmul_task({products[p], begin, outputs, rows, columns}, activations);
  });
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
