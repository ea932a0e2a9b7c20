// One row of logits as a cluster of blocks sees it: each block has a part, each thread every kThreads-th
// logit of it. Every pass reads the logits again (the first from L2, later ones from L1) and penalises on the
// way, so the vocabulary may be of any size and the logits stay as they are.
#pragma once

#include <cuda_runtime.h>

#include <cfloat>
#include <cstdint>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/cluster.cuh"

namespace fovea::kernels::cuda {

inline constexpr unsigned kSamplingThreads = 512;
inline constexpr unsigned kSamplingBlocks = 8;  // of a cluster: the most that every device with clusters runs
inline constexpr unsigned kBatch = 8;           // loads in flight in a thread

/// How many blocks share a row here.
__device__ constexpr unsigned blocks_a_row() {
  return cluster_blocks();
}

/// Ascending as the logits do: +infinity counts as the largest finite number, -0 as 0, NaN is 0.
__device__ inline unsigned logit_key(float logit) {
  if (isnan(logit)) return 0;
  const unsigned bits = __float_as_uint(fminf(logit, FLT_MAX) + 0.0F);
  return bits ^ ((bits >> 31) != 0 ? 0xFFFFFFFFU : 0x80000000U);
}

/// What can be drawn has a key above this one, -infinity's.
inline constexpr unsigned kNothing = 0x007FFFFFU;

__device__ inline float logit_of(unsigned key) {
  return __uint_as_float(key ^ ((key >> 31) != 0 ? 0x80000000U : 0xFFFFFFFFU));
}

/// exp(x) for x <= 0, in float: at most 0.64 ulp off, 1 at 0. The same bits everywhere, which expf of various
/// versions is not.
__device__ inline float exponential(float x) {
  if (!(x > -104.0F)) return 0;  // rounds to 0; NaN too
  // exp(x) = 2^n exp(r), |r| <= log(2) / 2; log(2) in two parts, the first of few bits: n times it is exact.
  const float n = rintf(x * 1.44269504F);
  const float high = fmaf(n, -0.693359375F, x);
  const float low = n * -2.12194440e-4F;
  const float r = high - low;
  const float lost = (high - r) - low;
  float p = 1.0F / 40320;  // Taylor: the next term is below 2e-10
  p = fmaf(p, r, 1.0F / 5040);
  p = fmaf(p, r, 1.0F / 720);
  p = fmaf(p, r, 1.0F / 120);
  p = fmaf(p, r, 1.0F / 24);
  p = fmaf(p, r, 1.0F / 6);
  p = fmaf(p, r, 0.5F);
  const float sum = 1.0F + r;  // and what its rounding lost joins the small terms
  const float value = sum + (((1.0F - sum) + r) + fmaf(r * r, p, lost));
  const int exponent = static_cast<int>(n);
  const int half = exponent / 2;  // 2^-150 is no float
  return value * __int_as_float((half + 127) << 23) * __int_as_float((exponent - half + 127) << 23);
}

/// exp((logit - largest) / temperature). Divided, not multiplied by the inverse: that keeps 0 at 0 where the
/// temperature is tiny, and the engine divides.
__device__ inline float weight_of(float logit, float largest, float temperature) {
  return exponential((fminf(logit, FLT_MAX) - largest) / temperature);
}

/// The lowest logit, or one a little below, whose weight may reach exp(exponent); the lowest finite number at
/// least.
__device__ inline float logit_of_weight(float exponent, float largest, float temperature) {
  const float logit = largest + temperature * exponent;
  return fmaxf(logit - (fabsf(largest) + fabsf(logit)) * 0x1p-22F, -FLT_MAX);
}

struct LogitsRow {
  const float* logits;
  unsigned begin;  // this block's part
  unsigned end;
  float penalty;
  const unsigned* seen;  // null: nothing is penalised. Bit i: token begin + i is in the window

  __device__ float penalised(unsigned token, float logit) const {
    if (seen == nullptr) return logit;
    const unsigned i = token - begin;
    if ((seen[i / 32] >> (i % 32) & 1) == 0) return logit;
    return logit > 0 ? logit / penalty : logit * penalty;
  }

  /// Token number i of a thread's batch that begins at `first`.
  [[nodiscard]] __device__ static unsigned token_at(unsigned first, unsigned i) {
    return first + i * kSamplingThreads;
  }

  /// NaN beyond the end.
  __device__ void load(float (&batch)[kBatch], unsigned first) const {
#pragma unroll
    for (unsigned i = 0; i < kBatch; ++i) {
      const unsigned token = token_at(first, i);
      batch[i] = token < end ? logits[token] : __int_as_float(0x7FC00000);
    }
  }

  /// visit(token, penalised logit) for each token of this thread whose penalised logit is `lowest` at least,
  /// ascending.
  template <typename Visit>
  __device__ void each(float lowest, Visit visit) const {
    for (unsigned first = begin + threadIdx.x; first < end; first += kBatch * kSamplingThreads) {
      float batch[kBatch];
      load(batch, first);
#pragma unroll
      for (unsigned i = 0; i < kBatch; ++i) {
        if (!(batch[i] >= lowest)) continue;  // the penalty only lowers; NaN neither
        const unsigned token = token_at(first, i);
        const float logit = penalised(token, batch[i]);
        if (logit >= lowest) visit(token, logit);
      }
    }
  }
};

/// Marks which tokens of [begin, end) are among window[0 .. count). seen: [(end - begin + 31) / 32] in shared
/// memory.
__device__ inline void mark_seen(unsigned* seen, const std::int32_t* window, unsigned count, unsigned begin,
                                 unsigned end) {
  for (unsigned i = threadIdx.x; i < (end - begin + 31) / 32; i += kSamplingThreads) seen[i] = 0;
  __syncthreads();
  for (unsigned i = threadIdx.x; i < count; i += kSamplingThreads) {
    const auto token = static_cast<unsigned>(window[i]);  // a negative one is beyond every vocabulary
    if (token >= begin && token < end) atomicOr(seen + (token - begin) / 32, 1U << ((token - begin) % 32));
  }
  __syncthreads();
}

}  // namespace fovea::kernels::cuda
