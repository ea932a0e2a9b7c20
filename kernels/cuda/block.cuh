// What the threads of one block do together: reductions, scans and a sort of 64-bit keys. All have a fixed
// order, so the same inputs give the same bits. Every thread of the block calls them; none needs a barrier
// before or after.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace fovea::kernels::cuda {

inline constexpr unsigned kWarp = 32;
inline constexpr unsigned kAll = 0xFFFFFFFFU;  // lanes of a warp

template <typename T>
__device__ T of_lane_xor(T value, unsigned offset) {
  return __shfl_xor_sync(kAll, value, offset);
}

/// Combines the warp's values; every lane gets the result. `combine` is commutative and associative but for
/// rounding.
template <typename T, typename Combine>
__device__ T warp_reduce(T value, Combine combine) {
#pragma unroll
  for (unsigned offset = kWarp / 2; offset > 0; offset /= 2) {
    value = combine(value, of_lane_xor(value, offset));
  }
  return value;
}

/// The same over the block. scratch: [threads / 32] in shared memory.
template <typename T, typename Combine>
__device__ T block_reduce(T value, T* scratch, T neutral, Combine combine) {
  value = warp_reduce(value, combine);
  __syncthreads();  // scratch may still be read
  if (threadIdx.x % kWarp == 0) scratch[threadIdx.x / kWarp] = value;
  __syncthreads();
  const unsigned lane = threadIdx.x % kWarp;
  return warp_reduce(lane < blockDim.x / kWarp ? scratch[lane] : neutral, combine);
}

/// Sum of the values of this thread and those before it. scratch: [threads / 32] in shared memory.
template <typename T>
__device__ T inclusive_sum(T value, T* scratch) {
  const unsigned lane = threadIdx.x % kWarp;
  const unsigned warp = threadIdx.x / kWarp;
#pragma unroll
  for (unsigned offset = 1; offset < kWarp; offset *= 2) {
    const T below = __shfl_up_sync(kAll, value, offset);
    if (lane >= offset) value = value + below;
  }
  __syncthreads();  // scratch may still be read
  if (lane == kWarp - 1) scratch[warp] = value;
  __syncthreads();
  T before = 0;
  for (unsigned w = 0; w < warp; ++w) before = before + scratch[w];
  return before + value;
}

/// Sorts keys[0 .. n), the largest first; returns where they are then, keys or spare. Keys are distinct and
/// above 0. keys, spare: [threads] in shared memory, n <= threads, a power of two.
__device__ inline std::uint64_t* sort_descending(std::uint64_t* keys, std::uint64_t* spare, unsigned n) {
  const unsigned t = threadIdx.x;
  __syncthreads();
  if (n <= blockDim.x / 4) {  // few: count the larger ones, four threads a key
    const unsigned i = t / 4;
    unsigned larger = 0;
    if (i < n) {
      for (unsigned j = t % 4; j < n; j += 4) larger += keys[j] > keys[i] ? 1U : 0U;
    }
    larger += __shfl_xor_sync(kAll, larger, 1);
    larger += __shfl_xor_sync(kAll, larger, 2);
    if (i < n && t % 4 == 0) spare[larger] = keys[i];
    __syncthreads();
    return spare;
  }
  unsigned size = kWarp;  // a bitonic sort (Batcher 1968) of the next power of two, filled up with zeros
  while (size < n) size *= 2;
  if (t >= n) keys[t] = 0;
  for (unsigned run = 2; run <= size; run *= 2) {
    for (unsigned distance = run / 2; distance > 0; distance /= 2) {
      __syncthreads();
      const unsigned low = 2 * t - t % distance;
      if (low < size) {
        const std::uint64_t a = keys[low];
        const std::uint64_t b = keys[low + distance];
        if ((a < b) == ((low & run) == 0)) {
          keys[low] = b;
          keys[low + distance] = a;
        }
      }
    }
  }
  __syncthreads();
  return keys;
}

}  // namespace fovea::kernels::cuda
