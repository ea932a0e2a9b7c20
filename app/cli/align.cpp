// fovea-cli align: which heads of the draft speak for which layer of the verifier, computed and kept.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/model_options.h"
#include "app/cli/report.h"
#include "app/cli/terminal.h"
#include "app/cli/text_file.h"
#include "app/paths.h"
#include "engine/session.h"
#include "engine/tokenizer.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples =
    R"(Runs both models over a text and compares where they look: the result says which of the draft's heads stand for a
layer of the model when the modes sparse and exact select KV entries. Both do this by themselves at the first use of a
pair, with the text that comes with Fovea. It is kept in the user's cache, named after the content of both files, or
written to --output: a folder that FOVEA_ALIGNMENTS names may hold it under the name that is printed.

Examples:
  fovea-cli align
  fovea-cli align --model other.gguf --draft small.gguf
  fovea-cli align --file book.txt --output alignment.json --json)";

struct AlignArguments {
  ModelOptions model;
  std::string file;
  std::string output;
};

struct CalibrationText {
  std::string text;
  std::string name;  // without its folder
};

Result<CalibrationText> calibrationText(const std::string& file) {
  std::string path = file;
  if (path.empty()) {
    const auto shipped = calibrationTextPath();
    if (!shipped) return shipped.error();
    path = shipped->toStdString();
  }
  auto text = readTextFile(path, "--file");
  if (!text) return text.error();
  const std::string name = path == "-" ? "standard input" : std::filesystem::path(path).filename().string();
  return CalibrationText{std::move(text).value(), name};
}

// The row of a matrix of costs, and the number of its columns.
double costAt(const std::vector<double>& cost, std::size_t rows, std::size_t row, int column) {
  return cost[row * (cost.size() / rows) + static_cast<std::size_t>(column)];
}

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

void printSummary(const Alignment& alignment, const std::string& path) {
  writeOut(alignment.verifier_name + " (" + std::to_string(alignment.verifier_layers) + " layers of " +
           std::to_string(alignment.verifier_kv_heads) + " KV heads), draft " + alignment.draft_name + " (" +
           std::to_string(alignment.draft_layers) + " of " + std::to_string(alignment.draft_kv_heads) +
           ")\ntext: " + alignment.calibration + ", " + std::to_string(alignment.calibration_tokens) +
           " tokens, " + std::to_string(alignment.calibration_rows) + " attention rows\n\n");
  writeOut("layer  draft layer  KL, nats  draft head of each KV head (layer.head) and its KL\n");
  const auto layers = static_cast<std::size_t>(alignment.verifier_layers);
  const auto heads = static_cast<std::size_t>(alignment.verifier_kv_heads);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    std::string line = format("%5zu  %11d  %8.3f ", layer, alignment.layer_map[layer],
                              costAt(alignment.layer_cost, layers, layer, alignment.layer_map[layer]));
    for (std::size_t head = layer * heads; head < (layer + 1) * heads; ++head) {
      const int pick = alignment.head_map[head];
      line += format("  %2d.%d %.3f", pick / alignment.draft_kv_heads, pick % alignment.draft_kv_heads,
                     costAt(alignment.head_cost, layers * heads, head, pick));
    }
    writeOut(line + "\n");
  }
  writeOut("\nwritten to " + path + "\n");
}

Json alignmentJson(const Alignment& alignment, const std::string& path) {
  Json json;
  json["path"] = path;
  json["verifier"] = alignment.verifier_name;
  json["draft"] = alignment.draft_name;
  json["calibration"] = alignment.calibration;
  json["calibration_tokens"] = alignment.calibration_tokens;
  json["calibration_rows"] = alignment.calibration_rows;
  json["layer_map"] = alignment.layer_map;
  json["head_map"] = alignment.head_map;
  const auto layers = static_cast<std::size_t>(alignment.verifier_layers);
  const std::size_t heads = alignment.head_map.size();
  json["layer_map_cost"] = Json::array();
  for (std::size_t layer = 0; layer < layers; ++layer)
    json["layer_map_cost"].push_back(costAt(alignment.layer_cost, layers, layer, alignment.layer_map[layer]));
  json["head_map_cost"] = Json::array();
  for (std::size_t head = 0; head < heads; ++head)
    json["head_map_cost"].push_back(costAt(alignment.head_cost, heads, head, alignment.head_map[head]));
  return json;
}

// The session would keep it in the cache, and only log when that fails; here somebody asked for the file.
Result<Alignment> computeAlignment(const AlignArguments& arguments, const CalibrationText& text,
                                   const std::stop_token& stop) {
  auto options = sessionOptionsFor(arguments.model, DraftUse::kWhereItFits);
  if (!options) return options.error();
  options->alignment.cache_folder.clear();
  auto session = loadSession(*options, stop);
  if (!session) return session.error();
  if (!(*session)->has_draft()) {
    return Error{ErrorCode::kInvalidArgument, "An alignment belongs to two models, and there is no draft.",
                 "Give one with --draft."};
  }
  const Tokenizer& tokenizer = (*session)->tokenizer();
  std::vector<TokenId> ids = tokenizer.encode(text.text);
  if (tokenizer.begin_id() >= 0) ids.insert(ids.begin(), tokenizer.begin_id());
  ProgressLine progress;
  return (*session)->align(
      ids, text.name,
      [&progress](double fraction) { progress.show("Aligning the draft with the model", fraction); }, stop);
}

int runAlign(const AlignArguments& arguments, Interrupt& interrupt) {
  const auto text = calibrationText(arguments.file);
  if (!text) return reportError(text.error(), Phase::kLoading);
  const WorkScope work(interrupt);
  const auto alignment = computeAlignment(arguments, *text, work.stop());
  if (!alignment) return reportError(alignment.error(), Phase::kLoading);

  std::string path = arguments.output;
  if (path.empty()) {
    path = alignmentCacheFolder().toStdString() + "/" +
           alignment_file_name(alignment->verifier_hash, alignment->draft_hash);
  }
  if (const auto saved = save_alignment(path, *alignment); !saved)
    return reportError(saved.error(), Phase::kRunning);
  if (arguments.model.json) return printJson(alignmentJson(*alignment, path), 2);
  printSummary(*alignment, path);
  return kExitOk;
}

}  // namespace

void addAlignCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<AlignArguments>();
  CLI::App* command =
      application.add_subcommand("align", "Find which heads of the draft speak for which layer of the model");
  command
      ->add_option("--file", arguments->file,
                   "Text to compare the models on; '-' is standard input (default: the one of Fovea)")
      ->type_name("FILE");
  command->add_option("--output", arguments->output, "File to write (default: in the user's cache)")
      ->type_name("FILE");
  addModelOptions(*command, arguments->model);
  command->footer(kExamples);
  command->callback([arguments, &action] {
    action = [arguments](Interrupt& interrupt) { return runAlign(*arguments, interrupt); };
  });
}

}  // namespace fovea::app::cli
