#include "kernels/cuda/select.h"

#include "kernels/cuda/estimate.h"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/select_layer.cuh"

namespace fovea::kernels::cuda {
namespace {

// Adds to the mask what the row keeps; `mask` has the words of this warp. Returns the row's estimated
// attention kept and in all, as far as this lane saw it.
__device__ double2 mark(std::uint32_t* mask, const SelectLayer& layer, std::int32_t threshold,
                        bool first_row) {
  double2 mass = {0, 0};
  for_each_batch(layer, [&](unsigned position, const EstimateBatch& estimates, const WeightBatch& weights) {
    std::uint32_t own = 0;  // lane j has word j
    double kept[kBatch];
    double all[kBatch];
#pragma unroll
    for (unsigned j = 0; j < kBatch; ++j) {
      const unsigned at = position + kWarp * j;
      const bool in = at < min(layer.n, layer.end);
      const bool always = at < layer.middle_begin || at >= layer.middle_end;
      const bool keep = in && (always || __float_as_int(weights[j]) >= threshold);
      all[j] = static_cast<double>(in ? estimates[j] : 0.0F);
      kept[j] = static_cast<double>(keep ? estimates[j] : 0.0F);
      const std::uint32_t word = __ballot_sync(kAll, keep);
      own = lane_index() == j ? word : own;
    }
#pragma unroll
    for (unsigned step = 1; step < kBatch; step *= 2) {
#pragma unroll
      for (unsigned j = 0; j < kBatch; j += 2 * step) {
        all[j] += all[j + step];
        kept[j] += kept[j + step];
      }
    }
    mass.x += kept[0];
    mass.y += all[0];
    const unsigned word = (position - lane_index() - layer.begin) / kWarp + lane_index();
    if (lane_index() < kBatch && word < layer.words()) mask[word] = first_row ? own : mask[word] | own;
  });
  __syncwarp();
  return mass;
}

// The same sums for a mask that is there.
__device__ double2 measure(const std::uint32_t* mask, const SelectLayer& layer) {
  double2 mass = {0, 0};
  for (unsigned word = 0; word < layer.words(); ++word) {
    const unsigned position = layer.begin + word * kWarp + lane_index();
    const auto estimate = static_cast<double>(position < layer.n ? layer.estimate[position] : 0.0F);
    mass.y += estimate;
    if ((mask[word] >> lane_index() & 1U) != 0) mass.x += estimate;
  }
  return mass;
}

// Tells every block how many positions this warp keeps, and the first one what they hold.
__device__ void send_counts(SelectShared& shared, const std::uint32_t* mask, const SelectLayer& layer,
                            double2 mass) {
  const unsigned lane = lane_index();
  unsigned count = 0;
  for (unsigned w = lane; w < layer.words(); w += kWarp) count += __popc(mask[w]);
  count = warp_count(count);
  mass = {warp_reduce(mass.x, Plus()), warp_reduce(mass.y, Plus())};
  if (threadIdx.x == 0) {
    shared.of_counts.expect(sizeof(shared.counts) + (select_rank() == 0 ? sizeof(shared.masses) : 0));
  }
  if (lane < kSelectBlocks) shared.of_counts.send(&shared.counts[cluster_warp()], count, lane);
  if (lane == 0) {
    shared.of_counts.send(&shared.masses[0][cluster_warp()], mass.x, 0);
    shared.of_counts.send(&shared.masses[1][cluster_warp()], mass.y, 0);
  }
}

// Writes the list of this warp. Where each word's positions go is summed for 32 words at once, so that the
// words need not wait for each other.
__device__ void emit(std::int32_t* to, const std::uint32_t* mask, const SelectLayer& layer) {
  const unsigned lane = lane_index();
  for (unsigned first = 0; first < layer.words(); first += kWarp) {
    const std::uint32_t own = first + lane < layer.words() ? mask[first + lane] : 0;
    const unsigned upto = warp_inclusive_sum(static_cast<unsigned>(__popc(own)));
    const unsigned words = min(layer.words() - first, kWarp);
#pragma unroll 4
    for (unsigned j = 0; j < words; ++j) {
      const std::uint32_t word = __shfl_sync(kAll, own, static_cast<int>(j));
      const unsigned end = __shfl_sync(kAll, upto, static_cast<int>(j));
      const unsigned place = end - __popc(word >> lane);  // those from this lane on come at the end
      if ((word >> lane & 1U) != 0) {
        to[place] = static_cast<std::int32_t>(layer.begin + (first + j) * kWarp + lane);
      }
    }
    to += __shfl_sync(kAll, upto, kWarp - 1);
  }
}

// What became of the layer; by the first warp of the first block.
__device__ void report(std::int32_t& count, LayerMass& result, const SelectShared& shared, bool valid) {
  unsigned total = 0;
  double2 mass = {0, 0};
  for (unsigned w = lane_index(); w < kClusterWarps; w += 32) {
    total += shared.counts[w];
    mass.x += shared.masses[0][w];
    mass.y += shared.masses[1][w];
  }
  total = warp_count(total);
  mass = {warp_reduce(mass.x, Plus()), warp_reduce(mass.y, Plus())};
  if (lane_index() != 0) return;
  count = static_cast<std::int32_t>(total);
  result = {mass.x, mass.y, valid ? 1 : 0};
}

__device__ SelectLayer layer_of(const SelectCall& call, unsigned index, unsigned n) {
  SelectLayer layer{};
  if (call.value_norms != nullptr) layer.norms = call.value_norms + index * call.value_norm_stride;
  layer.next_share = call.next_share;
  layer.n = n;
  layer.middle_begin = static_cast<unsigned>(min(call.sinks, std::size_t{n}));
  const unsigned rest = n - layer.middle_begin;
  layer.middle_end = n - static_cast<unsigned>(min(call.window, std::size_t{rest}));
  const unsigned words = (n + 31) / 32;
  const unsigned own = (words + kClusterWarps - 1) / kClusterWarps * 32;  // positions of a warp
  layer.begin = cluster_warp() * own;
  layer.end = layer.begin + own;
  return layer;
}

// One cluster a layer. Passes over its estimates: the histogram, then what is kept, which finds them in a
// cache; the list is made from the mask.
__global__ void __launch_bounds__(kSelectThreads, 2) FOVEA_SELECT_CLUSTER
    choose_kernel(Selection out, const float* row_estimates, SelectCall call) {
  let_next_start();
  extern __shared__ std::uint32_t masks[];
  __shared__ SelectShared shared;
  if (threadIdx.x == 0) {
    for (Mailbox* mailbox :
         {&shared.of_exponents, &shared.of_bins, &shared.of_counts, &shared.of_sums[0], &shared.of_sums[1]}) {
      mailbox->init();
    }
  }
  cluster_arrive();
  shared.histogram.clear();
  if (threadIdx.x == 0) shared.block_largest = 0;
  wait_for_inputs();
  const unsigned index = blockIdx.x / kSelectBlocks;
  const auto slots = static_cast<unsigned>(max(*call.slot_count, 0));
  const unsigned n =
      min(static_cast<unsigned>(max(*call.positions, 0)), static_cast<unsigned>(call.capacity));
  const float p = call.p[index];
  cluster_wait();  // every block is there
  __syncthreads();
  if (index < call.dense_layers || slots == 0) {
    if (select_rank() == 0 && threadIdx.x == 0) {
      out.counts[index] = kReadsEverything;
      out.masses[index] = {1, 1, 1};
    }
    return;
  }
  SelectLayer layer = layer_of(call, index, n);
  const float* combined = out.estimate + index * out.stride;
  const bool unite = call.combination == RowCombination::kUnion;
  const unsigned rows = unite ? min(slots, static_cast<unsigned>(call.rows)) : 1;
  std::uint32_t* mask = masks + threadIdx.x / kWarp * layer.words();
  bool valid = true;
  double2 mass{};
  unsigned turn = 0;
  for (unsigned row = 0; row < rows; ++row) {
    layer.estimate = unite ? row_estimates + (row * call.layers + index) * out.stride : combined;
    if (row > 0) {
      __syncthreads();  // the row before has been looked at
      shared.histogram.clear();
      if (threadIdx.x == 0) shared.block_largest = 0;
      __syncthreads();
    }
    const std::int32_t threshold = call.search == ThresholdSearch::kBisection
                                       ? bisection_threshold(shared, layer, p, turn)
                                       : histogram_threshold(shared, layer, p, row);
    valid = valid && threshold != kKeepAll;
    mass = mark(mask, layer, threshold, row == 0);
  }
  if (unite) {
    layer.estimate = combined;
    mass = measure(mask, layer);
  }
  send_counts(shared, mask, layer, mass);
  shared.of_counts.receive(0);
  unsigned before = 0;
  for (unsigned w = lane_index(); w < cluster_warp(); w += 32) before += shared.counts[w];
  emit(out.positions + index * out.stride + warp_count(before), mask, layer);
  if (cluster_warp() == 0) report(out.counts[index], out.masses[index], shared, valid);
}

// to[layer] = the largest estimate of each position and of the `reach` before it.
__global__ void look_ahead_kernel(float* to, const float* estimate, std::size_t stride, SelectCall call) {
  let_next_start();
  wait_for_inputs();
  const auto n = min(static_cast<unsigned>(max(*call.positions, 0)), static_cast<unsigned>(call.capacity));
  const unsigned position = blockIdx.x * blockDim.x + threadIdx.x;
  if (position >= n) return;
  const float* from = estimate + blockIdx.y * stride;
  float largest = from[position];
  for (unsigned j = 1; j <= min(static_cast<unsigned>(call.reach), position); ++j) {
    const float before = from[position - j];
    // A NaN must stay one: it keeps everything.
    largest = before > largest || isnan(before) ? before : largest;
  }
  to[blockIdx.y * stride + position] = largest;
}

// A block a layer.
__global__ void follow_kernel(Selection out, SelectCall call) {
  let_next_start();
  wait_for_inputs();
  const std::size_t layer = blockIdx.x;
  const std::int32_t count = out.counts[layer];
  for (unsigned i = threadIdx.x; i < call.following; i += blockDim.x) {
    const bool listed = count != kReadsEverything;
    if (listed) out.positions[layer * out.stride + count + i] = *call.positions + static_cast<int>(i);
    out.counts[(i + 1) * call.layers + layer] = listed ? count + static_cast<int>(i) + 1 : count;
  }
}

}  // namespace

std::size_t select_workspace_bytes(const SelectCall& call, std::size_t stride) {
  return call.combination == RowCombination::kUnion ? call.rows * call.layers * stride * sizeof(float) : 0;
}

cudaError_t choose(const Selection& out, const void* workspace, const SelectCall& call, cudaStream_t stream) {
  if (out.stride < call.capacity || call.capacity > std::size_t{1} << 24) return cudaErrorInvalidValue;
  cudaFuncAttributes attributes{};
  cudaError_t status = cudaFuncGetAttributes(&attributes, choose_kernel);
  if (status != cudaSuccess) return status;
  const unsigned blocks = cluster_blocks(attributes);
  // A bit a position, in whole words of a warp.
  const std::size_t per_word = std::size_t{32} * kSelectWarps * blocks;
  const std::size_t mask_bytes =
      (call.capacity + per_word - 1) / per_word * kSelectWarps * sizeof(std::uint32_t);
  if (mask_bytes > static_cast<std::size_t>(attributes.maxDynamicSharedSizeBytes)) {
    status = cudaFuncSetAttribute(choose_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                  static_cast<int>(mask_bytes));
    if (status != cudaSuccess) return status;
  }
  return launch(choose_kernel, static_cast<unsigned>(call.layers) * blocks, kSelectThreads, mask_bytes,
                stream, out, static_cast<const float*>(workspace), call);
}

cudaError_t select(const Selection& out, void* workspace, const SelectCall& call, cudaStream_t stream) {
  if (out.stride < call.capacity + call.following) return cudaErrorInvalidValue;
  cudaError_t status =
      estimate_attention(out.estimate, static_cast<float*>(workspace), out.stride, call, stream);
  Selection chosen = out;
  if (status == cudaSuccess && call.reach > 0 && call.capacity > 0) {
    constexpr unsigned kThreads = 256;
    chosen.estimate += call.layers * out.stride;
    const dim3 grid(static_cast<unsigned>((call.capacity + kThreads - 1) / kThreads),
                    static_cast<unsigned>(call.layers));
    status = launch(look_ahead_kernel, grid, kThreads, 0, stream, chosen.estimate,
                    static_cast<const float*>(out.estimate), out.stride, call);
  }
  if (status == cudaSuccess) status = choose(chosen, workspace, call, stream);
  if (status != cudaSuccess || call.following == 0) return status;
  return launch(follow_kernel, static_cast<unsigned>(call.layers), 32, 0, stream, chosen, call);
}

}  // namespace fovea::kernels::cuda
