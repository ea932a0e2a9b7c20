// Causal grouped-query attention of a few new tokens (decode, verification) or many (prefill) over a KV cache
// of integers (kv_numbers.h), in one pass with an online softmax (Milakov and Gimelshein 2018, arXiv
// 1805.02867; split over the length as in flash-decoding). Queries become integers with one scale a head, and
// weights integers with one scale for each query and block of 64 entries: what a weight loses is at most
// 2^-14 of the largest of its block. No more than a block of scores is ever held, unless scores are asked
// for. Guarantee: a row's output depends on its query and the entries it sees alone: blocks and chunks lie at
// fixed positions and are merged in order, so decoding, verification and prefill agree bit for bit on any
// number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/attention_types.h"
#include "kernels/cpu/kv_numbers.h"
#include "kernels/cpu/thread_pool.h"

namespace fovea::kernels::cpu {

constexpr std::size_t kAttentionMaxHeadDim = 256;
constexpr std::size_t kAttentionMaxGroup = 32;  // query heads per KV head

/// Bytes of workspace for these sizes.
[[nodiscard]] std::size_t attention_workspace_bytes(std::size_t rows, const AttentionShape& shape,
                                                    std::size_t first_position);

/// Row r, at position first_position + r, sees entries 0 .. first_position + r (its own is already in the
/// cache), or of those before the pass the selected ones alone. out, query: [rows, heads, head_dim];
/// `selection` and `scores` may be null; `workspace`: attention_workspace_bytes, aligned to 64. Selecting
/// everything gives the bits of no selection. NaN in the query or in an entry seen makes an output NaN.
void attention(float* out, const float* query, const KvNumbers& cache, std::size_t rows,
               const AttentionShape& shape, std::size_t first_position, const AttentionSelection* selection,
               const AttentionScores* scores, void* workspace, ThreadPool& pool);

}  // namespace fovea::kernels::cpu
