#include "engine/calibration.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/attention_rows.h"
#include "engine/content_hash.h"
#include "engine/selector.h"

namespace fovea {
namespace {

constexpr std::size_t kBlockRows = 5;  // as many as a step usually drafts
constexpr std::size_t kShortestContext = 256;
constexpr std::size_t kSensitivitySteps = 24;
constexpr std::size_t kSamplesMax = 64;
constexpr std::size_t kSamplesMin = 8;
constexpr std::size_t kRowBytesMax = std::size_t{128}
                                     << 20;  // of each of the two sets of the verifier's rows

// Evenly over the text, the first where a context has become long enough to choose from.
std::vector<std::size_t> sample_positions(std::size_t tokens, std::size_t sources) {
  const std::size_t bytes = tokens / 2 * sources * sizeof(float);
  const std::size_t count = std::clamp(kRowBytesMax / bytes, kSamplesMin, kSamplesMax);
  const std::size_t begin = kShortestContext / 2;
  std::vector<std::size_t> positions(count);
  for (std::size_t i = 0; i < count; ++i) {
    positions[i] = begin + (tokens - kBlockRows - begin) * (i + 1) / count;
  }
  return positions;
}

// Lets a selector prune one layer and leaves the others alone.
class OneLayer final : public AttentionPlan {
 public:
  OneLayer(Selector& selector, std::size_t layer) : m_selector(selector), m_layer(layer) {}
  [[nodiscard]] bool is_dense() const override { return false; }
  std::optional<std::size_t> begin_pass(std::size_t first_position, std::size_t rows) override {
    m_selector.begin_pass(first_position, rows);
    return std::nullopt;
  }
  void plan_layer(std::size_t layer, AttentionCall& call, const float* query, std::size_t rows) override {
    if (layer == m_layer) m_selector.plan_layer(layer, call, query, rows);
  }

 private:
  Selector& m_selector;
  std::size_t m_layer;
};

// KL(p || q) in nats of two rows of logits.
double divergence(std::span<const float> p, std::span<const float> q) {
  const auto log_sum = [](std::span<const float> logits) {
    const double largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - largest);
    return largest + std::log(sum);
  };
  const double p_sum = log_sum(p);
  const double q_sum = log_sum(q);
  double total = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double log_p = static_cast<double>(p[i]) - p_sum;
    total += std::exp(log_p) * (log_p - (static_cast<double>(q[i]) - q_sum));
  }
  return total;
}

}  // namespace

Result<AlignmentRows> collect_rows(Decoder& decoder, Backend& backend, std::span<const TokenId> ids,
                                   std::span<const AttentionSample> samples,
                                   const std::function<void(double)>& on_progress,
                                   const std::stop_token& stop) {
  std::size_t slots = 1;
  std::size_t positions = 0;
  for (const AttentionSample& sample : samples) {
    slots = std::max(slots, sample.rows);
    positions += sample.entries;
  }
  auto exported = AttentionRows::create(backend, decoder.config(), slots, ids.size());
  if (!exported) return exported.error();
  AttentionRows& rows = **exported;
  AlignmentRows collected(rows.layers(), rows.kv_heads());
  collected.reserve(samples.size(), positions);
  Result<Buffer> mass = backend.allocate(rows.sources() * ids.size() * sizeof(float));
  if (!mass) return mass.error();
  auto* of_backend = reinterpret_cast<float*>(mass->get());

  for (std::size_t i = 0; i < samples.size(); ++i) {
    const AttentionSample& sample = samples[i];
    const std::span<const TokenId> seen = ids.first(sample.first + sample.rows);
    const Result<std::size_t> prefilled = decoder.prefill(ids.first(sample.first + 1), nullptr, stop);
    if (!prefilled) return prefilled.error();
    rows.expect(0, sample.rows);
    decoder.decode(seen, std::min(sample.rows, Llama::kMaxLogitRows), &rows);
    rows.mass(of_backend, ids.size(), 0, sample.rows, sample.entries);
    const std::size_t row = collected.add_row(sample.entries);
    for (std::size_t source = 0; source < rows.sources(); ++source) {
      const std::span<float> probabilities =
          collected.probabilities(row, source / rows.kv_heads(), source % rows.kv_heads());
      read_values(backend, probabilities, static_cast<const float*>(of_backend) + source * ids.size());
    }
    if (on_progress) on_progress(static_cast<double>(i + 1) / static_cast<double>(samples.size()));
  }
  return collected;
}

Result<std::vector<float>> measure_sensitivity(Decoder& verifier, Decoder& draft, Backend& backend,
                                               std::span<const TokenId> ids,
                                               const std::vector<float>& weights,
                                               const std::function<void(double)>& on_progress,
                                               const std::stop_token& stop) {
  const std::size_t capacity = std::min(verifier.capacity(), draft.capacity());
  auto rows = AttentionRows::create(backend, draft.config(), kBlockRows + 1, capacity);
  if (!rows) return rows.error();
  SparsityOptions options;
  options.attention_top_p = 0.5F;
  auto selector = make_selector(backend, verifier, options, {rows->get(), weights, {}});
  if (!selector) return selector.error();

  const auto layers = static_cast<std::size_t>(verifier.config().layers);
  std::vector<double> sums(layers, 0.0);
  std::vector<float> dense;
  for (std::size_t step = 0; step < kSensitivitySteps; ++step) {
    const std::size_t first = kShortestContext / 2 + (ids.size() - kBlockRows - 1 - kShortestContext / 2) *
                                                         (step + 1) / kSensitivitySteps;
    const std::span<const TokenId> seen = ids.first(first + kBlockRows + 1);
    Result<std::size_t> prefilled = verifier.prefill(ids.first(first + 1), nullptr, stop);
    if (prefilled) prefilled = draft.prefill(ids.first(first + 1), nullptr, stop);
    if (!prefilled) return prefilled.error();
    (*rows)->expect(0, kBlockRows + 1);
    draft.decode(seen, kBlockRows + 1, rows->get());
    const std::span<const float> logits = verifier.decode_to_host(seen, kBlockRows + 1);
    dense.assign(logits.begin(), logits.end());
    const std::size_t vocabulary = dense.size() / (kBlockRows + 1);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "Aligning the models was stopped.", ""};
      (*selector)->prepare(first, kBlockRows + 1);
      OneLayer plan(**selector, layer);
      const std::span<const float> pruned = verifier.decode_to_host(seen, kBlockRows + 1, &plan, Reuse::kAny);
      for (std::size_t r = 0; r <= kBlockRows; ++r) {
        sums[layer] += divergence(std::span(dense).subspan(r * vocabulary, vocabulary),
                                  pruned.subspan(r * vocabulary, vocabulary));
      }
    }
    if (on_progress) on_progress(static_cast<double>(step + 1) / kSensitivitySteps);
  }
  std::vector<float> sensitivity(layers);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    // Rounding may leave a layer that loses nothing a hair below 0.
    sensitivity[layer] =
        static_cast<float>(std::max(sums[layer], 0.0) / (kSensitivitySteps * (kBlockRows + 1)));
  }
  return sensitivity;
}

Result<Alignment> align(Decoder& verifier, Decoder& draft, Backend& backend, std::span<const TokenId> ids,
                        const std::string& description, const std::function<void(double)>& on_progress,
                        const std::stop_token& stop) {
  ids = ids.first(std::min({ids.size(), verifier.capacity(), draft.capacity()}));
  if (ids.size() < kShortestContext) {
    return Error{ErrorCode::kInvalidArgument,
                 "Aligning two models needs at least " + std::to_string(kShortestContext) +
                     " tokens of text and context; there are " + std::to_string(ids.size()) + ".",
                 "Choose a longer context or a longer text."};
  }
  const auto sources = static_cast<std::size_t>(verifier.config().layers) *
                       static_cast<std::size_t>(verifier.config().kv_heads);
  // Single queries for the maps, as the paper has it; means over the rows of a step for the mixture, which is
  // what selection works on.
  std::vector<AttentionSample> singles;
  std::vector<AttentionSample> blocks;
  for (const std::size_t position : sample_positions(ids.size(), sources)) {
    singles.push_back({position, 1, position + 1});
    blocks.push_back({position, kBlockRows, position});
  }
  const auto part = [&](double begin, double share) {
    return [&on_progress, begin, share](double fraction) {
      if (on_progress) on_progress(begin + share * fraction);
    };
  };
  auto verifier_singles = collect_rows(verifier, backend, ids, singles, part(0.0, 0.35), stop);
  if (!verifier_singles) return verifier_singles.error();
  auto draft_singles = collect_rows(draft, backend, ids, singles, part(0.35, 0.05), stop);
  if (!draft_singles) return draft_singles.error();
  const Result<CostMatrix> layers = layer_cost(*verifier_singles, *draft_singles);
  if (!layers) return layers.error();
  const Result<CostMatrix> heads = head_cost(*verifier_singles, *draft_singles);
  if (!heads) return heads.error();
  verifier_singles = AlignmentRows(0, 0);  // gives the memory back
  auto verifier_blocks = collect_rows(verifier, backend, ids, blocks, part(0.4, 0.35), stop);
  if (!verifier_blocks) return verifier_blocks.error();
  auto draft_blocks = collect_rows(draft, backend, ids, blocks, part(0.75, 0.05), stop);
  if (!draft_blocks) return draft_blocks.error();
  const Result<std::vector<float>> mixture = fit_mixture(*verifier_blocks, *draft_blocks);
  if (!mixture) return mixture.error();
  const Result<std::vector<float>> sensitivity =
      measure_sensitivity(verifier, draft, backend, ids, *mixture, part(0.8, 0.2), stop);
  if (!sensitivity) return sensitivity.error();

  Alignment alignment;
  alignment.verifier_hash = content_hash(verifier.gguf().bytes());
  alignment.draft_hash = content_hash(draft.gguf().bytes());
  alignment.verifier_name = verifier.config().name;
  alignment.draft_name = draft.config().name;
  alignment.verifier_layers = verifier.config().layers;
  alignment.verifier_kv_heads = verifier.config().kv_heads;
  alignment.draft_layers = draft.config().layers;
  alignment.draft_kv_heads = draft.config().kv_heads;
  alignment.calibration = description;
  alignment.calibration_tokens = static_cast<int>(ids.size());
  alignment.calibration_rows = static_cast<int>(singles.size());
  alignment.layer_map = monotone_map(*layers);
  alignment.head_map = head_map(*heads);
  alignment.mixture = *mixture;
  alignment.sensitivity = *sensitivity;
  alignment.layer_cost = layers->values;
  alignment.head_cost = heads->values;
  return alignment;
}

}  // namespace fovea
