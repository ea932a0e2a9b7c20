// What a turn cost and saved: counters the engine fills, and the window, the store and the exporter read.
// Plain values. "Entries" are (layer, position) pairs of the verifier's KV cache, as DESIGN.md counts them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/options.h"

namespace fovea {

/// What a pass of the verifier was for.
enum class PassKind {
  kPlain,        // one token, nothing proposed, everything read
  kSpeculative,  // checks proposals, everything read
  kSparse,       // checks proposals, reads what was selected; in mode exact its tokens are provisional
  kConfirm,      // mode exact: everything read, confirms or corrects the provisional tokens
};
inline constexpr std::size_t kPassKinds = 4;

/// One layer of a sparse pass.
struct LayerReads {
  std::int32_t entries_read = 0;  // what the pass itself appended included
  float mass_kept = 1;            // estimated share of its attention, as attention_mass_kept
};

/// The token at which a pass stopped agreeing, and what stands in its place. Probabilities are those after
/// the sampling filters; NaN where none were computed (drawing with shared noise needs none).
struct Refusal {
  TokenId refused = 0;
  TokenId chosen = 0;
  float draft_probability = std::numeric_limits<float>::quiet_NaN();     // of the refused token
  float verifier_probability = std::numeric_limits<float>::quiet_NaN();  // of the refused token
  float chosen_probability = std::numeric_limits<float>::quiet_NaN();    // the verifier's, of the chosen one
};

/// One pass of the verifier, with the draft round before it.
struct StepTelemetry {
  PassKind kind = PassKind::kPlain;
  int proposed = 0;                // tokens the draft proposed
  int accepted = 0;                // of those, accepted by the verifier
  int emitted = 0;                 // tokens this pass added to the answer; 0 while they are provisional
  int confirmed = 0;               // kConfirm: provisional tokens that stand
  int refused = 0;                 // kConfirm: provisional tokens that do not
  std::size_t context_tokens = 0;  // entries a layer has, those of the pass included
  std::int64_t kv_entries_read = 0;
  std::int64_t kv_entries_dense = 0;       // 0 for kConfirm: without sparse passes there would be none
  std::int64_t draft_kv_entries_read = 0;  // of the draft's own cache
  int draft_passes = 0;                    // of the draft: at least as many as it proposed
  double attention_mass_kept = 1.0;  // estimated, mean over layers; 1: nothing pruned, NaN: nobody knows
  double draft_seconds = 0;
  double select_seconds = 0;  // choosing what verification reads; part of verify_seconds
  double verify_seconds = 0;
  double sample_seconds = 0;
  std::vector<LayerReads> layers;  // [layer]; empty where every layer read everything
  std::optional<Refusal> refusal;  // none where everything proposed stands
  std::vector<TokenId> tokens;     // [emitted]: what this pass added to the answer
};

/// How often each stretch of the context was read: the heatmap. Counts of entries by layer and bucket of
/// positions.
class ReadMap {
 public:
  static constexpr std::size_t kBucketPositions = 8;

  ReadMap() = default;
  /// One that was kept: reads [layer][bucket], dense [bucket].
  ReadMap(std::vector<std::vector<std::int64_t>> reads, std::vector<std::int64_t> dense)
      : m_reads(std::move(reads)), m_dense(std::move(dense)) {}

  /// A layer read these positions, which ascend.
  void add(std::size_t layer, std::span<const std::int32_t> positions);
  /// A layer read positions begin .. end - 1.
  void add_range(std::size_t layer, std::size_t begin, std::size_t end);
  /// What every layer would have read in a pass over a context of `length` without pruning.
  void add_pass(std::size_t length);

  [[nodiscard]] std::size_t layers() const { return m_reads.size(); }
  [[nodiscard]] std::span<const std::int64_t> reads(std::size_t layer) const { return m_reads[layer]; }
  /// [bucket]: reads a layer would have made, densely.
  [[nodiscard]] std::span<const std::int64_t> dense() const { return m_dense; }
  bool operator==(const ReadMap&) const = default;

 private:
  std::vector<std::int64_t>& buckets(std::size_t layer, std::size_t positions);

  std::vector<std::vector<std::int64_t>> m_reads;  // [layer][bucket]
  std::vector<std::int64_t> m_dense;               // [bucket]
};

/// Sums over a turn. The two "reads" count verification only; the draft's own traffic stands beside it.
struct TurnStatistics {
  int prompt_tokens = 0;     // length of the whole prompt
  int prefilled_tokens = 0;  // of those, not already in the KV cache
  int generated_tokens = 0;
  double prefill_seconds = 0;
  double time_to_first_token_seconds = 0;
  double decode_seconds = 0;
  int steps = 0;                         // passes of the verifier
  std::array<int, kPassKinds> passes{};  // [PassKind] how many of each kind
  std::int64_t proposed = 0;
  std::int64_t accepted = 0;
  std::int64_t kv_entries_read = 0;
  std::int64_t kv_entries_dense = 0;
  std::int64_t draft_kv_entries_read = 0;
  double attention_mass_kept = 1.0;  // NaN where nobody estimated it
  double draft_seconds = 0;
  double select_seconds = 0;
  double verify_seconds = 0;
  double sample_seconds = 0;
  std::vector<std::int64_t> proposed_at;  // [draft position] how often a token was proposed there
  std::vector<std::int64_t> accepted_at;  // [draft position] how often it was accepted
  std::int64_t confirmed = 0;             // mode exact: provisional tokens that the dense pass let stand
  std::int64_t refused = 0;               // and those it did not
  ReadMap read_map;                       // all passes
  std::int64_t estimated_rows = 0;        // rows that attention_mass_kept is a mean over

  [[nodiscard]] double tokens_per_second() const {
    return decode_seconds > 0 ? static_cast<double>(generated_tokens) / decode_seconds : 0.0;
  }
  [[nodiscard]] double acceptance_rate() const {
    return proposed > 0 ? static_cast<double>(accepted) / static_cast<double>(proposed) : 0.0;
  }
  /// Mode exact: share of the provisional tokens that the dense pass looked at and let stand.
  [[nodiscard]] double agreement() const {
    return confirmed + refused > 0 ? static_cast<double>(confirmed) / static_cast<double>(confirmed + refused)
                                   : 1.0;
  }
  [[nodiscard]] double kv_reads_saved() const {
    return kv_entries_dense > 0
               ? 1.0 - static_cast<double>(kv_entries_read) / static_cast<double>(kv_entries_dense)
               : 0.0;
  }
  /// Adds one step: its counters and seconds to the sums, `emitted` to generated_tokens, its rows to
  /// proposed_at and accepted_at, its mass to the mean (weighted by rows, proposed + 1; not of a pass that
  /// confirms, or where nobody knows it). The caller sets what no step knows: the prompt and the prefill and
  /// decode times.
  void add(const StepTelemetry& step);
};

}  // namespace fovea
