#include "engine/calibration.h"

#include <algorithm>
#include <utility>

#include "engine/attention_rows.h"
#include "engine/content_hash.h"

namespace fovea {
namespace {

constexpr std::size_t kBlockRows = 5;  // as many as a step usually drafts
constexpr std::size_t kShortestContext = 256;
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
      backend.read(probabilities.data(), of_backend + source * ids.size(), sample.entries);
    }
    if (on_progress) on_progress(static_cast<double>(i + 1) / static_cast<double>(samples.size()));
  }
  return collected;
}

Result<Alignment> align(Decoder& verifier, Decoder& draft, Backend& backend, std::span<const TokenId> ids,
                        const std::string& description, const std::function<void(double)>& on_progress,
                        const std::stop_token& stop) {
  ids = ids.first(std::min({ids.size(), verifier.capacity(), draft.capacity()}));
  if (ids.size() < kShortestContext) {
    return Error{ErrorCode::kInvalidArgument,
                 "Aligning two models needs at least " + std::to_string(kShortestContext) +
                     " tokens of text and " + "context; there are " + std::to_string(ids.size()) + ".",
                 "Choose a longer context or a longer text."};
  }
  const auto sources = static_cast<std::size_t>(verifier.config().layers * verifier.config().kv_heads);
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
  auto verifier_singles = collect_rows(verifier, backend, ids, singles, part(0.0, 0.4), stop);
  if (!verifier_singles) return verifier_singles.error();
  auto draft_singles = collect_rows(draft, backend, ids, singles, part(0.4, 0.1), stop);
  if (!draft_singles) return draft_singles.error();
  const Result<CostMatrix> layers = layer_cost(*verifier_singles, *draft_singles);
  if (!layers) return layers.error();
  const Result<CostMatrix> heads = head_cost(*verifier_singles, *draft_singles);
  if (!heads) return heads.error();
  verifier_singles = AlignmentRows(0, 0);  // gives the memory back
  auto verifier_blocks = collect_rows(verifier, backend, ids, blocks, part(0.5, 0.3), stop);
  if (!verifier_blocks) return verifier_blocks.error();
  auto draft_blocks = collect_rows(draft, backend, ids, blocks, part(0.8, 0.1), stop);
  if (!draft_blocks) return draft_blocks.error();
  const Result<std::vector<float>> mixture = fit_mixture(*verifier_blocks, *draft_blocks);
  if (!mixture) return mixture.error();
  if (on_progress) on_progress(1.0);

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
  alignment.layer_cost = layers->values;
  alignment.head_cost = heads->values;
  return alignment;
}

}  // namespace fovea
