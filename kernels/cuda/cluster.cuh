// Blocks that work on one thing together and see each other's shared memory: on compute capability 9.0 and up
// a thread-block cluster (CUDA Programming Guide, "Thread Block Clusters"), elsewhere one block, so
// that the same kernel serves both. A kernel marked FOVEA_CLUSTER_OF(blocks) runs on a one-dimensional grid,
// so many blocks for each thing as cluster_blocks says. A block must not end while others may still read its
// memory.
#pragma once

#include <cuda_runtime.h>

namespace fovea::kernels::cuda {

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
#define FOVEA_CLUSTER_OF(blocks)
/// Blocks of a cluster marked FOVEA_CLUSTER_OF(kBlocks), for device code.
template <unsigned kBlocks>
inline constexpr unsigned kClusterBlocks = 1;
#else
#define FOVEA_CLUSTER_OF(blocks) __cluster_dims__(blocks, 1, 1)
template <unsigned kBlocks>
inline constexpr unsigned kClusterBlocks = kBlocks;
#endif

/// Which of them this block is.
template <unsigned kBlocks>
__device__ unsigned cluster_rank() {
  return blockIdx.x % kClusterBlocks<kBlocks>;
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

/// Waits for every thread of the cluster; what they wrote before can be read after.
__device__ inline void cluster_sync() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  cluster_arrive();
  cluster_wait();
#else
  __syncthreads();
#endif
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
