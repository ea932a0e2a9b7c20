// Scalar twins of every kernel, accumulating in double: the ground truth that the fast kernels are tested
// against, written to be read beside the formula and not to be quick. Nothing is allocated, nothing is kept:
// every function works on memory that the caller owns, so any number of threads may call them on different
// outputs.
//
// Conventions. Outputs come first, then inputs, then sizes. Activations are float, row-major [rows, columns].
// Weights are `const void*` with a DType, row-major [outputs, columns] as GGUF stores them; a row's length
// must be a multiple of block_elements(dtype). f16 and bf16 travel as std::uint16_t bit patterns. Pointers
// may be null only where the comment says so, or where their size is 0. Sizes, indices and positions are
// trusted: the engine checks them once, when it loads a model.
//
// The fast kernels quantise activations to Q8_0 blocks before integer products with Q8_0 and Q4_0 weights. To
// separate that error from the kernel's own, pass the activations through quantize_row and dequantize_row
// first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/dtype.h"

namespace fovea::kernels::reference {

// --- Number formats (formats.cpp) ---

/// IEEE 754 binary16 to binary32: exact. NaNs stay NaN (made quiet), keeping sign and payload.
[[nodiscard]] float half_to_float(std::uint16_t half);

/// Round to nearest, ties to even; overflow gives infinity, underflow denormals and signed zero.
[[nodiscard]] std::uint16_t float_to_half(float value);

/// bfloat16 is the upper half of a binary32: exact, bit for bit.
[[nodiscard]] float bf16_to_float(std::uint16_t bf16);

/// Round to nearest, ties to even; NaNs are made quiet.
[[nodiscard]] std::uint16_t float_to_bf16(float value);

/// out[columns] = the values that one stored row stands for.
void dequantize_row(float* out, const void* row, DType dtype, std::size_t columns);

/// out[row_bytes(dtype, columns)] = x[columns] as GGML's reference quantisers store it (quantize_row_q8_0_ref
/// and quantize_row_q4_0_ref in ggml-quants.c). x must be finite for Q8_0 and Q4_0.
void quantize_row(void* out, const float* x, DType dtype, std::size_t columns);

// --- Layers (reference.cpp) ---

/// out[rows, columns] = table[ids[row]], dequantised. table: [vocabulary, columns]; ids: [rows].
void embed(float* out, const void* table, DType dtype, std::size_t columns, const std::int32_t* ids,
           std::size_t rows);

/// out = x / sqrt(mean(x^2) + epsilon) * weight, row by row (Zhang and Sennrich 2019, arXiv 1910.07467).
/// out, x: [rows, columns], may be the same memory; weight: [columns].
void rms_norm(float* out, const float* x, const float* weight, std::size_t rows, std::size_t columns,
              float epsilon);

/// Rotary embedding in place (Su et al. 2021, arXiv 2104.09864) on the interleaved pairs (2i, 2i+1), as
/// GGUF's llama architecture stores them: pair i turns by positions[row] * base^(-2i / head_dim). x: [rows,
/// heads, head_dim] with head_dim even; positions: [rows].
void rope(float* x, std::size_t rows, std::size_t heads, std::size_t head_dim, const std::int32_t* positions,
          float base);

/// out[rows, outputs] = x[rows, columns] * weight[outputs, columns]^T. One row is the matrix-vector product.
void matmul(float* out, const void* weight, DType dtype, std::size_t outputs, std::size_t columns,
            const float* x, std::size_t rows);

/// out = gate / (1 + exp(-gate)) * up, element by element (SwiGLU: Shazeer 2020, arXiv 2002.05202). All [n];
/// out may be gate or up.
void silu_gate(float* out, const float* gate, const float* up, std::size_t n);

/// out[rows] = sqrt(sum of squares) of each row of x [rows, columns].
void row_norms(float* out, const float* x, std::size_t rows, std::size_t columns);

/// x = exp(x - max) / sum, in place, [n]. Entries of -infinity become 0; where all are, the whole becomes 0.
void softmax(float* x, std::size_t n);

/// softmax of each row of x: [rows, n].
void softmax_rows(float* x, std::size_t rows, std::size_t n);

/// x += y. Both [n].
void add(float* x, const float* y, std::size_t n);

/// Index of the largest of x[n]. The lowest index wins a tie; NaN never wins; 0 where n is 0 or all are NaN.
[[nodiscard]] std::size_t argmax(const float* x, std::size_t n);

// --- Attention over a KV cache (attention.cpp) ---

/// Causal grouped-query attention: for each row r and head h, softmax(scale * query . keys) . values over the
/// entries 0 .. positions[r]. Query head h reads KV head h / (heads / kv_heads).
///
/// out, query: [rows, heads, head_dim]. keys, values: [position][kv_head][head_dim]. positions: [rows];
/// row r sees positions[r] + 1 entries (none, and out is 0, where that is not positive). probabilities: null,
/// or [rows, heads, probability_stride] with probability_stride >= max(positions) + 1; entries beyond a row's
/// own position are set to 0.
void attention(float* out, const float* query, const float* keys, const float* values, std::size_t rows,
               std::size_t heads, std::size_t kv_heads, std::size_t head_dim, const std::int32_t* positions,
               float scale, float* probabilities = nullptr, std::size_t probability_stride = 0);

/// The same over a subset: row r sees selected[selected_count] and then suffix_begin .. positions[r]; the
/// softmax normalises over those alone. selected ascends strictly and stays below suffix_begin; an entry
/// after positions[r] is not seen. probabilities: null, or [rows, heads, probability_stride], where column j
/// belongs to selected[j] and column selected_count + i to position suffix_begin + i; what a row does not see
/// is 0.
void attention_selected(float* out, const float* query, const float* keys, const float* values,
                        std::size_t rows, std::size_t heads, std::size_t kv_heads, std::size_t head_dim,
                        const std::int32_t* positions, const std::int32_t* selected,
                        std::size_t selected_count, std::int32_t suffix_begin, float scale,
                        float* probabilities = nullptr, std::size_t probability_stride = 0);

// --- Selection of KV entries (attention_mass.cpp, top_p.cpp) ---

/// mass[k][i] = mean over the rows and over the heads / kv_heads query heads of KV head k of
/// exp(scores[r][h][i] - log_sum_exp[r][h]); a score of -infinity counts as 0. mass: [kv_heads, mass_stride],
/// of which n are written; scores: [rows, heads, stride]; log_sum_exp: [rows, heads]. rows >= 1.
void attention_mass(float* mass, std::size_t mass_stride, const float* scores, std::size_t stride,
                    const float* log_sum_exp, std::size_t rows, std::size_t heads, std::size_t kv_heads,
                    std::size_t n);

/// out[i] = sum over j of weights[j] * rows[j][i]; rows of weight 0 are not read. out: [n]; weights: [count];
/// rows: [count, stride].
void weighted_sum(float* out, const float* weights, const float* rows, std::size_t stride, std::size_t count,
                  std::size_t n);

struct TopP {
  std::size_t count = 0;  // how many of the largest weights are needed
  double kept = 0;        // their mass
  double total = 0;       // mass of all weights
  bool valid = true;      // false: a weight is NaN, infinite or negative; the rest is 0
};

/// The fewest weights whose mass reaches p * total: none for p <= 0, all that are positive for p >= 1.
/// weights: [n]; sorted: scratch of [n], left holding the weights, largest first, where p > 0.
TopP top_p(const float* weights, std::size_t n, float p, float* sorted);

}  // namespace fovea::kernels::reference
