// Blocks that work on one thing together and see each other's shared memory: on compute capability 9.0 and up
// a thread-block cluster (CUDA Programming Guide, "Thread Block Clusters"), elsewhere one block, so that the
// same kernel serves both. A kernel marked FOVEA_CLUSTER(n) runs on a one-dimensional grid with the host's
// cluster_blocks() blocks for each thing. A block must not end while others may still read its memory.
#pragma once

#include <cuda_runtime.h>

namespace fovea::kernels::cuda {

// Part of a kernel's declaration, and how many blocks its cluster has in this device code.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
#define FOVEA_CLUSTER(blocks)
__host__ __device__ constexpr unsigned cluster_blocks(unsigned /*blocks*/) {
  return 1;
}
#else
#define FOVEA_CLUSTER(blocks) __cluster_dims__(blocks, 1, 1)
__host__ __device__ constexpr unsigned cluster_blocks(unsigned blocks) {
  return blocks;
}
#endif

/// Which of them this block is.
__device__ inline unsigned cluster_rank() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  unsigned rank = 0;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
#else
  return 0;
#endif
}

/// Says that this thread is there, and that what it wrote can be read. By whole warps, and so the others.
__device__ inline void cluster_arrive() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  __syncwarp();
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
#endif
}

/// Waits until every thread of the cluster has arrived.
__device__ inline void cluster_wait() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  __syncwarp();
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
#else
  __syncthreads();
#endif
}

__device__ inline void cluster_sync() {
  cluster_arrive();
  cluster_wait();
}

/// Where what lies at `shared` in this block lies in block `rank` of the cluster.
template <typename T>
__device__ T* cluster_pointer(T* shared, unsigned rank) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  T* there = nullptr;
  asm("mapa.u64 %0, %1, %2;" : "=l"(there) : "l"(shared), "r"(rank));
  return there;
#else
  return shared;
#endif
}

/// The same for the host: blocks of a cluster in the code that the current device runs.
inline unsigned cluster_blocks(const cudaFuncAttributes& kernel) {
  return kernel.requiredClusterWidth > 0 ? static_cast<unsigned>(kernel.requiredClusterWidth) : 1;
}

}  // namespace fovea::kernels::cuda
