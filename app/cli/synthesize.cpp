// fovea-cli synthesize: a model file with random weights, to measure speed at sizes whose weights nobody
// ships.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/report.h"
#include "app/cli/terminal.h"
#include "engine/synthetic_model.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kCustom = "custom";
constexpr const char* kExamples =
    R"(Writes a GGUF file of a known shape with random weights, the same for a seed. It loads like any other and costs the
same time and memory; what it says means nothing, and neither do its attention and how often a draft is accepted. The
vocabulary is made up of control tokens, bytes and fillers. llama-2-7b and tinyllama-1.1b share theirs, and so do
llama-3.1-8b and llama-3.2-1b: the second of each can draft for the first. The Llama 3 shapes have a context of 131,072
tokens; whoever loads them may want --context.

Examples:
  fovea-cli synthesize --shape llama-2-7b --dtype q4_0 --output llama-2-7b.gguf
  fovea-cli synthesize --shape tinyllama-1.1b --dtype q8_0 --output tinyllama.gguf
  fovea-cli bench --model llama-2-7b.gguf --draft tinyllama.gguf --no-kernels
  fovea-cli synthesize --shape custom --layers 2 --width 256 --heads 4 --feed-forward 768 --output small.gguf)";

constexpr int kLayersMax = 1024;
constexpr int kWidthMax = 1 << 16;
constexpr int kFeedForwardMax = 1 << 20;
constexpr int kHeadsMax = 1024;
constexpr int kHeadDimMax = 1024;
constexpr int kVocabularyMax = 1 << 20;
constexpr int kContextTokensMax = 1 << 24;
constexpr float kRopeBaseMax = 1e12F;
constexpr int kThreadsMax = 1024;

struct SynthesizeArguments {
  std::string shape;
  std::string dtype = "f16";
  std::string output;
  bool force = false;
  std::uint64_t seed = 1;
  int threads = 0;
  bool json = false;
  ModelConfig custom;  // 0: see modelFor()
  bool tied = false;
};

kernels::DType dtypeFor(const std::string& name) {
  if (name == "q8_0") return kernels::DType::kQ8_0;
  return name == "q4_0" ? kernels::DType::kQ4_0 : kernels::DType::kF16;
}

SyntheticModel modelFor(const SynthesizeArguments& arguments) {
  SyntheticModel model;
  if (auto known = synthetic_shape(arguments.shape)) {
    model = *std::move(known);
  } else {
    model.config = arguments.custom;
    model.tied_output = arguments.tied;
    ModelConfig& config = model.config;
    if (config.kv_heads == 0) config.kv_heads = config.heads;
    if (config.head_dim == 0) config.head_dim = config.width / config.heads;
  }
  model.dtype = dtypeFor(arguments.dtype);
  model.seed = arguments.seed;
  return model;
}

Result<void> checkOutput(const SynthesizeArguments& arguments) {
  std::error_code unknown;  // then writing will tell
  const auto status = std::filesystem::status(arguments.output, unknown);
  if (std::filesystem::is_directory(status)) {
    return Error{ErrorCode::kInvalidArgument, "--output: '" + arguments.output + "' is a folder.", ""};
  }
  if (arguments.force || !std::filesystem::exists(status)) return {};
  return Error{ErrorCode::kInvalidArgument, "--output: the file '" + arguments.output + "' exists.",
               "--force replaces it."};
}

int runSynthesize(const SynthesizeArguments& arguments, Interrupt& interrupt) {
  const SyntheticModel model = modelFor(arguments);
  if (const auto valid = validate(model); !valid) return reportError(valid.error(), Phase::kLoading);
  if (const auto free = checkOutput(arguments); !free) return reportError(free.error(), Phase::kLoading);

  const WorkScope work(interrupt);
  ProgressLine progress;
  const auto begin = std::chrono::steady_clock::now();
  const auto written = write_synthetic_model(
      arguments.output, model, arguments.threads,
      [&progress](double fraction) { progress.show("Writing the model", fraction); }, work.stop());
  progress.clear();
  if (!written) return reportError(written.error(), Phase::kRunning);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const SyntheticSize size = size_of(model);
  if (arguments.json) {
    Json json;
    json["output"] = arguments.output;
    json["synthetic"] = true;
    json["shape"] = model.shape;
    json["dtype"] = kernels::to_string(model.dtype);
    json["seed"] = model.seed;
    json["parameters"] = size.parameters;
    json["bytes"] = size.bytes;
    json["seconds"] = seconds;
    return printJson(json, 2);
  }
  std::printf("%s: %s parameters with random weights, %s in %.1f s\n",
              withoutControls(arguments.output).c_str(),
              countText(static_cast<double>(size.parameters)).c_str(),
              bytesText(static_cast<double>(size.bytes)).c_str(), seconds);
  return kExitOk;
}

template <typename Value>
CLI::Option* addDimension(CLI::App& command, const char* name, Value& value, Value most,
                          const char* description) {
  return command.add_option(name, value, description)
      ->type_name("N")
      ->check(CLI::Range(Value{1}, most).description(""))
      ->group("Shape custom");
}

}  // namespace

void addSynthesizeCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<SynthesizeArguments>();
  CLI::App* command =
      application.add_subcommand("synthesize", "Write a model of random weights, to measure speed");
  std::vector<std::string> shapes(kSyntheticShapes.begin(), kSyntheticShapes.end());
  shapes.emplace_back(kCustom);
  command
      ->add_option("--shape", arguments->shape,
                   "llama-2-7b, tinyllama-1.1b, llama-3.1-8b, llama-3.2-1b or custom")
      ->type_name("NAME")
      ->check(CLI::IsMember(shapes).description(""))
      ->required();
  command->add_option("--dtype", arguments->dtype, "Of the weights: f16, q8_0 or q4_0")
      ->type_name("NAME")
      ->check(CLI::IsMember({"f16", "q8_0", "q4_0"}).description(""))
      ->capture_default_str();
  command->add_option("--output", arguments->output, "File to write")->type_name("FILE")->required();
  command->add_flag("--force", arguments->force, "Replace a file that exists");
  command->add_option("--seed", arguments->seed, "The same seed gives the same file")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--threads", arguments->threads, "Threads that make weights (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(0, kThreadsMax).description(""));
  command->add_flag("--json", arguments->json, "Print the result as JSON");

  ModelConfig& custom = arguments->custom;
  custom.vocabulary = 32000;
  custom.context_tokens = 4096;
  const std::vector<CLI::Option*> needed{
      addDimension(*command, "--layers", custom.layers, kLayersMax, "Layers"),
      addDimension(*command, "--width", custom.width, kWidthMax, "Width of the residual stream"),
      addDimension(*command, "--heads", custom.heads, kHeadsMax, "Query heads"),
      addDimension(*command, "--feed-forward", custom.feed_forward, kFeedForwardMax,
                   "Width of the feed-forward part")};
  std::vector<CLI::Option*> optional{
      addDimension(*command, "--kv-heads", custom.kv_heads, kHeadsMax,
                   "KV heads (default: as many as heads)"),
      addDimension(*command, "--head-dim", custom.head_dim, kHeadDimMax,
                   "Size of a head (default: width / heads)"),
      addDimension(*command, "--vocabulary", custom.vocabulary, kVocabularyMax, "Tokens of the vocabulary")
          ->capture_default_str(),
      addDimension(*command, "--context", custom.context_tokens, kContextTokensMax, "Tokens of the context")
          ->capture_default_str(),
      addDimension(*command, "--rope-base", custom.rope_base, kRopeBaseMax, "Base of the RoPE angles")
          ->capture_default_str(),
      command->add_flag("--tied", arguments->tied, "The output matrix is the embedding")
          ->group("Shape custom")};
  command->footer(kExamples);
  command->callback([=, &action] {
    for (const std::vector<CLI::Option*>* options : {&needed, &optional}) {
      for (const CLI::Option* option : *options) {
        const bool given = option->count() > 0;
        if (arguments->shape != kCustom && given)
          throw CLI::ValidationError(option->get_name(), "Only the shape custom takes it");
        if (arguments->shape == kCustom && !given && options == &needed)
          throw CLI::RequiredError(option->get_name());
      }
    }
    action = [arguments](Interrupt& interrupt) { return runSynthesize(*arguments, interrupt); };
  });
}

}  // namespace fovea::app::cli
