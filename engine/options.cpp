#include "engine/options.h"

#include <array>
#include <cmath>
#include <utility>

namespace fovea {
namespace {

constexpr std::array<std::pair<Mode, std::string_view>, 4> kModes{{
    {Mode::kDense, "dense"},
    {Mode::kSpeculative, "speculative"},
    {Mode::kSparse, "sparse"},
    {Mode::kExact, "exact"},
}};

constexpr std::array<std::pair<SelectorKind, std::string_view>, 4> kSelectors{{
    {SelectorKind::kDraft, "draft"},
    {SelectorKind::kStreaming, "streaming"},
    {SelectorKind::kQuest, "quest"},
    {SelectorKind::kOracle, "oracle"},
}};
constexpr std::array<std::pair<AlignmentMap, std::string_view>, 3> kMaps{{
    {AlignmentMap::kMixture, "mixture"},
    {AlignmentMap::kHead, "head"},
    {AlignmentMap::kLayer, "layer"},
}};
constexpr std::array<std::pair<RowCombination, std::string_view>, 3> kRowCombinations{{
    {RowCombination::kMean, "mean"},
    {RowCombination::kMax, "max"},
    {RowCombination::kUnion, "union"},
}};
constexpr std::array<std::pair<ThresholdSearch, std::string_view>, 2> kSearches{{
    {ThresholdSearch::kHistogram, "histogram"},
    {ThresholdSearch::kBisection, "bisection"},
}};

template <typename Enum, std::size_t Count>
std::string_view name_in(const std::array<std::pair<Enum, std::string_view>, Count>& table, Enum value) {
  for (const auto& [known, name] : table) {
    if (known == value) return name;
  }
  return "unknown";
}

template <typename Enum, std::size_t Count>
std::optional<Enum> value_in(const std::array<std::pair<Enum, std::string_view>, Count>& table,
                             std::string_view name) {
  for (const auto& [value, known] : table) {
    if (known == name) return value;
  }
  return std::nullopt;
}

Error out_of_range(std::string_view field, const std::string& value, std::string_view range) {
  return Error{ErrorCode::kInvalidArgument,
               std::string(field) + " is " + value + ", outside " + std::string(range) + ".",
               "Choose a value in that range."};
}

/// Written so that NaN fails every comparison and is refused with the rest.
Result<void> validate(const SamplingOptions& sampling) {
  const auto text = [](float value) { return std::to_string(value); };
  if (!(sampling.temperature >= 0.0F && sampling.temperature <= SamplingOptions::kMaxTemperature)) {
    return out_of_range("temperature", text(sampling.temperature),
                        "0 to " + std::to_string(static_cast<int>(SamplingOptions::kMaxTemperature)));
  }
  if (sampling.top_k < 0) return out_of_range("top_k", std::to_string(sampling.top_k), "0 and above");
  if (!(sampling.top_p > 0.0F && sampling.top_p <= 1.0F)) {
    return out_of_range("top_p", text(sampling.top_p), "0 (excluded) to 1");
  }
  if (!(sampling.min_p >= 0.0F && sampling.min_p < 1.0F)) {
    return out_of_range("min_p", text(sampling.min_p), "0 to 1 (excluded)");
  }
  if (!(sampling.repetition_penalty >= SamplingOptions::kMinRepetitionPenalty) ||
      !std::isfinite(sampling.repetition_penalty)) {
    return out_of_range("repetition_penalty", text(sampling.repetition_penalty), "1 and above");
  }
  if (sampling.repetition_window < 0) {
    return out_of_range("repetition_window", std::to_string(sampling.repetition_window), "0 and above");
  }
  return {};
}

Result<void> validate(const SparsityOptions& sparsity) {
  const auto text = [](float value) { return std::to_string(value); };
  if (!(sparsity.attention_top_p >= 0.0F && sparsity.attention_top_p <= 1.0F)) {
    return out_of_range("attention_top_p", text(sparsity.attention_top_p), "0 to 1");
  }
  if (!(sparsity.draft_top_p >= 0.0F && sparsity.draft_top_p <= 1.0F)) {
    return out_of_range("draft_top_p", text(sparsity.draft_top_p), "0 to 1");
  }
  if (!(sparsity.next_share >= 0.0F && sparsity.next_share <= 1.0F)) {
    return out_of_range("next_share", text(sparsity.next_share), "0 to 1");
  }
  if (!(sparsity.budget >= 0.0F && sparsity.budget <= 1.0F)) {
    return out_of_range("budget", text(sparsity.budget), "0 to 1");
  }
  for (const auto& [name, value] : {std::pair{"sinks", sparsity.sinks}, std::pair{"window", sparsity.window},
                                    std::pair{"dense_layers", sparsity.dense_layers}}) {
    if (value < 0) return out_of_range(name, std::to_string(value), "0 and above");
  }
  return {};
}

}  // namespace

std::string_view to_string(Mode mode) {
  return name_in(kModes, mode);
}
std::optional<Mode> mode_from_string(std::string_view name) {
  return value_in(kModes, name);
}
std::string_view to_string(SelectorKind kind) {
  return name_in(kSelectors, kind);
}
std::optional<SelectorKind> selector_from_string(std::string_view name) {
  return value_in(kSelectors, name);
}
std::string_view to_string(AlignmentMap map) {
  return name_in(kMaps, map);
}
std::optional<AlignmentMap> alignment_map_from_string(std::string_view name) {
  return value_in(kMaps, name);
}
std::string_view to_string(RowCombination rows) {
  return name_in(kRowCombinations, rows);
}
std::optional<RowCombination> row_combination_from_string(std::string_view name) {
  return value_in(kRowCombinations, name);
}
std::string_view to_string(ThresholdSearch search) {
  return name_in(kSearches, search);
}
std::optional<ThresholdSearch> threshold_search_from_string(std::string_view name) {
  return value_in(kSearches, name);
}

Result<void> validate(const GenerationOptions& options) {
  if (to_string(options.mode) == "unknown") {
    return out_of_range("mode", std::to_string(static_cast<int>(options.mode)), "the known modes");
  }
  if (auto sampling = validate(options.sampling); !sampling) return sampling;
  if (auto sparsity = validate(options.sparsity); !sparsity) return sparsity;
  if (options.max_tokens < 1) {
    return out_of_range("max_tokens", std::to_string(options.max_tokens), "1 and above");
  }
  if (options.draft_tokens < 1 || options.draft_tokens > GenerationOptions::kMaxDraftTokens) {
    return out_of_range("draft_tokens", std::to_string(options.draft_tokens),
                        "1 to " + std::to_string(GenerationOptions::kMaxDraftTokens));
  }
  return {};
}

}  // namespace fovea
