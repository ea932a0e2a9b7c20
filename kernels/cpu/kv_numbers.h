// The numbers of a KV cache as attention on the CPU reads them: integers of 13 bits in 16, with one scale for
// each position and KV head. They take the room of f16 and multiply twice as fast, and their sums are exact,
// so that any order of adding gives the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/thread_pool.h"

namespace fovea::kernels::cpu {

constexpr int kLargestKvNumber = 4095;

/// A layer's cache from position 0 on: number * scale.
struct KvNumbers {
  const std::int16_t* keys = nullptr;    // [position][kv_head][head_dim], each at most kLargestKvNumber
  const std::int16_t* values = nullptr;  // the same
  const float* scales = nullptr;         // [position][kv_head][2]: of the key, of the value
};

/// out[n] = round(x / scale) with the scale that makes x's largest magnitude kLargestKvNumber: the error of
/// an element is at most scale / 2. A head of zeros has scale 0; one that holds an infinity or NaN gets the
/// scale NaN. x: [rows, kv_heads, head_dim]; out: the same; scales: the first of each pair, [rows, kv_heads]
/// at a distance of 2.
void to_kv_numbers(std::int16_t* out, float* scales, const float* x, std::size_t rows, std::size_t kv_heads,
                   std::size_t head_dim, ThreadPool& pool);

}  // namespace fovea::kernels::cpu
