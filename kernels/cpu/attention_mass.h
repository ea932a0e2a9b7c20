// From attention scores to what selection works on: the mean attention that each KV position received, and
// weighted sums of such rows (a map from the draft's heads to a layer of the verifier). Raw pointers; outputs
// first, sizes after inputs. Guarantee: an entry of an output depends on its own column of the inputs alone,
// never on n, on its place or on the threads.
#pragma once

#include <cstddef>

#include "kernels/cpu/thread_pool.h"

namespace fovea::kernels::cpu {

/// mass[k][i] = mean over the rows and over the heads / kv_heads query heads of KV head k of
/// exp(scores[r][h][i] - log_sum_exp[r][h]), i < n. mass: [kv_heads, mass_stride], entries from n on are left
/// alone; scores: [rows, heads, stride]; log_sum_exp: [rows, heads]. A score of -infinity (masked) counts as
/// 0, and so does NaN. rows >= 1, heads a multiple of kv_heads.
void attention_mass(float* mass, std::size_t mass_stride, const float* scores, std::size_t stride,
                    const float* log_sum_exp, std::size_t rows, std::size_t heads, std::size_t kv_heads,
                    std::size_t n, ThreadPool& pool);

/// out[i] = sum over j of weights[j] * rows[j][i], in order of j; rows of weight 0 are not read. out: [n];
/// weights: [count]; rows: [count, stride]. On the calling thread alone: callers run one layer a task.
void weighted_sum(float* out, const float* weights, const float* rows, std::size_t stride, std::size_t count,
                  std::size_t n);

}  // namespace fovea::kernels::cpu
