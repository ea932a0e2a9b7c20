#include "kernels/cpu/matmul.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/matmul.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/cache_control.h>

#include "kernels/cpu/quantize-inl.h"

#ifndef FOVEA_KERNELS_CPU_MATMUL_ONCE
#define FOVEA_KERNELS_CPU_MATMUL_ONCE
namespace fovea::kernels::cpu {

// What a task reads: x as given, and for integer products its 16-bit twin: x ~ quantized * scales[row].
struct Activations {
  const float* values;            // [rows, columns]
  const std::int16_t* quantized;  // [rows, columns]
  const float* scales;            // [rows]
};

}  // namespace fovea::kernels::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kBlock = 32;
constexpr std::size_t kMaxTile = 8;  // rows of x that share one pass over a row of weights

// A power of two of 16-bit lanes, at most 16: how many vectors hold a block.
constexpr std::size_t kBlockVectors = kBlock / hn::MaxLanes(D16());

HWY_INLINE VF BlockScale(const std::uint8_t* block) {
  const DF df;
  const hn::Rebind<std::uint16_t, DF> du;
  const hn::Rebind<hwy::float16_t, DF> dh;
  std::uint16_t bits;
  __builtin_memcpy(&bits, block, sizeof(bits));
  return hn::PromoteTo(df, hn::BitCast(dh, hn::Set(du, bits)));
}

// Unpacks one block of 32 weights to 16-bit integers, in the order of x.
template <DType dtype>
HWY_INLINE void UnpackBlock(const std::uint8_t* block, V16 (&w)[kBlockVectors]) {
  const D16 d16;
  constexpr std::size_t kLanes = hn::MaxLanes(D16());
  const std::uint8_t* bytes = block + 2;
  if constexpr (dtype == DType::kQ8_0) {
    const hn::Rebind<std::int8_t, D16> d8;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kBlockVectors; ++i) {
      w[i] = hn::PromoteTo(d16, hn::LoadU(d8, reinterpret_cast<const std::int8_t*>(bytes) + i * kLanes));
    }
  } else {
    const hn::Rebind<std::uint8_t, D16> d8;
    const hn::RebindToUnsigned<D16> du16;
    const auto eight = hn::Set(d16, 8);
    const auto low_nibble = hn::Set(du16, 15);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kBlockVectors / 2; ++i) {
      const auto v = hn::PromoteTo(du16, hn::LoadU(d8, bytes + i * kLanes));
      w[i] = hn::Sub(hn::BitCast(d16, hn::And(v, low_nibble)), eight);
      w[i + kBlockVectors / 2] = hn::Sub(hn::BitCast(d16, hn::ShiftRight<4>(v)), eight);
    }
  }
}

// kOutputs rows of weights times kRows rows of x. Every (output, row) pair keeps one accumulator and walks
// the blocks in order, whatever kOutputs and kRows are: that is the guarantee in the header.
template <DType dtype, std::size_t kOutputs, std::size_t kRows>
HWY_INLINE void IntegerTile(float* HWY_RESTRICT out, std::size_t out_stride, const std::uint8_t* weight,
                            std::size_t weight_stride, const std::int16_t* x, const float* scales,
                            std::size_t columns) {
  const D16 d16;
  const D32 d32;
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(D16());
  constexpr std::size_t kBytes = block_bytes(dtype);
  VF sum[kOutputs][kRows];
#pragma GCC unroll 8
  for (std::size_t o = 0; o < kOutputs; ++o) {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r) sum[o][r] = hn::Zero(df);
  }
  const std::size_t blocks = columns / kBlock;
  for (std::size_t b = 0; b < blocks; ++b) {
#pragma GCC unroll 8
    for (std::size_t o = 0; o < kOutputs; ++o) {
      const std::uint8_t* block = weight + o * weight_stride + b * kBytes;
      // The next tile's weights, in the order of memory: walking kOutputs rows at once hides that order from
      // the processor's own prefetcher.
      hwy::Prefetch(weight + kOutputs * weight_stride + (b * kOutputs + o) * kBytes);
      V16 w[kBlockVectors];
      UnpackBlock<dtype>(block, w);
      const VF scale = BlockScale(block);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < kRows; ++r) {
        const std::int16_t* xb = x + r * columns + b * kBlock;
        V32 products = hn::Zero(d32);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kBlockVectors; ++i) {
          products = MultiplyPairs(products, w[i], hn::LoadU(d16, xb + i * kLanes));
        }
        sum[o][r] = hn::MulAdd(hn::ConvertTo(df, products), scale, sum[o][r]);
      }
    }
  }
#pragma GCC unroll 8
  for (std::size_t o = 0; o < kOutputs; ++o) {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r) {
      out[r * out_stride + o] = hn::GetLane(hn::SumOfLanes(df, sum[o][r])) * scales[r];
    }
  }
}

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

// The same for weights that multiply in f32.
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

// All outputs of a task for kRows rows of x, which stay in the nearest cache while the weights stream by.
template <DType dtype, std::size_t kRows>
HWY_INLINE void OutputsOfTile(float* out, std::size_t out_stride, const std::uint8_t* weight,
                              std::size_t outputs, std::size_t columns, const float* values,
                              const std::int16_t* quantized, const float* scales) {
  // With few rows several outputs go side by side to keep enough independent sums in flight.
  constexpr bool kIntegers = dtype == DType::kQ8_0 || dtype == DType::kQ4_0;
  constexpr std::size_t kOutputs = kIntegers ? (kRows == 1 ? 4 : (kRows <= 3 ? 2 : 1))
                                             : (kRows == 1 ? 8 : (kRows == 2 ? 4 : (kRows <= 4 ? 2 : 1)));
  const std::size_t stride = row_bytes(dtype, columns);
  std::size_t o = 0;
  for (; o + kOutputs <= outputs; o += kOutputs) {
    if constexpr (kIntegers) {
      IntegerTile<dtype, kOutputs, kRows>(out + o, out_stride, weight + o * stride, stride, quantized, scales,
                                          columns);
    } else {
      FloatTile<dtype, kOutputs, kRows>(out + o, out_stride, weight + o * stride, stride, values, columns);
    }
  }
  for (; o < outputs; ++o) {
    if constexpr (kIntegers) {
      IntegerTile<dtype, 1, kRows>(out + o, out_stride, weight + o * stride, stride, quantized, scales,
                                   columns);
    } else {
      FloatTile<dtype, 1, kRows>(out + o, out_stride, weight + o * stride, stride, values, columns);
    }
  }
}

template <DType dtype>
void MatmulOfType(float* out, std::size_t out_stride, const std::uint8_t* weight, std::size_t outputs,
                  const Activations& x, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows;) {
    const std::size_t tile = rows - r < kMaxTile ? rows - r : kMaxTile;
    float* o = out + r * out_stride;
    const float* values = x.values + r * columns;
    const std::int16_t* quantized = x.quantized + r * columns;
    const float* scales = x.scales + r;
    switch (tile) {
      case 1:
        OutputsOfTile<dtype, 1>(o, out_stride, weight, outputs, columns, values, quantized, scales);
        break;
      case 2:
        OutputsOfTile<dtype, 2>(o, out_stride, weight, outputs, columns, values, quantized, scales);
        break;
      case 3:
        OutputsOfTile<dtype, 3>(o, out_stride, weight, outputs, columns, values, quantized, scales);
        break;
      case 4:
        OutputsOfTile<dtype, 4>(o, out_stride, weight, outputs, columns, values, quantized, scales);
        break;
      case 5:
        OutputsOfTile<dtype, 5>(o, out_stride, weight, outputs, columns, values, quantized, scales);
        break;
      case 6:
        OutputsOfTile<dtype, 6>(o, out_stride, weight, outputs, columns, values, quantized, scales);
        break;
      case 7:
        OutputsOfTile<dtype, 7>(o, out_stride, weight, outputs, columns, values, quantized, scales);
        break;
      default:
        OutputsOfTile<dtype, 8>(o, out_stride, weight, outputs, columns, values, quantized, scales);
        break;
    }
    r += tile;
  }
}

// Outputs [begin, end) of one product, for all rows of x.
void MatmulTask(const Product& product, std::size_t begin, std::size_t end, const Activations& x,
                std::size_t rows, std::size_t columns) {
  const std::uint8_t* weight =
      static_cast<const std::uint8_t*>(product.weight) + begin * row_bytes(product.dtype, columns);
  float* out = product.out + begin;
  switch (product.dtype) {
    case DType::kF32:
      return MatmulOfType<DType::kF32>(out, product.outputs, weight, end - begin, x, rows, columns);
    case DType::kF16:
      return MatmulOfType<DType::kF16>(out, product.outputs, weight, end - begin, x, rows, columns);
    case DType::kBF16:
      return MatmulOfType<DType::kBF16>(out, product.outputs, weight, end - begin, x, rows, columns);
    case DType::kQ8_0:
      return MatmulOfType<DType::kQ8_0>(out, product.outputs, weight, end - begin, x, rows, columns);
    case DType::kQ4_0:
      return MatmulOfType<DType::kQ4_0>(out, product.outputs, weight, end - begin, x, rows, columns);
  }
}

// One row of x to 16 bits. With one scale a row the relative error of the row (in the 2-norm) is at most
// sqrt(columns) / (2 * 32,767 * sqrt(3)), since its norm is at least its largest element.
void QuantizeInput(std::int16_t* quantized, float* scale, const float* x, std::size_t columns) {
  *scale = QuantizeRow(quantized, x, columns, 32767.0F);
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {
namespace {

HWY_EXPORT(MatmulTask);
HWY_EXPORT(QuantizeInput);

bool is_quantized(DType dtype) {
  return dtype == DType::kQ8_0 || dtype == DType::kQ4_0;
}

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
  return std::max<std::size_t>(round_up(target / bytes, 8), 8);
}

}  // namespace

std::size_t matmul_workspace_bytes(std::size_t rows, std::size_t columns) {
  return round_up(rows * sizeof(float), 64) + rows * columns * sizeof(std::int16_t);
}

void matmul(const Product* products, std::size_t count, const float* x, std::size_t rows, std::size_t columns,
            void* workspace, ThreadPool& pool) {
  float* scales = static_cast<float*>(workspace);
  auto* quantized = reinterpret_cast<std::int16_t*>(static_cast<std::byte*>(workspace) +
                                                    round_up(rows * sizeof(float), 64));
  if (std::any_of(products, products + count, [](const Product& p) { return is_quantized(p.dtype); })) {
    const auto quantize = HWY_DYNAMIC_DISPATCH(QuantizeInput);
    const auto one_row = [&](std::size_t r) {
      quantize(quantized + r * columns, scales + r, x + r * columns, columns);
    };
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
  const Activations activations{x, quantized, scales};
  pool.run(tasks, [&](std::size_t task) {
    std::size_t p = 0;
    while (true) {
      const std::size_t of_product = (products[p].outputs + step[p] - 1) / step[p];
      if (task < of_product) break;
      task -= of_product;
      ++p;
    }
    const std::size_t begin = task * step[p];
    matmul_task(products[p], begin, std::min(begin + step[p], products[p].outputs), activations, rows,
                columns);
  });
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
