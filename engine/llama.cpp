#include "engine/llama.h"

#include <algorithm>
#include <array>

namespace fovea {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

// Hands out consecutive pieces of one allocation: first only counted, then given.
class Carver {
 public:
  explicit Carver(std::byte* memory) : m_memory(memory) {}
  float* floats(std::size_t n) {
    std::byte* piece = m_memory == nullptr ? nullptr : m_memory + m_bytes;
    m_bytes += (n * sizeof(float) + 63) / 64 * 64;
    return reinterpret_cast<float*>(piece);
  }
  [[nodiscard]] std::size_t bytes() const { return m_bytes; }

 private:
  std::byte* m_memory;
  std::size_t m_bytes = 0;
};

}  // namespace

Result<Llama> Llama::create(const Weights& weights, const ModelConfig& config, Backend& backend,
                            std::size_t positions) {
  const std::size_t width = size(config.width);
  const std::size_t query = size(config.heads * config.head_dim);
  const std::size_t key = size(config.kv_heads * config.head_dim);
  const std::size_t feed_forward = size(config.feed_forward);
  const Result<void> reserved = backend.reserve({.rows = kMaxRows,
                                                 .columns = std::max({width, query, feed_forward}),
                                                 .heads = size(config.heads),
                                                 .kv_heads = size(config.kv_heads),
                                                 .head_dim = size(config.head_dim),
                                                 .positions = positions});
  if (!reserved) return reserved.error();

  Llama llama(weights, config, backend);
  const auto carve = [&](std::byte* memory) {
    Carver carver(memory);
    llama.m_residual = carver.floats(kMaxRows * width);
    llama.m_normed = carver.floats(kMaxRows * width);
    llama.m_query = carver.floats(kMaxRows * query);
    llama.m_key = carver.floats(kMaxRows * key);
    llama.m_value = carver.floats(kMaxRows * key);
    llama.m_attention = carver.floats(kMaxRows * query);
    llama.m_gate = carver.floats(kMaxRows * feed_forward);
    llama.m_up = carver.floats(kMaxRows * feed_forward);
    llama.m_projected = carver.floats(kMaxRows * width);
    llama.m_logits = carver.floats(kMaxLogitRows * size(config.vocabulary));
    return carver.bytes();
  };
  Result<Buffer> memory = backend.allocate(carve(nullptr));
  if (!memory) return memory.error();
  llama.m_memory = std::move(memory).value();
  carve(llama.m_memory.get());
  llama.m_host_logits.resize(kMaxLogitRows * size(config.vocabulary));
  return llama;
}

void Llama::layer(std::size_t index, KvCache& cache, std::size_t rows, AttentionPlan* plan) {
  const LayerWeights& w = m_weights->layers[index];
  const std::size_t width = size(m_config.width);
  const std::size_t heads = size(m_config.heads);
  const std::size_t kv_heads = size(m_config.kv_heads);
  const std::size_t head_dim = size(m_config.head_dim);
  const std::size_t first = cache.size();
  Backend& backend = *m_backend;

  backend.rms_norm(m_normed, m_residual, w.attention_norm, rows, width, m_config.norm_epsilon);
  backend.project(std::array<Projection, 3>{{{m_query, &w.query}, {m_key, &w.key}, {m_value, &w.value}}},
                  m_normed, rows);
  backend.rope(m_query, rows, heads, head_dim);
  backend.rope(m_key, rows, kv_heads, head_dim);
  backend.store(cache.keys(index, first), m_key, rows * kv_heads * head_dim);
  backend.store(cache.values(index, first), m_value, rows * kv_heads * head_dim);
  backend.row_norms(cache.value_norms(index, first), m_value, rows, kv_heads * head_dim);
  AttentionCall call{.keys = cache.keys(index, 0),
                     .values = cache.values(index, 0),
                     .heads = heads,
                     .kv_heads = kv_heads,
                     .head_dim = head_dim,
                     .first_position = first};
  if (plan != nullptr) plan->plan_layer(index, call, m_query, rows);
  backend.attention(m_attention, m_query, rows, call);
  backend.project(std::array<Projection, 1>{{{m_projected, &w.attention_output}}}, m_attention, rows);
  backend.add(m_residual, m_projected, rows * width);

  backend.rms_norm(m_normed, m_residual, w.feed_forward_norm, rows, width, m_config.norm_epsilon);
  backend.project(std::array<Projection, 2>{{{m_gate, &w.gate}, {m_up, &w.up}}}, m_normed, rows);
  backend.silu_gate(m_gate, m_gate, m_up, rows * size(m_config.feed_forward));
  backend.project(std::array<Projection, 1>{{{m_projected, &w.down}}}, m_gate, rows);
  backend.add(m_residual, m_projected, rows * width);
}

std::span<const float> Llama::forward(KvCache& cache, std::span<const TokenId> ids, std::size_t logit_rows,
                                      AttentionPlan* plan) {
  const std::size_t rows = ids.size();
  const std::size_t width = size(m_config.width);
  m_backend->begin_rope(cache.size(), rows, size(m_config.head_dim), m_config.rope_base);
  m_backend->embed(m_residual, m_weights->embedding, ids);
  for (std::size_t i = 0; i < m_weights->layers.size(); ++i) layer(i, cache, rows, plan);
  const bool dense = plan == nullptr || plan->is_dense();
  cache.append(ids, dense ? KvCache::Origin::kDense : KvCache::Origin::kSparse);
  if (logit_rows == 0) return {};

  const float* last = m_residual + (rows - logit_rows) * width;
  m_backend->rms_norm(m_normed, last, m_weights->output_norm, logit_rows, width, m_config.norm_epsilon);
  m_backend->project(std::array<Projection, 1>{{{m_logits, &m_weights->output}}}, m_normed, logit_rows);
  const std::size_t count = logit_rows * size(m_config.vocabulary);
  m_backend->read(m_host_logits.data(), m_logits, count);
  return std::span<const float>(m_host_logits).first(count);
}

}  // namespace fovea
