// One layer of a selection, as a cluster of blocks sees it: its weights, and the threshold above which they
// are kept. Every warp has its own run of words (32 positions, later a bit each in the mask of kept
// positions), and the warps' runs follow each other through the blocks.
#pragma once

#include "kernels/cuda/cluster.cuh"
#include "kernels/cuda/messages.cuh"
#include "kernels/cuda/top_p.cuh"

namespace fovea::kernels::cuda {

// Four blocks of 512 threads: with eight, barriers took nearly twice as long on an H100, and not all 32
// clusters fitted at once.
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

/// What the blocks of a layer share; each has one, and its mailboxes bring it what the others say, itself
/// included. From row to row and from sum to sum a block hears from all others before it sends again.
struct SelectShared {
  WeightHistogram histogram;
  Walk walk;
  std::uint64_t exponents[kSelectBlocks][kExponents];  // mantissas in each block
  std::uint64_t bins[kSelectBlocks][kBinsPerExponent];
  std::uint32_t largest[kSelectBlocks];  // bits of the largest weight
  std::uint32_t counts[kClusterWarps];   // kept positions of each warp
  double masses[2][kClusterWarps];       // what they hold, and all; the first block's only
  double sums[2][kClusterWarps];         // by turns
  Mailbox of_exponents;
  Mailbox of_bins;
  Mailbox of_counts;
  Mailbox of_sums[2];
  std::uint32_t block_largest;
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

/// The threads' values >= 0 over the whole cluster, the same in every thread, in a fixed order. `turn` counts
/// the calls.
template <typename Combine>
__device__ double cluster_reduce(SelectShared& shared, double x, unsigned turn, Combine combine) {
  const unsigned lane = lane_index();
  Mailbox& mailbox = shared.of_sums[turn % 2];
  double* sums = shared.sums[turn % 2];
  x = warp_reduce(x, combine);
  if (threadIdx.x == 0) mailbox.expect(kClusterWarps * sizeof(double));
  if (lane < kSelectBlocks) mailbox.send(&sums[cluster_warp()], x, lane);
  mailbox.receive(turn / 2);
  x = 0;
  for (unsigned w = lane; w < kClusterWarps; w += 32) x = combine(x, sums[w]);
  return warp_reduce(x, combine);
}

/// Tells every block of the cluster what this one has of each exponent, and its largest weight.
__device__ inline void send_exponents(SelectShared& shared) {
  static_assert(kSelectThreads == 2 * kExponents);
  const unsigned rank = select_rank();
  if (threadIdx.x == 0) {
    shared.of_exponents.expect(kSelectBlocks * (kExponents * sizeof(std::uint64_t) + sizeof(std::uint32_t)));
  }
  std::uint64_t sum = shared.histogram.half_sum(threadIdx.x);
  sum += of_lane_xor(sum, 1);
  // The two threads of an exponent tell every other block.
#pragma unroll
  for (unsigned r = threadIdx.x % 2; r < kSelectBlocks; r += 2) {
    shared.of_exponents.send(&shared.exponents[rank][threadIdx.x / 2], sum, r);
  }
  if (threadIdx.x < kSelectBlocks) {
    shared.of_exponents.send(&shared.largest[rank], shared.block_largest, threadIdx.x);
  }
}

/// Tells every block what this one has of each bin of an exponent.
__device__ inline void send_bins(SelectShared& shared, unsigned exponent) {
  if (threadIdx.x == 0) shared.of_bins.expect(sizeof(shared.bins));
  if (threadIdx.x >= kSelectBlocks * kBinsPerExponent) return;
  const unsigned bin = threadIdx.x % kBinsPerExponent;
  shared.of_bins.send(&shared.bins[select_rank()][bin],
                      shared.histogram.sum(exponent * kBinsPerExponent + bin),
                      threadIdx.x / kBinsPerExponent);
}

/// The threshold where no walk is needed, by the largest weight's bits; 0: one is.
__device__ inline std::int32_t known_threshold(std::uint32_t largest, float p) {
  if (largest > kLargest) return kKeepAll;
  if (p <= 0) return kKeepNone;
  return p >= 1 || largest == 0 ? kKeepPositive : 0;
}

/// The threshold of a walk down the histograms of all blocks. This block's must be clear, in every thread's
/// eyes. `row` counts the calls.
__device__ inline std::int32_t histogram_threshold(SelectShared& shared, const SelectLayer& layer, float p,
                                                   unsigned row) {
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
  send_exponents(shared);
  shared.of_exponents.receive(row);
  largest = 0;
#pragma unroll
  for (unsigned r = 0; r < kSelectBlocks; ++r) largest = max(largest, shared.largest[r]);
  std::int32_t threshold = known_threshold(largest, p);
  const Units units(largest >> 23);
  if (threshold != 0) {
    __syncthreads();  // all have read the largest weights
  } else {
    find_exponent(shared.walk, units, p, [&](unsigned exponent) {
      std::uint64_t sum = 0;
#pragma unroll
      for (unsigned r = 0; r < kSelectBlocks; ++r) sum += shared.exponents[r][exponent];
      return sum;
    });
    // p is NaN: reading everything is safe.
    if (shared.walk.exponent == kExponents) threshold = kKeepPositive;
  }
  // In any case, so that all have heard from this block before they send what they have of the next row.
  send_bins(shared, threshold != 0 ? 0 : shared.walk.exponent);
  shared.of_bins.receive(row);
  if (threshold != 0) return threshold;
  return find_threshold(shared.walk, units, [&](unsigned bin) {
    std::uint64_t sum = 0;
#pragma unroll
    for (unsigned r = 0; r < kSelectBlocks; ++r) sum += shared.bins[r][bin];
    return sum;
  });
}

/// Ten bisections of a threshold in [0, max]; the largest seen that leaves the mass wins, or all that is
/// positive. `turn` counts sums.
__device__ inline std::int32_t bisection_threshold(SelectShared& shared, const SelectLayer& layer, float p,
                                                   unsigned& turn) {
  constexpr int kBisections = 10;
  const Middle middle(layer);
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
