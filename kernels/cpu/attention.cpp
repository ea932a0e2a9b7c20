#include "kernels/cpu/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/attention.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#ifndef FOVEA_KERNELS_CPU_ATTENTION_ONCE
#define FOVEA_KERNELS_CPU_ATTENTION_ONCE
namespace fovea::kernels::cpu {

constexpr std::size_t kBlock = 64;        // entries whose scores are held at a time
constexpr std::size_t kChunk = 512;       // entries of one partial result: the unit of splitting over threads
constexpr std::size_t kMaxQueries = 32;   // queries (rows times heads of a group) that share a pass
constexpr std::size_t kDimMultiple = 32;  // head_dim is padded with zeros to this: four vectors of eight lanes

// Up to kMaxQueries queries of one KV head.
struct QueryTile {
  const std::uint16_t* keys;    // of this KV head: entry p at keys + p * entry_stride
  const std::uint16_t* values;
  std::size_t entry_stride;
  std::size_t head_dim;
  std::size_t padded;           // head_dim rounded up to kDimMultiple
  const float* queries;         // [count, padded], scaled, padding zero
  const std::size_t* visible;   // [count] entries each query sees
  float* const* scores;         // [count] where to leave scores, or null
  std::size_t count;
};

// An unfinished softmax: accumulators hold sum of exp(score - max) * value.
struct Partial {
  float* max;           // [count]
  float* sum;           // [count]
  float* accumulators;  // [count, padded]
};

}  // namespace fovea::kernels::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Eight lanes at most: any head_dim pads to whole vectors, and AVX2 and AVX-512 machines round alike.
using DF = hn::CappedTag<float, 8>;
using VF = hn::Vec<DF>;
using D4 = hn::CappedTag<float, 4>;

// Four sums at once, by a tree that treats the four alike: lane i of the result is the sum of the lanes of v[i].
template <class D, class V = hn::Vec<D>>
HWY_INLINE hn::Vec<D4> SumOfFour(D df, V v0, V v1, V v2, V v3) {
  const hn::Repartition<double, D> dd;
  const auto pair01 = hn::Add(hn::InterleaveLower(df, v0, v1), hn::InterleaveUpper(df, v0, v1));
  const auto pair23 = hn::Add(hn::InterleaveLower(df, v2, v3), hn::InterleaveUpper(df, v2, v3));
  const auto low = hn::InterleaveLower(dd, hn::BitCast(dd, pair01), hn::BitCast(dd, pair23));
  const auto high = hn::InterleaveUpper(dd, hn::BitCast(dd, pair01), hn::BitCast(dd, pair23));
  const V sums = hn::Add(hn::BitCast(df, low), hn::BitCast(df, high));
  if constexpr (hn::MaxLanes(D()) == 8) {
    return hn::Add(hn::LowerHalf(D4(), sums), hn::UpperHalf(D4(), sums));
  } else {
    return sums;
  }
}

// Entries [begin, begin + count) to floats [round_up(count, 4), padded]; padding is zero.
HWY_INLINE void LoadBlock(float* HWY_RESTRICT out, const std::uint16_t* entries, std::size_t entry_stride,
                          std::size_t count, std::size_t head_dim, std::size_t padded) {
  const DF df;
  const hn::Rebind<hwy::float16_t, DF> dh;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  for (std::size_t e = 0; e < count; ++e) {
    const auto* half = reinterpret_cast<const hwy::float16_t*>(entries + e * entry_stride);
    float* row = out + e * padded;
    std::size_t d = 0;
    for (; d + kLanes <= head_dim; d += kLanes) hn::StoreU(hn::PromoteTo(df, hn::LoadU(dh, half + d)), df, row + d);
    if (d < head_dim) {
      std::uint16_t tail[kLanes] = {};
      for (std::size_t i = d; i < head_dim; ++i) tail[i - d] = entries[e * entry_stride + i];
      hn::StoreU(hn::PromoteTo(df, hn::LoadU(dh, reinterpret_cast<const hwy::float16_t*>(tail))), df, row + d);
      d += kLanes;
    }
    for (; d < padded; ++d) row[d] = 0.0F;
  }
  for (std::size_t e = count; e % 4 != 0; ++e) {
    for (std::size_t d = 0; d < padded; ++d) out[e * padded + d] = 0.0F;
  }
}

// Scores of kQueries queries with the block's entries, four at a time.
template <std::size_t kQueries>
HWY_INLINE void BlockScores(float* HWY_RESTRICT scores, const float* HWY_RESTRICT queries,
                            const float* HWY_RESTRICT keys, std::size_t count, std::size_t padded) {
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  for (std::size_t e = 0; e < count; e += 4) {
    VF sum[kQueries][4];
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) sum[q][i] = hn::Zero(df);
    }
    const float* block = keys + e * padded;
    for (std::size_t d = 0; d < padded; d += kLanes) {
      VF key[4];
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) key[i] = hn::LoadU(df, block + i * padded + d);
#pragma GCC unroll 8
      for (std::size_t q = 0; q < kQueries; ++q) {
        const VF query = hn::LoadU(df, queries + q * padded + d);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i) sum[q][i] = hn::MulAdd(query, key[i], sum[q][i]);
      }
    }
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
      hn::StoreU(SumOfFour(df, sum[q][0], sum[q][1], sum[q][2], sum[q][3]), D4(), scores + q * kBlock + e);
    }
  }
}

// One query's scores [kBlock], of which the first `visible` count, become weights exp(score - max); the rest become 0.
// Returns the factor by which what was accumulated before must shrink.
HWY_INLINE float OnlineSoftmax(float* HWY_RESTRICT scores, std::size_t visible, float* max, float* sum) {
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  for (std::size_t e = visible; e < kBlock; ++e) scores[e] = -std::numeric_limits<float>::infinity();
  VF largest = hn::Load(df, scores);
  for (std::size_t e = kLanes; e < kBlock; e += kLanes) largest = hn::Max(largest, hn::Load(df, scores + e));
  const float new_max = std::max(*max, hn::GetLane(hn::MaxOfLanes(df, largest)));
  const float shrink = *max == new_max ? 1.0F : std::exp(*max - new_max);
  const VF shift = hn::Set(df, new_max);
  VF total = hn::Zero(df);
  for (std::size_t e = 0; e < kBlock; e += kLanes) {
    const VF weight = hn::Exp(df, hn::Sub(hn::Load(df, scores + e), shift));
    hn::Store(weight, df, scores + e);
    total = hn::Add(total, weight);
  }
  *sum = *sum * shrink + hn::GetLane(hn::SumOfLanes(df, total));
  *max = new_max;
  return shrink;
}

// accumulators[q] = accumulators[q] * shrink[q] + sum over entries of weights[q][entry] * values[entry].
template <std::size_t kQueries>
HWY_INLINE void BlockValues(float* HWY_RESTRICT accumulators, const float* HWY_RESTRICT shrink,
                            const float* HWY_RESTRICT weights, const float* HWY_RESTRICT values, std::size_t count,
                            std::size_t padded) {
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  constexpr std::size_t kVectors = 4;
  for (std::size_t d = 0; d < padded; d += kVectors * kLanes) {
    VF sum[kQueries][kVectors];
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
      const VF factor = hn::Set(df, shrink[q]);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < kVectors; ++i) {
        sum[q][i] = hn::Mul(hn::LoadU(df, accumulators + q * padded + d + i * kLanes), factor);
      }
    }
    for (std::size_t e = 0; e < count; ++e) {
      VF value[kVectors];
#pragma GCC unroll 4
      for (std::size_t i = 0; i < kVectors; ++i) value[i] = hn::LoadU(df, values + e * padded + d + i * kLanes);
#pragma GCC unroll 8
      for (std::size_t q = 0; q < kQueries; ++q) {
        const VF weight = hn::Set(df, weights[q * kBlock + e]);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kVectors; ++i) sum[q][i] = hn::MulAdd(weight, value[i], sum[q][i]);
      }
    }
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < kVectors; ++i) {
        hn::StoreU(sum[q][i], df, accumulators + q * padded + d + i * kLanes);
      }
    }
  }
}

// The partial result of all queries of a tile over entries [begin, end). A query that sees none of a block is left
// alone by it, so its result is the same whichever queries share its tile.
void AttendChunk(const QueryTile& tile, std::size_t begin, std::size_t end, const Partial& partial) {
  alignas(64) float block[kBlock * kAttentionMaxHeadDim];
  alignas(64) float scores[kMaxQueries * kBlock];
  float shrink[kMaxQueries];
  const std::size_t padded = tile.padded;
  std::size_t longest = 0;
  for (std::size_t q = 0; q < tile.count; ++q) {
    partial.max[q] = -std::numeric_limits<float>::infinity();
    partial.sum[q] = 0.0F;
    std::fill_n(partial.accumulators + q * padded, padded, 0.0F);
    longest = std::max(longest, tile.visible[q]);
  }
  end = std::min(end, longest);
  for (std::size_t b = begin; b < end; b += kBlock) {
    const std::size_t count = std::min(kBlock, end - b);
    LoadBlock(block, tile.keys + b * tile.entry_stride, tile.entry_stride, count, tile.head_dim, padded);
    std::size_t q = 0;
    for (; q + 2 <= tile.count; q += 2) {
      BlockScores<2>(scores + q * kBlock, tile.queries + q * padded, block, count, padded);
    }
    if (q < tile.count) BlockScores<1>(scores + q * kBlock, tile.queries + q * padded, block, count, padded);
    for (q = 0; q < tile.count; ++q) {
      const std::size_t visible = tile.visible[q] > b ? std::min(kBlock, tile.visible[q] - b) : 0;
      if (tile.scores != nullptr) std::copy_n(scores + q * kBlock, visible, tile.scores[q] + b);
      if (visible == 0) {
        std::fill_n(scores + q * kBlock, kBlock, 0.0F);
        shrink[q] = 1.0F;
      } else {
        shrink[q] = OnlineSoftmax(scores + q * kBlock, visible, partial.max + q, partial.sum + q);
      }
    }
    LoadBlock(block, tile.values + b * tile.entry_stride, tile.entry_stride, count, tile.head_dim, padded);
    for (q = 0; q + 2 <= tile.count; q += 2) {
      BlockValues<2>(partial.accumulators + q * padded, shrink + q, scores + q * kBlock, block, count, padded);
    }
    if (q < tile.count) {
      BlockValues<1>(partial.accumulators + q * padded, shrink + q, scores + q * kBlock, block, count, padded);
    }
  }
}

// total = total merged with one more chunk, for `count` queries. A chunk that a query does not see changes nothing.
void MergeChunk(const Partial& total, const Partial& chunk, std::size_t count, std::size_t padded) {
  for (std::size_t q = 0; q < count; ++q) {
    if (chunk.sum[q] == 0.0F) continue;
    const float max = std::max(total.max[q], chunk.max[q]);
    const float keep = std::exp(total.max[q] - max);
    const float add = std::exp(chunk.max[q] - max);
    float* to = total.accumulators + q * padded;
    const float* from = chunk.accumulators + q * padded;
    for (std::size_t d = 0; d < padded; ++d) to[d] = to[d] * keep + from[d] * add;
    total.sum[q] = total.sum[q] * keep + chunk.sum[q] * add;
    total.max[q] = max;
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {
namespace {

HWY_EXPORT(AttendChunk);
HWY_EXPORT(MergeChunk);

std::size_t round_up(std::size_t n, std::size_t multiple) { return (n + multiple - 1) / multiple * multiple; }

// Everything of one call, so that tasks need one reference.
struct Call {
  float* out;
  const float* query;
  const std::uint16_t* keys;
  const std::uint16_t* values;
  std::size_t rows;
  AttentionShape shape;
  std::size_t first_position;
  const AttentionScores* scores;

  [[nodiscard]] std::size_t group() const { return shape.heads / shape.kv_heads; }
  [[nodiscard]] std::size_t padded() const { return round_up(shape.head_dim, kDimMultiple); }
  [[nodiscard]] std::size_t entries() const { return first_position + rows; }
};

// Rows [row_begin, row_end) of one KV head with everything a tile points to, on the stack of its task.
class Tile {
 public:
  Tile(const Call& call, std::size_t kv_head, std::size_t row_begin, std::size_t row_end)
      : m_call(call), m_kv_head(kv_head), m_row_begin(row_begin) {
    const AttentionShape& shape = call.shape;
    const std::size_t padded = call.padded();
    const std::size_t group = call.group();
    m_tile.count = (row_end - row_begin) * group;
    for (std::size_t q = 0; q < m_tile.count; ++q) {
      const std::size_t row = row_begin + q / group;
      const float* from = call.query + (row * shape.heads + head(q)) * shape.head_dim;
      float* to = m_queries + q * padded;
      for (std::size_t d = 0; d < shape.head_dim; ++d) to[d] = from[d] * shape.scale;
      std::fill(to + shape.head_dim, to + padded, 0.0F);
      m_visible[q] = call.first_position + row + 1;
      if (call.scores != nullptr) {
        m_scores[q] = call.scores->scores + (row * shape.heads + head(q)) * call.scores->stride;
      }
    }
    m_tile.keys = call.keys + kv_head * shape.head_dim;
    m_tile.values = call.values + kv_head * shape.head_dim;
    m_tile.entry_stride = shape.kv_heads * shape.head_dim;
    m_tile.head_dim = shape.head_dim;
    m_tile.padded = padded;
    m_tile.queries = m_queries;
    m_tile.visible = m_visible;
    m_tile.scores = call.scores != nullptr ? m_scores : nullptr;
  }

  [[nodiscard]] const QueryTile& tile() const { return m_tile; }

  void write(const Partial& total) const {
    const AttentionShape& shape = m_call.shape;
    for (std::size_t q = 0; q < m_tile.count; ++q) {
      const std::size_t index = (m_row_begin + q / m_call.group()) * shape.heads + head(q);
      const float inverse = 1.0F / total.sum[q];
      float* to = m_call.out + index * shape.head_dim;
      const float* from = total.accumulators + q * m_tile.padded;
      for (std::size_t d = 0; d < shape.head_dim; ++d) to[d] = from[d] * inverse;
      if (m_call.scores != nullptr) m_call.scores->log_sum_exp[index] = total.max[q] + std::log(total.sum[q]);
    }
  }

 private:
  [[nodiscard]] std::size_t head(std::size_t q) const { return m_kv_head * m_call.group() + q % m_call.group(); }

  const Call& m_call;
  std::size_t m_kv_head;
  std::size_t m_row_begin;
  QueryTile m_tile{};
  alignas(64) float m_queries[kMaxQueries * kAttentionMaxHeadDim];
  std::size_t m_visible[kMaxQueries];
  float* m_scores[kMaxQueries];
};

// Room for one partial result on a task's stack.
struct PartialStorage {
  float max[kMaxQueries];
  float sum[kMaxQueries];
  alignas(64) float accumulators[kMaxQueries * kAttentionMaxHeadDim];
  [[nodiscard]] Partial view() { return {max, sum, accumulators}; }
};

// Few rows fit one tile: the length is split over the threads. Otherwise the rows are.
bool splits_length(const Call& call) { return call.rows * call.group() <= kMaxQueries; }

std::size_t chunk_count(const Call& call) { return (call.entries() + kChunk - 1) / kChunk; }

std::size_t partial_floats(const Call& call) { return kMaxQueries * 2 + call.rows * call.group() * call.padded(); }

Partial partial_at(float* workspace, const Call& call, std::size_t index) {
  float* base = workspace + index * partial_floats(call);
  return {base, base + kMaxQueries, base + 2 * kMaxQueries};
}

void attend_split_length(const Call& call, float* workspace, ThreadPool& pool) {
  const auto attend = HWY_DYNAMIC_DISPATCH(AttendChunk);
  const auto merge = HWY_DYNAMIC_DISPATCH(MergeChunk);
  const std::size_t chunks = chunk_count(call);
  const std::size_t kv_heads = call.shape.kv_heads;
  pool.run(kv_heads * chunks, [&](std::size_t task) {
    const std::size_t chunk = task / kv_heads;
    const std::size_t kv_head = task % kv_heads;
    const Tile tile(call, kv_head, 0, call.rows);
    attend(tile.tile(), chunk * kChunk, (chunk + 1) * kChunk, partial_at(workspace, call, kv_head * chunks + chunk));
  });
  const auto finish = [&](std::size_t kv_head) {
    const Tile tile(call, kv_head, 0, call.rows);
    const Partial total = partial_at(workspace, call, kv_head * chunks);
    for (std::size_t chunk = 1; chunk < chunks; ++chunk) {
      merge(total, partial_at(workspace, call, kv_head * chunks + chunk), tile.tile().count, call.padded());
    }
    tile.write(total);
  };
  // Merging little is done before the pool has woken.
  if (chunks * call.rows * call.shape.heads * call.padded() < 65536) {
    for (std::size_t kv_head = 0; kv_head < kv_heads; ++kv_head) finish(kv_head);
  } else {
    pool.run(kv_heads, finish);
  }
}

void attend_split_rows(const Call& call, ThreadPool& pool) {
  const auto attend = HWY_DYNAMIC_DISPATCH(AttendChunk);
  const auto merge = HWY_DYNAMIC_DISPATCH(MergeChunk);
  const std::size_t kv_heads = call.shape.kv_heads;
  const std::size_t tile_rows = std::max<std::size_t>(kMaxQueries / call.group(), 1);
  const std::size_t tiles = (call.rows + tile_rows - 1) / tile_rows;
  pool.run(tiles * kv_heads, [&](std::size_t task) {
    // The last rows see most: they go first, so that no thread is left with a long task at the end.
    const std::size_t row_begin = (tiles - 1 - task / kv_heads) * tile_rows;
    const std::size_t row_end = std::min(row_begin + tile_rows, call.rows);
    const Tile tile(call, task % kv_heads, row_begin, row_end);
    PartialStorage total;
    PartialStorage chunk;
    attend(tile.tile(), 0, kChunk, total.view());
    for (std::size_t begin = kChunk; begin < call.first_position + row_end; begin += kChunk) {
      attend(tile.tile(), begin, begin + kChunk, chunk.view());
      merge(total.view(), chunk.view(), tile.tile().count, call.padded());
    }
    tile.write(total.view());
  });
}

}  // namespace

std::size_t attention_workspace_bytes(std::size_t rows, const AttentionShape& shape, std::size_t first_position) {
  const Call call{nullptr, nullptr, nullptr, nullptr, rows, shape, first_position, nullptr};
  return splits_length(call) ? shape.kv_heads * chunk_count(call) * partial_floats(call) * sizeof(float) : 0;
}

void attention(float* out, const float* query, const std::uint16_t* keys, const std::uint16_t* values,
               std::size_t rows, const AttentionShape& shape, std::size_t first_position,
               const AttentionScores* scores, void* workspace, ThreadPool& pool) {
  const Call call{out, query, keys, values, rows, shape, first_position, scores};
  if (splits_length(call)) {
    attend_split_length(call, static_cast<float*>(workspace), pool);
  } else {
    attend_split_rows(call, pool);
  }
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
