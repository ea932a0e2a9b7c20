// How every kernel of this folder is launched: each may start while the one before it in the stream still
// runs ("programmatic dependent launch", CUDA Programming Guide, 4.5; compute capability 9.0 and up,
// elsewhere they just follow each other), so that its blocks are in place, and what it reads of the weights
// is on the way, when its inputs are ready. The price is a rule that all kernels keep: let_next_start()
// first, then nothing but constants (weights, tables) is read, and nothing written, before wait_for_inputs(),
// which every thread calls.
#pragma once

#include <cuda_runtime.h>

#include <utility>

namespace fovea::kernels::cuda {

/// The next kernel's blocks may come as soon as there is room.
__device__ inline void let_next_start() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

/// Returns when all kernels before this one are done and what they wrote can be read.
__device__ inline void wait_for_inputs() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

template <typename... Parameters, typename... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared_bytes,
                   cudaStream_t stream, Arguments&&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
#if defined(FOVEA_DEPENDENT_LAUNCH)
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attribute.val.programmaticStreamSerializationAllowed = 1;
  config.attrs = &attribute;
  config.numAttrs = 1;
#endif
  return cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...);
}

}  // namespace fovea::kernels::cuda
