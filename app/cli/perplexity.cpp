// fovea-cli perplexity: how well the model predicts a text, as one JSON object.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/model_options.h"
#include "app/cli/report.h"
#include "app/cli/score_totals.h"
#include "app/cli/sparsity_arguments.h"
#include "app/cli/terminal.h"
#include "app/cli/text_file.h"
#include "app/cli/text_windows.h"
#include "engine/session.h"
#include "engine/tokenizer.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kDefinition =
    R"(The text is cut into windows of --context tokens, the begin token <s> at the head of each included. The first tenth of
a window is only read; the other 90% are scored, each token given all before it in its window. The result is
exp(mean negative log-likelihood) over all scored tokens. A last window of fewer than 10 tokens is left out.
Prints {"perplexity", "tokens" (how many were scored), "seconds"}; --draft and --seed change nothing here.

--mode sparse scores every window twice: densely, and reading only the KV entries that the selector leaves, in blocks of
--gamma drafted tokens and one more, as generation would if all of them were accepted. It adds "perplexity_dense",
"perplexity_increase" (a fraction), "agreement" (share of the tokens whose likeliest token is the dense one),
"kv_entries_read", "kv_entries_dense", "kv_reads_saved", "attention_mass_kept" (the selector's estimate),
"layer_density" and, with --mass, "attention_mass_measured" and "layer_mass_measured".

Examples:
  fovea-cli perplexity --file book.txt --context 2048 --tokens 10240
  fovea-cli perplexity --file book.txt --context 2048 --mode sparse --attention-top-p 0.8
  fovea-cli perplexity --file book.txt --mode sparse --selector streaming --budget 0.12)";

struct PerplexityArguments {
  ModelOptions model;
  ScoringOptions scoring;
  std::string file;
  int tokens = 0;  // of the text, each window's <s> included; 0: all
};

struct Perplexity {
  double perplexity = 0;
  int tokens = 0;
  double seconds = 0;
};

using Windows = std::vector<std::vector<TokenId>>;

Result<Perplexity> scoreDense(Session& session, const Windows& windows, const std::stop_token& stop) {
  Perplexity total;
  double logLoss = 0;  // summed over tokens
  ProgressLine progress;
  for (std::size_t index = 0; index < windows.size(); ++index) {
    progress.show("Scoring", static_cast<double>(index) / static_cast<double>(windows.size()));
    const auto scored = session.score(windows[index], scoredFrom(windows[index]), {}, stop);
    if (!scored) return scored.error();
    logLoss += scored->negative_log_likelihood;
    total.tokens += scored->tokens;
    total.seconds += scored->seconds;
  }
  total.perplexity = std::exp(logLoss / total.tokens);
  return total;
}

Result<ScoreTotals> scoreSparse(Session& session, const Windows& windows, const ScoringOptions& options,
                                const std::stop_token& stop) {
  ScoreTotals total;
  ProgressLine progress;
  const double runs = 2.0 * static_cast<double>(windows.size());
  for (std::size_t index = 0; index < windows.size(); ++index) {
    progress.show("Scoring", 2.0 * static_cast<double>(index) / runs);
    const auto dense = session.score(windows[index], scoredFrom(windows[index]), {}, stop);
    if (!dense) return dense.error();
    progress.show("Scoring", (2.0 * static_cast<double>(index) + 1.0) / runs);
    const auto sparse = session.score(windows[index], scoredFrom(windows[index]), options, stop);
    if (!sparse) return sparse.error();
    total.add(*sparse, *dense);
  }
  return total;
}

Json sparseJson(const ScoreTotals& total, const ScoringOptions& options, const SessionInfo& info) {
  Json json;
  json["perplexity"] = total.perplexity();
  json["tokens"] = total.tokens();
  json["seconds"] = total.seconds();
  json["perplexity_dense"] = total.perplexityDense();
  json["perplexity_increase"] = total.increase();
  json["agreement"] = total.agreement();
  json["kv_entries_read"] = total.entriesRead();
  json["kv_entries_dense"] = total.entriesDense();
  json["kv_reads_saved"] = total.readsSaved();
  json["attention_mass_kept"] = total.massEstimated();
  json["layer_density"] = total.layerDensity();
  if (options.measure_mass) {
    json["attention_mass_measured"] = total.massMeasured();
    json["layer_mass_measured"] = total.layerMassMeasured();
  }
  json["mode"] = to_string(options.mode);
  json["backend"] = info.backend;
  json["threads"] = info.threads;
  return json;
}

Result<Json> score(Session& session, const Windows& windows, const ScoringOptions& options,
                   const std::stop_token& stop) {
  if (options.mode == Mode::kSparse) {
    if (auto aligned = alignIfNeeded(session, options.sparsity.selector, stop); !aligned)
      return aligned.error();
    const auto total = scoreSparse(session, windows, options, stop);
    if (!total) return total.error();
    return sparseJson(*total, options, session.info());
  }
  const auto total = scoreDense(session, windows, stop);
  if (!total) return total.error();
  Json json;
  json["perplexity"] = total->perplexity;
  json["tokens"] = total->tokens;
  json["seconds"] = total->seconds;
  return json;
}

int runPerplexity(const PerplexityArguments& arguments, Interrupt& interrupt) {
  const ScoringOptions& scoring = arguments.scoring;
  if (auto valid = checkSparsity(scoring.sparsity); !valid)
    return reportError(valid.error(), Phase::kLoading);
  const auto text = readTextFile(arguments.file, "--file");
  if (!text) return reportError(text.error(), Phase::kLoading);

  const WorkScope work(interrupt);
  const bool drafts = scoring.mode == Mode::kSparse && scoring.sparsity.selector == SelectorKind::kDraft;
  auto session =
      loadSession(arguments.model, drafts ? DraftUse::kWhereItFits : DraftUse::kNever, work.stop());
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
  const auto json = score(**session, windows, scoring, work.stop());
  if (!json) return reportError(json.error(), Phase::kRunning);
  return printJson(*json);
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
  command
      ->add_option_function<std::string>(
          "--mode",
          [arguments](const std::string& name) {
            arguments->scoring.mode = mode_from_string(name).value_or(Mode::kDense);
          },
          "dense, or sparse: reading a selection, compared with dense")
      ->type_name("MODE")
      ->default_str("dense")
      ->check(CLI::IsMember({"dense", "sparse"}).description(""));
  addScoringOptions(*command, arguments->scoring);
  addSparsityOptions(*command, arguments->scoring.sparsity);
  addModelOptions(*command, arguments->model);
  command->footer(kDefinition);
  command->callback([arguments, &action] {
    action = [arguments](Interrupt& interrupt) { return runPerplexity(*arguments, interrupt); };
  });
}

}  // namespace fovea::app::cli
