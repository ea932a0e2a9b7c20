#include "kernels/cpu/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/attention.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#ifndef FOVEA_KERNELS_CPU_ATTENTION_ONCE
#define FOVEA_KERNELS_CPU_ATTENTION_ONCE
namespace fovea::kernels::cpu {

constexpr std::size_t kBlock = 64;       // entries whose scores are held at a time
constexpr std::size_t kChunk = 256;      // entries of one partial result: the unit of splitting over threads
constexpr std::size_t kMaxQueries = 32;  // queries (rows times heads of a group) that share a pass
constexpr std::size_t kLine = 32;  // f16 numbers in a cache line; head_dim is padded with zeros to a multiple

// Up to kMaxQueries queries of one KV head.
struct QueryTile {
  const std::uint16_t* keys;  // of this KV head: entry p at keys + p * entry_stride
  const std::uint16_t* values;
  std::size_t kv_head;
  std::size_t entry_stride;
  std::size_t head_dim;
  std::size_t padded;          // head_dim rounded up to kLine
  const float* queries;        // [count, padded], scaled, padding zero
  const std::size_t* visible;  // [count] entries each query sees
  float* const* scores;        // [count] where to leave scores, or null
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

// Four sums at once, by a tree that treats the four alike: lane i of the result is the sum of the lanes of
// v[i].
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

// Eight numbers of an entry, from the cache itself or from a converted block.
HWY_INLINE VF LoadNumbers(const float* from) {
  return hn::LoadU(DF(), from);
}
HWY_INLINE VF LoadNumbers(const std::uint16_t* from) {
  const hn::Rebind<hwy::float16_t, DF> dh;
  return hn::PromoteTo(DF(), hn::LoadU(dh, reinterpret_cast<const hwy::float16_t*>(from)));
}

// `count` entries to floats [round_up(count, 4), padded]; padding is zero.
HWY_INLINE void ConvertBlock(float* HWY_RESTRICT out, const std::uint16_t* entries, std::size_t entry_stride,
                             std::size_t count, std::size_t head_dim, std::size_t padded) {
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  for (std::size_t e = 0; e < count; ++e) {
    const std::uint16_t* entry = entries + e * entry_stride;
    float* row = out + e * padded;
    std::size_t d = 0;
    for (; d + 4 * kLanes <= head_dim; d += 4 * kLanes) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4 * kLanes; i += kLanes)
        hn::StoreU(LoadNumbers(entry + d + i), df, row + d + i);
    }
    for (; d + kLanes <= head_dim; d += kLanes) hn::StoreU(LoadNumbers(entry + d), df, row + d);
    if (d < head_dim) {
      std::uint16_t tail[kLanes] = {};
      std::copy(entry + d, entry + head_dim, tail);
      hn::StoreU(LoadNumbers(tail), df, row + d);
      d += kLanes;
    }
    for (; d < padded; ++d) row[d] = 0.0F;
  }
  std::fill(out + count * padded, out + (count + 3) / 4 * 4 * padded, 0.0F);
}

// Where the numbers lie that are needed next: one load ahead for each load of the block in hand, so that
// memory works while we compute. Entry e, number d: at + e * stride + d; null asks for nothing.
struct Ahead {
  const std::uint16_t* at;
  std::size_t stride;
  HWY_INLINE void Prefetch(std::size_t entry, std::size_t d) const {
    if (at != nullptr) hwy::Prefetch(at + entry * stride + d);
  }
};

// Several heads that walk the cache together share out the next block's rows, in the order of memory. One
// head alone asks for its own short piece of each row.
HWY_INLINE Ahead AheadOf(const QueryTile& tile, const std::uint16_t* of_head, std::size_t next,
                         std::size_t part, std::size_t parts) {
  if (parts == 1) return {of_head + next * tile.entry_stride, tile.entry_stride};
  const std::uint16_t* rows = of_head - tile.kv_head * tile.head_dim + next * tile.entry_stride;
  return {rows + part * kBlock * tile.head_dim, tile.head_dim};
}

// Scores of kQueries queries with the block's entries, four at a time.
template <std::size_t kQueries, typename Number>
HWY_INLINE void BlockScores(float* HWY_RESTRICT scores, const float* HWY_RESTRICT queries,
                            const Number* HWY_RESTRICT keys, std::size_t stride, std::size_t count,
                            std::size_t padded, Ahead ahead) {
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  for (std::size_t e = 0; e < count; e += 4) {
    for (std::size_t d = 0; d < padded; d += kLine) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) ahead.Prefetch(e + i, d);
    }
    VF sum[kQueries][4];
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) sum[q][i] = hn::Zero(df);
    }
    const Number* block = keys + e * stride;
    for (std::size_t d = 0; d < padded; d += kLanes) {
      VF key[4];
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) key[i] = LoadNumbers(block + i * stride + d);
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

// One query's scores [kBlock], of which the first `visible` count, become weights exp(score - max); the rest
// become 0. Returns the factor by which what was accumulated before must shrink.
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
template <std::size_t kQueries, typename Number>
HWY_INLINE void BlockValues(float* HWY_RESTRICT accumulators, const float* HWY_RESTRICT shrink,
                            const float* HWY_RESTRICT weights, const Number* HWY_RESTRICT values,
                            std::size_t stride, std::size_t count, std::size_t padded, Ahead ahead) {
  const DF df;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  constexpr std::size_t kVectors = kLine / kLanes;
  for (std::size_t d = 0; d < padded; d += kVectors * kLanes) {
    VF sum[kQueries][kVectors];
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
      const VF factor = hn::Set(df, shrink[q]);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kVectors; ++i) {
        sum[q][i] = hn::Mul(hn::LoadU(df, accumulators + q * padded + d + i * kLanes), factor);
      }
    }
    for (std::size_t e = 0; e < count; ++e) {
      ahead.Prefetch(e, d);
      VF value[kVectors];
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kVectors; ++i) value[i] = LoadNumbers(values + e * stride + d + i * kLanes);
#pragma GCC unroll 8
      for (std::size_t q = 0; q < kQueries; ++q) {
        const VF weight = hn::Set(df, weights[q * kBlock + e]);
#pragma GCC unroll 8
        for (std::size_t i = 0; i < kVectors; ++i) sum[q][i] = hn::MulAdd(weight, value[i], sum[q][i]);
      }
    }
#pragma GCC unroll 8
    for (std::size_t q = 0; q < kQueries; ++q) {
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kVectors; ++i) {
        hn::StoreU(sum[q][i], df, accumulators + q * padded + d + i * kLanes);
      }
    }
  }
}

template <typename Number>
HWY_INLINE void ScoresOfTile(float* scores, const QueryTile& tile, const Number* keys, std::size_t stride,
                             std::size_t count, Ahead ahead) {
  std::size_t q = 0;
  for (; q + 2 <= tile.count; q += 2, ahead.at = nullptr) {
    BlockScores<2>(scores + q * kBlock, tile.queries + q * tile.padded, keys, stride, count, tile.padded,
                   ahead);
  }
  if (q < tile.count) {
    BlockScores<1>(scores + q * kBlock, tile.queries + q * tile.padded, keys, stride, count, tile.padded,
                   ahead);
  }
}

template <typename Number>
HWY_INLINE void ValuesOfTile(float* accumulators, const QueryTile& tile, const float* shrink,
                             const float* weights, const Number* values, std::size_t stride,
                             std::size_t count, Ahead ahead) {
  std::size_t q = 0;
  for (; q + 2 <= tile.count; q += 2, ahead.at = nullptr) {
    BlockValues<2>(accumulators + q * tile.padded, shrink + q, weights + q * kBlock, values, stride, count,
                   tile.padded, ahead);
  }
  if (q < tile.count) {
    BlockValues<1>(accumulators + q * tile.padded, shrink + q, weights + q * kBlock, values, stride, count,
                   tile.padded, ahead);
  }
}

// Scores of the block at entry b become weights. A query that sees none of the block is left alone by it, so
// its result is the same whichever queries share its tile.
HWY_INLINE void WeightsOfTile(float* scores, float* shrink, const QueryTile& tile, std::size_t b,
                              const Partial& partial) {
  for (std::size_t q = 0; q < tile.count; ++q) {
    float* row = scores + q * kBlock;
    const std::size_t visible = tile.visible[q] > b ? std::min(kBlock, tile.visible[q] - b) : 0;
    if (tile.scores != nullptr) std::copy_n(row, visible, tile.scores[q] + b);
    if (visible == 0) {
      std::fill_n(row, kBlock, 0.0F);
      shrink[q] = 1.0F;
    } else {
      shrink[q] = OnlineSoftmax(row, visible, partial.max + q, partial.sum + q);
    }
  }
}

// What one task computes with: on its stack, 75 KiB.
struct Scratch {
  alignas(64) float block[kBlock * kAttentionMaxHeadDim];
  alignas(64) float scores[kMaxQueries * kBlock];
  float shrink[kMaxQueries];
};

// Adds the `count` entries from `b` on to a tile's partial result, asking meanwhile for its part of what
// comes next.
HWY_INLINE void AttendBlock(const QueryTile& tile, std::size_t b, std::size_t count, const Partial& partial,
                            Ahead next_keys, Ahead next_values, Scratch& scratch) {
  const std::size_t stride = tile.entry_stride;
  const std::uint16_t* keys = tile.keys + b * stride;
  const std::uint16_t* values = tile.values + b * stride;
  // A single pair of queries converts each entry in registers; more of them share one conversion.
  const bool direct = tile.count <= 2 && tile.padded == tile.head_dim;
  if (direct && count % 4 == 0) {
    ScoresOfTile(scratch.scores, tile, keys, stride, count, next_keys);
  } else {
    ConvertBlock(scratch.block, keys, stride, count, tile.head_dim, tile.padded);
    ScoresOfTile(scratch.scores, tile, scratch.block, tile.padded, count, next_keys);
  }
  WeightsOfTile(scratch.scores, scratch.shrink, tile, b, partial);
  if (direct) {
    ValuesOfTile(partial.accumulators, tile, scratch.shrink, scratch.scores, values, stride, count,
                 next_values);
  } else {
    ConvertBlock(scratch.block, values, stride, count, tile.head_dim, tile.padded);
    ValuesOfTile(partial.accumulators, tile, scratch.shrink, scratch.scores, scratch.block, tile.padded,
                 count, next_values);
  }
}

// The partial results of tiles that see the same entries (one tile a KV head) over entries [begin, end).
void AttendChunk(const QueryTile* tiles, std::size_t tile_count, std::size_t begin, std::size_t end,
                 const Partial* partials) {
  Scratch scratch;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < tile_count; ++i) {
    const QueryTile& tile = tiles[i];
    std::fill_n(partials[i].max, tile.count, -std::numeric_limits<float>::infinity());
    std::fill_n(partials[i].sum, tile.count, 0.0F);
    std::fill_n(partials[i].accumulators, tile.count * tile.padded, 0.0F);
    longest = std::max(longest, *std::max_element(tile.visible, tile.visible + tile.count));
  }
  end = std::min(end, longest);
  for (std::size_t b = begin; b < end; b += kBlock) {
    const std::size_t next = std::min(b + kBlock, end);
    for (std::size_t i = 0; i < tile_count; ++i) {
      const bool more = next + kBlock <= end;  // a shorter last block is not worth asking for
      const Ahead none{nullptr, 0};
      AttendBlock(tiles[i], b, next - b, partials[i],
                  more ? AheadOf(tiles[i], tiles[i].keys, next, i, tile_count) : none,
                  more ? AheadOf(tiles[i], tiles[i].values, next, i, tile_count) : none, scratch);
    }
  }
}

// total = total merged with one more chunk, for `count` queries. A chunk that a query does not see changes
// nothing.
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

std::size_t round_up(std::size_t n, std::size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

constexpr std::size_t kMaxTaskHeads = 8;  // KV heads that one task walks together

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
  float* queries;   // workspace: [kv_head][row][group][padded], scaled, padding zero
  float* partials;  // workspace: [kv_head][chunk] of partial_floats()

  [[nodiscard]] std::size_t group() const { return shape.heads / shape.kv_heads; }
  [[nodiscard]] std::size_t padded() const { return round_up(shape.head_dim, kLine); }
  [[nodiscard]] std::size_t chunks() const { return (first_position + rows + kChunk - 1) / kChunk; }
  [[nodiscard]] std::size_t query_floats() const { return rows * shape.heads * padded(); }
  [[nodiscard]] std::size_t partial_floats() const { return rows * group() * (padded() + 32); }
  /// Few rows fit one tile: then the length is split over the threads. Otherwise the rows are.
  [[nodiscard]] bool splits_length() const { return rows * group() <= kMaxQueries; }

  [[nodiscard]] Partial partial(std::size_t kv_head, std::size_t chunk) const {
    float* base = partials + (kv_head * chunks() + chunk) * partial_floats();
    const std::size_t count = rows * group();
    return {base + count * padded(), base + count * (padded() + 16), base};
  }
};

// Rows [row_begin, row_end) of one KV head, with what a QueryTile points to.
class Tile {
 public:
  Tile() = default;
  Tile(const Call& call, std::size_t kv_head, std::size_t row_begin, std::size_t row_end)
      : m_call(&call), m_row_begin(row_begin) {
    const AttentionShape& shape = call.shape;
    const std::size_t group = call.group();
    m_tile.keys = call.keys + kv_head * shape.head_dim;
    m_tile.values = call.values + kv_head * shape.head_dim;
    m_tile.kv_head = kv_head;
    m_tile.entry_stride = shape.kv_heads * shape.head_dim;
    m_tile.head_dim = shape.head_dim;
    m_tile.padded = call.padded();
    m_tile.count = (row_end - row_begin) * group;
    m_tile.queries = call.queries + (kv_head * call.rows + row_begin) * group * call.padded();
    for (std::size_t q = 0; q < m_tile.count; ++q) {
      m_visible[q] = call.first_position + row_begin + q / group + 1;
      if (call.scores != nullptr) m_scores[q] = call.scores->scores + query_index(q) * call.scores->stride;
    }
  }

  [[nodiscard]] QueryTile tile() const {
    QueryTile tile = m_tile;
    tile.visible = m_visible;
    tile.scores = m_call->scores != nullptr ? m_scores : nullptr;
    return tile;
  }

  void write(const Partial& total) const {
    const std::size_t head_dim = m_tile.head_dim;
    for (std::size_t q = 0; q < m_tile.count; ++q) {
      const float inverse = 1.0F / total.sum[q];
      float* to = m_call->out + query_index(q) * head_dim;
      const float* from = total.accumulators + q * m_tile.padded;
      for (std::size_t d = 0; d < head_dim; ++d) to[d] = from[d] * inverse;
      if (m_call->scores != nullptr) {
        m_call->scores->log_sum_exp[query_index(q)] = total.max[q] + std::log(total.sum[q]);
      }
    }
  }

 private:
  // Which of [rows, heads] query q is.
  [[nodiscard]] std::size_t query_index(std::size_t q) const {
    const std::size_t group = m_call->group();
    return (m_row_begin + q / group) * m_call->shape.heads + m_tile.kv_head * group + q % group;
  }

  const Call* m_call = nullptr;
  std::size_t m_row_begin = 0;
  QueryTile m_tile{};
  std::size_t m_visible[kMaxQueries];
  float* m_scores[kMaxQueries];
};

void prepare_queries(const Call& call, ThreadPool& pool) {
  const AttentionShape& shape = call.shape;
  const std::size_t group = call.group();
  const std::size_t padded = call.padded();
  const auto one_row = [&](std::size_t row) {
    for (std::size_t h = 0; h < shape.heads; ++h) {
      const float* from = call.query + (row * shape.heads + h) * shape.head_dim;
      float* to = call.queries + ((h / group * call.rows + row) * group + h % group) * padded;
      for (std::size_t d = 0; d < shape.head_dim; ++d) to[d] = from[d] * shape.scale;
      std::fill(to + shape.head_dim, to + padded, 0.0F);
    }
  };
  if (call.rows <= 8) {
    for (std::size_t row = 0; row < call.rows; ++row) one_row(row);
  } else {
    pool.run(call.rows, one_row);
  }
}

void attend_split_length(const Call& call, ThreadPool& pool) {
  const auto attend = HWY_DYNAMIC_DISPATCH(AttendChunk);
  const auto merge = HWY_DYNAMIC_DISPATCH(MergeChunk);
  const std::size_t chunks = call.chunks();
  const std::size_t kv_heads = call.shape.kv_heads;
  // A task takes several KV heads, and so whole rows of the cache, where there are chunks enough for all
  // threads.
  const std::size_t heads =
      chunks >= 2 * static_cast<std::size_t>(pool.size()) ? std::min(kv_heads, kMaxTaskHeads) : 1;
  const std::size_t head_tasks = (kv_heads + heads - 1) / heads;
  pool.run(chunks * head_tasks, [&](std::size_t task) {
    const std::size_t chunk = task / head_tasks;
    const std::size_t first = task % head_tasks * heads;
    const std::size_t count = std::min(heads, kv_heads - first);
    Tile tiles[kMaxTaskHeads];
    QueryTile views[kMaxTaskHeads];
    Partial partials[kMaxTaskHeads];
    for (std::size_t i = 0; i < count; ++i) {
      tiles[i] = Tile(call, first + i, 0, call.rows);
      views[i] = tiles[i].tile();
      partials[i] = call.partial(first + i, chunk);
    }
    attend(views, count, chunk * kChunk, (chunk + 1) * kChunk, partials);
  });
  const auto finish = [&](std::size_t kv_head) {
    const Tile tile(call, kv_head, 0, call.rows);
    const Partial total = call.partial(kv_head, 0);
    for (std::size_t chunk = 1; chunk < chunks; ++chunk) {
      merge(total, call.partial(kv_head, chunk), tile.tile().count, call.padded());
    }
    tile.write(total);
  };
  // Merging little is done before the pool has woken.
  if (chunks * call.query_floats() < 65536) {
    for (std::size_t kv_head = 0; kv_head < kv_heads; ++kv_head) finish(kv_head);
  } else {
    pool.run(kv_heads, finish);
  }
}

// Room for one partial result on a task's stack: 33 KiB.
struct PartialStorage {
  float max[kMaxQueries];
  float sum[kMaxQueries];
  alignas(64) float accumulators[kMaxQueries * kAttentionMaxHeadDim];
  [[nodiscard]] Partial view() { return {max, sum, accumulators}; }
};

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
    const QueryTile view = tile.tile();
    PartialStorage total;
    PartialStorage chunk;
    const Partial total_view = total.view();
    const Partial chunk_view = chunk.view();
    attend(&view, 1, 0, kChunk, &total_view);
    for (std::size_t begin = kChunk; begin < call.first_position + row_end; begin += kChunk) {
      attend(&view, 1, begin, begin + kChunk, &chunk_view);
      merge(total_view, chunk_view, view.count, call.padded());
    }
    tile.write(total_view);
  });
}

}  // namespace

std::size_t attention_workspace_bytes(std::size_t rows, const AttentionShape& shape,
                                      std::size_t first_position) {
  const Call call{nullptr, nullptr, nullptr, nullptr, rows, shape, first_position, nullptr, nullptr, nullptr};
  const std::size_t partials =
      call.splits_length() ? shape.kv_heads * call.chunks() * call.partial_floats() : 0;
  return (call.query_floats() + partials) * sizeof(float);
}

// NOLINTNEXTLINE(readability-non-const-parameter): the workers write through the copy in the call.
void attention(float* out, const float* query, const std::uint16_t* keys, const std::uint16_t* values,
               std::size_t rows, const AttentionShape& shape, std::size_t first_position,
               const AttentionScores* scores, void* workspace, ThreadPool& pool) {
  Call call{out,    query, keys, values, rows, shape, first_position, scores, static_cast<float*>(workspace),
            nullptr};
  call.partials = call.queries + call.query_floats();
  prepare_queries(call, pool);
  if (call.splits_length()) {
    attend_split_length(call, pool);
  } else {
    attend_split_rows(call, pool);
  }
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
