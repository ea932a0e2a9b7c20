#include "engine/oracle_selector.h"

#include <algorithm>
#include <utility>

#include "engine/llama.h"

namespace fovea {

Result<std::unique_ptr<Selector>> OracleSelector::create(Backend& backend, Decoder& verifier,
                                                         const SparsityOptions& options) {
  std::unique_ptr<OracleSelector> selector(new OracleSelector(backend, verifier, options));
  if (Result<void> allocated = selector->allocate(); !allocated) return allocated.error();
  const auto heads = static_cast<std::size_t>(verifier.config().heads);
  const auto kv_heads = static_cast<std::size_t>(verifier.config().kv_heads);
  const std::size_t queries = Llama::kMaxLogitRows * heads;
  const std::size_t output = queries * static_cast<std::size_t>(verifier.config().head_dim);
  const std::size_t scores = queries * selector->m_stride;
  const std::size_t mass = Llama::kMaxLogitRows * kv_heads * selector->m_stride;
  Result<Buffer> scratch = backend.allocate((output + scores + queries + mass + kv_heads) * sizeof(float));
  if (!scratch) return scratch.error();
  selector->m_scratch = std::move(scratch).value();
  selector->m_output = reinterpret_cast<float*>(selector->m_scratch.get());
  selector->m_scores = selector->m_output + output;
  selector->m_log_sum_exp = selector->m_scores + scores;
  selector->m_mass = selector->m_log_sum_exp + queries;
  selector->m_weights = selector->m_mass + mass;
  const std::vector<float> alike(kv_heads, 1.0F / static_cast<float>(kv_heads));
  write_values(backend, selector->m_weights, std::span<const float>(alike));
  return std::unique_ptr<Selector>(std::move(selector));
}

void OracleSelector::choose_layer(std::size_t layer, const AttentionCall& call, const float* query,
                                  std::size_t rows) {
  AttentionCall full = call;
  const kernels::AttentionScores scores{m_scores, m_stride, m_log_sum_exp, 0};
  full.scores = &scores;
  m_backend.attention(m_output, query, rows, full);
  m_judging_reads += static_cast<std::int64_t>(call.first_position + rows);

  SelectCall select = select_call(call.first_position);
  select.layers = 1;
  select.p += layer;
  if (select.value_norms != nullptr) select.value_norms += layer * select.value_norm_stride;
  select.mass = m_mass;
  select.mass_stride = m_stride;
  select.sources = call.kv_heads;
  select.weights = m_weights;
  // One row where the mean is selected from, else each by itself.
  const bool mean = m_options.rows == RowCombination::kMean;
  select.rows = mean ? 1 : rows;
  for (std::size_t r = 0; r < select.rows; ++r) {
    const ScoreRows from{.scores = m_scores + r * call.heads * m_stride,
                         .log_sum_exp = m_log_sum_exp + r * call.heads,
                         .stride = m_stride,
                         .rows = mean ? rows : 1,
                         .heads = call.heads,
                         .kv_heads = call.kv_heads};
    m_backend.attention_mass(m_mass + r * call.kv_heads * m_stride, m_stride, from, call.first_position);
  }
  SelectionLists of_layer = lists();
  of_layer.positions += layer * of_layer.stride;
  of_layer.counts += layer;
  of_layer.estimate += 2 * layer * of_layer.stride;
  of_layer.masses += layer;
  m_backend.select(of_layer, select);
}

}  // namespace fovea
