// Copies from device to shared memory that run while the thread goes on (cp.async, compute capability 8.0 and
// up; before that they are ordinary loads and stores). A thread's copies are counted in groups; it sees what
// its own finished groups wrote, other lanes of the warp see it after __syncwarp().
#pragma once

#include <cuda_runtime.h>

namespace fovea::kernels::cuda {

/// 16 bytes, both sides aligned.
__device__ inline void copy_16(void* shared, const void* global) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16;" ::"r"(
                   static_cast<unsigned>(__cvta_generic_to_shared(shared))),
               "l"(global)
               : "memory");
#else
  *static_cast<uint4*>(shared) = *static_cast<const uint4*>(global);
#endif
}

__device__ inline void close_group() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Returns when all groups but the latest kLeft have arrived.
template <int kLeft>
__device__ inline void wait_for_groups() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(kLeft) : "memory");
#endif
}

}  // namespace fovea::kernels::cuda
