// Causal grouped-query attention over a KV cache in f16, for the few rows of decoding and verification and
// for the many of prefill, with the softmax and the semantics of kernels/cpu/attention.h. Launchers: device
// pointers, outputs first, sizes after inputs, the stream last; they return what the launch returned, wait
// for nothing and allocate nothing, and can be captured in a CUDA graph: where the pass begins and what it
// selects is read from the device.
//
// Guarantee: a row's result has the same bits however many rows the call has and wherever in it the row
// stands.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "kernels/attention_types.h"

namespace fovea::kernels::cuda {

constexpr std::size_t kAttentionMaxHeadDim = 256;
constexpr std::size_t kAttentionMaxGroup = 32;  // query heads per KV head

/// What the rows of a pass attend to: one layer's cache, and which of its entries. All on the device.
struct AttentionEntries {
  const std::uint16_t* keys = nullptr;  // f16 [position][kv_head][head_dim], aligned to 16 bytes
  const std::uint16_t* values = nullptr;
  const std::int32_t* first_position = nullptr;  // of row 0; row r sees entries 0 .. *first_position + r
  // Of the entries before the pass only these are read: ascending positions below *first_position. Null, or a
  // count of -1: all.
  const std::int32_t* selected = nullptr;  // [*selected_count]
  const std::int32_t* selected_count = nullptr;
};

/// Bytes of workspace of a call of attention() with these sizes. `capacity`: no row sees more entries.
[[nodiscard]] std::size_t attention_workspace_bytes(std::size_t rows, const AttentionShape& shape,
                                                    std::size_t capacity);

/// Attention of a few rows to float accuracy (queries and probabilities enter the tensor cores in two
/// halves). Reads each visible entry once for up to 32 queries (rows times heads of a group) of a KV head.
/// out, query: [rows, heads, head_dim]; `scores` (on the host, pointing to the device) may be null;
/// workspace: attention_workspace_bytes, aligned to 16. Selecting everything gives the bits of no selection.
/// Fails with cudaErrorInvalidValue for shapes it does not hold. Quick where head_dim is a multiple of 8.
cudaError_t attention(float* out, const float* query, const AttentionEntries& entries,
                      const AttentionScores* scores, void* workspace, std::size_t rows,
                      const AttentionShape& shape, std::size_t capacity, cudaStream_t stream);

/// Attention of many rows, to about 1e-3 of the largest value: queries and probabilities are rounded to f16,
/// so the bits are not those of attention(). Takes no selection and leaves no scores. Otherwise as above.
cudaError_t attention_prefill(float* out, const float* query, const AttentionEntries& entries,
                              std::size_t rows, const AttentionShape& shape, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
