// What the host tells the device before it asks for work: the tokens of a pass and where it begins, and
// counts. One launch each, with the values in its parameters, so that nothing on the host has to stay.
// Launchers as in elementwise.h.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace fovea::kernels::cuda {

/// tokens[first + i] = ids[i] (ids on the HOST), first_position[0] = first, first_position[1] = first + tail,
/// for work that begins later in the pass.
cudaError_t begin_pass(std::int32_t* tokens, std::int32_t* first_position, const std::int32_t* ids,
                       std::size_t count, std::size_t first, std::size_t tail, cudaStream_t stream);

/// out[0] = a, out[1] = b.
cudaError_t set_counts(std::int32_t* out, std::int32_t a, std::int32_t b, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
