// fovea-cli perplexity: how well the model predicts a text, as one JSON object.
#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/model_options.h"
#include "app/cli/report.h"
#include "app/cli/terminal.h"
#include "app/cli/text_file.h"
#include "engine/session.h"
#include "engine/tokenizer.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kDefinition =
    R"(The text is cut into windows of --context tokens, the begin token <s> at the head of each included. The first tenth of
a window is only read; the other 90% are scored, each token given all before it in its window. The result is
exp(mean negative log-likelihood) over all scored tokens. A last window of fewer than 10 tokens is left out.
Prints {"perplexity", "tokens" (how many were scored), "seconds"}; --draft and --seed change nothing here.

Examples:
  fovea-cli perplexity --file book.txt --context 2048 --tokens 10240
  fovea-cli perplexity --file book.txt --model other.gguf)";

constexpr std::size_t kWindowTokensMin = 10;

struct PerplexityArguments {
  ModelOptions model;
  std::string file;
  int tokens = 0;  // of the text, each window's <s> included; 0: all
};

// The windows' ids, one after the other: each begins with <s> where the vocabulary has one.
std::vector<std::vector<TokenId>> cutWindows(std::span<const TokenId> text, TokenId begin,
                                             std::size_t windowTokens, std::size_t tokensMax) {
  std::vector<std::vector<TokenId>> windows;
  const std::size_t beginTokens = begin >= 0 ? 1 : 0;
  while (!text.empty() && tokensMax > beginTokens) {
    const std::size_t length = std::min({windowTokens, tokensMax, text.size() + beginTokens});
    const auto body = text.first(length - beginTokens);
    std::vector<TokenId> window;
    if (begin >= 0) window.push_back(begin);
    window.insert(window.end(), body.begin(), body.end());
    if (window.size() >= kWindowTokensMin) windows.push_back(std::move(window));
    text = text.subspan(body.size());
    tokensMax -= length;
  }
  return windows;
}

struct Perplexity {
  double perplexity = 0;
  int tokens = 0;
  double seconds = 0;
};

Result<Perplexity> scoreWindows(Session& session, const std::vector<std::vector<TokenId>>& windows,
                                const std::stop_token& stop) {
  Perplexity total;
  double logLoss = 0;  // summed over tokens
  ProgressLine progress;
  for (std::size_t index = 0; index < windows.size(); ++index) {
    progress.show("Scoring", static_cast<double>(index) / static_cast<double>(windows.size()));
    const auto scoredFrom = static_cast<int>(std::max<std::size_t>(1, windows[index].size() / 10));
    const auto scored = session.score(windows[index], scoredFrom, {}, stop);
    if (!scored) return scored.error();
    logLoss += scored->negative_log_likelihood;
    total.tokens += scored->tokens;
    total.seconds += scored->seconds;
  }
  total.perplexity = std::exp(logLoss / total.tokens);
  return total;
}

int runPerplexity(const PerplexityArguments& arguments, Interrupt& interrupt) {
  const auto text = readTextFile(arguments.file, "--file");
  if (!text) return reportError(text.error(), Phase::kLoading);

  const WorkScope work(interrupt);
  auto session = loadSession(arguments.model, DraftUse::kNever, work.stop());
  if (!session) return reportError(session.error(), Phase::kLoading);

  const Tokenizer& tokenizer = (*session)->tokenizer();
  const auto ids = tokenizer.encode(*text);
  const auto windowTokens = static_cast<std::size_t>((*session)->info().context_tokens);
  const std::size_t tokensMax =
      arguments.tokens > 0 ? static_cast<std::size_t>(arguments.tokens) : ids.size() * 2 + 2;
  const auto windows = cutWindows(ids, tokenizer.begin_id(), windowTokens, tokensMax);
  if (windows.empty()) {
    printError("--file: the text is too short; at least " + std::to_string(kWindowTokensMin) +
               " tokens are needed.");
    return kExitUsage;
  }
  const auto score = scoreWindows(**session, windows, work.stop());
  if (!score) return reportError(score.error(), Phase::kRunning);
  Json json;
  json["perplexity"] = score->perplexity;
  json["tokens"] = score->tokens;
  json["seconds"] = score->seconds;
  return printJson(json);
}

}  // namespace

void addPerplexityCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<PerplexityArguments>();
  CLI::App* command = application.add_subcommand("perplexity", "Measure how well the model predicts a text");
  command->add_option("--file", arguments->file, "The text; '-' is standard input")
      ->type_name("FILE")
      ->required();
  command->add_option("--tokens", arguments->tokens, "Use only the first N tokens (default: all)")
      ->type_name("N")
      ->check(CLI::Range(0, 1 << 30).description(""));
  addModelOptions(*command, arguments->model);
  command->footer(kDefinition);
  command->callback([arguments, &action] {
    action = [arguments](Interrupt& interrupt) { return runPerplexity(*arguments, interrupt); };
  });
}

}  // namespace fovea::app::cli
