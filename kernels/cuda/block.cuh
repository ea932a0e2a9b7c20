// What the threads of a warp or of one block do together: reductions, sums and a sort of 64-bit keys. All
// have a fixed order, so the same inputs give the same bits. Every thread of the warp or block calls them.
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

/// Combines the warp's values; every lane gets the result. `combine` is commutative and, but for rounding,
/// associative.
template <typename T, typename Combine>
__device__ T warp_reduce(T value, Combine combine) {
#pragma unroll
  for (unsigned offset = kWarp / 2; offset > 0; offset /= 2) {
    value = combine(value, of_lane_xor(value, offset));
  }
  return value;
}

template <typename T>
__device__ T warp_sum(T value) {
  return warp_reduce(value, [](T a, T b) { return a + b; });
}

__device__ inline unsigned warp_max(unsigned value) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  return __reduce_max_sync(kAll, value);
#else
  return warp_reduce(value, [](unsigned a, unsigned b) { return max(a, b); });
#endif
}

/// The largest 64-bit value, one half after the other.
__device__ inline std::uint64_t warp_max(std::uint64_t value) {
  const auto high = static_cast<unsigned>(value >> 32);
  const unsigned highest = warp_max(high);
  const unsigned low = warp_max(high == highest ? static_cast<unsigned>(value) : 0U);
  return (static_cast<std::uint64_t>(highest) << 32) | low;
}

/// Sum of the values of this lane and those before it.
template <typename T>
__device__ T warp_inclusive_sum(T value) {
  const unsigned lane = threadIdx.x % kWarp;
#pragma unroll
  for (unsigned offset = 1; offset < kWarp; offset *= 2) {
    const T before = __shfl_up_sync(kAll, value, offset);
    if (lane >= offset) value = value + before;
  }
  return value;
}

/// Like warp_reduce, over the block. scratch: [threads / 32] in shared memory.
template <typename T, typename Combine>
__device__ T block_reduce(T value, T* scratch, T neutral, Combine combine) {
  value = warp_reduce(value, combine);
  __syncthreads();  // scratch may still be read
  if (threadIdx.x % kWarp == 0) scratch[threadIdx.x / kWarp] = value;
  __syncthreads();
  const unsigned lane = threadIdx.x % kWarp;
  return warp_reduce(lane < blockDim.x / kWarp ? scratch[lane] : neutral, combine);
}

/// Sorts keys[0 .. n), the largest first, and returns where they are then, keys or spare, for all threads to
/// read. Keys are distinct and above 0. keys, spare: [threads] in shared memory; n <= threads, a power of
/// two.
__device__ inline std::uint64_t* sort_descending(std::uint64_t* keys, std::uint64_t* spare, unsigned n) {
  const unsigned t = threadIdx.x;
  __syncthreads();
  if (n <= blockDim.x / 4) {  // few: count the larger ones, four threads a key
    const unsigned i = t / 4;
    unsigned larger = 0;
    if (i < n) {
      const std::uint64_t own = keys[i];
      for (unsigned j = t % 4; j < n; j += 4) larger += keys[j] > own ? 1U : 0U;
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
      const unsigned low = 2 * t - (t & (distance - 1));
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
