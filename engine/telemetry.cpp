#include "engine/telemetry.h"

#include <algorithm>
#include <cstddef>

namespace fovea {
namespace {

void count_first(std::vector<std::int64_t>& counts, int length) {
  const auto size = static_cast<std::size_t>(std::max(length, 0));
  if (counts.size() < size) counts.resize(size, 0);
  for (std::size_t position = 0; position < size; ++position) ++counts[position];
}

}  // namespace

void TurnStatistics::add(const StepTelemetry& step) {
  // A step's mass is a mean over its rows, one for each proposed token and one more, so steps weigh by their
  // rows.
  const auto rows_before = static_cast<double>(proposed + steps);
  const auto rows = static_cast<double>(step.proposed + 1);
  attention_mass_kept =
      (attention_mass_kept * rows_before + step.attention_mass_kept * rows) / (rows_before + rows);

  steps += 1;
  generated_tokens += step.emitted;
  proposed += step.proposed;
  accepted += step.accepted;
  kv_entries_read += step.kv_entries_read;
  kv_entries_dense += step.kv_entries_dense;
  draft_kv_entries_read += step.draft_kv_entries_read;
  draft_seconds += step.draft_seconds;
  select_seconds += step.select_seconds;
  verify_seconds += step.verify_seconds;
  sample_seconds += step.sample_seconds;
  count_first(proposed_at, step.proposed);
  count_first(accepted_at, step.accepted);
}

}  // namespace fovea
