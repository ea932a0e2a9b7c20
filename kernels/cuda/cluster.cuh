// Thread block clusters (CUDA Programming Guide, 4.4; compute capability 9.0 and up): blocks that run at the
// same time, wait for each other and read each other's shared memory. Elsewhere a cluster is one block and
// waits as a block does, so that one kernel serves both: it divides its work by
// cluster_blocks().
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

/// How many blocks a cluster of FOVEA_CLUSTER(blocks) has here.
__device__ constexpr unsigned cluster_blocks([[maybe_unused]] unsigned blocks) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
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

/// The two halves of cluster_sync(): what was written before the first is seen by all after the second.
__device__ inline void cluster_arrive() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  __syncwarp();
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
#endif
}

__device__ inline void cluster_wait() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  __syncwarp();
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
#endif
}

/// Every thread of the cluster arrives before one leaves, and sees what the others wrote before it.
__device__ inline void cluster_sync() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  cluster_arrive();
  cluster_wait();
#else
  __syncthreads();
#endif
}

/// The same variable in the shared memory of block `rank`. That block must still run: a kernel that looks
/// into others arrives after its last look and ends with cluster_wait().
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
