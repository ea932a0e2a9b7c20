#include "kernels/cpu/attention.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/attention.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include "kernels/cpu/attention_tile-inl.h"

#if HWY_ONCE
namespace fovea::kernels::cpu {
namespace {

HWY_EXPORT(AttendChunk);
HWY_EXPORT(MergeChunk);
HWY_EXPORT(QuantizeQuery);

std::size_t round_up(std::size_t n, std::size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// Everything of one call, so that tasks need one reference.
struct Call {
  float* out;
  const float* query;
  KvNumbers cache;
  std::size_t rows;
  AttentionShape shape;
  std::size_t first_position;
  const AttentionSelection* selection;
  const AttentionScores* scores;
  std::int32_t* positions;  // workspace: [entries()] where there is a selection, else null
  std::int16_t* queries;    // workspace: [kv_head][row][group][padded], padding zero
  float* query_scales;      // workspace: [kv_head][row][group]
  float* partials;          // workspace: [kv_head][chunk] of partial_floats()

  [[nodiscard]] std::size_t group() const { return shape.heads / shape.kv_heads; }
  [[nodiscard]] std::size_t padded() const { return round_up(shape.head_dim, kLine); }
  /// Entries that every row sees, before those of the pass itself.
  [[nodiscard]] std::size_t shared_entries() const {
    return selection != nullptr ? selection->count : first_position;
  }
  [[nodiscard]] std::size_t entries() const { return shared_entries() + rows; }
  [[nodiscard]] std::size_t chunks() const { return (entries() + kChunk - 1) / kChunk; }
  [[nodiscard]] std::size_t position_floats() const {
    return selection != nullptr ? round_up(entries(), 16) : 0;
  }
  [[nodiscard]] std::size_t query_numbers() const { return rows * shape.heads * padded(); }
  [[nodiscard]] std::size_t scale_floats() const { return round_up(rows * shape.heads, 16); }
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
      : m_call(&call), m_kv_head(kv_head), m_row_begin(row_begin) {
    const AttentionShape& shape = call.shape;
    const std::size_t group = call.group();
    m_tile.keys = call.cache.keys + kv_head * shape.head_dim;
    m_tile.values = call.cache.values + kv_head * shape.head_dim;
    m_tile.scales = call.cache.scales + kv_head * 2;
    m_tile.positions = call.positions;
    m_tile.entry_stride = shape.kv_heads * shape.head_dim;
    m_tile.scale_stride = shape.kv_heads * 2;
    m_tile.head_dim = shape.head_dim;
    m_tile.padded = call.padded();
    m_tile.count = (row_end - row_begin) * group;
    const std::size_t first_query = (kv_head * call.rows + row_begin) * group;
    m_tile.queries = call.queries + first_query * call.padded();
    m_tile.query_scales = call.query_scales + first_query;
    for (std::size_t q = 0; q < m_tile.count; ++q) {
      m_visible[q] = call.shared_entries() + row_begin + q / group + 1;
      m_scores[q] = exported(q) ? call.scores->scores + export_index(q) * call.scores->stride : nullptr;
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
      if (exported(q)) {
        m_call->scores->log_sum_exp[export_index(q)] = total.max[q] + std::log(total.sum[q]);
      }
    }
  }

 private:
  // Which of [rows, heads] query q is.
  [[nodiscard]] std::size_t query_index(std::size_t q) const {
    const std::size_t group = m_call->group();
    return (m_row_begin + q / group) * m_call->shape.heads + m_kv_head * group + q % group;
  }

  [[nodiscard]] bool exported(std::size_t q) const {
    return m_call->scores != nullptr && m_row_begin + q / m_call->group() >= m_call->scores->first_row;
  }
  [[nodiscard]] std::size_t export_index(std::size_t q) const {
    return query_index(q) - m_call->scores->first_row * m_call->shape.heads;
  }

  const Call* m_call = nullptr;
  std::size_t m_kv_head = 0;
  std::size_t m_row_begin = 0;
  QueryTile m_tile{};
  std::size_t m_visible[kMaxQueries];
  float* m_scores[kMaxQueries];
};

void prepare_queries(const Call& call, ThreadPool& pool) {
  const auto quantize = HWY_DYNAMIC_DISPATCH(QuantizeQuery);
  const AttentionShape& shape = call.shape;
  const std::size_t group = call.group();
  const auto one_row = [&](std::size_t row) {
    for (std::size_t h = 0; h < shape.heads; ++h) {
      const float* from = call.query + (row * shape.heads + h) * shape.head_dim;
      const std::size_t to = (h / group * call.rows + row) * group + h % group;
      call.query_scales[to] =
          quantize(call.queries + to * call.padded(), from, shape.head_dim, call.padded()) * shape.scale;
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
  // A task takes several KV heads, and so longer pieces of the cache's rows, where there are chunks enough
  // for all threads.
  const std::size_t heads = chunks >= 2 * static_cast<std::size_t>(pool.size())
                                ? std::min({kv_heads, kMaxTaskHeads, kMaxTaskNumbers / call.padded()})
                                : 1;
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
  if (chunks * call.query_numbers() < 65536) {
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
    for (std::size_t begin = kChunk; begin < call.shared_entries() + row_end; begin += kChunk) {
      attend(&view, 1, begin, begin + kChunk, &chunk_view);
      merge(total_view, chunk_view, view.count, call.padded());
    }
    tile.write(total_view);
  });
}

}  // namespace

std::size_t attention_workspace_bytes(std::size_t rows, const AttentionShape& shape,
                                      std::size_t first_position) {
  // A selection is never longer than what it selects from.
  const AttentionSelection all{nullptr, first_position};
  const Call call{nullptr, nullptr, {},      rows,    shape,   first_position,
                  &all,    nullptr, nullptr, nullptr, nullptr, nullptr};
  const std::size_t partials =
      call.splits_length() ? shape.kv_heads * call.chunks() * call.partial_floats() : 0;
  return (call.position_floats() + call.scale_floats() + partials) * sizeof(float) +
         call.query_numbers() * sizeof(std::int16_t);
}

// NOLINTNEXTLINE(readability-non-const-parameter): the workers write through the copy in the call.
void attention(float* out, const float* query, const KvNumbers& cache, std::size_t rows,
               const AttentionShape& shape, std::size_t first_position, const AttentionSelection* selection,
               const AttentionScores* scores, void* workspace, ThreadPool& pool) {
  Call call{out,       query,  cache,   rows,    shape,   first_position,
            selection, scores, nullptr, nullptr, nullptr, nullptr};
  auto* memory = static_cast<float*>(workspace);
  call.query_scales = memory + call.position_floats();
  call.queries = reinterpret_cast<std::int16_t*>(call.query_scales + call.scale_floats());
  call.partials = reinterpret_cast<float*>(call.queries + call.query_numbers());
  if (selection != nullptr) {
    call.positions = static_cast<std::int32_t*>(workspace);
    std::copy_n(selection->positions, selection->count, call.positions);
    std::iota(call.positions + selection->count, call.positions + call.entries(),
              static_cast<std::int32_t>(first_position));
  }
  prepare_queries(call, pool);
  if (call.splits_length()) {
    attend_split_length(call, pool);
  } else {
    attend_split_rows(call, pool);
  }
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
