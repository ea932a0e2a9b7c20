// One layer of a selection, as a cluster of blocks sees it: its weights, and the threshold above which they
// are kept. Every warp has its own run of words (32 positions, later a bit each in the mask of kept
// positions), and the warps' runs follow each other through the blocks.
#pragma once

#include "kernels/cuda/cluster.cuh"
#include "kernels/cuda/top_p.cuh"

namespace fovea::kernels::cuda {

// Four blocks of 512 threads: with eight, barriers took twice as long on an H100, and not all 32 clusters
// fitted at once.
#define FOVEA_SELECT_CLUSTER FOVEA_CLUSTER_OF(4)
constexpr unsigned kSelectBlocks = kClusterBlocks<4>;
constexpr unsigned kSelectThreads = 512;
constexpr unsigned kSelectWarps = kSelectThreads / kWarp;
constexpr unsigned kClusterWarps = kSelectBlocks * kSelectWarps;
constexpr unsigned kBatch = 8;  // words whose weights a warp loads together

/// Which of the layer's blocks this is.
__device__ inline unsigned select_rank() {
  return cluster_rank<4>();
}

/// What the blocks of a layer share; each has one.
struct SelectShared {
  WeightHistogram histogram;
  Walk walk;
  // What the blocks, or their warps, tell all others, or for the masses the first block.
  std::uint64_t exponents[kSelectBlocks][kExponents];
  std::uint32_t largest[kSelectBlocks];
  std::uint32_t counts[kClusterWarps];
  double2 masses[kClusterWarps];
  double sums[2][kClusterWarps];  // by turns
  std::uint32_t block_largest;    // bits of the largest weight of this block
  std::int32_t threshold;
};

/// This warp among the cluster's.
__device__ inline unsigned cluster_warp() {
  return select_rank() * kSelectWarps + threadIdx.x / kWarp;
}

/// The weights of one layer by one row of estimates.
struct SelectLayer {
  const float* estimate;
  const float* norms;  // or null
  float next_share;
  unsigned n;             // positions
  unsigned middle_begin;  // what is chosen from, between sinks and window
  unsigned middle_end;
  unsigned begin;  // of this warp's positions
  unsigned end;    // a multiple of 32 later

  [[nodiscard]] __device__ unsigned words() const { return (end - begin) / kWarp; }
};

using EstimateBatch = float[kBatch];
using WeightBatch = float[kBatch + 1];

/// estimates and weights of kBatch words, the lane's position in the first being `position`, and of the word
/// behind them what its first lane would have. Beyond n all are 0.
__device__ inline void load_batch(EstimateBatch& estimates, WeightBatch& weights, const SelectLayer& layer,
                                  unsigned position) {
  const unsigned after = position - lane_index() + kWarp * kBatch;
  if (after < layer.n) {
    const float* estimate = layer.estimate + position;
#pragma unroll
    for (unsigned j = 0; j < kBatch; ++j) estimates[j] = estimate[kWarp * j];
    weights[kBatch] = layer.estimate[after];
    if (layer.norms == nullptr) {
#pragma unroll
      for (unsigned j = 0; j < kBatch; ++j) weights[j] = estimates[j];
      return;
    }
    const float* norm = layer.norms + position;
#pragma unroll
    for (unsigned j = 0; j < kBatch; ++j) weights[j] = norm[kWarp * j];
    const float norm_after = layer.norms[after];
#pragma unroll
    for (unsigned j = 0; j < kBatch; ++j) weights[j] *= estimates[j];
    weights[kBatch] *= norm_after;
    return;
  }
#pragma unroll
  for (unsigned j = 0; j < kBatch; ++j) {
    const unsigned at = position + kWarp * j;
    estimates[j] = at < layer.n ? layer.estimate[at] : 0.0F;
    weights[j] = estimates[j] * (at < layer.n && layer.norms != nullptr ? layer.norms[at] : 1.0F);
  }
  weights[kBatch] = 0;
}

/// use(position, estimates, weights) for kBatch words of the warp at a time, position as in load_batch. All
/// loads wait together. A position's neighbour is its lane's, so values are computed once.
template <typename Use>
__device__ void for_each_batch(const SelectLayer& layer, Use use) {
  const unsigned lane = lane_index();
  for (unsigned first = layer.begin; first < layer.end; first += kWarp * kBatch) {
    EstimateBatch estimates;
    WeightBatch weights;
    load_batch(estimates, weights, layer, first + lane);
    if (layer.next_share != 0) {
#pragma unroll
      for (unsigned j = 0; j < kBatch; ++j) {
        // The last lane's neighbour is the first of the next word, which turning the lanes round brings to
        // it.
        const float first_of_next = j + 1 < kBatch && lane == 0 ? weights[j + 1] : weights[j];
        const float next = __shfl_sync(kAll, first_of_next, (lane + 1) % kWarp);
        weights[j] += layer.next_share * (j + 1 == kBatch && lane == kWarp - 1 ? weights[kBatch] : next);
      }
    }
    use(first + lane, estimates, weights);
  }
}

/// The positions of this warp that are chosen from.
struct Middle {
  unsigned begin;
  unsigned length;

  __device__ explicit Middle(const SelectLayer& layer)
      : begin(max(layer.begin, layer.middle_begin)),
        length(max(min(layer.end, layer.middle_end), begin) - begin) {}
  [[nodiscard]] __device__ bool holds(unsigned position) const { return position - begin < length; }
};

struct Plus {
  __device__ double operator()(double a, double b) const { return a + b; }
};

struct Largest {
  __device__ double operator()(double a, double b) const { return fmax(a, b); }
};

/// The threads' values >= 0 over the whole cluster, the same in every thread, in a fixed order. `turn`
/// alternates from call to call: who is slow still reads what the others wrote in the turn before.
template <typename Combine>
__device__ double cluster_reduce(SelectShared& shared, double x, unsigned turn, Combine combine) {
  const unsigned lane = lane_index();
  x = warp_reduce(x, combine);
  if (lane < kSelectBlocks) cluster_pointer(&shared, lane)->sums[turn % 2][cluster_warp()] = x;
  cluster_sync();
  x = 0;
  for (unsigned w = lane; w < kClusterWarps; w += 32) x = combine(x, shared.sums[turn % 2][w]);
  return warp_reduce(x, combine);
}

/// Tells every block of the cluster what this one has of each exponent, and its largest weight.
__device__ inline void share_exponents(SelectShared& shared) {
  static_assert(kSelectThreads == 2 * kExponents);
  const unsigned rank = select_rank();
  std::uint64_t sum = shared.histogram.half_sum(threadIdx.x);
  sum += of_lane_xor(sum, 1);
  // The two threads of an exponent tell every other block.
#pragma unroll
  for (unsigned r = threadIdx.x % 2; r < kSelectBlocks; r += 2) {
    cluster_pointer(&shared, r)->exponents[rank][threadIdx.x / 2] = sum;
  }
  if (threadIdx.x < kSelectBlocks) {
    cluster_pointer(&shared, threadIdx.x)->largest[rank] = shared.block_largest;
  }
}

/// The threshold of a walk down the merged histograms. This block's must be clear, in every thread's eyes.
__device__ inline std::int32_t histogram_threshold(SelectShared& shared, const SelectLayer& layer, float p) {
  const Middle middle(layer);
  std::uint32_t largest = 0;
  for_each_batch(layer, [&](unsigned position, const EstimateBatch&, const WeightBatch& weights) {
    std::uint32_t bits[kBatch];
#pragma unroll
    for (unsigned j = 0; j < kBatch; ++j) {
      bits[j] = middle.holds(position + 32 * j) ? weight_bits(weights[j]) : 0;
      largest = max(largest, bits[j]);
      if (bits[j] > kLargest) bits[j] = 0;
    }
    shared.histogram.add(bits);
  });
  largest = warp_max(largest);
  if (lane_index() == 0) atomicMax(&shared.block_largest, largest);
  __syncthreads();
  share_exponents(shared);
  cluster_sync();
  largest = 0;
#pragma unroll
  for (unsigned r = 0; r < kSelectBlocks; ++r) largest = max(largest, shared.largest[r]);
  if (largest > kLargest) return kKeepAll;
  if (p <= 0) return kKeepNone;
  if (p >= 1 || largest == 0) return kKeepPositive;
  const auto exponent_sum = [&](unsigned exponent) {
    std::uint64_t sum = 0;
#pragma unroll
    for (unsigned r = 0; r < kSelectBlocks; ++r) sum += shared.exponents[r][exponent];
    return sum;
  };
  const auto bin_sum = [&](unsigned bin) {
    std::uint64_t sum = 0;
#pragma unroll
    for (unsigned r = 0; r < kSelectBlocks; ++r) sum += cluster_pointer(&shared, r)->histogram.sum(bin);
    return sum;
  };
  const std::int32_t threshold = find_threshold(shared.walk, largest, p, exponent_sum, bin_sum);
  if (threadIdx.x == 0) shared.threshold = threshold;
  __syncthreads();
  return shared.threshold;
}

/// Ten bisections of a threshold in [0, max]; the largest seen that leaves the mass wins, or all that is
/// positive.
__device__ inline std::int32_t bisection_threshold(SelectShared& shared, const SelectLayer& layer, float p) {
  constexpr int kBisections = 10;
  const Middle middle(layer);
  unsigned turn = 0;
  std::uint32_t own_largest = 0;
  for_each_batch(layer, [&](unsigned position, const EstimateBatch&, const WeightBatch& weights) {
#pragma unroll
    for (unsigned j = 0; j < kBatch; ++j) {
      if (middle.holds(position + 32 * j)) own_largest = max(own_largest, weight_bits(weights[j]));
    }
  });
  const double largest = cluster_reduce(shared, static_cast<double>(own_largest), turn++, Largest());
  if (largest > static_cast<double>(kLargest)) return kKeepAll;
  const auto mass_from = [&](std::int32_t threshold) {
    double mass = 0;
    for_each_batch(layer, [&](unsigned position, const EstimateBatch&, const WeightBatch& weights) {
#pragma unroll
      for (unsigned j = 0; j < kBatch; ++j) {
        const bool counts = middle.holds(position + 32 * j) && __float_as_int(weights[j]) >= threshold;
        mass += static_cast<double>(counts ? weights[j] : 0.0F);
      }
    });
    return cluster_reduce(shared, mass, turn++, Plus());
  };
  const double total = mass_from(kKeepPositive);
  if (p <= 0 || largest == 0) return kKeepNone;
  const double target = static_cast<double>(p) * total;
  std::int32_t threshold = kKeepPositive;
  float low = 0;
  float high = __uint_as_float(static_cast<std::uint32_t>(largest));
  // The mass from `low` up reaches the target; rounding must not let p = 1 drop a weight.
  for (int round = 0; round < kBisections && p < 1; ++round) {
    const float middle_of = low + (high - low) * 0.5F;
    const std::int32_t bits = max(__float_as_int(middle_of), kKeepPositive);
    if (mass_from(bits) >= target) {
      low = middle_of;
      threshold = bits;
    } else {
      high = middle_of;
    }
  }
  return threshold;
}

}  // namespace fovea::kernels::cuda
