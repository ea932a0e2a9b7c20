// fovea-cli generate: one answer, or one continuation, to standard output.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/model_options.h"
#include "app/cli/report.h"
#include "app/cli/sampling_arguments.h"
#include "app/cli/terminal.h"
#include "app/cli/text_file.h"
#include "engine/session.h"
#include "engine/tokenizer.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples =
    R"(The prompt is a question to the chat model (--chat, the default), or a text to be continued as it stands (--raw).
In a chat the line break at the end of a prompt file is dropped; --raw keeps every byte.

Examples:
  fovea-cli generate --prompt "Who are you?"
  fovea-cli generate --raw --prompt "It was a dark and stormy night" --temperature 0 --max-tokens 50
  fovea-cli generate --file question.txt --system "Be brief." --json
  fovea-cli generate --raw --file chapter.txt --mode exact --attention-top-p 0.9
  echo "Tell me a story." | fovea-cli generate --file - --mode dense)";

struct GenerateArguments {
  ModelOptions model;
  SamplingArguments sampling;
  std::string prompt;
  std::string file;
  std::string system;
  bool promptGiven = false;
  bool chat = false;
  bool raw = false;
};

Result<std::string> readPrompt(const GenerateArguments& arguments) {
  if (arguments.promptGiven) return arguments.prompt;
  auto text = readTextFile(arguments.file, "--file");
  if (text && !arguments.raw && text->ends_with('\n')) {
    text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
  }
  return text;
}

Result<TurnResult> runTurn(Session& session, const GenerateArguments& arguments, const std::string& prompt,
                           const GenerationOptions& options, const TurnObserver& observer,
                           std::stop_token stop) {
  if (arguments.raw) {
    const Tokenizer& tokenizer = session.tokenizer();
    std::vector<TokenId> ids;
    if (tokenizer.begin_id() >= 0) ids.push_back(tokenizer.begin_id());
    std::ranges::copy(tokenizer.encode(prompt), std::back_inserter(ids));
    return session.generate(ids, options, observer, std::move(stop));
  }
  std::vector<ChatMessage> messages;
  if (!arguments.system.empty()) messages.push_back({Role::kSystem, arguments.system});
  messages.push_back({Role::kUser, prompt});
  return session.chat(messages, options, observer, std::move(stop));
}

TurnObserver streamingObserver(ProgressLine& progress) {
  TurnObserver observer;
  observer.on_alignment = [&progress](double fraction) {
    progress.show("Aligning the draft with the model", fraction);
  };
  observer.on_prefill = [&progress](int done, int total) {
    progress.show("Reading the prompt", total > 0 ? static_cast<double>(done) / total : 1.0);
  };
  observer.on_text = [&progress, safe = stdoutIsTerminal()](std::string_view text) {
    progress.clear();
    writeOut(safe ? withoutControls(text) : std::string(text));
  };
  return observer;
}

int runGenerate(const GenerateArguments& arguments, Interrupt& interrupt) {
  const auto prompt = readPrompt(arguments);
  if (!prompt) return reportError(prompt.error(), Phase::kLoading);

  const WorkScope work(interrupt);
  const auto draftUse = needsNoDraft(arguments.sampling) ? DraftUse::kNever : DraftUse::kWhereItFits;
  auto session = loadSession(arguments.model, draftUse, work.stop());
  if (!session) return reportError(session.error(), Phase::kLoading);
  const auto options = generationOptions(arguments.sampling, arguments.model.seed, (*session)->has_draft());
  if (!options) return reportError(options.error(), Phase::kLoading);

  ProgressLine progress;
  TurnObserver observer = streamingObserver(progress);
  if (arguments.model.json) observer.on_text = nullptr;
  const auto result = runTurn(**session, arguments, *prompt, *options, observer, work.stop());
  progress.clear();
  if (!result) return reportError(result.error(), Phase::kRunning);

  const int interruptedStatus = result->reason == FinishReason::kCancelled ? kExitInterrupted : kExitOk;
  if (arguments.model.json) {
    const int status = printJson(turnJson(*result, (*session)->info(), options->mode), 2);
    return status == kExitOk ? interruptedStatus : status;
  }
  writeOut("\n");
  if (stderrIsTerminal()) std::fprintf(stderr, "[%s]\n", turnSummary(result->statistics).c_str());
  return interruptedStatus;
}

}  // namespace

void addGenerateCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App* command = application.add_subcommand("generate", "Answer one prompt, or continue a text");
  CLI::Option* prompt =
      command->add_option("--prompt", arguments->prompt, "The prompt itself")->type_name("TEXT");
  CLI::Option* file =
      command->add_option("--file", arguments->file, "Read the prompt from a file; '-' is standard input")
          ->type_name("FILE")
          ->excludes(prompt);
  CLI::Option* chat = command->add_flag("--chat", arguments->chat, "The prompt is a question (default)");
  command->add_flag("--raw", arguments->raw, "The prompt is a text to continue, without chat format")
      ->excludes(chat);
  command->add_option("--system", arguments->system, "Instruction to the model, before the question")
      ->type_name("TEXT");
  arguments->sampling.generation.max_tokens = 512;
  addSamplingOptions(*command, arguments->sampling);
  addModelOptions(*command, arguments->model);
  command->footer(kExamples);
  command->callback([=, &action] {
    if (prompt->count() == 0 && file->count() == 0) throw CLI::RequiredError("--prompt or --file");
    if (arguments->raw && !arguments->system.empty()) {
      throw CLI::ValidationError("--system", "makes no sense with --raw, which has no chat format");
    }
    arguments->promptGiven = prompt->count() > 0;
    action = [arguments](Interrupt& interrupt) { return runGenerate(*arguments, interrupt); };
  });
}

}  // namespace fovea::app::cli
