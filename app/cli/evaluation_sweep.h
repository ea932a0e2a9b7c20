// A sweep: texts scored densely once, then once with each setting of a selector. Sessions work side by side,
// one thread and one text each at a time; results come in the order of the texts, whoever was faster. Main
// thread.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/cli/score_totals.h"
#include "engine/options.h"
#include "engine/result.h"
#include "engine/session.h"

namespace fovea::app::cli {

/// One point of a curve.
struct EvaluationSetting {
  std::string selector;  // "draft", "head", "streaming", "quest", "oracle" or "paper"
  std::string label;     // "p = 0.8", "budget = 0.12"
  SparsityOptions sparsity;
};

/// What is to be swept over.
struct EvaluationPlan {
  std::vector<std::string> selectors = {"draft", "streaming", "quest", "oracle", "paper"};
  std::vector<float> p = {0.5F, 0.6F, 0.7F, 0.8F, 0.9F};     // of draft, head and oracle
  std::vector<float> paperP = {0.90F, 0.95F, 0.97F, 0.99F};  // of paper
  std::vector<float> budgets = {0.08F, 0.12F, 0.25F};        // of streaming and quest
  SparsityOptions sparsity;  // what the settings do not say; "head" and "paper" say everything
};

/// The settings in the order of the plan's selectors and values. `paper` is SpecAttn as published: layer map,
/// union of the rows, bisection, the same p for every layer, two dense layers, neither sinks nor window.
/// `head` is the draft's attention alone, through the head map.
[[nodiscard]] std::vector<EvaluationSetting> evaluationSettings(const EvaluationPlan& plan);

struct EvaluationText {
  std::string name;
  std::vector<TokenId> ids;  // one window
};

/// One setting over all texts.
struct EvaluationRow {
  EvaluationSetting setting;
  std::vector<ScoreTotals> texts;  // in the order of the texts
  ScoreTotals total;
};

class EvaluationSweep {
 public:
  /// All of one pair. `onProgress` gets how many texts are done, on the thread that runs the sweep.
  EvaluationSweep(std::vector<std::unique_ptr<Session>> sessions, std::vector<EvaluationText> texts,
                  std::function<void(std::size_t done)> onProgress);

  /// Must come first. Fails with kCancelled, or as Session::score does.
  Result<void> scoreDense(const std::stop_token& stop);
  /// Fails likewise; nothing of a setting that did not finish is kept.
  Result<EvaluationRow> run(const EvaluationSetting& setting, ScoringOptions options,
                            const std::stop_token& stop);

 private:
  Result<std::vector<TextScore>> score(const ScoringOptions& options, const std::stop_token& stop);

  std::vector<std::unique_ptr<Session>> m_sessions;
  std::vector<EvaluationText> m_texts;
  std::function<void(std::size_t)> m_onProgress;
  std::vector<TextScore> m_dense;  // [text]
};

}  // namespace fovea::app::cli
