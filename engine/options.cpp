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

Error out_of_range(std::string_view field, const std::string& value, std::string_view range) {
  return Error{ErrorCode::kInvalidArgument,
               std::string(field) + " is " + value + ", outside " + std::string(range) + ".",
               "Choose a value in that range."};
}

/// Written so that NaN fails every comparison and is refused with the rest.
Result<void> validate(const SamplingOptions& sampling) {
  const auto text = [](float value) { return std::to_string(value); };
  if (!(sampling.temperature >= 0.0F && sampling.temperature <= 10.0F)) {
    return out_of_range("temperature", text(sampling.temperature), "0 to 10");
  }
  if (sampling.top_k < 0) return out_of_range("top_k", std::to_string(sampling.top_k), "0 and above");
  if (!(sampling.top_p > 0.0F && sampling.top_p <= 1.0F)) {
    return out_of_range("top_p", text(sampling.top_p), "0 (excluded) to 1");
  }
  if (!(sampling.min_p >= 0.0F && sampling.min_p < 1.0F)) {
    return out_of_range("min_p", text(sampling.min_p), "0 to 1 (excluded)");
  }
  if (!(sampling.repetition_penalty >= 1.0F) || !std::isfinite(sampling.repetition_penalty)) {
    return out_of_range("repetition_penalty", text(sampling.repetition_penalty), "1 and above");
  }
  if (sampling.repetition_window < 0) {
    return out_of_range("repetition_window", std::to_string(sampling.repetition_window), "0 and above");
  }
  return {};
}

}  // namespace

std::string_view to_string(Mode mode) {
  for (const auto& [value, name] : kModes) {
    if (value == mode) return name;
  }
  return "unknown";
}

std::optional<Mode> mode_from_string(std::string_view name) {
  for (const auto& [value, known] : kModes) {
    if (known == name) return value;
  }
  return std::nullopt;
}

Result<void> validate(const GenerationOptions& options) {
  if (to_string(options.mode) == "unknown") {
    return out_of_range("mode", std::to_string(static_cast<int>(options.mode)), "the known modes");
  }
  if (auto sampling = validate(options.sampling); !sampling) return sampling;
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
