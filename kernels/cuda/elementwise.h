// The operations of a transformer layer that touch each number once, between the products. Launchers: device
// pointers, outputs first, sizes after inputs, the stream last; they return what the launch returned and wait
// for nothing. Guarantee, as on the CPU: a row of an output depends on its own row of the inputs alone.
//
// What changes from pass to pass (where in the cache it begins) is read from the device, so that a pass can
// be captured once in a CUDA graph and replayed.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace fovea::kernels::cuda {

/// One layer's part of a KV cache: f16 [position][kv_head][head_dim], and the length of each position's
/// values.
struct KvLayer {
  std::uint16_t* keys = nullptr;
  std::uint16_t* values = nullptr;
  float* value_norms = nullptr;
};

/// cosine and sine of every angle: out[positions, head_dim / 2, 2], computed in double. Once a model.
cudaError_t rope_table(float* out, std::size_t positions, std::size_t head_dim, float base,
                       cudaStream_t stream);

/// Turns the queries in place and appends keys (turned) and values to the cache at positions *first_position
/// .. + rows - 1: f16, round to nearest even, saturating at 65,504; value_norms gets the Euclidean length of
/// the row of values. query: [rows, heads, head_dim]; key, value: [rows, kv_heads, head_dim]; table: from
/// rope_table; head_dim a multiple of 4; float pointers aligned to 16, the cache to 8.
cudaError_t append(KvLayer cache, float* query, const float* key, const float* value, const float* table,
                   const std::int32_t* first_position, std::size_t rows, std::size_t heads,
                   std::size_t kv_heads, std::size_t head_dim, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
