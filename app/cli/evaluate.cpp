// fovea-cli evaluate: what each selector of KV entries saves and costs, over several texts.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/evaluation_report.h"
#include "app/cli/evaluation_sweep.h"
#include "app/cli/model_options.h"
#include "app/cli/sparsity_arguments.h"
#include "app/cli/terminal.h"
#include "app/cli/text_file.h"
#include "app/cli/text_windows.h"
#include "engine/tokenizer.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples =
    R"(The first --context tokens of each text (the begin token included) are one window: its first tenth is only read, the
rest scored, once densely and once with every setting, as 'perplexity --mode sparse' does. draft and oracle run at every
--p, and so does head: the draft's attention alone, through the pooled head map. streaming and quest run at every
--budgets. paper is SpecAttn as published (layer map, union of the rows, bisection, two dense layers, no sinks or window)
at every --paper-p. "mass kept" is the selector's own estimate.

Prints a Markdown table. --output also writes evaluation.md, evaluation.csv (every digit; increases by quarter of the
window and density by layer), evaluation_texts.csv (the same by text) and evaluation.svg (a plot). Ctrl-C ends it after
the settings that are done, which are written.

Examples:
  fovea-cli evaluate --folder texts --context 2048 --output results
  fovea-cli evaluate --file a.txt --file b.txt --context 1024 --selectors draft,paper --p 0.7,0.8
  fovea-cli evaluate --folder texts --context 4096 --jobs 8 --threads 1 --output results)";

constexpr int kJobsMax = 256;

struct EvaluateArguments {
  ModelOptions model;
  ScoringOptions scoring;
  EvaluationPlan plan;
  std::vector<std::string> files;
  std::string folder;
  std::string output;
  int jobs = 1;
};

struct NamedText {
  std::string name;
  std::string text;
};

// The folder's .txt files in the order of their names: the same everywhere.
Result<std::vector<std::string>> textFilesIn(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failure;
  for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (entry->path().extension() == ".txt") files.push_back(entry->path().string());
  }
  if (failure)
    return Error{ErrorCode::kNotFound, "--folder: there is no folder '" + folder + "' to be read.", ""};
  if (files.empty()) return Error{ErrorCode::kNotFound, "--folder: '" + folder + "' holds no .txt file.", ""};
  std::ranges::sort(files);
  return files;
}

Result<std::vector<NamedText>> readTexts(const EvaluateArguments& arguments) {
  std::vector<NamedText> texts;
  const auto read = [&texts](const std::string& path, const char* option) -> Result<void> {
    auto text = readTextFile(path, option);
    if (!text) return text.error();
    texts.push_back({std::filesystem::path(path).filename().string(), std::move(text).value()});
    return {};
  };
  for (const std::string& path : arguments.files) {
    if (auto done = read(path, "--file"); !done) return done.error();
  }
  if (arguments.folder.empty()) return texts;
  const auto files = textFilesIn(arguments.folder);
  if (!files) return files.error();
  for (const std::string& path : *files) {
    if (auto done = read(path, "--folder"); !done) return done.error();
  }
  return texts;
}

Result<void> checkSettings(const std::vector<EvaluationSetting>& settings) {
  for (const EvaluationSetting& setting : settings) {
    if (auto valid = checkSparsity(setting.sparsity); !valid) return valid;
  }
  return {};
}

// As many sessions as texts at most. The first aligns the pair where that is still to be done; the others
// find it in the cache.
Result<std::vector<std::unique_ptr<Session>>> loadSessions(const EvaluateArguments& arguments,
                                                           std::size_t texts,
                                                           const std::vector<EvaluationSetting>& settings,
                                                           const std::stop_token& stop) {
  const bool drafts = std::ranges::any_of(settings, [](const EvaluationSetting& setting) {
    return setting.sparsity.selector == SelectorKind::kDraft;
  });
  const std::size_t count = std::min(static_cast<std::size_t>(arguments.jobs), texts);
  std::vector<std::unique_ptr<Session>> sessions;
  for (std::size_t index = 0; index < count; ++index) {
    auto session = loadSession(arguments.model, drafts ? DraftUse::kWhereItFits : DraftUse::kNever, stop);
    if (!session) return session.error();
    if (drafts) {
      if (auto aligned = alignIfNeeded(**session, SelectorKind::kDraft, stop); !aligned)
        return aligned.error();
    }
    sessions.push_back(std::move(session).value());
  }
  return sessions;
}

Result<std::vector<EvaluationText>> cutTexts(const std::vector<NamedText>& texts, const Session& session) {
  const auto tokens = static_cast<std::size_t>(session.info().context_tokens);
  std::vector<EvaluationText> windows;
  for (const NamedText& text : texts) {
    auto cut =
        cutWindows(session.tokenizer().encode(text.text), session.tokenizer().begin_id(), tokens, tokens);
    if (cut.empty()) {
      return Error{
          ErrorCode::kInvalidArgument,
          text.name + " is too short; at least " + std::to_string(kWindowTokensMin) + " tokens are needed.",
          ""};
    }
    windows.push_back({text.name, std::move(cut.front())});
  }
  return windows;
}

// Fills report.rows. What is done stays there when it fails or is stopped.
Result<void> sweep(EvaluationSweep& texts, const std::vector<EvaluationSetting>& settings,
                   const EvaluateArguments& arguments, std::string& stage, ProgressLine& progress,
                   EvaluationReport& report, const std::stop_token& stop) {
  stage = "Scoring densely";
  if (auto dense = texts.scoreDense(stop); !dense) return dense;
  progress.clear();
  if (!arguments.model.json) writeOut(markdownHead(report));
  for (const EvaluationSetting& setting : settings) {
    stage = setting.selector + ", " + setting.label;
    auto row = texts.run(setting, arguments.scoring, stop);
    if (!row) return row.error();
    report.rows.push_back(std::move(row).value());
    progress.clear();
    if (!arguments.model.json) writeOut(markdownRow(report, report.rows.back()));
    if (arguments.output.empty()) continue;
    // After each setting: hours of work should not hang on the end of the last.
    if (auto written = writeReport(arguments.output, report); !written) return written;
  }
  return {};
}

int runEvaluate(const EvaluateArguments& arguments, Interrupt& interrupt) {
  const auto settings = evaluationSettings(arguments.plan);
  if (auto valid = checkSettings(settings); !valid) return reportError(valid.error(), Phase::kLoading);
  const auto texts = readTexts(arguments);
  if (!texts) return reportError(texts.error(), Phase::kLoading);
  const WorkScope work(interrupt);
  auto sessions = loadSessions(arguments, texts->size(), settings, work.stop());
  if (!sessions) return reportError(sessions.error(), Phase::kLoading);
  auto windows = cutTexts(*texts, *sessions->front());
  if (!windows) return reportError(windows.error(), Phase::kLoading);

  EvaluationReport report;
  report.info = sessions->front()->info();
  report.contextTokens = report.info.context_tokens;
  report.draftTokens = arguments.scoring.draft_tokens;
  report.measuredMass = arguments.scoring.measure_mass;
  for (const EvaluationText& text : *windows) report.texts.push_back(text.name);

  ProgressLine progress;
  std::string stage;
  const std::size_t count = windows->size();
  EvaluationSweep evaluation(std::move(sessions).value(), std::move(windows).value(), [&](std::size_t done) {
    progress.show(stage + ": " + std::to_string(done) + " of " + std::to_string(count) + " texts");
  });
  const auto done = sweep(evaluation, settings, arguments, stage, progress, report, work.stop());
  progress.clear();
  int status = kExitOk;
  if (arguments.model.json) status = printJson(evaluationJson(report), 2);
  return done ? status : reportError(done.error(), Phase::kRunning);
}

template <typename Value>
std::string joined(const std::vector<Value>& values) {
  std::ostringstream text;
  for (const Value& value : values) text << (text.tellp() > 0 ? "," : "") << value;
  return text.str();
}

template <typename Value>
CLI::Option* addList(CLI::App& command, const std::string& name, std::vector<Value>& values,
                     const std::string& description, const char* typeName) {
  return command.add_option(name, values, description)
      ->type_name(typeName)
      ->delimiter(',')
      ->default_str(joined(values));
}

}  // namespace

void addEvaluateCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App* command =
      application.add_subcommand("evaluate", "Compare what selectors of KV entries save and cost");
  CLI::Option* file = command->add_option("--file", arguments->files, "A text; may be given several times")
                          ->type_name("FILE");
  CLI::Option* folder =
      command->add_option("--folder", arguments->folder, "Folder of texts: all its .txt files")
          ->type_name("FOLDER");
  EvaluationPlan& plan = arguments->plan;
  addList(*command, "--selectors", plan.selectors, "Which to compare", "NAME,...")
      ->check(CLI::IsMember({"draft", "head", "streaming", "quest", "oracle", "paper"}).description(""));
  const CLI::Range share(0.0F, 1.0F);
  addList(*command, "--attention-top-p,--p", plan.p, "Attention top-p of draft, head and oracle", "P,...")
      ->check(CLI::Range(share).description(""));
  addList(*command, "--paper-p", plan.paperP, "Attention top-p of paper", "P,...")
      ->check(CLI::Range(share).description(""));
  addList(*command, "--budgets", plan.budgets, "Share of the KV entries that streaming and quest read",
          "B,...")
      ->check(CLI::Range(share).description(""));
  command->add_option("--output", arguments->output, "Folder for the table, CSV and the plot")
      ->type_name("FOLDER");
  command->add_option("--jobs", arguments->jobs, "Texts at the same time, each with --threads of its own")
      ->type_name("J")
      ->check(CLI::Range(1, kJobsMax).description(""))
      ->capture_default_str();
  addScoringOptions(*command, arguments->scoring);
  addSelectionDetails(*command, plan.sparsity);
  addModelOptions(*command, arguments->model);
  command->footer(kExamples);
  command->callback([=, &action] {
    if (file->count() == 0 && folder->count() == 0) throw CLI::RequiredError("--file or --folder");
    action = [arguments](Interrupt& interrupt) { return runEvaluate(*arguments, interrupt); };
  });
}

}  // namespace fovea::app::cli
