#include "kernels/cuda/select.h"

#include "kernels/cuda/estimate.h"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/top_p.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kThreads = 512;
constexpr unsigned kWarps = kThreads / 32;
constexpr unsigned kBatch = 4;  // words of 32 positions whose weights a warp loads together
constexpr unsigned kAllLanes = 0xFFFFFFFFU;

// What the blocks of a layer share; each has one. Every warp has its own run of words (32 positions, a bit
// each in the mask of kept positions), and the warps' runs follow each other through the blocks of the
// cluster.
struct Shared {
  Histogram histogram;
  std::uint64_t exponents[kExponents];   // the cluster's mass by exponent
  double sums[2][2][kClusterBlocksMax];  // of the blocks, by turns
  double warp_sums[2][kWarps];
  std::uint32_t counts[kClusterBlocksMax];  // kept positions of the blocks
  std::uint32_t warp_counts[kWarps];
  std::uint32_t invalid;  // a weight of this block is NaN, infinite or negative
  std::int32_t threshold;
};

// The weights of one layer by one row of estimates, and the words of this warp.
struct Layer {
  const float* estimate;
  const float* norms;  // or null
  float next_share;
  unsigned n;             // positions
  unsigned middle_begin;  // what is chosen from, between sinks and window
  unsigned middle_end;
  unsigned begin;  // of this warp's positions
  unsigned end;    // a multiple of 32 later

  [[nodiscard]] __device__ bool chosen_from(unsigned position) const {
    return position >= middle_begin && position < middle_end;
  }
  [[nodiscard]] __device__ float value(unsigned position) const {
    if (position >= n) return 0;
    return norms == nullptr ? estimate[position] : estimate[position] * norms[position];
  }
};

// use(position, weight) for all positions of the warp, a word at a time; weights beyond n are 0. Loads of
// kBatch words wait together. A position's neighbour is its lane's, so values are computed once.
template <typename Use>
__device__ void for_each_weight(const Layer& layer, Use use) {
  const unsigned lane = lane_index();
  for (unsigned first = layer.begin; first < layer.end; first += 32 * kBatch) {
    float values[kBatch + 1];
#pragma unroll
    for (unsigned j = 0; j < kBatch; ++j) values[j] = layer.value(first + 32 * j + lane);
    if (layer.next_share != 0) {
      values[kBatch] = layer.value(first + 32 * kBatch);  // the same in every lane
#pragma unroll
      for (unsigned j = 0; j < kBatch; ++j) {
        const float in_word = __shfl_down_sync(kAllLanes, values[j], 1);
        const float beyond = __shfl_sync(kAllLanes, values[j + 1], 0);
        values[j] += layer.next_share * (lane == 31 ? beyond : in_word);
      }
    }
#pragma unroll
    for (unsigned j = 0; j < kBatch; ++j) {
      if (first + 32 * j < layer.end) use(first + 32 * j + lane, values[j]);
    }
  }
}

struct Plus {
  __device__ double operator()(double a, double b) const { return a + b; }
};

struct Largest {
  __device__ double operator()(double a, double b) const { return fmax(a, b); }
};

// The threads' values over the whole cluster, the same in every thread, in a fixed order. `turn` alternates
// from call to call: who is slow still reads what the others wrote in the turn before.
template <typename Combine>
__device__ double2 cluster_reduce(Shared& shared, double2 x, unsigned turn, Combine combine) {
  const unsigned lane = lane_index();
  const unsigned warp = threadIdx.x / 32;
  for (int step = 16; step > 0; step /= 2) {
    x.x = combine(x.x, __shfl_xor_sync(kAllLanes, x.x, step));
    x.y = combine(x.y, __shfl_xor_sync(kAllLanes, x.y, step));
  }
  if (lane == 0) {
    shared.warp_sums[0][warp] = x.x;
    shared.warp_sums[1][warp] = x.y;
  }
  __syncthreads();
  if (warp == 0) {
    x = {shared.warp_sums[0][lane % kWarps], shared.warp_sums[1][lane % kWarps]};
    for (int step = kWarps / 2; step > 0; step /= 2) {
      x.x = combine(x.x, __shfl_xor_sync(kAllLanes, x.x, step));
      x.y = combine(x.y, __shfl_xor_sync(kAllLanes, x.y, step));
    }
    if (lane < cluster_blocks()) {
      Shared* there = cluster_pointer(&shared, lane);
      there->sums[turn % 2][0][cluster_rank()] = x.x;
      there->sums[turn % 2][1][cluster_rank()] = x.y;
    }
  }
  cluster_sync();
  x = {shared.sums[turn % 2][0][0], shared.sums[turn % 2][1][0]};
  for (unsigned rank = 1; rank < cluster_blocks(); ++rank) {
    x.x = combine(x.x, shared.sums[turn % 2][0][rank]);
    x.y = combine(x.y, shared.sums[turn % 2][1][rank]);
  }
  return x;
}

// Sums the histograms of the cluster: each block the part of the exponents that falls to it, in place, since
// no other block reads that part of its histogram until it is done. Every block gets the sum of every
// exponent.
__device__ void merge_histograms(Shared& shared) {
  constexpr unsigned kPart = kBins / cluster_blocks();
  const unsigned begin = cluster_rank() * kPart;
  for (unsigned bin = begin + threadIdx.x; bin < begin + kPart; bin += kThreads) {
    std::uint64_t sum = 0;
#pragma unroll
    for (unsigned rank = 0; rank < cluster_blocks(); ++rank) {
      const Histogram* there = cluster_pointer(&shared.histogram, rank);
      sum += (std::uint64_t{there->high[bin]} << 32) + there->low[bin];
    }
    shared.histogram.low[bin] = static_cast<std::uint32_t>(sum);
    shared.histogram.high[bin] = static_cast<std::uint32_t>(sum >> 32);
    // The bins of an exponent lie in as many lanes.
    for (int step = kBinsPerExponent / 2; step > 0; step /= 2) sum += __shfl_xor_sync(kAllLanes, sum, step);
    const unsigned rank = threadIdx.x % kBinsPerExponent;
    if (rank < cluster_blocks()) cluster_pointer(&shared, rank)->exponents[bin / kBinsPerExponent] = sum;
  }
}

// The histogram of this block must be clear, in every thread's eyes.
__device__ std::int32_t histogram_threshold(Shared& shared, const Layer& layer, float p) {
  bool invalid = false;
  for_each_weight(layer, [&](unsigned position, float weight) {
    const std::uint32_t bits = layer.chosen_from(position) ? weight_bits(weight) : 0;
    invalid = invalid || bits > kLargest;
    shared.histogram.add_weights(bits > kLargest ? 0 : bits);
  });
  if (invalid) atomicOr(&shared.invalid, 1U);
  cluster_sync();
  merge_histograms(shared);
  cluster_sync();
  if (threadIdx.x < 32) {
    const unsigned rank = lane_index() % cluster_blocks();
    const bool refused = __any_sync(kAllLanes, cluster_pointer(&shared, rank)->invalid != 0);
    const auto bin_sum = [&](unsigned bin) {
      const Histogram* there = cluster_pointer(&shared.histogram, bin / (kBins / cluster_blocks()));
      return (std::uint64_t{there->high[bin]} << 32) + there->low[bin];
    };
    const std::int32_t threshold = refused ? kKeepAll : find_threshold(shared.exponents, p, bin_sum);
    if (lane_index() == 0) shared.threshold = threshold;
  }
  __syncthreads();
  return shared.threshold;
}

// Ten bisections of a threshold in [0, max]; the largest seen that leaves the mass wins, or all that is
// positive.
__device__ std::int32_t bisection_threshold(Shared& shared, const Layer& layer, float p) {
  constexpr int kBisections = 10;
  unsigned turn = 0;
  std::uint32_t own_largest = 0;
  for_each_weight(layer, [&](unsigned position, float weight) {
    if (layer.chosen_from(position)) own_largest = max(own_largest, weight_bits(weight));
  });
  cluster_sync();  // every block is there
  const double largest = cluster_reduce(shared, {static_cast<double>(own_largest), 0}, turn++, Largest()).x;
  if (largest > static_cast<double>(kLargest)) return kKeepAll;
  const auto mass_from = [&](std::int32_t threshold) {
    double mass = 0;
    for_each_weight(layer, [&](unsigned position, float weight) {
      const bool counts = layer.chosen_from(position) && __float_as_int(weight) >= threshold;
      mass += counts ? static_cast<double>(weight) : 0.0;
    });
    return cluster_reduce(shared, {mass, 0}, turn++, Plus()).x;
  };
  const double total = mass_from(kKeepPositive);
  if (p <= 0 || largest == 0) return kKeepNone;
  const double target = static_cast<double>(p) * total;
  std::int32_t threshold = kKeepPositive;
  float low = 0;
  float high = __uint_as_float(static_cast<std::uint32_t>(largest));
  // The mass from `low` up reaches the target; rounding must not let p = 1 drop a weight.
  for (int round = 0; round < kBisections && p < 1; ++round) {
    const float middle = low + (high - low) * 0.5F;
    const std::int32_t bits = max(__float_as_int(middle), kKeepPositive);
    if (mass_from(bits) >= target) {
      low = middle;
      threshold = bits;
    } else {
      high = middle;
    }
  }
  return threshold;
}

// Adds to the mask what the row keeps; `mask` has the words of this warp.
__device__ void mark(std::uint32_t* mask, const Layer& layer, std::int32_t threshold, bool first_row) {
  for_each_weight(layer, [&](unsigned position, float weight) {
    const bool keep =
        position < layer.n && (!layer.chosen_from(position) || __float_as_int(weight) >= threshold);
    const std::uint32_t word = __ballot_sync(kAllLanes, keep);
    if (lane_index() != 0) return;
    std::uint32_t& kept = mask[(position - layer.begin) / 32];
    kept = first_row ? word : kept | word;
  });
}

// Where the list of this warp begins; `total` becomes the length of the whole.
__device__ unsigned list_begin(Shared& shared, const std::uint32_t* mask, const Layer& layer,
                               unsigned& total) {
  const unsigned lane = lane_index();
  const unsigned warp = threadIdx.x / 32;
  unsigned count = 0;
  for (unsigned w = lane; w < (layer.end - layer.begin) / 32; w += 32) count += __popc(mask[w]);
  count = warp_sum(count);
  if (lane == 0) shared.warp_counts[warp] = count;
  __syncthreads();
  if (warp == 0) {
    const unsigned all = warp_sum(lane < kWarps ? shared.warp_counts[lane] : 0);
    if (lane < cluster_blocks()) cluster_pointer(&shared, lane)->counts[cluster_rank()] = all;
  }
  cluster_sync();
  unsigned begin = 0;
  total = 0;
  for (unsigned rank = 0; rank < cluster_blocks(); ++rank) {
    if (rank == cluster_rank()) begin = total;
    total += shared.counts[rank];
  }
  return begin + warp_sum(lane < warp ? shared.warp_counts[lane] : 0);
}

// Writes the list of this warp; returns the estimated attention kept and in all, as far as this lane saw it.
__device__ double2 emit(std::int32_t* to, const std::uint32_t* mask, const Layer& layer) {
  const unsigned lane = lane_index();
  const unsigned lanes_below = (1U << lane) - 1;
  double2 mass = {0, 0};
  for (unsigned first = layer.begin; first < layer.end; first += 32 * kBatch) {
    float estimates[kBatch];
#pragma unroll
    for (unsigned j = 0; j < kBatch; ++j) {
      const unsigned position = first + 32 * j + lane;
      estimates[j] = position < min(layer.n, layer.end) ? layer.estimate[position] : 0.0F;
    }
#pragma unroll
    for (unsigned j = 0; j < kBatch; ++j) {
      if (first + 32 * j >= layer.end) break;
      const std::uint32_t word = mask[(first - layer.begin) / 32 + j];
      mass.y += static_cast<double>(estimates[j]);
      if ((word >> lane & 1U) != 0) {
        mass.x += static_cast<double>(estimates[j]);
        to[__popc(word & lanes_below)] = static_cast<std::int32_t>(first + 32 * j + lane);
      }
      to += __popc(word);
    }
  }
  return mass;
}

__device__ Layer layer_of(const SelectCall& call, unsigned index, unsigned n) {
  Layer layer{};
  if (call.value_norms != nullptr) layer.norms = call.value_norms + index * call.value_norm_stride;
  layer.next_share = call.next_share;
  layer.n = n;
  layer.middle_begin = static_cast<unsigned>(min(call.sinks, std::size_t{n}));
  const unsigned rest = n - layer.middle_begin;
  layer.middle_end = n - static_cast<unsigned>(min(call.window, std::size_t{rest}));
  const unsigned warps = kWarps * cluster_blocks();
  const unsigned words = (n + 31) / 32;
  const unsigned own = (words + warps - 1) / warps * 32;  // positions of a warp
  layer.begin = (cluster_rank() * kWarps + threadIdx.x / 32) * own;
  layer.end = layer.begin + own;
  return layer;
}

// One cluster a layer. Passes over its estimates: the histogram, what is kept, the list; the second and third
// find them in a cache.
__global__ void __launch_bounds__(kThreads, 2) FOVEA_CLUSTER
    choose_kernel(Selection out, const float* row_estimates, SelectCall call) {
  let_next_start();
  extern __shared__ std::uint32_t masks[];
  __shared__ Shared shared;
  shared.histogram.clear();
  if (threadIdx.x == 0) shared.invalid = 0;
  __syncthreads();
  wait_for_inputs();

  const unsigned index = blockIdx.x / cluster_blocks();
  const auto slots = static_cast<unsigned>(max(*call.slot_count, 0));
  if (index < call.dense_layers || slots == 0) {
    if (cluster_rank() == 0 && threadIdx.x == 0) {
      out.counts[index] = kReadsEverything;
      out.masses[index] = {1, 1, 1};
    }
    return;
  }
  const unsigned n =
      min(static_cast<unsigned>(max(*call.positions, 0)), static_cast<unsigned>(call.capacity));
  Layer layer = layer_of(call, index, n);
  const float* combined = out.estimate + index * out.stride;
  const bool unite = call.combination == RowCombination::kUnion;
  const unsigned rows = unite ? min(slots, static_cast<unsigned>(call.rows)) : 1;
  std::uint32_t* mask = masks + threadIdx.x / 32 * (layer.end - layer.begin) / 32;
  bool valid = true;
  for (unsigned row = 0; row < rows; ++row) {
    layer.estimate = unite ? row_estimates + (row * call.layers + index) * out.stride : combined;
    if (row > 0) {
      cluster_sync();  // nobody reads this block's histogram any more
      shared.histogram.clear();
      if (threadIdx.x == 0) shared.invalid = 0;
      __syncthreads();
    }
    const std::int32_t threshold = call.search == ThresholdSearch::kBisection
                                       ? bisection_threshold(shared, layer, call.p[index])
                                       : histogram_threshold(shared, layer, call.p[index]);
    valid = valid && threshold != kKeepAll;
    mark(mask, layer, threshold, row == 0);
  }
  __syncwarp();
  layer.estimate = combined;
  unsigned total = 0;
  const unsigned begin = list_begin(shared, mask, layer, total);
  const double2 own = emit(out.positions + index * out.stride + begin, mask, layer);
  const double2 mass = cluster_reduce(shared, own, 0, Plus());
  if (cluster_rank() == 0 && threadIdx.x == 0) {
    out.counts[index] = static_cast<std::int32_t>(total);
    out.masses[index] = {mass.x, mass.y, valid ? 1 : 0};
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
  const std::size_t per_word = std::size_t{32} * kWarps * blocks;
  const std::size_t mask_bytes = (call.capacity + per_word - 1) / per_word * kWarps * sizeof(std::uint32_t);
  if (mask_bytes > static_cast<std::size_t>(attributes.maxDynamicSharedSizeBytes)) {
    status = cudaFuncSetAttribute(choose_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                  static_cast<int>(mask_bytes));
    if (status != cudaSuccess) return status;
  }
  return launch(choose_kernel, static_cast<unsigned>(call.layers) * blocks, kThreads, mask_bytes, stream, out,
                static_cast<const float*>(workspace), call);
}

cudaError_t select(const Selection& out, void* workspace, const SelectCall& call, cudaStream_t stream) {
  const cudaError_t status =
      estimate_attention(out.estimate, static_cast<float*>(workspace), out.stride, call, stream);
  return status != cudaSuccess ? status : choose(out, workspace, call, stream);
}

}  // namespace fovea::kernels::cuda
