// What a user can choose for a turn: verification mode, sampling, lengths. Plain values, copied freely; no
// thread owns them. Limits stand beside the fields, and `validate` names the field that breaks one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/result.h"
#include "kernels/selection_types.h"

namespace fovea {

using TokenId = std::int32_t;

/// How the verifier checks what it emits (see README, "Modes").
enum class Mode {
  kDense,        // verifier alone, one token a pass: the reference
  kSpeculative,  // draft proposes, dense verification: same distribution, greedy is token-identical
  kSparse,       // verification reads only the KV entries that the draft's attention selects
  kExact,        // sparse first, then a dense confirmation: same distribution as dense
};

[[nodiscard]] std::string_view to_string(Mode mode);
[[nodiscard]] std::optional<Mode> mode_from_string(std::string_view name);

/// How the next token is drawn from the logits. The filters apply in this order: repetition penalty,
/// temperature, top-k, top-p, min-p. Temperature 0 is greedy and ignores the filters (the penalty still
/// applies).
struct SamplingOptions {
  float temperature = 0.8F;  // 0 .. kMaxTemperature
  int top_k = 40;            // keep the k likeliest; 0 keeps all
  float top_p = 0.95F;       // keep the likeliest until their mass reaches this; (0, 1], 1 keeps all
  float min_p = 0.05F;       // drop what is less likely than this times the likeliest; [0, 1), 0 keeps all
  float repetition_penalty =
      1.0F;  // >= 1; 1 is off. Divides positive and multiplies negative logits of seen tokens
  int repetition_window = 64;  // how many of the last tokens count as seen; 0 is off
  std::uint64_t seed = 0;  // the same seed, prompt and options give the same answer; 0 asks for a random one

  static constexpr float kMaxTemperature = 10.0F;
  static constexpr float kMinRepetitionPenalty = 1.0F;
  bool operator==(const SamplingOptions&) const = default;
};

/// Who judges which KV entries the verifier reads (modes sparse and exact).
enum class SelectorKind {
  kDraft,      // the draft's attention over its own proposals: SpecAttn, the default
  kStreaming,  // sinks and a window of `budget` of the context (Xiao et al. 2023, arXiv 2309.17453)
  kQuest,      // pages of 16 by a bound on their keys (Tang et al. 2024, arXiv 2406.10774)
  kOracle,     // the verifier's own attention, read in full: the upper bound, saves nothing
};

/// Which of the draft's heads speak for a verifier layer (engine/layer_alignment).
enum class AlignmentMap {
  kMixture,  // all of them, weighted to fit the verifier's attention best
  kHead,     // for each verifier KV head the draft's head of least divergence, averaged
  kLayer,    // the paper's: all heads of one draft layer, monotone over the layers
};

using kernels::RowCombination;
using kernels::ThresholdSearch;

/// Which KV entries verification reads in the modes sparse and exact.
struct SparsityOptions {
  SelectorKind selector = SelectorKind::kDraft;
  AlignmentMap map = AlignmentMap::kMixture;
  RowCombination rows = RowCombination::kMean;
  ThresholdSearch search = ThresholdSearch::kHistogram;
  bool value_aware = true;       // weigh a position by the length of its values, not by attention alone
  bool per_layer = true;         // be stricter with layers that suffer more from what is left out
  float next_share = 0.5F;       // 0 .. 1; what a position gains by the weight of the one after it (kDraft)
  float attention_top_p = 0.7F;  // 0 .. 1; share of the attention outside sinks and window to keep
  float budget = 0.2F;           // 0 .. 1; share of the entries that streaming and quest read
  float draft_top_p = 0.98F;     // 0 .. 1; share of its attention that the draft keeps to after a first look
  int sinks = 4;                 // first positions, always read; >= 0
  int window = 32;               // last positions before the pass, always read; >= 0
  int dense_layers = 0;          // first layers that read everything; >= 0

  bool operator==(const SparsityOptions&) const = default;
};

struct GenerationOptions {
  Mode mode = Mode::kSpeculative;
  SamplingOptions sampling;
  SparsityOptions sparsity;
  int max_tokens = 1024;  // longest answer, in tokens; >= 1
  int draft_tokens = 4;   // proposed per step in the drafting modes, at most; 1 .. kMaxDraftTokens

  static constexpr int kMaxDraftTokens = 16;
  bool operator==(const GenerationOptions&) const = default;
};

[[nodiscard]] std::string_view to_string(SelectorKind kind);
[[nodiscard]] std::optional<SelectorKind> selector_from_string(std::string_view name);
[[nodiscard]] std::string_view to_string(AlignmentMap map);
[[nodiscard]] std::optional<AlignmentMap> alignment_map_from_string(std::string_view name);
[[nodiscard]] std::string_view to_string(RowCombination rows);
[[nodiscard]] std::optional<RowCombination> row_combination_from_string(std::string_view name);
[[nodiscard]] std::string_view to_string(ThresholdSearch search);
[[nodiscard]] std::optional<ThresholdSearch> threshold_search_from_string(std::string_view name);

/// An Error naming the first field out of its range, or success.
[[nodiscard]] Result<void> validate(const GenerationOptions& options);

}  // namespace fovea
