// The random numbers of a place in the text: counters hashed by SplitMix64 (Steele, Lea and Flood 2014), so
// that a number depends on the seed, the position and what it is for, never on who asks when.
// Sampler::draw_at draws with kVerifier's; the rule of speculative sampling needs others beside them,
// independent of those.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace fovea::kernels::cuda {

/// What a place's numbers decide.
enum Purpose : std::uint64_t {
  kVerifier = 0,    // the verifier's draws, and under shared noise the draft's: the engine's own numbers
  kAcceptance = 1,  // whether a proposal stands
  kDraft = 2,       // + i: the draft's draw of a step's proposal i. A place is proposed again after a refusal
                    // before it, then as another i: each draw has numbers that nothing has seen.
};

// SplitMix64's step and finaliser: neighbouring inputs give unrelated outputs.
__device__ inline std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

/// The key of a place's numbers. Tokens stay below 2^32, so purposes never meet them.
__device__ inline std::uint64_t noise_key(std::uint64_t seed, std::uint64_t place, std::uint64_t purpose) {
  const std::uint64_t key = mixed(seed ^ mixed(place + 1));
  return purpose == kVerifier ? key : mixed(key + (purpose << 32));
}

/// Uniform over the 2^53 multiples of 2^-53 in [0, 1).
__device__ inline double uniform(std::uint64_t key) {
  return static_cast<double>(mixed(key) >> 11) * 0x1p-53;
}

/// Who is first in an exponential race: token t arrives at -log(u_t) / p_t, and the first one wins with
/// probability p_t. `order` breaks ties, the lower one first.
struct Arrival {
  double time;
  unsigned order;
};

__device__ inline Arrival nobody() {
  return {__longlong_as_double(0x7FF0000000000000LL), 0xFFFFFFFFU};
}

__device__ inline Arrival first_of(const Arrival& a, const Arrival& b) {
  if (a.time != b.time) return a.time < b.time ? a : b;
  return a.order < b.order ? a : b;
}

__device__ inline Arrival of_lane_xor(const Arrival& arrival, unsigned offset) {
  return {__shfl_xor_sync(0xFFFFFFFFU, arrival.time, offset),
          __shfl_xor_sync(0xFFFFFFFFU, arrival.order, offset)};
}

/// -log(u) >= 1 - u: a bound below which no arrival can come, for a few per cent of its price.
__device__ inline bool may_arrive_before(double time, std::uint64_t bits, float probability) {
  const float gap = static_cast<float>(~bits >> 11) * 0x1.fffffp-54F;  // a little below 1 - u
  return static_cast<double>(gap) < time * static_cast<double>(probability);
}

__device__ inline double arrival_time(std::uint64_t bits, float probability) {
  const double u = (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;  // never 0
  return -log(u) / static_cast<double>(probability);
}

/// `best`, or `token` where it arrives earlier. probability > 0.
__device__ inline void race(Arrival& best, std::uint64_t key, unsigned token, float probability,
                            unsigned order) {
  const std::uint64_t bits = mixed(key + token);
  if (!may_arrive_before(best.time, bits, probability)) return;
  best = first_of(best, {arrival_time(bits, probability), order});
}

}  // namespace fovea::kernels::cuda
