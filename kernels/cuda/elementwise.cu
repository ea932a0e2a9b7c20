#include "kernels/cuda/elementwise.h"

#include <cuda_fp16.h>

#include "kernels/cuda/launch.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kThreads = 256;

// Blocks for n values, four a thread.
__host__ __device__ constexpr unsigned parts(unsigned n) {
  return (n + 4 * kThreads - 1) / (4 * kThreads);
}

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

// Two pairs, or four values, a thread: one load of 16 bytes where the head allows it.
__device__ float4 turned(float4 v, const float* angles, unsigned d) {
  const float4 angle = *reinterpret_cast<const float4*>(angles + d);
  const float2 first = turn({v.x, v.y}, {angle.x, angle.y});
  const float2 second = turn({v.z, v.w}, {angle.z, angle.w});
  return {first.x, first.y, second.x, second.y};
}

__device__ ushort4 to_halves(float4 v) {
  return {to_half(v.x), to_half(v.y), to_half(v.z), to_half(v.w)};
}

// Blocks (part, row): the first parts turn queries, the next turn and append keys, the next append values,
// and the last measures them, in an order of its own that no other number depends on.
__global__ void append_kernel(KvLayer cache, float* query, const float* key, const float* value,
                              const float* table, const std::int32_t* first_position, unsigned heads,
                              unsigned kv_heads, unsigned head_dim) {
  let_next_start();
  wait_for_inputs();
  const unsigned row = blockIdx.y;
  const auto position = static_cast<std::size_t>(*first_position) + row;
  const float* angles = table + position * head_dim;
  const unsigned entry = kv_heads * head_dim;
  const unsigned query_parts = parts(heads * head_dim);
  const unsigned entry_parts = parts(entry);
  unsigned part = blockIdx.x;
  if (part < query_parts) {
    const unsigned i = (part * kThreads + threadIdx.x) * 4;
    if (i >= heads * head_dim) return;
    auto* q = reinterpret_cast<float4*>(query + std::size_t{row} * heads * head_dim + i);
    *q = turned(*q, angles, i % head_dim);
    return;
  }
  part -= query_parts;
  const bool keys = part < entry_parts;
  const float* from = (keys ? key : value) + std::size_t{row} * entry;
  if (part < 2 * entry_parts) {
    const unsigned i = (part % entry_parts * kThreads + threadIdx.x) * 4;
    if (i >= entry) return;
    float4 v = *reinterpret_cast<const float4*>(from + i);
    if (keys) v = turned(v, angles, i % head_dim);
    std::uint16_t* out = (keys ? cache.keys : cache.values) + position * entry + i;
    *reinterpret_cast<ushort4*>(out) = to_halves(v);
    return;
  }
  float squares = 0;
#pragma unroll 4
  for (unsigned i = threadIdx.x * 4; i < entry; i += kThreads * 4) {
    const float4 v = *reinterpret_cast<const float4*>(from + i);
    squares = fmaf(v.x, v.x, fmaf(v.y, v.y, fmaf(v.z, v.z, fmaf(v.w, v.w, squares))));
  }
  __shared__ float warps[kThreads / 32];
  for (unsigned lanes = 16; lanes > 0; lanes /= 2) squares += __shfl_xor_sync(~0U, squares, lanes);
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = squares;
  __syncthreads();
  if (threadIdx.x != 0) return;
  float total = 0;
  for (const float of_warp : warps) total += of_warp;
  cache.value_norms[position] = sqrtf(total);
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
  const auto queries = static_cast<unsigned>(heads * head_dim);
  const auto entry = static_cast<unsigned>(kv_heads * head_dim);
  const dim3 blocks(parts(queries) + 2 * parts(entry) + 1, static_cast<unsigned>(rows));
  return launch(append_kernel, blocks, kThreads, 0, stream, cache, query, key, value, table, first_position,
                static_cast<unsigned>(heads), static_cast<unsigned>(kv_heads),
                static_cast<unsigned>(head_dim));
}

}  // namespace fovea::kernels::cuda
