#include "kernels/cuda/sampling.h"

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/cluster.cuh"
#include "kernels/cuda/filters.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/logits_row.cuh"
#include "kernels/cuda/noise.cuh"

namespace fovea::kernels::cuda {
namespace {

// A cluster of blocks a row. It finds the row's largest logit and a threshold that few tokens reach but all
// that the filters may keep do, gathers those tokens, and its first block sorts, filters and draws. No sort
// of the vocabulary, and each logit is read once; only where more tokens than a list holds reach the
// threshold, more passes find the exact cuts (filters.cuh).

constexpr unsigned kBlocks = 8;  // of a cluster: the most that every device with clusters can run
static_assert(kMaxListed == kSamplingThreads);
static_assert(kMaxSampledVocabulary == 1U << kIdBits);

// Top-k's threshold comes from the maxima of this many groups of tokens, at most: the k-th largest maximum
// is reached by k tokens at least, and by about -groups * log(1 - k / groups) where the logits lie at random.
constexpr unsigned kMaxGroups = 512;
constexpr unsigned kMaxGroupedTopK = 256;

/// The largest logit and sum of exp(logit - largest) of some of a row's tokens.
struct SoftmaxPart {
  float largest;
  float sum;
};

__device__ SoftmaxPart no_softmax() {
  return {-FLT_MAX, 0};
}

__device__ SoftmaxPart merged(const SoftmaxPart& a, const SoftmaxPart& b) {
  const float largest = fmaxf(a.largest, b.largest);
  return {largest, a.sum * exponential(a.largest - largest) + b.sum * exponential(b.largest - largest)};
}

__device__ SoftmaxPart of_lane_xor(const SoftmaxPart& part, unsigned offset) {
  return {__shfl_xor_sync(kAll, part.largest, offset), __shfl_xor_sync(kAll, part.sum, offset)};
}

__device__ std::uint64_t larger(std::uint64_t a, std::uint64_t b) {
  return a > b ? a : b;
}

/// A token with its logit's or weight's key: the larger first, among equals the lower id.
__device__ std::uint64_t entry_of(unsigned key, unsigned token) {
  return (static_cast<std::uint64_t>(key) << 32) | ~token;
}
__device__ unsigned key_of(std::uint64_t entry) {
  return static_cast<unsigned>(entry >> 32);
}
__device__ unsigned token_of(std::uint64_t entry) {
  return ~static_cast<unsigned>(entry);
}

/// How much of a row each block has: whole words of the penalty's marks.
__host__ __device__ unsigned part_of(unsigned vocabulary, unsigned blocks) {
  const unsigned words = (vocabulary + 31) / 32;
  return (words + blocks - 1) / blocks * 32;
}

struct Scratch {
  // Of this block, read by the others.
  std::uint64_t best;
  SoftmaxPart softmax;
  unsigned listed;
  unsigned group_maxima[kMaxGroups];
  // This block's own.
  std::uint64_t warp_best[kWarps];
  SoftmaxPart warp_softmax[kWarps];
  unsigned maxima[kMaxGroups];  // all blocks'
  unsigned threshold;
  double edge;
  double sums[kWarps];
  Arrival arrivals[kWarps];
  Arrival first;  // read by the others
  union {
    std::uint64_t entries[2][kMaxListed];  // [0]: this block's list, read by the first one
    FilterScratch filters;
  };
};

struct SampleArguments {
  Draws out;
  const float* logits;
  const std::int32_t* tokens;
  const std::int32_t* first_position;
  const SamplingParameters* parameters;
  unsigned vocabulary;
  unsigned first_slot;    // of `out`, for row 0
  std::uint64_t purpose;  // of the noise
  // propose() alone:
  ProposalState* state;
  std::int32_t* text;
  ProposalLimits limits;
};

__device__ float weight_of(float logit, float largest, float temperature) {
  return exponential((logit - largest) / temperature);
}

/// What this thread's tokens say: the best one (largest logit after the penalty, lowest id), and their part
/// of the softmax before any filter, where wanted.
__device__ std::uint64_t read_logits(const LogitsRow& row, bool wants_softmax, SoftmaxPart& part) {
  std::uint64_t best = 0;
  for (unsigned first = row.begin + threadIdx.x; first < row.end; first += kBatch * kSamplingThreads) {
    float batch[kBatch];
#pragma unroll
    for (unsigned i = 0; i < kBatch; ++i) {
      const unsigned token = first + i * kSamplingThreads;
      batch[i] = token < row.end ? row.logits[token] : __int_as_float(0x7FC00000);  // NaN
    }
    if (wants_softmax) {
      float largest = part.largest;
#pragma unroll
      for (const float logit : batch) {
        if (logit > largest) largest = fminf(logit, FLT_MAX);
      }
      part.sum *= exponential(part.largest - largest);
      part.largest = largest;
#pragma unroll
      for (const float logit : batch) {  // NaN has an exponential of 0
        part.sum += exponential((logit > FLT_MAX ? FLT_MAX : logit) - largest);
      }
    }
#pragma unroll
    for (unsigned i = 0; i < kBatch; ++i) {
      const unsigned token = first + i * kSamplingThreads;
      if (token >= row.end) continue;
      best = larger(best, entry_of(logit_key(row.penalised(token, batch[i])), token));
    }
  }
  return best;
}

/// A key that at least `top_k` tokens reach, or the lowest of what can be drawn where fewer there are.
/// 1 <= top_k <= kMaxGroupedTopK. `groups`: how many maxima all blocks left.
__device__ unsigned top_k_threshold(Scratch& s, unsigned groups, unsigned top_k) {
  const unsigned of_block = groups / cluster_blocks();
  const unsigned t = threadIdx.x;
  if (t < groups) s.maxima[t] = cluster_pointer(s.group_maxima, t / of_block)[t % of_block];
  __syncthreads();
  const unsigned parts = kSamplingThreads / groups;  // threads a maximum: 4, 2 or 1
  const unsigned i = t / parts;
  const unsigned own = s.maxima[i];
  unsigned before = 0;
  for (unsigned j = t % parts; j < groups; j += parts) before += s.maxima[j] + (j < i ? 1 : 0) > own ? 1 : 0;
  for (unsigned offset = 1; offset < parts; offset *= 2) before += __shfl_xor_sync(kAll, before, offset);
  if (t % parts == 0 && before == top_k - 1) s.threshold = own;
  __syncthreads();
  return max(s.threshold, kNothing + 1);
}

/// The lowest key of a weight above exp(exponent), or one a little lower.
__device__ unsigned weight_threshold(float largest, float temperature, float exponent) {
  const float logit = largest + temperature * exponent;
  return max(logit_key(logit - (fabsf(largest) + fabsf(logit)) * 0x1p-22F), kNothing + 1);
}

/// Lists this block's tokens that `keep`; s.listed counts them even where there is no room.
template <typename Keep>
__device__ void gather(Scratch& s, const LogitsRow& row, bool may_hold, Keep keep) {
  __syncthreads();
  if (threadIdx.x == 0) s.listed = 0;
  __syncthreads();
  if (may_hold) {
    row.each([&](unsigned token, float, float logit) {
      const unsigned key = logit_key(logit);
      if (!keep(token, logit, key)) return;
      const unsigned i = atomicAdd(&s.listed, 1U);
      if (i < kMaxListed) s.entries[0][i] = entry_of(key, token);
    });
  }
  cluster_sync();
}

/// How many tokens all blocks listed; start: how many those before block `lane` did.
__device__ unsigned listed_by_all(Scratch& s, unsigned& start) {
  const unsigned lane = threadIdx.x % kWarp;
  const unsigned own = lane < cluster_blocks() ? *cluster_pointer(&s.listed, lane) : 0;
  unsigned sum = own;
#pragma unroll
  for (unsigned offset = 1; offset < kBlocks; offset *= 2) {
    const unsigned below = __shfl_up_sync(kAll, sum, offset);
    if (lane >= offset) sum += below;
  }
  start = sum - own;
  return __shfl_sync(kAll, sum, kBlocks - 1);
}

/// The first block collects all lists, `count` <= kMaxListed tokens in all, in entries[1].
__device__ void collect(Scratch& s, unsigned count, unsigned start) {
  unsigned block = 0;
  unsigned block_start = 0;
  for (unsigned b = 1; b < cluster_blocks(); ++b) {
    const unsigned begin = __shfl_sync(kAll, start, b);
    if (threadIdx.x >= begin) {
      block = b;
      block_start = begin;
    }
  }
  if (threadIdx.x < count) {
    s.entries[1][threadIdx.x] = cluster_pointer(s.entries[0], block)[threadIdx.x - block_start];
  }
}

struct Drawn {
  unsigned token;
  unsigned kept;
};

/// Where there is only one token.
__device__ Drawn write_single(const Draws& out, std::size_t slot, unsigned token) {
  if (threadIdx.x == 0) {
    out.listed[slot * kMaxListed] = static_cast<std::int32_t>(token);
    out.probability[slot * kMaxListed] = 1;
  }
  return {token, 1};
}

/// Sorts the entries[1] of `count` tokens, filters them (top_k 0, top_p 1, min_p 0: not at all), lists what
/// is left with its probabilities and draws. total: of all weights that top-p counts, or 0 where these are
/// all.
__device__ Drawn finish_list(Scratch& s, const Draws& out, std::size_t slot, unsigned count, unsigned top_k,
                             float top_p, float min_p, float temperature, double total, std::uint64_t noise) {
  const unsigned t = threadIdx.x;
  std::uint64_t* sorted = sort_descending(s.entries[1], s.entries[0], count);
  if (top_k > 0) count = min(count, top_k);
  const std::uint64_t entry = t < count ? sorted[t] : 0;
  const float largest = logit_of(key_of(sorted[0]));
  const float own = t < count ? weight_of(logit_of(key_of(entry)), largest, temperature) : 0.0F;

  // By weight, not by logit: two logits may be one rounding apart and share a weight, and go by id then.
  std::uint64_t* by_weight = sorted == s.entries[0] ? s.entries[1] : s.entries[0];
  const std::uint64_t ranked = entry_of(__float_as_uint(own), token_of(entry));
  if (t < count) by_weight[t] = ranked;
  __syncthreads();
  if (__syncthreads_or(t + 1 < count && by_weight[t + 1] > ranked ? 1 : 0) != 0) {
    by_weight = sort_descending(by_weight, sorted, count);
  }
  const unsigned token = t < count ? token_of(by_weight[t]) : 0;
  const float weight = t < count ? __uint_as_float(key_of(by_weight[t])) : 0.0F;

  const double reached = inclusive_sum(static_cast<double>(weight), s.sums);
  if (t == count - 1) s.edge = reached;
  unsigned kept = static_cast<unsigned>(__syncthreads_count(weight > 0 && weight >= min_p ? 1 : 0));
  if (top_p < 1.0F) {
    const double target = static_cast<double>(top_p) * (total > 0 ? total : s.edge);
    kept = min(kept, static_cast<unsigned>(__syncthreads_count(t < count && reached < target ? 1 : 0)) + 1);
  }
  __syncthreads();
  if (t == kept - 1) s.edge = reached;
  __syncthreads();
  const auto probability = static_cast<float>(static_cast<double>(weight) / s.edge);
  const bool stays = t < kept && probability > 0;  // denormals may round to 0
  kept = static_cast<unsigned>(__syncthreads_count(stays ? 1 : 0));
  if (stays) {
    out.listed[slot * kMaxListed + t] = static_cast<std::int32_t>(token);
    out.probability[slot * kMaxListed + t] = probability;
  }
  Arrival arrival = nobody();
  if (stays) race(arrival, noise, token, probability, t);
  arrival = block_reduce(arrival, s.arrivals, nobody(), first_of);
  return {token_of(by_weight[kept > 1 ? arrival.order : 0]), kept};
}

/// A row whose survivors may exceed a list: exact cuts first. Every block calls it, the first one's result
/// counts.
__device__ Drawn filter_widely(Scratch& s, const Draws& out, std::size_t slot, const LogitsRow& row,
                               unsigned vocabulary, const SamplingParameters& p, float largest,
                               std::uint64_t noise) {
  std::uint64_t lowest_logit = 0;  // rank that top-k needs
  std::uint64_t lowest_weight = 0;
  if (p.top_k > 0) {
    lowest_logit = cut(s.filters, row, static_cast<std::uint64_t>(p.top_k),
                       [](unsigned token, float logit, std::uint64_t& rank) -> std::uint64_t {
                         const unsigned key = logit_key(logit);
                         rank = rank_of(key, token);
                         return key > kNothing ? 1 : 0;
                       });
  }
  const auto weight_within = [&](unsigned token, float logit) {
    const unsigned key = logit_key(logit);
    if (key <= kNothing || rank_of(key, token) < lowest_logit) return 0.0F;
    return weight_of(logit_of(key), largest, p.temperature);
  };
  if (p.top_p < 1.0F) {
    double mass = 0;
    row.each([&](unsigned token, float, float logit) {
      mass += static_cast<double>(weight_within(token, logit));
    });
    mass = cluster_sum(s.filters, mass);
    const double target = static_cast<double>(p.top_p) * mass * 0x1p44;
    lowest_weight = cut(s.filters, row, static_cast<std::uint64_t>(fmax(target, 1.0)),
                        [&](unsigned token, float logit, std::uint64_t& rank) -> std::uint64_t {
                          const float weight = weight_within(token, logit);
                          rank = rank_of(__float_as_uint(weight), token);
                          return __float2ull_rn(weight * 0x1p44F);
                        });
  }
  // What all filters keep.
  const auto kept_weight = [&](unsigned token, float logit) {
    const float weight = weight_within(token, logit);
    const bool keeps = weight >= p.min_p && rank_of(__float_as_uint(weight), token) >= lowest_weight;
    return keeps ? weight : 0.0F;
  };
  double sum = 0;
  unsigned own = 0;
  row.each([&](unsigned token, float, float logit) {
    const float weight = kept_weight(token, logit);
    sum += static_cast<double>(weight);
    own += weight > 0 ? 1 : 0;
  });
  sum = cluster_sum(s.filters, sum);
  const auto probability_of = [&](unsigned token, float logit) {
    return static_cast<float>(static_cast<double>(kept_weight(token, logit)) / sum);
  };

  if (cluster_sum(s.filters, own) > kMaxListed) {
    Arrival arrival = nobody();
    unsigned kept = 0;
    float* wide = out.wide != nullptr ? out.wide + slot * vocabulary : nullptr;
    row.each([&](unsigned token, float, float logit) {
      const float probability = probability_of(token, logit);
      if (wide != nullptr) wide[token] = probability;
      if (!(probability > 0)) return;
      ++kept;
      race(arrival, noise, token, probability, token);
    });
    kept = static_cast<unsigned>(cluster_sum(s.filters, kept));
    if (kept > kMaxListed) {
      arrival = block_reduce(arrival, s.arrivals, nobody(), first_of);
      if (threadIdx.x == 0) s.first = arrival;
      cluster_sync();
      for (unsigned b = 0; b < cluster_blocks(); ++b)
        arrival = first_of(*cluster_pointer(&s.first, b), arrival);
      return {arrival.order, kept};
    }
  }
  // A list after all (denormal probabilities may have rounded to 0 just now).
  gather(s, row, true,
         [&](unsigned token, float logit, unsigned) { return probability_of(token, logit) > 0; });
  unsigned start = 0;
  const unsigned count = listed_by_all(s, start);
  if (cluster_rank() != 0) return {};
  collect(s, count, start);
  return finish_list(s, out, slot, count, 0, 1, 0, p.temperature, 0, noise);
}

/// The row's token and its distribution; the first block's result counts.
__device__ Drawn filter_and_draw(Scratch& s, const Draws& out, std::size_t slot, const LogitsRow& row,
                                 unsigned vocabulary, const SamplingParameters& p, unsigned groups,
                                 std::uint64_t best, std::uint64_t thread_best, std::uint64_t noise) {
  const float largest = logit_of(key_of(best));
  const bool counts_mass = p.top_p < 1.0F;
  const auto top_k = static_cast<unsigned>(max(p.top_k, 0));
  unsigned threshold = top_k > 0 && top_k <= kMaxGroupedTopK ? top_k_threshold(s, groups, top_k) : 0;
  float exponent = -104.5F;  // what weighs less weighs 0
  // The mass that top-p counts includes what min-p drops, so that both need all that top-k keeps.
  if (p.min_p > 0 && !(counts_mass && top_k > 0)) exponent = fmaxf(exponent, logf(p.min_p) - 1e-3F);
  double total = 0;
  if (counts_mass && top_k == 0) {
    row.each([&](unsigned, float, float logit) {
      const unsigned key = logit_key(logit);
      if (key > kNothing) total += static_cast<double>(weight_of(logit_of(key), largest, p.temperature));
    });
    total = cluster_sum(s.filters, total);
    // Top-p cannot reach a token so light that the whole vocabulary of such ones misses the mass that it
    // leaves out (halved, to stay clear of rounding).
    const double light = 0.5 * (1.0 - static_cast<double>(p.top_p)) * total / vocabulary;
    exponent = fmaxf(exponent, logf(static_cast<float>(light)) - 1e-3F);
  }
  threshold = max(threshold, weight_threshold(largest, p.temperature, exponent));
  gather(s, row, key_of(thread_best) >= threshold,
         [=](unsigned, float, unsigned key) { return key >= threshold; });
  unsigned start = 0;
  const unsigned count = listed_by_all(s, start);
  if (count > kMaxListed) return filter_widely(s, out, slot, row, vocabulary, p, largest, noise);
  if (cluster_rank() != 0) return {};
  collect(s, count, start);
  return finish_list(s, out, slot, count, top_k, p.top_p, p.min_p, p.temperature, total, noise);
}

/// Draft::propose's decision, after a pass. Thread 0 of the first block.
__device__ void propose_drawn(const SampleArguments& a, std::size_t slot, unsigned token) {
  ProposalState state = *a.state;
  a.text[state.position + 1] = static_cast<std::int32_t>(token);
  ++state.position;
  if (state.stopped == 0) {
    state.all_stand *= a.out.confidence[slot];
    // Whether it counts must not depend on which token it is: that would bias what is accepted.
    if (state.all_stand < a.limits.min_confidence) {
      state.stopped = 1;
    } else {
      ++state.proposed;
      if (static_cast<std::int32_t>(token) == a.limits.end) state.stopped = 1;
    }
  }
  *a.state = state;
}

__global__ void FOVEA_CLUSTER __launch_bounds__(kSamplingThreads, 1) sample_kernel(const SampleArguments a) {
  let_next_start();
  wait_for_inputs();
  __shared__ Scratch s;
  extern __shared__ unsigned seen[];
  const std::size_t slot = a.first_slot + blockIdx.y;
  const SamplingParameters p = *a.parameters;
  const std::int32_t place = *a.first_position + 1 + static_cast<std::int32_t>(blockIdx.y);
  const unsigned part = part_of(a.vocabulary, cluster_blocks());
  LogitsRow row{};
  row.logits = a.logits + std::size_t{blockIdx.y} * a.vocabulary;
  row.begin = min(cluster_rank() * part, a.vocabulary);
  row.end = min(row.begin + part, a.vocabulary);
  row.penalty = p.repetition_penalty;
  if (p.repetition_penalty > 1.0F && p.repetition_window > 0) {
    const std::int32_t window = min(p.repetition_window, place);
    mark_seen(seen, a.tokens + (place - window), static_cast<unsigned>(window), row.begin, row.end);
    row.seen = seen;
  }

  const bool greedy = !(p.temperature > 0);
  SoftmaxPart softmax = no_softmax();
  const std::uint64_t thread_best = read_logits(row, a.out.confidence != nullptr, softmax);
  softmax = warp_reduce(softmax, merged);
  std::uint64_t best = warp_reduce(thread_best, larger);
  const unsigned lane = threadIdx.x % kWarp;
  if (lane == 0) {
    s.warp_softmax[threadIdx.x / kWarp] = softmax;
    s.warp_best[threadIdx.x / kWarp] = best;
  }
  // As many lanes to a group as make the right number of groups of all blocks.
  const auto top_k = static_cast<unsigned>(max(p.top_k, 0));
  const unsigned groups = top_k <= kMaxGroupedTopK / 4   ? kMaxGroups / 4
                          : top_k <= kMaxGroupedTopK / 2 ? kMaxGroups / 2
                                                         : kMaxGroups;
  const unsigned group_lanes = kSamplingThreads * cluster_blocks() / groups;
  unsigned group_maximum = key_of(thread_best);
  for (unsigned offset = 1; offset < group_lanes; offset *= 2) {
    group_maximum = max(group_maximum, __shfl_xor_sync(kAll, group_maximum, offset));
  }
  if (threadIdx.x % group_lanes == 0) s.group_maxima[threadIdx.x / group_lanes] = group_maximum;
  __syncthreads();
  if (threadIdx.x < kWarp) {
    best = warp_reduce(lane < kWarps ? s.warp_best[lane] : 0, larger);
    softmax = warp_reduce(lane < kWarps ? s.warp_softmax[lane] : no_softmax(), merged);
    if (lane == 0) {
      s.best = best;
      s.softmax = softmax;
    }
  }
  cluster_sync();

  const bool others = lane < cluster_blocks();
  best = warp_reduce(others ? *cluster_pointer(&s.best, lane) : 0, larger);
  Drawn drawn{};
  if (greedy || key_of(best) <= kNothing) {
    if (cluster_rank() == 0) drawn = write_single(a.out, slot, token_of(best));
  } else {
    const std::uint64_t noise = noise_key(p.seed, static_cast<std::uint64_t>(place) + p.lowered, a.purpose);
    drawn = filter_and_draw(s, a.out, slot, row, a.vocabulary, p, groups, best, thread_best, noise);
  }
  if (cluster_rank() == 0 && threadIdx.x < kWarp) {
    softmax = warp_reduce(others ? *cluster_pointer(&s.softmax, lane) : no_softmax(), merged);
    if (lane == 0) {
      if (a.out.confidence != nullptr) {
        a.out.confidence[slot] = softmax.sum > 0 ? 1.0F / softmax.sum : 0.0F;
      }
      a.out.token[slot] = static_cast<std::int32_t>(drawn.token);
      a.out.kept[slot] = static_cast<std::int32_t>(drawn.kept);
      if (a.state != nullptr) propose_drawn(a, slot, drawn.token);
    }
  }
  cluster_sync();  // nobody leaves while others look into its shared memory
}

/// Whether blocks run as clusters here.
cudaError_t clusters(bool& out) {
  int device = 0;
  int major = 0;
  cudaError_t status = cudaGetDevice(&device);
  if (status == cudaSuccess) {
    status = cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
  }
  out = major >= 9;
  return status;
}

cudaError_t launch_sample(const SampleArguments& arguments, std::size_t rows, cudaStream_t stream) {
  bool with_clusters = false;
  const cudaError_t status = clusters(with_clusters);
  if (status != cudaSuccess) return status;
  const unsigned blocks = with_clusters ? kBlocks : 1;
  const std::size_t seen_bytes = part_of(arguments.vocabulary, blocks) / 8;
  return launch(sample_kernel, dim3(blocks, static_cast<unsigned>(rows)), kSamplingThreads, seen_bytes,
                stream, arguments);
}

}  // namespace

cudaError_t sample(const Draws& out, const float* logits, const std::int32_t* tokens,
                   const std::int32_t* first_position, const SamplingParameters* parameters, std::size_t rows,
                   std::size_t vocabulary, cudaStream_t stream) {
  SampleArguments arguments{};
  arguments.out = out;
  arguments.logits = logits;
  arguments.tokens = tokens;
  arguments.first_position = first_position;
  arguments.parameters = parameters;
  arguments.vocabulary = static_cast<unsigned>(vocabulary);
  arguments.purpose = kVerifier;
  return launch_sample(arguments, rows, stream);
}

cudaError_t propose(const Draws& out, ProposalState* state, std::int32_t* tokens, const float* logits,
                    const SamplingParameters* parameters, const ProposalLimits& limits, AcceptanceRule rule,
                    std::size_t step, std::size_t vocabulary, cudaStream_t stream) {
  SampleArguments arguments{};
  arguments.out = out;
  arguments.logits = logits;
  arguments.tokens = tokens;
  arguments.first_position = &state->position;
  arguments.parameters = parameters;
  arguments.vocabulary = static_cast<unsigned>(vocabulary);
  arguments.first_slot = static_cast<unsigned>(step);
  arguments.purpose = rule == AcceptanceRule::kSharedNoise ? std::uint64_t{kVerifier} : kDraft + step;
  arguments.state = state;
  arguments.text = tokens;
  arguments.limits = limits;
  return launch_sample(arguments, 1, stream);
}

}  // namespace fovea::kernels::cuda
