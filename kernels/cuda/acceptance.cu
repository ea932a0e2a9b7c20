#include "kernels/cuda/acceptance.h"

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/noise.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kThreads = 512;
constexpr unsigned kWarps = kThreads / kWarp;
static_assert(kMaxProposals == kWarp, "shared noise gives each proposal a lane");

/// Row `row` of a step's draws.
struct Distribution {
  unsigned kept;
  const std::int32_t* listed;
  const float* probability;
  const float* wide;

  __device__ Distribution(const Draws& draws, std::size_t row, std::size_t vocabulary)
      : kept(static_cast<unsigned>(draws.kept[row])),
        listed(draws.listed + row * kMaxListed),
        probability(draws.probability + row * kMaxListed),
        wide(draws.wide + row * vocabulary) {}

  [[nodiscard]] __device__ bool is_listed() const { return kept <= kMaxListed; }
  /// Of a single thread.
  [[nodiscard]] __device__ float of(std::int32_t token) const {
    if (!is_listed()) return wide[token];
    for (unsigned i = 0; i < kept; ++i) {
      if (listed[i] == token) return probability[i];
    }
    return 0;
  }
  /// Of a warp together; every lane gets it.
  [[nodiscard]] __device__ float of_warp(std::int32_t token) const {
    if (!is_listed()) return wide[token];
    float found = 0;
    for (unsigned i = threadIdx.x % kWarp; i < kept; i += kWarp) {
      if (listed[i] == token) found = probability[i];
    }
    return warp_reduce(found, [](float a, float b) { return fmaxf(a, b); });
  }
};

/// Puts the next token behind `accepted` proposals, tells the host and starts the next step. One warp.
__device__ void append(AcceptanceResult* result, std::int32_t* tokens, std::int32_t* position,
                       ProposalState* proposals, unsigned begin, unsigned proposed, unsigned accepted,
                       std::int32_t next) {
  const unsigned lane = threadIdx.x;
  if (lane < accepted) result->tokens[lane] = tokens[begin + 1 + lane];
  if (lane != 0) return;
  const auto last = static_cast<std::int32_t>(begin + 1 + accepted);
  tokens[last] = next;
  *position = last;
  result->tokens[accepted] = next;
  result->proposed = static_cast<std::int32_t>(proposed);
  result->accepted = static_cast<std::int32_t>(accepted);
  result->emitted = static_cast<std::int32_t>(accepted + 1);
  result->position = last;
  if (proposals == nullptr) return;
  ProposalState fresh;
  fresh.position = last;
  *proposals = fresh;
}

__global__ void __launch_bounds__(kWarp)
    accept_shared_kernel(AcceptanceResult* result, std::int32_t* tokens, std::int32_t* position,
                         ProposalState* proposals, const std::int32_t* drawn) {
  let_next_start();
  wait_for_inputs();
  const unsigned lane = threadIdx.x;
  const auto begin = static_cast<unsigned>(*position);
  const unsigned proposed = proposals != nullptr ? static_cast<unsigned>(proposals->proposed) : 0;
  const bool stands = lane < proposed && tokens[begin + 1 + lane] == drawn[lane];
  const unsigned refused = ~__ballot_sync(kAll, stands);
  const unsigned accepted =
      refused != 0 ? static_cast<unsigned>(__ffs(static_cast<int>(refused))) - 1 : kWarp;
  append(result, tokens, position, proposals, begin, proposed, accepted, drawn[accepted]);
}

/// A draw from max(0, p - q) by a race of the place's own numbers; from p where rounding leaves nothing.
__device__ std::int32_t draw_residual(const Distribution& p, const Distribution& q, std::uint64_t noise,
                                      std::size_t vocabulary, Arrival* scratch) {
  const unsigned entries = p.is_listed() ? p.kept : static_cast<unsigned>(vocabulary);
  for (unsigned attempt = 0; attempt < 2; ++attempt) {
    Arrival arrival = nobody();
    for (unsigned i = threadIdx.x; i < entries; i += kThreads) {
      const std::int32_t token = p.is_listed() ? p.listed[i] : static_cast<std::int32_t>(i);
      float rate = p.is_listed() ? p.probability[i] : p.wide[i];
      // q is looked up only for those who could win without it.
      const std::uint64_t bits = mixed(noise + static_cast<unsigned>(token));
      if (!(rate > 0) || !may_arrive_before(arrival.time, bits, rate)) continue;
      if (attempt == 0) rate -= q.of(token);
      if (rate > 0) race(arrival, noise, static_cast<unsigned>(token), rate, i);
    }
    arrival = block_reduce(arrival, scratch, nobody(), first_of);
    if (arrival.order != nobody().order) {
      return p.is_listed() ? p.listed[arrival.order] : static_cast<std::int32_t>(arrival.order);
    }
  }
  return 0;  // never: p is not empty
}

__global__ void __launch_bounds__(kThreads)
    accept_sampled_kernel(AcceptanceResult* result, std::int32_t* tokens, std::int32_t* position,
                          ProposalState* proposals, const Draws verifier, const Draws draft,
                          const SamplingParameters* parameters, std::size_t vocabulary) {
  let_next_start();
  wait_for_inputs();
  __shared__ bool stands[kMaxProposals];
  __shared__ Arrival scratch[kWarps];
  const auto begin = static_cast<unsigned>(*position);
  const unsigned proposed = proposals != nullptr ? static_cast<unsigned>(proposals->proposed) : 0;
  const std::uint64_t seed = parameters->seed;
  const std::uint64_t first_place = begin + 1 + parameters->lowered;
  // Each proposal's fate, were all before it to stand: a warp each.
  for (unsigned i = threadIdx.x / kWarp; i < proposed; i += kWarps) {
    const std::int32_t token = tokens[begin + 1 + i];
    const double p = Distribution(verifier, i, vocabulary).of_warp(token);
    const double q = Distribution(draft, i, vocabulary).of_warp(token);
    // u < p / q without the division, so that q = 0 needs no case of its own.
    const double u = uniform(noise_key(seed, first_place + i, kAcceptance));
    if (threadIdx.x % kWarp == 0) stands[i] = u * q < p;
  }
  __syncthreads();
  unsigned accepted = 0;
  while (accepted < proposed && stands[accepted]) ++accepted;
  std::int32_t next = verifier.token[accepted];
  if (accepted < proposed) {
    next =
        draw_residual(Distribution(verifier, accepted, vocabulary), Distribution(draft, accepted, vocabulary),
                      noise_key(seed, first_place + accepted, kVerifier), vocabulary, scratch);
  }
  if (threadIdx.x < kWarp) append(result, tokens, position, proposals, begin, proposed, accepted, next);
}

}  // namespace

cudaError_t accept_shared(AcceptanceResult* result, std::int32_t* tokens, std::int32_t* position,
                          ProposalState* proposals, const Draws& verifier, cudaStream_t stream) {
  return launch(accept_shared_kernel, 1, kWarp, 0, stream, result, tokens, position, proposals,
                verifier.token);
}

cudaError_t accept_sampled(AcceptanceResult* result, std::int32_t* tokens, std::int32_t* position,
                           ProposalState* proposals, const Draws& verifier, const Draws& draft,
                           const SamplingParameters* parameters, std::size_t vocabulary,
                           cudaStream_t stream) {
  return launch(accept_sampled_kernel, 1, kThreads, 0, stream, result, tokens, position, proposals, verifier,
                draft, parameters, vocabulary);
}

}  // namespace fovea::kernels::cuda
