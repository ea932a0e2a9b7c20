#include "engine/selector.h"

#include <algorithm>
#include <utility>

#include "engine/draft_selector.h"
#include "engine/oracle_selector.h"
#include "engine/quest_selector.h"
#include "engine/streaming_selector.h"

namespace fovea {

Selector::Selector(Backend& backend, Decoder& verifier, const SparsityOptions& options,
                   std::span<const float> leniency)
    : m_backend(backend),
      m_cache(verifier.cache()),
      m_options(options),
      m_stride((verifier.capacity() + 15) / 16 * 16),
      m_results(static_cast<std::size_t>(verifier.config().layers)),
      m_p(m_results.size(), options.attention_top_p),
      m_selections(m_results.size()),
      m_pruned(m_results.size(), false) {
  if (!options.per_layer) return;
  for (std::size_t layer = 0; layer < std::min(leniency.size(), m_p.size()); ++layer) {
    m_p[layer] = std::clamp(1.0F - (1.0F - options.attention_top_p) * leniency[layer], 0.0F, 1.0F);
  }
}

Result<void> Selector::allocate() {
  const std::size_t entries = m_results.size() * m_stride;
  Result<Buffer> memory = m_backend.allocate(entries * (sizeof(std::int32_t) + 2 * sizeof(float)));
  if (!memory) return memory.error();
  m_memory = std::move(memory).value();
  m_chosen = reinterpret_cast<std::int32_t*>(m_memory.get());
  m_estimate = reinterpret_cast<float*>(m_chosen + entries);
  return {};
}

SelectCall Selector::select_call(std::size_t positions) const {
  SelectCall call;
  call.layers = m_results.size();
  call.positions = positions;
  call.sinks = static_cast<std::size_t>(m_options.sinks);
  call.window = static_cast<std::size_t>(m_options.window);
  call.p = m_p.data();
  if (m_options.value_aware) {
    call.value_norms = m_cache.value_norms(0, 0);
    call.value_norm_stride = m_cache.capacity();
  }
  call.combination = m_options.rows;
  call.search = m_options.search;
  return call;
}

void Selector::prepare(std::size_t positions, std::size_t draft_rows) {
  m_positions = positions;
  m_reads = {};
  m_judging_reads = 0;
  choose(positions, draft_rows);
}

void Selector::plan_layer(std::size_t layer, AttentionCall& call, const float* query, std::size_t rows) {
  const std::size_t before = call.first_position;
  // Lists made for another length say nothing about this pass.
  const bool pruned = !reads_all(layer) && before == m_positions;
  if (pruned) choose_layer(layer, call, query, rows);
  if (!pruned) m_results[layer] = {before, 1.0, 1.0};
  const std::size_t count = pruned ? m_results[layer].count : before;
  m_reads.read += static_cast<std::int64_t>(count + rows);
  m_reads.dense += static_cast<std::int64_t>(before + rows);
  m_pruned[layer] = count < before;
  if (!m_pruned[layer]) return;
  m_selections[layer] = {chosen(layer), count};
  call.selection = &m_selections[layer];
}

std::span<const std::int32_t> Selector::positions(std::size_t layer) const {
  return {m_chosen + layer * m_stride, m_results[layer].count};
}

double Selector::mass_kept() const {
  double sum = 0;
  for (const LayerSelection& result : m_results) sum += result.mass_kept();
  return sum / static_cast<double>(m_results.size());
}

Result<std::unique_ptr<Selector>> make_selector(Backend& backend, Decoder& verifier,
                                                const SparsityOptions& options, SelectorInputs inputs) {
  switch (options.selector) {
    case SelectorKind::kDraft:
      return DraftSelector::create(backend, verifier, options, std::move(inputs));
    case SelectorKind::kStreaming:
      return StreamingSelector::create(backend, verifier, options);
    case SelectorKind::kQuest:
      return QuestSelector::create(backend, verifier, options);
    case SelectorKind::kOracle:
      return OracleSelector::create(backend, verifier, options);
  }
  return Error{ErrorCode::kInvalidArgument, "This selector is unknown.", ""};
}

}  // namespace fovea
