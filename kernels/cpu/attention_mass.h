// From attention scores to what selection works on: the mean attention that each KV position received, and
// weighted sums of such rows (a map from the draft's heads to a layer of the verifier). Raw pointers; outputs
// first, sizes after inputs. Guarantee: an entry of an output depends on its own column of the inputs alone,
// never on n, on its place or on the threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/thread_pool.h"

namespace fovea::kernels::cpu {

/// Attention scores of a few queries, as a pass left them.
struct ScoreRows {
  const float* scores = nullptr;       // [rows, heads, stride]; -infinity (masked) and NaN count as nothing
  const float* log_sum_exp = nullptr;  // [rows, heads]
  std::size_t stride = 0;
  std::size_t rows = 0;
  std::size_t heads = 0;
  std::size_t kv_heads = 0;  // divides heads
  std::size_t mean_of = 0;   // rows that the mean is over, those of other calls included; >= 1
};

/// mass[k][i] = share of KV head k's attention that position i gets from the rows: the sum over the rows and
/// the heads / kv_heads query heads of KV head k of exp(scores[r][h][i] - log_sum_exp[r][h]), divided by
/// mean_of * heads / kv_heads; i < n. mass: [kv_heads, mass_stride], entries from n on are left alone.
void attention_mass(float* mass, std::size_t mass_stride, const ScoreRows& from, std::size_t n,
                    ThreadPool& pool);

/// The same of rows that saw a list: score e belongs to positions[e], e < count, and is added to what mass
/// holds there. positions: [count], all different, below mass_stride.
void add_listed_mass(float* mass, std::size_t mass_stride, const ScoreRows& from,
                     const std::int32_t* positions, std::size_t count, ThreadPool& pool);

/// out[i] = sum over j of weights[j] * rows[j][i], in order of j; rows of weight 0 are not read. out: [n];
/// weights: [count]; rows: [count, stride]. On the calling thread alone: callers run one layer a task.
void weighted_sum(float* out, const float* weights, const float* rows, std::size_t stride, std::size_t count,
                  std::size_t n);

}  // namespace fovea::kernels::cpu
