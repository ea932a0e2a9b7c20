#include "kernels/cuda/sampling.h"

#include <cfloat>
#include <cmath>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/cluster.cuh"
#include "kernels/cuda/filters.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/logits_row.cuh"
#include "kernels/cuda/noise.cuh"
#include "kernels/cuda/token_list.cuh"

namespace fovea::kernels::cuda {
namespace {

// A cluster of blocks a row. It finds the row's largest logit and a threshold that few tokens reach but all
// that the filters may keep do, gathers those tokens, and its first block sorts, filters and draws. No sort
// of the vocabulary, and each logit is read once; only where more tokens than a list holds reach the
// threshold, more passes find the exact cuts (filters.cuh).

static_assert(kMaxListed == kListRoom);
static_assert(kMaxSampledVocabulary == 1U << kIdBits);

// Top-k's threshold comes from the maxima of groups of tokens: the k-th largest maximum is reached by k
// tokens at least, and by about -groups * log(1 - k / groups) where the logits lie at random. Few groups are
// quick to rank; where k is larger, more are needed.
constexpr unsigned kFewGroups = 128;
constexpr unsigned kManyGroups = kSamplingThreads;
constexpr unsigned kFewTopK = 64;
constexpr unsigned kManyTopK = 256;

/// The largest logit and sum of exp(logit - largest) of some of a row's tokens.
struct SoftmaxPart {
  float largest;
  float sum;
};

__device__ SoftmaxPart no_softmax() {
  return {-FLT_MAX, 0};
}

// The fast exponential errs by 2^-22 + |x| 2^-24 of its value, at most 3e-7 of the largest term.
__device__ SoftmaxPart merged_in_warp(const SoftmaxPart& part) {
  const float largest = warp_reduce(part.largest, [](float a, float b) { return fmaxf(a, b); });
  return {largest, warp_sum(part.sum * __expf(part.largest - largest))};
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
  Arrival first;
  unsigned gathered;
  unsigned group_maxima[kManyGroups];
  // This block's own.
  std::uint64_t warp_best[kWarps];
  SoftmaxPart warp_softmax[kWarps];
  Arrival arrivals[kWarps];
  alignas(16) unsigned maxima[kFewGroups];  // all blocks'
  unsigned threshold;
  union {
    TokenList list;
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

/// What this thread's tokens say: the best one (largest logit after the penalty, lowest id), and their part
/// of the softmax before any filter, where wanted. batch: this thread's first.
__device__ std::uint64_t read_logits(const LogitsRow& row, float (&batch)[kBatch], bool wants_softmax,
                                     SoftmaxPart& part) {
  unsigned best_key = 0;
  unsigned best = row.begin + threadIdx.x;
  for (unsigned first = row.begin + threadIdx.x; first < row.end; first += kBatch * kSamplingThreads) {
    float next[kBatch];
    row.load(next, first + kBatch * kSamplingThreads);
    if (wants_softmax) {
      float finite[kBatch];
      float largest = part.largest;
#pragma unroll
      for (unsigned i = 0; i < kBatch; ++i) {
        finite[i] = fminf(fmaxf(batch[i], -INFINITY), FLT_MAX);  // NaN becomes -infinity
        largest = fmaxf(largest, finite[i]);
      }
      part.sum *= __expf(part.largest - largest);
      part.largest = largest;
#pragma unroll
      for (const float logit : finite) part.sum += __expf(logit - largest);
    }
#pragma unroll
    for (unsigned i = 0; i < kBatch; ++i) {
      const unsigned token = LogitsRow::token_at(first, i);
      if (token >= row.end) continue;
      const unsigned key = logit_key(row.penalised(token, batch[i]));
      if (key > best_key) {
        best_key = key;
        best = token;
      }
    }
#pragma unroll
    for (unsigned i = 0; i < kBatch; ++i) batch[i] = next[i];
  }
  return entry_of(best_key, best);
}

enum class Grouping { kNone, kFew, kMany };

__device__ Grouping grouping_of(const SamplingParameters& p) {
  if (!(p.temperature > 0) || p.top_k <= 0 || p.top_k > static_cast<int>(kManyTopK)) return Grouping::kNone;
  return p.top_k <= static_cast<int>(kFewTopK) ? Grouping::kFew : Grouping::kMany;
}

/// Leaves the largest key of each `lanes` neighbouring threads where other blocks find them.
template <unsigned lanes>
__device__ void write_maxima(Scratch& s, unsigned key) {
#pragma unroll
  for (unsigned offset = 1; offset < lanes; offset *= 2) key = max(key, of_lane_xor(key, offset));
  if (threadIdx.x % lanes == 0) s.group_maxima[threadIdx.x / lanes] = key;
}

__device__ unsigned pulled_maximum(Scratch& s, unsigned groups) {
  const unsigned of_block = groups / kClusterBlocks<kSamplingBlocks>;
  return cluster_pointer(s.group_maxima, threadIdx.x / of_block)[threadIdx.x % of_block];
}

/// A key that at least top_k <= kFewTopK tokens reach: the maximum with so many before it, ties by number.
__device__ unsigned threshold_of_few(Scratch& s, unsigned top_k) {
  if (threadIdx.x < kFewGroups) s.maxima[threadIdx.x] = pulled_maximum(s, kFewGroups);
  __syncthreads();
  constexpr unsigned kParts = kSamplingThreads / kFewGroups;  // threads a maximum
  const unsigned i = threadIdx.x / kParts;
  const unsigned own = s.maxima[i];
  unsigned before = 0;
#pragma unroll
  for (unsigned four = threadIdx.x % kParts; four < kFewGroups / 4; four += kParts) {
    const uint4 others = reinterpret_cast<const uint4*>(s.maxima)[four];
    const unsigned j = 4 * four;
    before += others.x + (j < i ? 1 : 0) > own ? 1 : 0;
    before += others.y + (j + 1 < i ? 1 : 0) > own ? 1 : 0;
    before += others.z + (j + 2 < i ? 1 : 0) > own ? 1 : 0;
    before += others.w + (j + 3 < i ? 1 : 0) > own ? 1 : 0;
  }
#pragma unroll
  for (unsigned offset = 1; offset < kParts; offset *= 2) before += of_lane_xor(before, offset);
  if (threadIdx.x % kParts == 0 && before == top_k - 1) s.threshold = own;
  __syncthreads();
  return s.threshold;
}

/// The same for kManyTopK: the highest key of few bits that so many maxima reach, bit by bit.
__device__ unsigned threshold_of_many(Scratch& s, unsigned top_k) {
  const unsigned own = pulled_maximum(s, kManyGroups);
  unsigned threshold = 0;
  // Twelve bits below sign and exponent: a fourthousandth of a logit is fine enough.
  for (unsigned bit = 1U << 31; bit >= 1U << 11; bit >>= 1) {
    const auto reach = static_cast<unsigned>(__syncthreads_count(own >= (threshold | bit) ? 1 : 0));
    if (reach >= top_k) threshold |= bit;
  }
  return threshold;
}

/// Where there is only one token.
__device__ Drawn draw_single(unsigned token, std::int32_t* listed, float* probability) {
  if (threadIdx.x == 0) {
    *listed = static_cast<std::int32_t>(token);
    *probability = 1;
  }
  return {token, 1};
}

/// Counts for top-k.
struct Counts {
  __device__ std::uint64_t at(unsigned token, float logit, std::uint64_t& rank) const {
    rank = rank_of(logit_key(logit), token);
    return 1;
  }
  __device__ float lowest_at(std::uint64_t rank) const {
    const auto key = static_cast<unsigned>(rank >> kIdBits);
    return key > kNothing ? logit_of(key) : -FLT_MAX;
  }
};

/// Masses for top-p, of the tokens that top-k keeps.
struct Masses {
  std::uint64_t lowest_rank;  // top-k's
  float largest;
  float temperature;

  __device__ float weight(unsigned token, float logit) const {
    if (lowest_rank > 0 && rank_of(logit_key(logit), token) < lowest_rank) return 0;
    return weight_of(logit, largest, temperature);
  }
  __device__ std::uint64_t at(unsigned token, float logit, std::uint64_t& rank) const {
    const float own = weight(token, logit);
    rank = rank_of(__float_as_uint(own), token);
    return __float2ull_rn(own * 0x1p44F);
  }
  __device__ float lowest_at(std::uint64_t rank) const {
    const float least = __uint_as_float(static_cast<unsigned>(rank >> kIdBits));
    return least > 0 ? logit_of_weight(logf(least) - 1e-3F, largest, temperature) : -FLT_MAX;
  }
};

struct RowOutput {
  std::int32_t* listed;  // [kMaxListed]
  float* probability;    // [kMaxListed]
  float* wide;           // [vocabulary] or null
};

/// Collects what all blocks have gathered, lets the others go and draws.
__device__ Drawn collect_and_draw(Scratch& s, unsigned count, unsigned start, const ListFilters& filters,
                                  float temperature, std::uint64_t noise, const RowOutput& out) {
  if (cluster_rank<kSamplingBlocks>() == 0) collect(s.list, count, start);
  cluster_arrive();
  if (cluster_rank<kSamplingBlocks>() != 0) return {};
  return draw_from_list(s.list, count, filters, temperature, noise, out.listed, out.probability);
}

/// A row of more candidates than a list holds: exact cuts first. lowest: the candidates' lowest logit, total:
/// their weights' sum or 0.
__device__ Drawn filter_widely(Scratch& s, const LogitsRow& row, const SamplingParameters& p, float largest,
                               float lowest, double total, std::uint64_t noise, const RowOutput& out) {
  Masses masses{0, largest, p.temperature};
  if (p.top_k > 0) {
    masses.lowest_rank = cut(s.filters, row, lowest, static_cast<std::uint64_t>(p.top_k), Counts{});
    lowest = fmaxf(lowest, Counts{}.lowest_at(masses.lowest_rank));
  }
  std::uint64_t lowest_weight = 0;  // rank that top-p needs
  if (p.top_p < 1.0F) {
    if (!(total > 0)) {
      row.each(lowest, [&](unsigned token, float logit) {
        total += static_cast<double>(masses.weight(token, logit));
      });
      total = cluster_sum(s.filters, total);
    }
    const double target = fmax(static_cast<double>(p.top_p) * total * 0x1p44, 1.0);
    lowest_weight = cut(s.filters, row, lowest, static_cast<std::uint64_t>(target), masses);
    lowest = fmaxf(lowest, masses.lowest_at(lowest_weight));
  }
  // What all filters keep.
  const auto kept_weight = [&](unsigned token, float logit) {
    const float weight = masses.weight(token, logit);
    const bool keeps = weight >= p.min_p && rank_of(__float_as_uint(weight), token) >= lowest_weight;
    return keeps ? weight : 0.0F;
  };
  double sum = 0;
  unsigned own = 0;
  row.each(lowest, [&](unsigned token, float logit) {
    const float weight = kept_weight(token, logit);
    sum += static_cast<double>(weight);
    own += weight > 0 ? 1 : 0;
  });
  sum = cluster_sum(s.filters, sum);
  const auto probability_of = [&](unsigned token, float logit) {
    return static_cast<float>(static_cast<double>(kept_weight(token, logit)) / sum);
  };

  if (cluster_sum(s.filters, own) > kListRoom) {
    if (out.wide != nullptr) {  // the same thread then writes what is not 0
      for (unsigned i = row.begin + threadIdx.x; i < row.end; i += kSamplingThreads) out.wide[i] = 0;
    }
    Arrival arrival = nobody();
    unsigned kept = 0;
    row.each(lowest, [&](unsigned token, float logit) {
      const float probability = probability_of(token, logit);
      if (!(probability > 0)) return;
      if (out.wide != nullptr) out.wide[token] = probability;
      ++kept;
      race(arrival, noise, token, probability, token);
    });
    kept = static_cast<unsigned>(cluster_sum(s.filters, kept));
    if (kept > kListRoom) {
      arrival = block_reduce(arrival, s.arrivals, nobody(), first_of);
      if (threadIdx.x == 0) s.first = arrival;
      cluster_sync();
      for (unsigned b = 0; b < kClusterBlocks<kSamplingBlocks>; ++b)
        arrival = first_of(*cluster_pointer(&s.first, b), arrival);
      cluster_arrive();
      return {arrival.order, kept};
    }
  }
  // A list after all (denormal probabilities may have rounded to 0 just now).
  if (threadIdx.x == 0) s.gathered = 0;
  __syncthreads();
  gather(s.list, &s.gathered, row, lowest,
         [&](unsigned token, float logit) { return probability_of(token, logit) > 0; });
  cluster_sync();
  unsigned start = 0;
  const unsigned count = gathered_by_all(&s.gathered, start);
  return collect_and_draw(s, count, start, {0, 1, 0, 0}, p.temperature, noise, out);
}

/// A sampled row. best: its best entry; thread_best: of this thread's tokens.
__device__ Drawn filter_and_draw(Scratch& s, const LogitsRow& row, unsigned vocabulary,
                                 const SamplingParameters& p, std::uint64_t best, std::uint64_t thread_best,
                                 std::uint64_t noise, const RowOutput& out) {
  const float largest = logit_of(key_of(best));
  const bool counts_mass = p.top_p < 1.0F;
  const auto top_k = static_cast<unsigned>(max(p.top_k, 0));
  float exponent = -104.5F;  // what weighs less weighs 0
  // The mass that top-p counts includes what min-p drops, so that both need all that top-k keeps.
  if (p.min_p > 0 && !(counts_mass && top_k > 0)) exponent = fmaxf(exponent, logf(p.min_p) - 1e-3F);
  double total = 0;
  if (counts_mass && top_k == 0) {
    row.each(-FLT_MAX, [&](unsigned, float logit) {
      total += static_cast<double>(weight_of(logit, largest, p.temperature));
    });
    total = cluster_sum(s.filters, total);
    // Top-p cannot reach a token so light that the whole vocabulary of such ones misses the mass that it
    // leaves out (halved, to stay clear of rounding).
    const double light = 0.5 * (1.0 - static_cast<double>(p.top_p)) * total / vocabulary;
    exponent = fmaxf(exponent, logf(static_cast<float>(light)) - 1e-3F);
  }
  float lowest = logit_of_weight(exponent, largest, p.temperature);
  const Grouping grouping = grouping_of(p);
  if (grouping != Grouping::kNone) {
    const unsigned threshold =
        grouping == Grouping::kFew ? threshold_of_few(s, top_k) : threshold_of_many(s, top_k);
    if (threshold > kNothing) lowest = fmaxf(lowest, logit_of(threshold));
  }
  if (key_of(thread_best) >= logit_key(lowest)) {
    gather(s.list, &s.gathered, row, lowest, [](unsigned, float) { return true; });
  }
  cluster_sync();
  unsigned start = 0;
  const unsigned count = gathered_by_all(&s.gathered, start);
  if (count > kListRoom) return filter_widely(s, row, p, largest, lowest, total, noise, out);
  return collect_and_draw(s, count, start, {top_k, p.top_p, p.min_p, total}, p.temperature, noise, out);
}

/// Draft::propose's decision, after a pass. One thread.
__device__ void propose_drawn(const SampleArguments& a, float confidence, unsigned token) {
  ProposalState state = *a.state;
  a.text[state.position + 1] = static_cast<std::int32_t>(token);
  ++state.position;
  if (state.stopped == 0) {
    state.all_stand *= confidence;
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

__global__ void FOVEA_CLUSTER_OF(kSamplingBlocks) __launch_bounds__(kSamplingThreads, 1)
    sample_kernel(const SampleArguments a) {
  let_next_start();
  wait_for_inputs();
  __shared__ Scratch s;
  extern __shared__ unsigned seen[];
  const unsigned part = part_of(a.vocabulary, kClusterBlocks<kSamplingBlocks>);
  LogitsRow row{};
  row.logits = a.logits + std::size_t{blockIdx.y} * a.vocabulary;
  row.begin = min(cluster_rank<kSamplingBlocks>() * part, a.vocabulary);
  row.end = min(row.begin + part, a.vocabulary);
  float batch[kBatch];
  row.load(batch, row.begin + threadIdx.x);  // on the way while the parameters come

  const SamplingParameters p = *a.parameters;
  const std::int32_t place = *a.first_position + 1 + static_cast<std::int32_t>(blockIdx.y);
  row.penalty = p.repetition_penalty;
  if (p.repetition_penalty > 1.0F && p.repetition_window > 0) {
    const std::int32_t window = min(p.repetition_window, place);
    mark_seen(seen, a.tokens + (place - window), static_cast<unsigned>(window), row.begin, row.end);
    row.seen = seen;
  }
  const bool wants_softmax = a.out.confidence != nullptr;
  SoftmaxPart softmax = no_softmax();
  const std::uint64_t thread_best = read_logits(row, batch, wants_softmax, softmax);

  const unsigned lane = threadIdx.x % kWarp;
  const unsigned warp = threadIdx.x / kWarp;
  if (wants_softmax) softmax = merged_in_warp(softmax);
  std::uint64_t best = warp_max(thread_best);
  if (lane == 0) {
    s.warp_softmax[warp] = softmax;
    s.warp_best[warp] = best;
  }
  if (threadIdx.x == 0) s.gathered = 0;
  constexpr unsigned kThreadsARow = kSamplingThreads * kClusterBlocks<kSamplingBlocks>;
  const Grouping grouping = grouping_of(p);
  if (grouping == Grouping::kFew) write_maxima<kThreadsARow / kFewGroups>(s, key_of(thread_best));
  if (grouping == Grouping::kMany) write_maxima<kThreadsARow / kManyGroups>(s, key_of(thread_best));
  __syncthreads();
  if (warp == 0) {
    best = warp_max(lane < kWarps ? s.warp_best[lane] : 0);
    if (wants_softmax) softmax = merged_in_warp(lane < kWarps ? s.warp_softmax[lane] : no_softmax());
    if (lane == 0) {
      s.best = best;
      s.softmax = softmax;
    }
  }
  cluster_sync();

  const bool has_block = lane < kClusterBlocks<kSamplingBlocks>;
  best = warp_max(has_block ? *cluster_pointer(&s.best, lane) : 0);
  const bool first_warp = cluster_rank<kSamplingBlocks>() == 0 && warp == 0;
  float confidence = 0;
  if (first_warp && wants_softmax) {
    softmax = merged_in_warp(has_block ? *cluster_pointer(&s.softmax, lane) : no_softmax());
    confidence = softmax.sum > 0 ? 1.0F / softmax.sum : 0.0F;
  }
  const std::size_t slot = a.first_slot + blockIdx.y;
  const RowOutput out{a.out.listed + slot * kMaxListed, a.out.probability + slot * kMaxListed,
                      a.out.wide != nullptr ? a.out.wide + slot * a.vocabulary : nullptr};
  Drawn drawn{};
  if (!(p.temperature > 0) || key_of(best) <= kNothing) {  // greedy, or nothing above -infinity
    cluster_arrive();
    if (cluster_rank<kSamplingBlocks>() == 0)
      drawn = draw_single(token_of(best), out.listed, out.probability);
  } else {
    const std::uint64_t noise = noise_key(p.seed, static_cast<std::uint64_t>(place) + p.lowered, a.purpose);
    drawn = filter_and_draw(s, row, a.vocabulary, p, best, thread_best, noise, out);
  }
  if (first_warp && lane == 0) {
    if (wants_softmax) a.out.confidence[slot] = confidence;
    a.out.token[slot] = static_cast<std::int32_t>(drawn.token);
    a.out.kept[slot] = static_cast<std::int32_t>(drawn.kept);
    if (a.state != nullptr) propose_drawn(a, confidence, drawn.token);
  }
  cluster_wait();  // nobody leaves while others look into its shared memory
}

cudaError_t launch_sample(const SampleArguments& arguments, std::size_t rows, cudaStream_t stream) {
  cudaFuncAttributes attributes{};
  const cudaError_t status = cudaFuncGetAttributes(&attributes, sample_kernel);
  if (status != cudaSuccess) return status;
  const unsigned blocks = cluster_blocks(attributes);
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
