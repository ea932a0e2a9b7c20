#include "kernels/cuda/elementwise.h"

#include <cuda_fp16.h>

#include "kernels/cuda/launch.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kThreads = 128;

__global__ void rope_table_kernel(float* out, std::size_t pairs, std::size_t angles_per_position,
                                  double base) {
  let_next_start();
  wait_for_inputs();
  const std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= pairs) return;
  const double exponent =
      -static_cast<double>(i % angles_per_position) / static_cast<double>(angles_per_position);
  const double angle = static_cast<double>(i / angles_per_position) * pow(base, exponent);
  out[2 * i] = static_cast<float>(cos(angle));
  out[2 * i + 1] = static_cast<float>(sin(angle));
}

__device__ float2 turn(float2 v, float2 angle) {
  return {v.x * angle.x - v.y * angle.y, v.y * angle.x + v.x * angle.y};
}

__device__ std::uint16_t to_half(float x) {
  return __half_as_ushort(__float2half_rn(fminf(fmaxf(x, -65504.0F), 65504.0F)));
}

// Block (part, row): part 0 turns queries, part 1 appends keys, part 2 appends values and measures them.
__global__ void append_kernel(KvLayer cache, float* query, const float* key, const float* value,
                              const float* table, const std::int32_t* first_position, unsigned heads,
                              unsigned kv_heads, unsigned head_dim) {
  let_next_start();
  wait_for_inputs();
  const unsigned row = blockIdx.y;
  const auto position = static_cast<std::size_t>(*first_position) + row;
  const unsigned half_dim = head_dim / 2;
  const auto* angles = reinterpret_cast<const float2*>(table) + position * half_dim;
  const std::size_t entry = std::size_t{kv_heads} * head_dim;
  if (blockIdx.x == 0) {
    auto* q = reinterpret_cast<float2*>(query + std::size_t{row} * heads * head_dim);
    for (unsigned i = threadIdx.x; i < heads * half_dim; i += kThreads) {
      q[i] = turn(q[i], angles[i % half_dim]);
    }
  } else if (blockIdx.x == 1) {
    const auto* k = reinterpret_cast<const float2*>(key + row * entry);
    std::uint16_t* out = cache.keys + position * entry;
    for (unsigned i = threadIdx.x; i < kv_heads * half_dim; i += kThreads) {
      const float2 turned = turn(k[i], angles[i % half_dim]);
      out[2 * i] = to_half(turned.x);
      out[2 * i + 1] = to_half(turned.y);
    }
  } else {
    const float* v = value + row * entry;
    std::uint16_t* out = cache.values + position * entry;
    __shared__ float partial[kThreads];
    float squares = 0;
    for (unsigned i = threadIdx.x; i < entry; i += kThreads) {
      out[i] = to_half(v[i]);
      squares = fmaf(v[i], v[i], squares);
    }
    partial[threadIdx.x] = squares;
    for (unsigned half = kThreads / 2; half > 0; half /= 2) {
      __syncthreads();
      if (threadIdx.x < half) partial[threadIdx.x] += partial[threadIdx.x + half];
    }
    if (threadIdx.x == 0) cache.value_norms[position] = sqrtf(partial[0]);
  }
}

}  // namespace

cudaError_t rope_table(float* out, std::size_t positions, std::size_t head_dim, float base,
                       cudaStream_t stream) {
  const std::size_t pairs = positions * head_dim / 2;
  const auto blocks = static_cast<unsigned>((pairs + kThreads - 1) / kThreads);
  return launch(rope_table_kernel, blocks, kThreads, 0, stream, out, pairs, head_dim / 2, double{base});
}

cudaError_t append(KvLayer cache, float* query, const float* key, const float* value, const float* table,
                   const std::int32_t* first_position, std::size_t rows, std::size_t heads,
                   std::size_t kv_heads, std::size_t head_dim, cudaStream_t stream) {
  return launch(append_kernel, dim3(3, static_cast<unsigned>(rows)), kThreads, 0, stream, cache, query, key,
                value, table, first_position, static_cast<unsigned>(heads), static_cast<unsigned>(kv_heads),
                static_cast<unsigned>(head_dim));
}

}  // namespace fovea::kernels::cuda
