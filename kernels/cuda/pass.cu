#include "kernels/cuda/pass.h"

#include <algorithm>

#include "kernels/cuda/launch.cuh"

namespace fovea::kernels::cuda {
namespace {

// As many as fit into the 4 KiB that a launch's parameters may take, with room to spare.
constexpr std::size_t kIdsAtOnce = 512;

struct Ids {
  std::int32_t ids[kIdsAtOnce];
};

__global__ void begin_pass_kernel(std::int32_t* tokens, std::int32_t* first_position, const Ids ids,
                                  unsigned count, unsigned at, unsigned first, unsigned tail) {
  let_next_start();
  wait_for_inputs();
  const unsigned i = threadIdx.x;
  if (i < count) tokens[at + i] = ids.ids[i];
  if (i == 0) {
    first_position[0] = static_cast<std::int32_t>(first);
    first_position[1] = static_cast<std::int32_t>(first + tail);
  }
}

__global__ void set_counts_kernel(std::int32_t* out, std::int32_t a, std::int32_t b) {
  let_next_start();
  wait_for_inputs();
  out[0] = a;
  out[1] = b;
}

}  // namespace

cudaError_t begin_pass(std::int32_t* tokens, std::int32_t* first_position, const std::int32_t* ids,
                       std::size_t count, std::size_t first, std::size_t tail, cudaStream_t stream) {
  for (std::size_t done = 0; done < count; done += kIdsAtOnce) {
    const std::size_t now = std::min(kIdsAtOnce, count - done);
    Ids part{};
    std::copy_n(ids + done, now, part.ids);
    const cudaError_t status =
        launch(begin_pass_kernel, 1, static_cast<unsigned>(kIdsAtOnce), 0, stream, tokens, first_position,
               part, static_cast<unsigned>(now), static_cast<unsigned>(first + done),
               static_cast<unsigned>(first), static_cast<unsigned>(tail));
    if (status != cudaSuccess) return status;
  }
  return cudaSuccess;
}

cudaError_t set_counts(std::int32_t* out, std::int32_t a, std::int32_t b, cudaStream_t stream) {
  return launch(set_counts_kernel, 1, 1, 0, stream, out, a, b);
}

}  // namespace fovea::kernels::cuda
