// From the draft's attention to one list of KV positions per verifier layer, on the device, in two launches:
// the estimates of all layers (kernels/cuda/estimate), then a histogram top-p and the lists. The twin of
// Backend::select on the CPU (engine/select_layer), which it follows position for position. Launchers as in
// elementwise.h: no allocation, nothing waits, capturable; how many positions and rows there are is read from
// the device.
//
// What stays on the device: attention of layer l reads `selected` = positions + l * stride and
// `selected_count` = counts + l, where kReadsEverything says that there is no list. Only counts and masses
// are worth bringing to the host, for telemetry.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "kernels/selection_types.h"

namespace fovea::kernels::cuda {

/// The count of a layer that reads all entries: its list is not written.
inline constexpr std::int32_t kReadsEverything = -1;

/// As kTopPMantissaBits of kernels/cpu/top_p.h: both keep the same positions.
inline constexpr int kSelectMantissaBits = 4;

/// In row r position i of layer l gets an estimated attention of sum over sources s of weights[l][s] *
/// mass[r][s][i], and weighs that, or that times value_norms[l][i], and next_share of the weight of position
/// i + 1 more. The first `sinks` and the last `window` positions are always kept; of the rest the
/// smallest-threshold set that holds p[l] of the rest's weight. Pointers are the device's.
struct SelectCall {
  const float* mass = nullptr;  // [rows, sources, mass_stride]; aligned to 16
  std::size_t mass_stride = 0;  // a multiple of 4
  std::size_t rows = 1;         // of mass; the mean over slots has one
  std::size_t sources = 0;
  const float* weights = nullptr;  // [layers, sources]
  std::size_t layers = 0;
  std::size_t dense_layers = 0;        // the first layers: they read everything
  const float* value_norms = nullptr;  // [layers, value_norm_stride], or null
  std::size_t value_norm_stride = 0;
  float next_share = 0;
  std::size_t sinks = 0;
  std::size_t window = 0;
  const float* p = nullptr;  // [layers]
  RowCombination combination = RowCombination::kMean;
  ThresholdSearch search = ThresholdSearch::kHistogram;
  std::size_t reach = 0;      // an estimate is the largest of its own and of this many before it; not kUnion
  std::size_t following = 0;  // positions from *positions on that each list goes on with, for passes to come
  // Slots that the draft filled: the first min(rows, *slot_count) rows are combined. 0: nobody has looked, so
  // every layer reads everything.
  const std::int32_t* slot_count = nullptr;
  const std::int32_t* positions = nullptr;  // to choose from: 0 .. *positions - 1
  std::size_t capacity = 0;                 // bounds *positions; at most 2^24
};

/// What a selection writes.
struct Selection {
  // [layers, stride]: of each layer the first counts[0][layer], ascending, and then those that follow.
  std::int32_t* positions = nullptr;
  float* estimate = nullptr;  // [layers, stride], twice that with a reach: of every position; aligned to 16
  std::size_t stride = 0;     // >= capacity + following, a multiple of 4
  std::int32_t* counts = nullptr;  // [following + 1, layers]: of the pass after so many more tokens
  LayerMass* masses = nullptr;     // [layers]
};

/// Bytes that select and choose work in: only kUnion needs any, for the estimate of each row.
std::size_t select_workspace_bytes(const SelectCall& call, std::size_t stride);

/// Estimates and chooses. Positions from a layer's last count on, estimates from *call.positions on, and the
/// estimates of dense layers are left alone. The choice does not depend on any order of summation; masses are
/// sums of doubles. cudaErrorInvalidValue where a stride or the capacity breaks a rule.
cudaError_t select(const Selection& out, void* workspace, const SelectCall& call, cudaStream_t stream);

/// The second half alone, without what follows, from out.estimate (and, for kUnion, workspace) as given:
/// call.mass and call.weights are not used.
cudaError_t choose(const Selection& out, const void* workspace, const SelectCall& call, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
