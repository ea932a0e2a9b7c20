// What the two kernels of attention() share. The entries that a call reads form a list: the selected ones (or
// all before the pass), then those of the pass. It is cut into chunks of kChunk at fixed places; one kernel
// leaves an unfinished softmax of every chunk, the other merges those that a row sees. So a row's result
// depends on its own list alone.
//
// Maxima and scores are in units of log 2, as exp2 is what the processor computes.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/attention.h"

namespace fovea::kernels::cuda {

constexpr int kWarps = 4;
constexpr int kSpan = 64;               // entries of a chunk that one warp walks
constexpr int kChunk = kWarps * kSpan;  // entries of one partial result
// Weights are 2^(score - max + kHeadroom), so that small ones do not become denormal halves.
constexpr float kHeadroom = 14;
constexpr float kLog2E = 1.44269504F;
constexpr float kLn2 = 0.693147181F;

/// An unfinished softmax of each (chunk, row, head): sum of weights * value, and with it the score to which
/// the weights refer (-infinity: nothing was seen) and their sum.
struct AttentionPartials {
  float* accumulators = nullptr;  // [chunk, row, head, padded]
  float2* sums = nullptr;         // [chunk, row, head]: largest score, sum
};

inline std::size_t padded_head_dim(std::size_t head_dim) {
  return head_dim <= 64 ? 64 : head_dim <= 128 ? 128 : 256;
}

struct AttentionCall {
  const float* query = nullptr;
  AttentionEntries entries;
  AttentionScores scores;  // scores.scores is null where none are wanted
  AttentionPartials partials;
  unsigned rows = 0;
  unsigned heads = 0;
  unsigned kv_heads = 0;
  unsigned group = 0;
  unsigned head_dim = 0;
  float scale = 0;
};

inline bool attention_holds(const AttentionShape& shape) {
  return shape.head_dim >= 1 && shape.head_dim <= kAttentionMaxHeadDim && shape.kv_heads >= 1 &&
         shape.heads % shape.kv_heads == 0 && shape.heads / shape.kv_heads >= 1 &&
         shape.heads / shape.kv_heads <= kAttentionMaxGroup;
}

inline AttentionCall attention_call(const float* query, const AttentionEntries& entries, std::size_t rows,
                                    const AttentionShape& shape) {
  AttentionCall call;
  call.query = query;
  call.entries = entries;
  call.rows = static_cast<unsigned>(rows);
  call.heads = static_cast<unsigned>(shape.heads);
  call.kv_heads = static_cast<unsigned>(shape.kv_heads);
  call.group = static_cast<unsigned>(shape.heads / shape.kv_heads);
  call.head_dim = static_cast<unsigned>(shape.head_dim);
  call.scale = shape.scale;
  return call;
}

/// Length of the list before the pass's own entries.
__device__ inline int entries_before_pass(const AttentionEntries& entries) {
  if (entries.selected != nullptr) {
    const int count = *entries.selected_count;
    if (count >= 0) return count;
  }
  return *entries.first_position;
}

/// 2^(score - reference), 0 where the score is -infinity even if all are.
__device__ inline float weight(float score, float reference) {
  return score == -INFINITY ? 0.0F : exp2f(score - reference);
}

/// out[rows, heads, head_dim] and, where scores are wanted, the log-sum-exp.
cudaError_t attention_merge(float* out, const AttentionCall& call, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
