// The operations of a transformer layer that touch each number once: normalisation, rotary embedding, gate,
// sum, and the lengths that the KV cache keeps. Raw pointers; outputs first, sizes after inputs.
// Small inputs run on the calling thread, large ones (prefill) on the pool. Guarantee: a row of an output
// depends on its own row of the inputs alone, never on `rows` or on the threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/thread_pool.h"
#include "kernels/dtype.h"

namespace fovea::kernels::cpu {

/// out[rows, columns] = table[ids[row]] as floats. table: [vocabulary, columns] of `dtype`, packed where
/// is_packed(dtype); columns a multiple of 32.
void embed(float* out, const void* table, DType dtype, std::size_t columns, const std::int32_t* ids,
           std::size_t rows, ThreadPool& pool);

/// out = x / sqrt(mean(x^2) + epsilon) * weight, row by row (Zhang and Sennrich 2019, arXiv 1910.07467).
/// out, x: [rows, columns], may be the same memory; weight: [columns].
void rms_norm(float* out, const float* x, const float* weight, std::size_t rows, std::size_t columns,
              float epsilon, ThreadPool& pool);

/// Cosine and sine of every angle of `rows` consecutive positions: out[rows, head_dim / 2, 2]. Computed in
/// double.
void rope_angles(float* out, std::size_t first_position, std::size_t rows, std::size_t head_dim, float base);

/// Rotary embedding in place on interleaved pairs (Su et al. 2021, arXiv 2104.09864). x: [rows, heads,
/// head_dim], head_dim even; angles: from rope_angles for the same rows.
void rope(float* x, const float* angles, std::size_t rows, std::size_t heads, std::size_t head_dim,
          ThreadPool& pool);

/// out = gate / (1 + exp(-gate)) * up, all [n] (SwiGLU: Shazeer 2020, arXiv 2002.05202). out may be gate or
/// up.
void silu_gate(float* out, const float* gate, const float* up, std::size_t n, ThreadPool& pool);

/// x += y, both [n].
void add(float* x, const float* y, std::size_t n, ThreadPool& pool);

/// out[rows] = Euclidean length of each row of x [rows, columns].
void row_norms(float* out, const float* x, std::size_t rows, std::size_t columns, ThreadPool& pool);

/// x[n] = exp(x - max) / sum, in place. -infinity becomes 0. n >= 1.
void softmax(float* x, std::size_t n);

/// Index of the largest of x[n]; the lowest index wins a tie, NaN never wins, 0 where all are NaN.
[[nodiscard]] std::size_t argmax(const float* x, std::size_t n);

}  // namespace fovea::kernels::cpu
