// Causal grouped-query attention of a few new tokens (decode, verification) or many (prefill) over a KV cache
// in f16, in one pass with an online softmax (Milakov and Gimelshein 2018, arXiv 1805.02867; split over the
// length as in flash-decoding). No more than a block of 64 scores a query is ever held, unless scores are
// asked for. Guarantee: a row's output depends on its query and the entries it sees alone: blocks and chunks
// lie at fixed positions and are merged in order, so decoding, verification and prefill agree bit for bit on
// any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/attention_types.h"
#include "kernels/cpu/thread_pool.h"

namespace fovea::kernels::cpu {

constexpr std::size_t kAttentionMaxHeadDim = 256;
constexpr std::size_t kAttentionMaxGroup = 32;  // query heads per KV head

/// Bytes of workspace for these sizes.
[[nodiscard]] std::size_t attention_workspace_bytes(std::size_t rows, const AttentionShape& shape,
                                                    std::size_t first_position);

/// Row r, at position first_position + r, sees entries 0 .. first_position + r (its own is already in the
/// cache), or of those before the pass the selected ones alone. out, query: [rows, heads, head_dim]; keys,
/// values: f16 [position][kv_head][head_dim]; `selection` and `scores` may be null; `workspace`:
/// attention_workspace_bytes, aligned to 64. Selecting everything gives the bits of no selection.
void attention(float* out, const float* query, const std::uint16_t* keys, const std::uint16_t* values,
               std::size_t rows, const AttentionShape& shape, std::size_t first_position,
               const AttentionSelection* selection, const AttentionScores* scores, void* workspace,
               ThreadPool& pool);

}  // namespace fovea::kernels::cpu
