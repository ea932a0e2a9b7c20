// What the two halves of attention share: attention.cpp cuts a call into tiles, attention_tile-inl.h computes
// one. Plain views of memory that the call owns.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/kv_numbers.h"

namespace fovea::kernels::cpu {

constexpr std::size_t kBlock = 64;        // entries whose scores are held at a time
constexpr std::size_t kChunk = 256;       // entries of one partial result: the unit of splitting over threads
constexpr std::size_t kMaxQueries = 32;   // queries (rows times heads of a group) that share a pass
constexpr std::size_t kMaxTaskHeads = 8;  // KV heads that one task walks together,
constexpr std::size_t kMaxTaskNumbers = 512;  // and their numbers
constexpr std::size_t kLine = 32;  // numbers in a cache line; head_dim is padded with zeros to a multiple

// Products of queries and keys, and of weights and values, add up in 32 bits: head_dim of the former and
// kBlock of the latter, each at most kLargestKvNumber times this.
constexpr float largest_factor(std::size_t products) {
  const std::size_t largest = 2147483647U / (products * kLargestKvNumber);
  return static_cast<float>(largest < 32767 ? largest : 32767);
}

// Up to kMaxQueries queries of one KV head.
struct QueryTile {
  const std::int16_t* keys;  // of this KV head: position p at keys + p * entry_stride
  const std::int16_t* values;
  const float* scales;            // of this KV head: position p at scales + p * scale_stride
  const std::int32_t* positions;  // of the entries, ascending; null: entry e lies at position e
  std::size_t entry_stride;
  std::size_t scale_stride;
  std::size_t head_dim;
  std::size_t padded;           // head_dim rounded up to kLine
  const std::int16_t* queries;  // [count, padded], padding zero
  const float* query_scales;    // [count]: of the queries' numbers, and of the softmax
  const std::size_t* visible;   // [count] entries each query sees
  float* const* scores;         // [count] where to leave each one's scores, or null; an element may be null
  std::size_t count;
};

// An unfinished softmax: accumulators hold sum of exp(score - max) * value.
struct Partial {
  float* max;           // [count]
  float* sum;           // [count]
  float* accumulators;  // [count, padded]
};

}  // namespace fovea::kernels::cpu
