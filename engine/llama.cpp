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

BackendLimits Llama::limits(const ModelConfig& config, std::size_t positions) {
  return {.rows = kMaxRows,
          .columns =
              std::max({size(config.width), size(config.heads * config.head_dim), size(config.feed_forward)}),
          .heads = size(config.heads),
          .kv_heads = size(config.kv_heads),
          .head_dim = size(config.head_dim),
          .positions = positions,
          .rope_base = config.rope_base};
}

std::size_t Llama::carve(std::byte* memory, const ModelConfig& config) {
  const std::size_t query = size(config.heads * config.head_dim);
  const std::size_t key = size(config.kv_heads * config.head_dim);
  Carver carver(memory);
  m_residual = carver.floats(kMaxRows * size(config.width));
  m_query = carver.floats(kMaxRows * query);
  m_key = carver.floats(kMaxRows * key);
  m_value = carver.floats(kMaxRows * key);
  m_attention = carver.floats(kMaxRows * query);
  m_gate = carver.floats(kMaxRows * size(config.feed_forward));
  m_logits = carver.floats(kMaxLogitRows * size(config.vocabulary));
  return carver.bytes();
}

std::size_t Llama::activation_bytes(const ModelConfig& config) {
  return Llama().carve(nullptr, config);
}

Result<Llama> Llama::create(const Weights& weights, const ModelConfig& config, Backend& backend,
                            std::size_t positions) {
  if (Result<void> reserved = backend.reserve(limits(config, positions)); !reserved) return reserved.error();
  Llama llama(weights, config, backend);
  Result<Buffer> memory = backend.allocate(activation_bytes(config));
  if (!memory) return memory.error();
  llama.m_memory = std::move(memory).value();
  llama.carve(llama.m_memory.get(), config);
  return llama;
}

void Llama::layer(std::size_t index, KvCache& cache, std::size_t rows, AttentionPlan* plan) {
  const LayerWeights& w = m_weights->layers[index];
  const std::size_t heads = size(m_config.heads);
  const std::size_t kv_heads = size(m_config.kv_heads);
  const KvEntries entries = cache.entries(index);
  Backend& backend = *m_backend;

  const Norm attention_norm{w.attention_norm, m_config.norm_epsilon};
  backend.project(std::array<Projection, 3>{{{m_query, &w.query}, {m_key, &w.key}, {m_value, &w.value}}},
                  m_residual, &attention_norm, rows);
  backend.append(entries, m_query, m_key, m_value, heads, kv_heads);
  AttentionCall call{.entries = entries,
                     .heads = heads,
                     .kv_heads = kv_heads,
                     .head_dim = size(m_config.head_dim),
                     .first_position = cache.size()};
  if (plan != nullptr) plan->plan_layer(index, call, m_query, rows);
  backend.attention(m_attention, m_query, rows, call);
  backend.project_add({m_residual, &w.attention_output}, m_attention, rows);

  backend.project_gated(m_gate, w.gate, w.up, m_residual, {w.feed_forward_norm, m_config.norm_epsilon}, rows);
  backend.project_add({m_residual, &w.down}, m_gate, rows);
}

void Llama::compute(KvCache& cache, std::size_t rows, std::size_t logit_rows, AttentionPlan* plan) {
  m_backend->embed(m_residual, m_weights->embedding);
  for (std::size_t i = 0; i < m_weights->layers.size(); ++i) layer(i, cache, rows, plan);
  if (logit_rows == 0) return;
  const Norm norm{m_weights->output_norm, m_config.norm_epsilon};
  m_backend->project(std::array<Projection, 1>{{{m_logits, &m_weights->output}}},
                     m_residual + (rows - logit_rows) * size(m_config.width), &norm, logit_rows);
}

RowLogits Llama::forward(KvCache& cache, std::span<const TokenId> ids, std::size_t logit_rows,
                         AttentionPlan* plan) {
  std::optional<PassKey> key = PassKey{this, plan, 0, ids.size(), logit_rows};
  if (plan != nullptr) {
    const std::optional<std::size_t> variant = plan->begin_pass(cache.size(), ids.size());
    if (variant) {
      key->variant = *variant;
    } else {
      key.reset();
    }
  }
  if (m_backend->begin_pass({ids, cache.size(), size(m_config.head_dim), m_config.rope_base, key})) {
    compute(cache, ids.size(), logit_rows, plan);
  }
  m_backend->end_pass();
  const bool dense = plan == nullptr || plan->is_dense();
  cache.append(ids, dense ? KvCache::Origin::kDense : KvCache::Origin::kSparse);
  return {m_logits, logit_rows, size(m_config.vocabulary)};
}

}  // namespace fovea
