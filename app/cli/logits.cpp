// fovea-cli logits: the scores of every token at one position, as raw float32, for comparison with other
// engines.
#include <bit>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/model_options.h"
#include "app/cli/report.h"
#include "engine/session.h"
#include "engine/tokenizer.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples =
    R"(The ids are taken as they are: put the begin token (1 in the embedded model) first. The file holds one little-endian
float32 per token of the vocabulary: the scores of the token after the last id, before any sampling filter.

Example:
  fovea-cli logits --ids 1,543,352,264 --output logits.f32)";

struct LogitsArguments {
  ModelOptions model;
  std::vector<TokenId> ids;
  std::string output;
};

bool writeLittleEndian(const std::string& path, const std::vector<float>& values) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8) file.put(static_cast<char>((bits >> shift) & 0xFFU));
  }
  file.close();
  return file.good();
}

int runLogits(const LogitsArguments& arguments, Interrupt& interrupt) {
  const WorkScope work(interrupt);
  auto session = loadSession(arguments.model, DraftUse::kNever, work.stop());
  if (!session) return reportError(session.error(), Phase::kLoading);
  const int vocabulary = (*session)->tokenizer().vocabulary_size();
  for (const TokenId id : arguments.ids) {
    if (id < 0 || id >= vocabulary) {
      printError("--ids: " + std::to_string(id) + " is not an id of this model, whose vocabulary has " +
                 std::to_string(vocabulary) + " tokens.");
      return kExitUsage;
    }
  }
  const auto logits = (*session)->logits(arguments.ids);
  if (!logits) return reportError(logits.error(), Phase::kRunning);
  if (!writeLittleEndian(arguments.output, *logits)) {
    printError("--output: '" + arguments.output + "' cannot be written.");
    return kExitFailed;
  }
  if (!arguments.model.json) return kExitOk;
  Json json;
  json["output"] = arguments.output;
  json["count"] = logits->size();
  return printJson(json);
}

}  // namespace

void addLogitsCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<LogitsArguments>();
  CLI::App* command = application.add_subcommand("logits", "Write the scores of every next token to a file");
  command->add_option("--ids", arguments->ids, "Token ids, separated by commas")
      ->type_name("ID,ID,...")
      ->delimiter(',')
      ->required();
  command->add_option("--output", arguments->output, "File to write")->type_name("FILE")->required();
  addModelOptions(*command, arguments->model);
  command->footer(kExamples);
  command->callback([arguments, &action] {
    action = [arguments](Interrupt& interrupt) { return runLogits(*arguments, interrupt); };
  });
}

}  // namespace fovea::app::cli
