#include "engine/attention_rows.h"

#include <utility>

namespace fovea {

AttentionRows::AttentionRows(Backend& backend, const ModelConfig& config, std::size_t slot_count,
                             std::size_t positions)
    : m_backend(&backend),
      m_layers(static_cast<std::size_t>(config.layers)),
      m_heads(static_cast<std::size_t>(config.heads)),
      m_kv_heads(static_cast<std::size_t>(config.kv_heads)),
      m_slots(slot_count),
      m_stride((positions + 15) / 16 * 16),
      m_calls(m_layers) {}

Result<std::unique_ptr<AttentionRows>> AttentionRows::create(Backend& backend, const ModelConfig& config,
                                                             std::size_t slot_count, std::size_t positions) {
  std::unique_ptr<AttentionRows> rows(new AttentionRows(backend, config, slot_count, positions));
  const std::size_t queries = rows->m_layers * rows->m_slots * rows->m_heads;
  Result<Buffer> memory = backend.allocate(queries * (rows->m_stride + 1) * sizeof(float));
  if (!memory) return memory.error();
  rows->m_memory = std::move(memory).value();
  return rows;
}

kernels::AttentionScores AttentionRows::view(std::size_t layer, std::size_t slot) const {
  auto* scores = reinterpret_cast<float*>(m_memory.get());
  float* log_sum_exps = scores + m_layers * m_slots * m_heads * m_stride;
  const std::size_t query = (layer * m_slots + slot) * m_heads;
  return {scores + query * m_stride, m_stride, log_sum_exps + query, 0};
}

void AttentionRows::plan_layer(std::size_t layer, AttentionCall& call, const float* /*query*/,
                               std::size_t rows) {
  if (m_expected == 0 || m_expected > rows) return;
  m_calls[layer] = view(layer, m_first_slot);
  m_calls[layer].first_row = rows - m_expected;
  call.scores = &m_calls[layer];
}

ScoreRows AttentionRows::rows(std::size_t first_slot, std::size_t count, std::size_t mean_of) const {
  const kernels::AttentionScores first = view(0, first_slot);
  return {.scores = first.scores,
          .log_sum_exp = first.log_sum_exp,
          .stride = m_stride,
          .layers = m_layers,
          .layer_rows = m_slots,
          .rows = count,
          .heads = m_heads,
          .kv_heads = m_kv_heads,
          .mean_of = mean_of};
}

void AttentionRows::mass(float* mass, std::size_t mass_stride, std::size_t first_slot, std::size_t count,
                         std::size_t n) {
  const std::size_t dense = m_lists == nullptr ? count : first_slot == 0 ? 1 : 0;
  // Where no row saw everything the sum begins with nothing.
  m_backend->attention_mass(mass, mass_stride, rows(first_slot, dense, count), n);
  if (dense == count) return;
  ScoreRows listed = rows(first_slot + dense, count - dense, count);
  listed.lists = m_lists;
  m_backend->attention_mass(mass, mass_stride, listed, n);
}

}  // namespace fovea
