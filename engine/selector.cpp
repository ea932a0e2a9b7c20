#include "engine/selector.h"

#include <algorithm>
#include <utility>

#include "engine/draft_selector.h"
#include "engine/oracle_selector.h"
#include "engine/quest_selector.h"
#include "engine/streaming_selector.h"

namespace fovea {

Selector::Selector(Backend& backend, Decoder& verifier, const SparsityOptions& options,
                   std::span<const float> leniency, Judges judges)
    : m_backend(backend),
      m_cache(verifier.cache()),
      m_options(options),
      m_stride((verifier.capacity() + 15) / 16 * 16),
      m_judges(judges),
      m_p(static_cast<std::size_t>(verifier.config().layers), options.attention_top_p),
      m_entry_lists(m_p.size()),
      m_results(m_p.size()),
      m_pruned(m_p.size(), false),
      m_counts(m_p.size(), 0),
      m_masses(m_p.size()) {
  if (!options.per_layer) return;
  for (std::size_t layer = 0; layer < std::min(leniency.size(), m_p.size()); ++layer) {
    m_p[layer] = std::clamp(1.0F - (1.0F - options.attention_top_p) * leniency[layer], 0.0F, 1.0F);
  }
}

Result<void> Selector::allocate() {
  const std::size_t layers = m_p.size();
  const std::size_t entries = layers * m_stride;  // the stride is a multiple of 16, so that all stays aligned
  Result<Buffer> memory =
      m_backend.allocate(entries * (2 * sizeof(float) + sizeof(std::int32_t)) +
                         layers * (sizeof(kernels::LayerMass) + sizeof(float) + sizeof(std::int32_t)));
  if (!memory) return memory.error();
  m_memory = std::move(memory).value();
  m_lists.stride = m_stride;
  m_lists.estimate = reinterpret_cast<float*>(m_memory.get());
  m_lists.positions = reinterpret_cast<std::int32_t*>(m_lists.estimate + 2 * entries);
  m_lists.masses = reinterpret_cast<kernels::LayerMass*>(m_lists.positions + entries);
  m_p_of_backend = reinterpret_cast<float*>(m_lists.masses + layers);
  m_lists.counts = reinterpret_cast<std::int32_t*>(m_p_of_backend + layers);
  write_values(m_backend, m_p_of_backend, std::span<const float>(m_p));
  // Selectors that do not estimate leave these as they are.
  write_values(m_backend, m_lists.masses, std::span<const kernels::LayerMass>(m_masses));
  for (std::size_t layer = 0; layer < layers; ++layer) {
    m_entry_lists[layer] = {m_lists.positions + layer * m_stride, m_lists.counts + layer};
  }
  return {};
}

SelectCall Selector::select_call(std::size_t positions) const {
  SelectCall call;
  call.layers = m_p.size();
  call.positions = positions;
  call.sinks = static_cast<std::size_t>(m_options.sinks);
  call.window = static_cast<std::size_t>(m_options.window);
  call.p = m_p_of_backend;
  if (m_options.value_aware) {
    call.value_norms = m_cache.entries(0).value_norms;
    call.value_norm_stride = m_cache.capacity();
  }
  call.combination = m_options.rows;
  call.search = m_options.search;
  return call;
}

void Selector::set_list(std::size_t layer, std::span<const std::int32_t> positions) {
  const auto count = static_cast<std::int32_t>(positions.size());
  write_values(m_backend, m_lists.positions + layer * m_stride, positions);
  write_values(m_backend, m_lists.counts + layer, std::span(&count, 1));
}

void Selector::prepare(std::size_t positions, std::size_t draft_rows) {
  m_positions = positions;
  m_everything = false;
  m_judging_reads = 0;
  choose(positions, draft_rows);
}

std::optional<std::size_t> Selector::begin_pass(std::size_t first_position, std::size_t rows) {
  m_pass_first = first_position;
  m_pass_rows = rows;
  if (m_judges == Judges::kByQueries) return std::nullopt;
  // Lists made for another length say nothing about this pass.
  return m_everything || m_pass_first != m_positions ? 1 : 0;
}

void Selector::plan_layer(std::size_t layer, AttentionCall& call, const float* query, std::size_t rows) {
  if (!prunes(layer)) return;
  choose_layer(layer, call, query, rows);
  call.selection = &m_entry_lists[layer];
}

void Selector::collect() {
  read_values(m_backend, std::span(m_counts), static_cast<const std::int32_t*>(m_lists.counts));
  read_values(m_backend, std::span(m_masses), static_cast<const kernels::LayerMass*>(m_lists.masses));
  m_reads = {};
  for (std::size_t layer = 0; layer < layers(); ++layer) {
    m_results[layer] = {m_pass_first, 1.0, 1.0};
    if (prunes(layer)) {
      m_results[layer] = {static_cast<std::size_t>(m_counts[layer]), m_masses[layer].kept,
                          m_masses[layer].total};
    }
    m_pruned[layer] = m_results[layer].count < m_pass_first;
    m_reads.read += static_cast<std::int64_t>(m_results[layer].count + m_pass_rows);
    m_reads.dense += static_cast<std::int64_t>(m_pass_first + m_pass_rows);
  }
}

std::span<const std::int32_t> Selector::positions(std::size_t layer) {
  m_positions_read.resize(m_results[layer].count);
  read_values(m_backend, std::span(m_positions_read),
              static_cast<const std::int32_t*>(m_lists.positions + layer * m_stride));
  return m_positions_read;
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
