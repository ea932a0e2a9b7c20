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

std::vector<std::int64_t>& ReadMap::buckets(std::size_t layer, std::size_t positions) {
  if (m_reads.size() <= layer) m_reads.resize(layer + 1);
  const std::size_t count = (positions + kBucketPositions - 1) / kBucketPositions;
  if (m_reads[layer].size() < count) m_reads[layer].resize(count, 0);
  return m_reads[layer];
}

void ReadMap::add(std::size_t layer, std::span<const std::int32_t> positions) {
  if (positions.empty()) return;
  std::vector<std::int64_t>& counts = buckets(layer, static_cast<std::size_t>(positions.back()) + 1);
  for (const std::int32_t position : positions)
    ++counts[static_cast<std::size_t>(position) / kBucketPositions];
}

void ReadMap::add_range(std::size_t layer, std::size_t begin, std::size_t end) {
  std::vector<std::int64_t>& counts = buckets(layer, end);
  for (std::size_t position = begin; position < end;) {
    const std::size_t next = std::min(end, (position / kBucketPositions + 1) * kBucketPositions);
    counts[position / kBucketPositions] += static_cast<std::int64_t>(next - position);
    position = next;
  }
}

void ReadMap::add_pass(std::size_t length) {
  m_dense.resize(std::max(m_dense.size(), (length + kBucketPositions - 1) / kBucketPositions), 0);
  for (std::size_t bucket = 0; bucket * kBucketPositions < length; ++bucket) {
    m_dense[bucket] +=
        static_cast<std::int64_t>(std::min(kBucketPositions, length - bucket * kBucketPositions));
  }
}

void TurnStatistics::add(const StepTelemetry& step) {
  // A step's mass is a mean over its rows, one for each proposed token and one more, so steps weigh by their
  // rows. A step whose mass nobody knows (NaN) makes the mean of all unknown.
  if (step.kind != PassKind::kConfirm) {
    const auto rows = std::int64_t{step.proposed} + 1;
    const auto before = static_cast<double>(estimated_rows);
    // The initial value is no row, whatever it is.
    const double sum = (estimated_rows > 0 ? attention_mass_kept * before : 0.0) +
                       step.attention_mass_kept * static_cast<double>(rows);
    estimated_rows += rows;
    attention_mass_kept = sum / static_cast<double>(estimated_rows);
  }

  passes[static_cast<std::size_t>(step.kind)] += 1;
  confirmed += step.confirmed;
  refused += step.refused;
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
