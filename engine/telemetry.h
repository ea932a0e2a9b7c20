// What a turn cost and saved: counters the engine fills, and the window, the store and the exporter read.
// Plain values. "Entries" are (layer, position) pairs of the verifier's KV cache, as DESIGN.md counts them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fovea {

/// One step: one draft round and one verifier pass (in mode dense: one verifier pass).
struct StepTelemetry {
  int proposed = 0;  // tokens the draft proposed
  int accepted = 0;  // of those, accepted by the verifier
  int emitted = 0;   // tokens this step added to the answer (accepted + 1, or fewer at an end)
  std::int64_t kv_entries_read = 0;
  std::int64_t kv_entries_dense = 0;
  std::int64_t draft_kv_entries_read = 0;  // of the draft's own cache
  double attention_mass_kept = 1.0;        // estimated, mean over layers; 1 when nothing was pruned, NaN when unknown
  double draft_seconds = 0;
  double select_seconds = 0;  // choosing what verification reads; part of verify_seconds
  double verify_seconds = 0;
  double sample_seconds = 0;
};

/// Sums over a turn. The two "reads" count verification only; the draft's own traffic stands beside it.
struct TurnStatistics {
  int prompt_tokens = 0;     // length of the whole prompt
  int prefilled_tokens = 0;  // of those, not already in the KV cache
  int generated_tokens = 0;
  double prefill_seconds = 0;
  double time_to_first_token_seconds = 0;
  double decode_seconds = 0;
  int steps = 0;
  std::int64_t proposed = 0;
  std::int64_t accepted = 0;
  std::int64_t kv_entries_read = 0;
  std::int64_t kv_entries_dense = 0;
  std::int64_t draft_kv_entries_read = 0;
  double attention_mass_kept = 1.0;
  double draft_seconds = 0;
  double select_seconds = 0;
  double verify_seconds = 0;
  double sample_seconds = 0;
  std::vector<std::int64_t> proposed_at;  // [draft position] how often a token was proposed there
  std::vector<std::int64_t> accepted_at;  // [draft position] how often it was accepted

  [[nodiscard]] double tokens_per_second() const {
    return decode_seconds > 0 ? static_cast<double>(generated_tokens) / decode_seconds : 0.0;
  }
  [[nodiscard]] double acceptance_rate() const {
    return proposed > 0 ? static_cast<double>(accepted) / static_cast<double>(proposed) : 0.0;
  }
  [[nodiscard]] double kv_reads_saved() const {
    return kv_entries_dense > 0
               ? 1.0 - static_cast<double>(kv_entries_read) / static_cast<double>(kv_entries_dense)
               : 0.0;
  }
  /// Adds one step: its counters and seconds to the sums, `emitted` to generated_tokens, its rows to
  /// proposed_at and accepted_at, its mass to the mean (weighted by rows, proposed + 1). The caller sets what
  /// no step knows: the prompt and the prefill and decode times.
  void add(const StepTelemetry& step);
};

}  // namespace fovea
