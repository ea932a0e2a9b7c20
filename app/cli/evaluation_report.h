// What a sweep found, for people (a Markdown table), for programs (CSV with every digit, JSON) and as a plot.
// Pure functions, and one that writes them into a folder.
#pragma once

#include <string>
#include <vector>

#include "app/cli/evaluation_sweep.h"
#include "app/cli/report.h"
#include "engine/result.h"
#include "engine/session.h"

namespace fovea::app::cli {

/// What was run, beside the rows.
struct EvaluationReport {
  SessionInfo info;
  int contextTokens = 0;
  int draftTokens = 0;
  bool measuredMass = false;
  std::vector<std::string> texts;   // names
  std::vector<EvaluationRow> rows;  // in the order of the settings
};

/// The table's first two lines, and one row of it; each ends with a line break.
[[nodiscard]] std::string markdownHead(const EvaluationReport& report);
[[nodiscard]] std::string markdownRow(const EvaluationReport& report, const EvaluationRow& row);

/// Header and one line a setting; in the second also a text. Numbers in full precision, shares as fractions,
/// nothing where a number is not known.
[[nodiscard]] std::string evaluationCsv(const EvaluationReport& report);
[[nodiscard]] std::string evaluationTextsCsv(const EvaluationReport& report);

[[nodiscard]] Json evaluationJson(const EvaluationReport& report);

/// evaluation.md, evaluation.csv, evaluation_texts.csv and evaluation.svg in `folder`, which is created.
/// Fails with kUnreadable, naming the file.
Result<void> writeReport(const std::string& folder, const EvaluationReport& report);

}  // namespace fovea::app::cli
