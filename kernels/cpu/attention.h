// Causal grouped-query attention of a few new tokens (decode, verification) or many (prefill) over a KV cache
// in f16, in one pass with an online softmax (Milakov and Gimelshein 2018, arXiv 1805.02867; split over the
// length as in flash-decoding). No more than a block of 64 scores a query is ever held, unless scores are
// asked for. Guarantee: a row's output depends on its query and the entries it sees alone: blocks and chunks
// lie at fixed positions and are merged in order, so decoding, verification and prefill agree bit for bit on
// any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/thread_pool.h"

namespace fovea::kernels::cpu {

constexpr std::size_t kAttentionMaxHeadDim = 256;
constexpr std::size_t kAttentionMaxGroup = 32;  // query heads per KV head

struct AttentionShape {
  std::size_t heads = 0;
  std::size_t kv_heads = 0;  // divides heads; query head h reads KV head h / (heads / kv_heads)
  std::size_t head_dim = 0;
  float scale = 1.0F;  // 1 / sqrt(head_dim)
};

/// Where to leave the scores, for those who select by attention. Probability of entry p: exp(score -
/// log_sum_exp).
struct AttentionScores {
  float* scores = nullptr;       // [rows, heads, stride]; entries a row does not see are left as they were
  std::size_t stride = 0;        // >= first_position + rows
  float* log_sum_exp = nullptr;  // [rows, heads]
};

/// Bytes of workspace for these sizes.
[[nodiscard]] std::size_t attention_workspace_bytes(std::size_t rows, const AttentionShape& shape,
                                                    std::size_t first_position);

/// Row r, at position first_position + r, sees entries 0 .. first_position + r (its own is already in the
/// cache). out, query: [rows, heads, head_dim]; keys, values: f16 [position][kv_head][head_dim]; `scores` may
/// be null; `workspace`: attention_workspace_bytes, aligned to 64.
void attention(float* out, const float* query, const std::uint16_t* keys, const std::uint16_t* values,
               std::size_t rows, const AttentionShape& shape, std::size_t first_position,
               const AttentionScores* scores, void* workspace, ThreadPool& pool);

}  // namespace fovea::kernels::cpu
