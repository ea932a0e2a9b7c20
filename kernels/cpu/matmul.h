// Matrix products: out[r][o] = sum over c of weight[o][c] * x[r][c], for one row (decode) up to a few hundred
// (prefill). F32, F16 and BF16 weights multiply in f32. Q8_0 and Q4_0 weights are packed once and multiply as
// integers, with each row of x quantised to 16 bits (one scale a row): the sum inside a block of 32 is exact.
// Guarantee: an element of `out` depends on its row of x and its row of weights alone, never on `rows`, on
// the other rows or on the number of threads: batched verification gives bit for bit what one-by-one decoding
// gives.
#pragma once

#include <cstddef>

#include "kernels/cpu/thread_pool.h"
#include "kernels/dtype.h"

namespace fovea::kernels::cpu {

/// One product of a shared input.
struct Product {
  float* out = nullptr;  // [rows, outputs]
  // [outputs, columns]: by pack_weights where is_packed(dtype); others row after row as GGUF stores them, and
  // they need no alignment.
  const void* weight = nullptr;
  DType dtype = DType::kF32;
  std::size_t outputs = 0;
};

/// Bytes of workspace that matmul needs for x of [rows, columns].
[[nodiscard]] std::size_t matmul_workspace_bytes(std::size_t rows, std::size_t columns);

/// Computes `count` products of one input x [rows, columns] in one parallel pass (query, key and value; gate
/// and up). `columns` must be a multiple of 32. `workspace`: matmul_workspace_bytes, aligned to 64.
void matmul(const Product* products, std::size_t count, const float* x, std::size_t rows, std::size_t columns,
            void* workspace, ThreadPool& pool);

}  // namespace fovea::kernels::cpu
