// The first half of a selection: what each verifier layer's attention is estimated to be, as weighted sums of
// the draft's. One launch for all layers, so that the mass is read from memory once.
#pragma once

#include "kernels/cuda/select.h"

namespace fovea::kernels::cuda {

/// estimate[layers, stride], positions below *call.positions, from layer call.dense_layers on: for each row
/// of mass the sum over sources, in order, by fused multiply-adds; sources of weight 0 are not counted,
/// whatever they hold. Then the mean over the rows (kMax: the maximum). row_estimates: for kUnion each row's
/// own [rows, layers, stride], else unused. Writes nothing where *call.slot_count is 0. estimate and
/// row_estimates: aligned to 16; stride a multiple of 4.
cudaError_t estimate_attention(float* estimate, float* row_estimates, std::size_t stride,
                               const SelectCall& call, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
