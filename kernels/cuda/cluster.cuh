// Thread block clusters (CUDA Programming Guide, 4.4; compute capability 9.0 and up): blocks that run at the
// same time, wait for each other and read each other's shared memory. Elsewhere a cluster is one block and
// waits as a block does, so that one kernel serves both: it divides its work by cluster_blocks().
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace fovea::kernels::cuda {

// Part of a kernel's declaration. Older machine code never sees it.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
#define FOVEA_CLUSTER(blocks)
#else
#define FOVEA_CLUSTER(blocks) __cluster_dims__(blocks, 1, 1)
#endif

__device__ inline unsigned cluster_blocks() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  unsigned blocks = 0;
  asm("mov.u32 %0, %%cluster_nctarank;" : "=r"(blocks));
  return blocks;
#else
  return 1;
#endif
}

__device__ inline unsigned cluster_rank() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  unsigned rank = 0;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
#else
  return 0;
#endif
}

/// Every thread of the cluster arrives before one leaves, and sees what the others wrote before it.
__device__ inline void cluster_sync() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release;\n\tbarrier.cluster.wait.acquire;" ::: "memory");
#else
  __syncthreads();
#endif
}

/// The same variable in the shared memory of block `rank`. That block must still run: every kernel that looks
/// into others ends with cluster_sync().
template <typename T>
__device__ T* in_block(T* shared, [[maybe_unused]] unsigned rank) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  std::uint64_t there = 0;
  asm("mapa.u64 %0, %1, %2;" : "=l"(there) : "l"(reinterpret_cast<std::uint64_t>(shared)), "r"(rank));
  return reinterpret_cast<T*>(there);
#else
  return shared;
#endif
}

}  // namespace fovea::kernels::cuda
