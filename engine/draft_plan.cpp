#include "engine/draft_plan.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace fovea {
namespace {

// With fewer entries choosing costs more than it saves.
constexpr std::size_t kLeastPositions = 512;

}  // namespace

DraftPlan::DraftPlan(Backend& backend, Decoder& draft, std::size_t passes, const SparsityOptions& options)
    : m_backend(backend),
      m_cache(draft.cache()),
      m_layers(static_cast<std::size_t>(draft.config().layers)),
      m_passes(passes),
      m_stride((draft.capacity() + passes + 15) / 16 * 16),
      m_options(options),
      m_entry_lists(passes * m_layers) {}

Result<std::unique_ptr<DraftPlan>> DraftPlan::create(Backend& backend, Decoder& draft, std::size_t passes,
                                                     std::size_t kept, const SparsityOptions& options) {
  std::unique_ptr<DraftPlan> plan(new DraftPlan(backend, draft, passes, options));
  auto rows = AttentionRows::create(backend, draft.config(), kept, draft.capacity());
  if (!rows) return rows.error();
  plan->m_rows = std::move(rows).value();
  if (Result<void> allocated = plan->allocate(); !allocated) return allocated.error();
  return plan;
}

Result<void> DraftPlan::allocate() {
  const std::size_t sources = m_rows->sources();
  const std::size_t entries = m_layers * m_stride;
  const std::size_t floats = sources * m_stride + 2 * entries + m_layers * (sources + 1);
  Result<Buffer> memory = m_backend.allocate(m_layers * sizeof(kernels::LayerMass) + floats * sizeof(float) +
                                             (entries + m_passes * m_layers) * sizeof(std::int32_t));
  if (!memory) return memory.error();
  m_memory = std::move(memory).value();
  m_mass = reinterpret_cast<float*>(m_memory.get());
  m_lists.stride = m_stride;
  m_lists.estimate = m_mass + sources * m_stride;
  m_lists.positions = reinterpret_cast<std::int32_t*>(m_lists.estimate + 2 * entries);
  m_lists.masses = reinterpret_cast<kernels::LayerMass*>(m_lists.positions + entries);
  m_lists.counts = reinterpret_cast<std::int32_t*>(m_lists.masses + m_layers);
  m_weights = reinterpret_cast<float*>(m_lists.counts + m_passes * m_layers);
  m_top_p = m_weights + m_layers * sources;

  std::vector<float> weights(m_layers * sources, 0.0F);
  const std::size_t kv_heads = m_rows->kv_heads();
  for (std::size_t layer = 0; layer < m_layers; ++layer) {
    std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(layer * (sources + kv_heads)), kv_heads,
                1.0F / static_cast<float>(kv_heads));
  }
  write_values(m_backend, m_weights, std::span<const float>(weights));
  set_top_p(m_options.draft_top_p);
  for (std::size_t i = 0; i < m_passes * m_layers; ++i) {
    m_entry_lists[i] = {m_lists.positions + i % m_layers * m_stride, m_lists.counts + i};
  }
  return {};
}

void DraftPlan::set_top_p(float p) {
  m_options.draft_top_p = p;
  const std::vector<float> top_p(m_layers, p);
  write_values(m_backend, m_top_p, std::span<const float>(top_p));
}

bool DraftPlan::lists_pay(std::size_t positions) const {
  return m_options.draft_top_p < 1 && positions >= kLeastPositions;
}

void DraftPlan::choose(std::size_t positions) {
  m_rows->mass(m_mass, m_stride, 0, 1, positions);
  m_backend.select(m_lists, {.mass = m_mass,
                             .mass_stride = m_stride,
                             .sources = m_rows->sources(),
                             .weights = m_weights,
                             .layers = m_layers,
                             .value_norms = m_options.value_aware ? m_cache.entries(0).value_norms : nullptr,
                             .value_norm_stride = m_cache.capacity(),
                             .positions = positions,
                             .sinks = static_cast<std::size_t>(m_options.sinks),
                             .window = static_cast<std::size_t>(m_options.window),
                             .p = m_top_p,
                             .reach = m_passes - 1,
                             .following = m_passes - 1});
}

void DraftPlan::expect(std::size_t first, std::size_t count, std::size_t positions, bool keeps) {
  if (first == 0) {
    m_by_list = false;
    m_rows->set_lists(nullptr);
    m_entries_read = 0;
    m_list_reads = 0;
  } else if (!m_by_list && lists_pay(positions)) {
    choose(positions);
    m_by_list = true;
    m_rows->set_lists(&m_lists);
  }
  m_first = first;
  m_rows->expect(first, keeps || (first == 0 && lists_pay(positions)) ? count : 0);
  for (std::size_t query = first; query < first + count; ++query) {
    const std::size_t entries = query + 1 + (m_by_list ? 0 : positions);
    m_entries_read += static_cast<std::int64_t>(m_layers * entries);
  }
  if (m_by_list) m_list_reads += static_cast<std::int64_t>(count);
}

std::int64_t DraftPlan::entries_read() const {
  return m_entries_read + (m_list_reads == 0 ? 0 : m_list_reads * listed_entries());
}

std::optional<std::size_t> DraftPlan::begin_pass(std::size_t first_position, std::size_t rows) {
  const std::size_t kept = *m_rows->begin_pass(first_position, rows);
  return (kept * m_passes + m_first) * 2 + (m_by_list ? 1 : 0);
}

void DraftPlan::plan_layer(std::size_t layer, AttentionCall& call, const float* query, std::size_t rows) {
  m_rows->plan_layer(layer, call, query, rows);
  if (m_by_list) call.selection = &m_entry_lists[m_first * m_layers + layer];
}

void DraftPlan::calibrate(double density, std::size_t positions) {
  float low = 0;
  float high = 1;  // keeps everything
  const double wanted = density * static_cast<double>(m_layers * positions);
  constexpr int kSteps = 24;  // what a float between 0 and 1 tells apart
  for (int step = 0; step < kSteps && density < 1; ++step) {
    const float p = (low + high) / 2;
    set_top_p(p);
    choose(positions);
    (static_cast<double>(listed_entries()) < wanted ? low : high) = p;
  }
  set_top_p(high);
}

std::int64_t DraftPlan::listed_entries() const {
  std::vector<std::int32_t> counts(m_layers);
  read_values(m_backend, std::span(counts), static_cast<const std::int32_t*>(m_lists.counts));
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

}  // namespace fovea
