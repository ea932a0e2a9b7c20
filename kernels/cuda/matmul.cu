#include "kernels/cuda/matmul.h"

#include "kernels/cuda/product.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kPrepareThreads = 512;
constexpr unsigned kPrepareWarps = kPrepareThreads / 32;
// Eight columns at a time and thread; this many times they stay in registers between the two looks at a row,
// enough for 12,288 columns.
constexpr unsigned kHeld = 3;

__device__ void load_8(float (&v)[8], const float* from) {
  const float4 a = *reinterpret_cast<const float4*>(from);
  const float4 b = *reinterpret_cast<const float4*>(from + 4);
  v[0] = a.x, v[1] = a.y, v[2] = a.z, v[3] = a.w;
  v[4] = b.x, v[5] = b.y, v[6] = b.z, v[7] = b.w;
}

__device__ unsigned pack_bytes(int a, int b, int c, int d) {
  return (a & 0xFF) | (b & 0xFF) << 8 | (c & 0xFF) << 16 | static_cast<unsigned>(d & 0xFF) << 24;
}

// Eight columns v of a row, already times the norm's weight, in all three forms.
__device__ void store_8(const Activations& to, std::size_t at, const float (&v)[8], float scale,
                        float to_unit, float to_fixed) {
  uint4 high;
  uint4 low;
  auto* h = reinterpret_cast<__half2*>(&high);
  auto* l = reinterpret_cast<__half2*>(&low);
  int upper[8];
  int lower[8];
#pragma unroll
  for (int i = 0; i < 8; i += 2) {
    const float a = v[i] * scale * to_unit;
    const float b = v[i + 1] * scale * to_unit;
    h[i / 2] = __floats2half2_rn(a, b);
    const float2 rounded = __half22float2(h[i / 2]);
    l[i / 2] = __floats2half2_rn((a - rounded.x) / kLowScale, (b - rounded.y) / kLowScale);
    const int q[2] = {__float2int_rn(a * to_fixed), __float2int_rn(b * to_fixed)};
#pragma unroll
    for (int j = 0; j < 2; ++j) {
      upper[i + j] = (q[j] + 128) >> 8;
      lower[i + j] = q[j] - upper[i + j] * 256;
    }
  }
  *reinterpret_cast<uint4*>(to.high + at) = high;
  *reinterpret_cast<uint4*>(to.low + at) = low;
  *reinterpret_cast<uint4*>(to.fixed + at) = {
      pack_bytes(upper[0], upper[1], upper[2], upper[3]), pack_bytes(upper[4], upper[5], upper[6], upper[7]),
      pack_bytes(lower[0], lower[1], lower[2], lower[3]), pack_bytes(lower[4], lower[5], lower[6], lower[7])};
}

// A block a row. Of the row it needs the sum of squares and the largest magnitude after the norm's weight,
// which the norm's own factor only scales: one walk over x, one reduction.
__global__ void __launch_bounds__(kPrepareThreads)
    prepare_kernel(Activations to, const float* x, const float* norm_weight, float epsilon,
                   unsigned columns) {
  let_next_start();
  float weights[kHeld][8];
#pragma unroll
  for (unsigned i = 0; i < kHeld; ++i) {
    const unsigned c = (i * kPrepareThreads + threadIdx.x) * 8;
    if (norm_weight != nullptr && c < columns) load_8(weights[i], norm_weight + c);
  }
  wait_for_inputs();
  const float* row = x + std::size_t{blockIdx.x} * columns;
  float held[kHeld][8] = {};
  float squares = 0;
  unsigned largest = 0;  // bits of a magnitude, so that a NaN is larger than an infinity
  const auto look = [&](float(&v)[8], const float(&weight)[8]) {
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      squares = fmaf(v[i], v[i], squares);
      if (norm_weight != nullptr) v[i] *= weight[i];
      largest = max(largest, __float_as_uint(fabsf(v[i])));
    }
  };
#pragma unroll
  for (unsigned i = 0; i < kHeld; ++i) {
    const unsigned c = (i * kPrepareThreads + threadIdx.x) * 8;
    if (c >= columns) continue;
    load_8(held[i], row + c);
    look(held[i], weights[i]);
  }
  for (unsigned c = (kHeld * kPrepareThreads + threadIdx.x) * 8; c < columns; c += kPrepareThreads * 8) {
    float v[8];
    float weight[8] = {};
    load_8(v, row + c);
    if (norm_weight != nullptr) load_8(weight, norm_weight + c);
    look(v, weight);
  }

  __shared__ float warp_squares[kPrepareWarps];
  __shared__ unsigned warp_largest[kPrepareWarps];
#pragma unroll
  for (int step = 16; step > 0; step /= 2) {
    squares += __shfl_xor_sync(~0U, squares, step);
    largest = max(largest, __shfl_xor_sync(~0U, largest, step));
  }
  if (threadIdx.x % 32 == 0) {
    warp_squares[threadIdx.x / 32] = squares;
    warp_largest[threadIdx.x / 32] = largest;
  }
  __syncthreads();
  squares = 0;
  largest = 0;
#pragma unroll
  for (unsigned w = 0; w < kPrepareWarps; ++w) {
    squares += warp_squares[w];
    largest = max(largest, warp_largest[w]);
  }

  const float scale =
      norm_weight != nullptr ? 1.0F / sqrtf(squares / static_cast<float>(columns) + epsilon) : 1.0F;
  const float magnitude = __uint_as_float(largest) * scale;
  // 2^exponent, the largest power of two that is not above the magnitude; 2^-126 for the smallest ones.
  const unsigned exponent = max(__float_as_uint(magnitude) >> 23, 1U);
  const bool finite = exponent < 255;
  const float power = finite ? __uint_as_float(exponent << 23) : __uint_as_float(0x7FC00000U);
  // Its inverse, 2^-127 (a denormal) where the exponent is the largest.
  const float to_unit = exponent < 254 ? __uint_as_float((254 - exponent) << 23) : 0x1p-127F;
  const float unit_magnitude = magnitude * to_unit;
  const float to_fixed = finite && unit_magnitude > 0 ? kLargestFixed / unit_magnitude : 0.0F;

  const std::size_t at = std::size_t{blockIdx.x} * to.stride;
#pragma unroll
  for (unsigned i = 0; i < kHeld; ++i) {
    const unsigned c = (i * kPrepareThreads + threadIdx.x) * 8;
    if (c < to.stride) store_8(to, at + c, held[i], scale, to_unit, to_fixed);  // zeros in the padding
  }
  for (unsigned c = (kHeld * kPrepareThreads + threadIdx.x) * 8; c < to.stride; c += kPrepareThreads * 8) {
    float v[8] = {};
    if (c < columns) {
      load_8(v, row + c);
      if (norm_weight != nullptr) {
        float weight[8];
        load_8(weight, norm_weight + c);
#pragma unroll
        for (int i = 0; i < 8; ++i) v[i] *= weight[i];
      }
    }
    store_8(to, at + c, v, scale, to_unit, to_fixed);
  }
  if (threadIdx.x == 0) {
    to.powers[blockIdx.x] = power;
    to.steps[blockIdx.x] = unit_magnitude / kLargestFixed * power;
  }
}

}  // namespace

std::size_t activation_bytes(std::size_t rows, std::size_t columns) {
  const std::size_t bytes =
      rows * (3 * activation_stride(columns) * sizeof(std::uint16_t) + 2 * sizeof(float));
  return (bytes + 255) / 256 * 256;
}

cudaError_t prepare(void* activations, const float* x, const float* norm_weight, float epsilon,
                    std::size_t rows, std::size_t columns, cudaStream_t stream) {
  return launch(prepare_kernel, static_cast<unsigned>(rows), kPrepareThreads, 0, stream,
                activations_at(activations, rows, columns), x, norm_weight, epsilon,
                static_cast<unsigned>(columns));
}

cudaError_t multiply(const Product* products, std::size_t count, Epilogue epilogue, const Activations& x,
                     std::size_t rows, std::size_t columns, cudaStream_t stream) {
  if (count == 0 || count > kMaxProducts || rows == 0 || rows > kMaxProductRows || columns % 32 != 0) {
    return cudaErrorInvalidValue;
  }
  const bool gate = epilogue == Epilogue::kSiluGate;
  if (gate &&
      (count != 2 || products[0].dtype != products[1].dtype || products[0].outputs != products[1].outputs)) {
    return cudaErrorInvalidValue;
  }
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kQ8_0, DType::kQ4_0}) {
    Jobs jobs{};
    jobs.rows = static_cast<unsigned>(rows);
    jobs.columns = static_cast<unsigned>(columns);
    jobs.epilogue = epilogue;
    for (std::size_t p = 0; p < count; ++p) {
      if (products[p].dtype != dtype) continue;
      jobs.jobs[jobs.count++] = {products[p].out, products[p].weight,
                                 static_cast<unsigned>(products[p].outputs), 0};
    }
    if (jobs.count == 0) continue;
    cudaError_t status = cudaSuccess;
    if (dtype == DType::kF32) {
      status = launch_float_products(jobs, x, stream);
    } else if (dtype == DType::kF16 || dtype == DType::kBF16) {
      status = launch_half_products(dtype, jobs, x, stream);
    } else {
      status = launch_integer_products(dtype, jobs, x, stream);
    }
    if (status != cudaSuccess) return status;
  }
  return cudaSuccess;
}

cudaError_t matmul(const Product* products, std::size_t count, Epilogue epilogue, const void* activations,
                   std::size_t rows, std::size_t columns, cudaStream_t stream) {
  return multiply(products, count, epilogue, activations_at(activations, rows, columns), rows, columns,
                  stream);
}

}  // namespace fovea::kernels::cuda
