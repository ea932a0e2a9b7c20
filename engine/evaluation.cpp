#include "engine/evaluation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace fovea {
namespace {

// Lets a selector plan a pass and measures which share of the verifier's attention to the entries before the
// pass its lists hold.
class MassProbe final : public AttentionPlan {
 public:
  static Result<std::unique_ptr<MassProbe>> create(Backend& backend, const ModelConfig& config,
                                                   std::size_t rows, std::size_t capacity,
                                                   Selector& selector) {
    std::unique_ptr<MassProbe> probe(new MassProbe(backend, selector, (capacity + 15) / 16 * 16));
    const auto heads = static_cast<std::size_t>(config.heads);
    const std::size_t output = rows * heads * static_cast<std::size_t>(config.head_dim);
    const std::size_t mass = static_cast<std::size_t>(config.kv_heads) * probe->m_stride;
    Result<Buffer> memory =
        backend.allocate((output + rows * heads * (probe->m_stride + 1) + mass) * sizeof(float));
    if (!memory) return memory.error();
    probe->m_memory = std::move(memory).value();
    probe->m_output = reinterpret_cast<float*>(probe->m_memory.get());
    probe->m_mass = probe->m_output + output;
    probe->m_scores = probe->m_mass + mass;
    probe->m_log_sum_exp = probe->m_scores + rows * heads * probe->m_stride;
    probe->m_layer_mass.resize(static_cast<std::size_t>(config.layers), 0.0);
    return probe;
  }

  [[nodiscard]] bool is_dense() const override { return false; }
  std::optional<std::size_t> begin_pass(std::size_t first_position, std::size_t rows) override {
    m_selector.begin_pass(first_position, rows);
    return std::nullopt;
  }
  void plan_layer(std::size_t layer, AttentionCall& call, const float* query, std::size_t rows) override {
    AttentionCall full = call;
    const kernels::AttentionScores scores{m_scores, m_stride, m_log_sum_exp, 0};
    full.scores = &scores;
    m_backend.attention(m_output, query, rows, full);
    const ScoreRows from{.scores = m_scores,
                         .log_sum_exp = m_log_sum_exp,
                         .stride = m_stride,
                         .rows = rows,
                         .heads = call.heads,
                         .kv_heads = call.kv_heads};
    m_backend.attention_mass(m_mass, m_stride, from, call.first_position);
    m_selector.plan_layer(layer, call, query, rows);
    if (call.selection == nullptr) {
      m_layer_mass[layer] += 1.0;
      return;
    }
    m_mass_read.resize(call.kv_heads * m_stride);
    read_values(m_backend, std::span(m_mass_read), static_cast<const float*>(m_mass));
    std::int32_t count = 0;
    read_values(m_backend, std::span(&count, 1), call.selection->count);
    m_list.resize(static_cast<std::size_t>(count));
    read_values(m_backend, std::span(m_list), call.selection->positions);
    double total = 0;
    double read = 0;
    for (std::size_t head = 0; head < call.kv_heads; ++head) {
      const float* mass = m_mass_read.data() + head * m_stride;
      for (std::size_t p = 0; p < call.first_position; ++p) total += mass[p];
      for (const std::int32_t p : m_list) read += mass[p];
    }
    m_layer_mass[layer] += total == 0 ? 1.0 : read / total;
  }
  [[nodiscard]] const std::vector<double>& layer_mass() const { return m_layer_mass; }

 private:
  MassProbe(Backend& backend, Selector& selector, std::size_t stride)
      : m_backend(backend), m_selector(selector), m_stride(stride) {}
  Backend& m_backend;
  Selector& m_selector;
  std::size_t m_stride;
  Buffer m_memory;
  float* m_output = nullptr;
  float* m_mass = nullptr;
  float* m_scores = nullptr;
  float* m_log_sum_exp = nullptr;
  std::vector<float> m_mass_read;    // on the host
  std::vector<std::int32_t> m_list;  // likewise, of the layer in hand
  std::vector<double> m_layer_mass;  // [layer] sums over passes
};

void add_losses(TextScore& score, std::span<const float> logits, std::span<const TokenId> next) {
  const std::size_t vocabulary = logits.size() / next.size();
  for (std::size_t r = 0; r < next.size(); ++r) {
    const std::span<const float> row = logits.subspan(r * vocabulary, vocabulary);
    const auto best = std::max_element(row.begin(), row.end());
    const double largest = *best;
    double sum = 0;
    for (const float logit : row) sum += std::exp(static_cast<double>(logit) - largest);
    const double loss = std::log(sum) + largest - static_cast<double>(row[static_cast<std::size_t>(next[r])]);
    score.negative_log_likelihood += loss;
    score.token_losses.push_back(static_cast<float>(loss));
    score.predictions.push_back(static_cast<TokenId>(best - row.begin()));
  }
  score.tokens += static_cast<int>(next.size());
}

void add_reads(TextScore& score, Selector& selector, std::size_t rows) {
  selector.collect();
  score.kv_entries_read += selector.reads().read;
  score.kv_entries_dense += selector.reads().dense;
  score.mass_estimated += selector.mass_kept();
  score.layer_entries_read.resize(selector.layers());
  for (std::size_t layer = 0; layer < selector.layers(); ++layer) {
    score.layer_entries_read[layer] += static_cast<std::int64_t>(selector.result(layer).count + rows);
  }
}

}  // namespace

double TextScore::perplexity() const {
  return std::exp(negative_log_likelihood / tokens);
}
double TextScore::kv_reads_saved() const {
  return kv_entries_dense > 0
             ? 1.0 - static_cast<double>(kv_entries_read) / static_cast<double>(kv_entries_dense)
             : 0.0;
}

Result<TextScore> score_text(Decoder& verifier, Decoder* draft, DraftPlan* draft_plan, Selector* selector,
                             std::span<const TokenId> ids, std::size_t scored_from,
                             const ScoringOptions& options, Backend& backend, std::stop_token stop) {
  const auto begin = std::chrono::steady_clock::now();
  const bool drafting = selector != nullptr && draft != nullptr && draft_plan != nullptr;
  // The logits at position i score token i + 1.
  Result<std::size_t> prefilled = verifier.prefill(ids.first(scored_from), nullptr, stop);
  if (prefilled && drafting) prefilled = draft->prefill(ids.first(scored_from), nullptr, stop);
  if (!prefilled) return prefilled.error();

  const std::size_t block =
      selector == nullptr ? Llama::kMaxLogitRows : static_cast<std::size_t>(options.draft_tokens) + 1;
  std::unique_ptr<MassProbe> probe;
  if (selector != nullptr && options.measure_mass) {
    auto made = MassProbe::create(backend, verifier.config(), block, verifier.capacity(), *selector);
    if (!made) return made.error();
    probe = std::move(made).value();
  }
  AttentionPlan* plan = probe ? static_cast<AttentionPlan*>(probe.get()) : selector;

  TextScore score;
  for (std::size_t next = scored_from; next < ids.size();) {
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "Scoring was stopped.", ""};
    const std::size_t rows = std::min(block, ids.size() - next);
    std::size_t draft_row_count = 0;
    if (drafting) {
      // A row for each query that the verifier asks.
      draft_row_count = std::min(rows, draft_plan->rows().slot_count());
      draft_plan->expect(0, 1, next - 1, true);
      draft->decode(ids.first(next), 1, draft_plan, Reuse::kAny);
      if (draft_row_count > 1) {
        draft_plan->expect(1, draft_row_count - 1, next - 1, true);
        draft->decode(ids.first(next - 1 + draft_row_count), draft_row_count - 1, draft_plan, Reuse::kAny);
      }
      score.draft_kv_entries_read += draft_plan->entries_read();
    }
    if (selector != nullptr) selector->prepare(next - 1, draft_row_count);
    const std::span<const float> logits =
        selector == nullptr ? verifier.decode_to_host(ids.first(next + rows - 1), rows)
                            : verifier.decode_to_host(ids.first(next + rows - 1), rows, plan, Reuse::kAny);
    add_losses(score, logits, ids.subspan(next, rows));
    if (selector != nullptr) {
      add_reads(score, *selector, rows);
    } else {
      score.kv_entries_read += verifier.kv_entries();
      score.kv_entries_dense += verifier.kv_entries();
    }
    ++score.passes;
    next += rows;
  }
  if (probe) {
    score.layer_mass_measured = probe->layer_mass();
    for (const double mass : score.layer_mass_measured) {
      score.mass_measured += mass / static_cast<double>(score.layer_mass_measured.size());
    }
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  score.seconds = elapsed.count();
  return score;
}

}  // namespace fovea
