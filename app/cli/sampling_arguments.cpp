#include "app/cli/sampling_arguments.h"

#include "app/cli/sparsity_arguments.h"

namespace fovea::app::cli {
namespace {

template <typename Value>
void addSamplingOption(CLI::App& command, const std::string& name, Value& value,
                       const std::string& description, const std::string& typeName) {
  command.add_option(name, value, description)->type_name(typeName)->capture_default_str()->group("Sampling");
}

}  // namespace

void addSamplingOptions(CLI::App& command, SamplingArguments& arguments) {
  command
      .add_option("--mode", arguments.mode, "dense, speculative (the default with a draft), sparse or exact")
      ->type_name("MODE")
      ->check(CLI::IsMember({"dense", "speculative", "sparse", "exact"}).description(""))
      ->group("Sampling");
  GenerationOptions& generation = arguments.generation;
  SamplingOptions& sampling = generation.sampling;
  addSamplingOption(command, "--max-tokens", generation.max_tokens, "Longest answer, in tokens", "N");
  addSamplingOption(command, "--draft-tokens", generation.draft_tokens, "Tokens the draft proposes per step",
                    "N");
  addSamplingOption(command, "--temperature", sampling.temperature,
                    "Randomness; 0 always takes the likeliest token", "T");
  addSamplingOption(command, "--top-k", sampling.top_k, "Keep the K likeliest tokens; 0 keeps all", "K");
  addSamplingOption(command, "--top-p", sampling.top_p,
                    "Sampling top-p: keep the likeliest tokens up to this probability", "P");
  addSamplingOption(command, "--min-p", sampling.min_p, "Drop tokens less likely than P times the likeliest",
                    "P");
  addSamplingOption(command, "--repetition-penalty", sampling.repetition_penalty,
                    "Makes tokens seen lately less likely; 1 is off", "X");
  addSparsityOptions(command, generation.sparsity);
}

Result<GenerationOptions> generationOptions(const SamplingArguments& arguments, std::uint64_t seed,
                                            bool hasDraft) {
  GenerationOptions options = arguments.generation;
  options.sampling.seed = seed;
  options.mode = hasDraft ? Mode::kSpeculative : Mode::kDense;
  if (const auto mode = mode_from_string(arguments.mode)) options.mode = *mode;
  if (options.mode != Mode::kDense && !hasDraft) {
    return Error{ErrorCode::kInvalidArgument, "--mode " + arguments.mode + " needs a draft model.",
                 "Give one with --draft, or use --mode dense."};
  }
  if (auto valid = validate(options); !valid) return valid.error();
  return options;
}

}  // namespace fovea::app::cli
