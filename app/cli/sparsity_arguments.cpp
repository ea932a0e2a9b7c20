#include "app/cli/sparsity_arguments.h"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::app::cli {
namespace {

constexpr const char* kGroup = "Sparse attention (modes sparse and exact)";

// One of several names, kept as the engine's value.
template <typename Enum>
void addChoice(CLI::App& command, const std::string& name, Enum& value, const std::string& description,
               const std::vector<std::string>& names, std::optional<Enum> (*fromString)(std::string_view)) {
  command
      .add_option_function<std::string>(
          name, [&value, fromString](const std::string& text) { value = fromString(text).value_or(value); },
          description)
      ->type_name("NAME")
      ->default_str(std::string(to_string(value)))
      ->check(CLI::IsMember(names).description(""))
      ->group(kGroup);
}

template <typename Value>
void addNumber(CLI::App& command, const std::string& name, Value& value, const std::string& description,
               const std::string& typeName, Value max) {
  command.add_option(name, value, description)
      ->type_name(typeName)
      ->check(CLI::Range(Value{0}, max).description(""))
      ->capture_default_str()
      ->group(kGroup);
}

}  // namespace

void addSparsityOptions(CLI::App& command, SparsityOptions& options) {
  addChoice(command, "--selector", options.selector,
            "Who chooses the KV entries to read: draft (the draft's attention), streaming\n(first and last "
            "positions), quest (pages, by a bound on their keys) or oracle\n(the verifier's own attention, "
            "read in full: the upper bound)",
            {"draft", "streaming", "quest", "oracle"}, selector_from_string);
  addNumber(command, "--attention-top-p,--p", options.attention_top_p,
            "Attention top-p, for draft and oracle: read the entries that hold this share of\nthe attention "
            "(the sampling top-p is --top-p)",
            "P", 1.0F);
  addNumber(command, "--budget", options.budget, "For streaming and quest: share of the KV entries to read",
            "B", 1.0F);
  addSelectionDetails(command, options);
}

void addSelectionDetails(CLI::App& command, SparsityOptions& options) {
  constexpr int kCountMax = std::numeric_limits<int>::max();
  addChoice(command, "--map", options.map,
            "Which heads of the draft speak for a layer: mixture (all, weighted), head\n(the closest of "
            "each) or layer (one draft layer: the paper's)",
            {"mixture", "head", "layer"}, alignment_map_from_string);
  addChoice(command, "--rows", options.rows,
            "How the drafted tokens' attention becomes one list: mean, max or union (the paper's)",
            {"mean", "max", "union"}, row_combination_from_string);
  addChoice(command, "--search", options.search,
            "How the threshold is found: histogram (keeps P at least) or bisection (the paper's)",
            {"histogram", "bisection"}, threshold_search_from_string);
  command
      .add_flag("--value-aware,!--no-value-aware", options.value_aware,
                "Weigh a position by the length of its values too, not by attention alone (default)")
      ->group(kGroup);
  command
      .add_flag("--per-layer,!--no-per-layer", options.per_layer,
                "Keep more in layers that suffer more from what is left out (default)")
      ->group(kGroup);
  addNumber(command, "--next-share", options.next_share,
            "For draft: what a position gains by the weight of the one after it", "X", 1.0F);
  addNumber(command, "--draft-top-p", options.draft_top_p,
            "Of a step's proposals the first reads the draft's whole cache, the others what\nheld this share "
            "of its attention; 1: everything",
            "P", 1.0F);
  addNumber(command, "--sinks", options.sinks, "First positions, always read", "N", kCountMax);
  addNumber(command, "--window", options.window, "Last positions, always read", "N", kCountMax);
  addNumber(command, "--dense-layers", options.dense_layers, "First layers that read everything", "N",
            kCountMax);
}

void addScoringOptions(CLI::App& command, ScoringOptions& options) {
  command
      .add_option("--gamma", options.draft_tokens,
                  "Drafted tokens that a block stands for; it scores one token more")
      ->type_name("G")
      ->check(CLI::Range(1, GenerationOptions::kMaxDraftTokens).description(""))
      ->capture_default_str()
      ->group(kGroup);
  command
      .add_flag("--mass", options.measure_mass,
                "Also measure which share of the attention was read; slow, since it reads everything")
      ->group(kGroup);
}

Result<void> checkSparsity(const SparsityOptions& options) {
  GenerationOptions generation;
  generation.sparsity = options;
  return validate(generation);
}

}  // namespace fovea::app::cli
