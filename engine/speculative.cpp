#include "engine/speculative.h"

#include <algorithm>
#include <chrono>

namespace fovea {
namespace {

class Stopwatch {
 public:
  /// Seconds since the last call, or since creation.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> seconds = now - m_last;
    m_last = now;
    return seconds.count();
  }

 private:
  std::chrono::steady_clock::time_point m_last = std::chrono::steady_clock::now();
};

}  // namespace

StepTelemetry dense_step(Decoder& verifier, Sampler& sampler, std::vector<TokenId>& sequence, Reuse reuse) {
  StepTelemetry telemetry;
  Stopwatch watch;
  RowDraws draws(verifier.backend(), sampler);
  draws.begin({verifier.decode(sequence, 1, nullptr, reuse), sequence});
  verifier.backend().wait();
  telemetry.verify_seconds = watch.lap();
  const TokenId next = draws[0].token;
  sequence.push_back(next);
  telemetry.sample_seconds = watch.lap();
  telemetry.emitted = 1;
  telemetry.context_tokens = sequence.size() - 1;
  telemetry.kv_entries_read = verifier.kv_entries();
  telemetry.kv_entries_dense = verifier.kv_entries();
  return telemetry;
}

void Speculative::note_reads(std::size_t rows, StepTelemetry& telemetry) {
  m_selector->collect();
  telemetry.kv_entries_read = m_selector->reads().read + m_selector->judging_reads();
  telemetry.kv_entries_dense = m_selector->reads().dense;
  telemetry.attention_mass_kept = m_selector->mass_kept();
  telemetry.layers.resize(m_selector->layers());
  const std::size_t before = telemetry.context_tokens - rows;
  for (std::size_t layer = 0; layer < m_selector->layers(); ++layer) {
    const LayerSelection& result = m_selector->result(layer);
    telemetry.layers[layer] = {static_cast<std::int32_t>(result.count + rows),
                               static_cast<float>(result.mass_kept())};
    if (m_read_map == nullptr) continue;
    if (m_selector->read_everything(layer)) {
      m_read_map->add_range(layer, 0, before);
    } else {
      m_read_map->add(layer, m_selector->positions(layer));
    }
    m_read_map->add_range(layer, before, telemetry.context_tokens);
  }
}

RowLogits Speculative::verify(const std::vector<TokenId>& sequence, std::size_t rows, Reading reading,
                              StepTelemetry& telemetry) {
  telemetry.context_tokens = sequence.size();
  if (m_selector == nullptr || reading == Reading::kEverything) {
    telemetry.kind = rows == 1 ? PassKind::kPlain : PassKind::kSpeculative;
    const RowLogits logits = m_verifier.decode(sequence, rows);
    telemetry.kv_entries_read = m_verifier.kv_entries();
    telemetry.kv_entries_dense = m_verifier.kv_entries();
    return logits;
  }
  telemetry.kind = PassKind::kSparse;
  Stopwatch watch;
  m_selector->prepare(sequence.size() - rows, m_draft.filled_rows());
  if (m_waits) m_verifier.backend().wait();
  telemetry.select_seconds = watch.lap();
  const RowLogits logits = m_verifier.decode(sequence, rows, m_selector, Reuse::kAny);
  note_reads(rows, telemetry);
  return logits;
}

StepTelemetry Speculative::step(std::vector<TokenId>& sequence, int draft_tokens, Reading reading) {
  StepTelemetry telemetry;
  Stopwatch watch;
  const bool prunes = m_selector != nullptr && reading == Reading::kSelected;
  m_draft.propose(sequence, draft_tokens, prunes ? Draft::Rows::kKeep : Draft::Rows::kNone);
  if (m_waits) m_verifier.backend().wait();
  telemetry.draft_seconds = watch.lap();
  telemetry.draft_passes = m_draft.passes();

  const std::span<const TokenId> proposals = m_draft.tokens();
  const std::size_t context = sequence.size();
  sequence.insert(sequence.end(), proposals.begin(), proposals.end());
  const bool shared = m_draft.rule() == AcceptanceRule::kSharedNoise;
  m_draws.begin({verify(sequence, proposals.size() + 1, reading, telemetry), sequence, false, !shared});
  m_verifier.backend().wait();
  telemetry.verify_seconds = watch.lap();
  telemetry.draft_kv_entries_read = m_draft.kv_entries_read();

  const auto drawn = [&](std::size_t i) {
    const TokenId token = m_draws[i].token;
    return m_replay == nullptr || i == proposals.size() ? token : m_replay->judge(proposals[i], token);
  };
  const Acceptance::Run run =
      shared
          ? Acceptance::accept_shared(proposals, drawn)
          : m_acceptance.accept_run(
                proposals, m_draft.distributions(),
                [&](std::size_t i) -> std::span<const TokenProbability> { return m_draws[i].distribution; },
                m_sampler.random());
  if (run.accepted < proposals.size()) {
    Refusal& refusal = telemetry.refusal.emplace();
    refusal.refused = proposals[run.accepted];
    refusal.chosen = run.next;
    if (!shared) {
      const std::vector<TokenProbability>& verifier = m_draws[run.accepted].distribution;
      refusal.draft_probability = probability_of(m_draft.distributions()[run.accepted], refusal.refused);
      refusal.verifier_probability = probability_of(verifier, refusal.refused);
      refusal.chosen_probability = probability_of(verifier, refusal.chosen);
    }
  }
  sequence.resize(context + run.accepted);
  sequence.push_back(run.next);
  telemetry.sample_seconds = watch.lap();
  telemetry.proposed = static_cast<int>(proposals.size());
  telemetry.accepted = static_cast<int>(run.accepted);
  telemetry.emitted = static_cast<int>(run.accepted) + 1;
  return telemetry;
}

}  // namespace fovea
