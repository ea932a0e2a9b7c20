// fovea-cli tokenize: the token ids and pieces of a text, as one JSON object.
#include <memory>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/model_options.h"
#include "app/cli/report.h"
#include "app/cli/text_file.h"
#include "engine/gguf.h"
#include "engine/tokenizer.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples =
    R"(Prints {"ids", "pieces"}, without a begin token. Only the vocabulary of --model is read; the other model options are
accepted and change nothing.

Examples:
  fovea-cli tokenize --text "Hello, world!"
  fovea-cli tokenize --file book.txt --model other.gguf)";

struct TokenizeArguments {
  ModelOptions model;
  std::string text;
  std::string file;
  bool textGiven = false;
};

int runTokenize(const TokenizeArguments& arguments) {
  const Result<std::string> text =
      arguments.textGiven ? arguments.text : readTextFile(arguments.file, "--file");
  if (!text) return reportError(text.error(), Phase::kLoading);
  const auto path = verifierPath(arguments.model);
  if (!path) return reportError(path.error(), Phase::kLoading);
  const auto gguf = Gguf::open(*path);
  if (!gguf) return reportError(gguf.error(), Phase::kLoading);
  const auto tokenizer = Tokenizer::from_gguf(*gguf);
  if (!tokenizer) return reportError(tokenizer.error(), Phase::kLoading);

  Json json;
  json["ids"] = tokenizer->encode(*text);
  json["pieces"] = Json::array();
  for (const TokenId id : json["ids"]) json["pieces"].push_back(tokenizer->piece(id));
  return printJson(json);
}

}  // namespace

void addTokenizeCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<TokenizeArguments>();
  CLI::App* command =
      application.add_subcommand("tokenize", "Show how the model sees a text: ids and pieces");
  CLI::Option* text = command->add_option("--text", arguments->text, "The text itself")->type_name("TEXT");
  CLI::Option* file = command->add_option("--file", arguments->file, "Read a file; '-' is standard input")
                          ->type_name("FILE")
                          ->excludes(text);
  addModelOptions(*command, arguments->model);
  command->footer(kExamples);
  command->callback([=, &action] {
    if (text->count() == 0 && file->count() == 0) throw CLI::RequiredError("--text or --file");
    arguments->textGiven = text->count() > 0;
    action = [arguments](Interrupt&) { return runTokenize(*arguments); };
  });
}

}  // namespace fovea::app::cli
