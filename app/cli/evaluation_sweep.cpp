#include "app/cli/evaluation_sweep.h"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "app/cli/text_windows.h"

namespace fovea::app::cli {
namespace {

std::string labelOf(const char* name, float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%s = %g", name, static_cast<double>(value));
  return text;
}

// By the draft's attention alone, through the pooled head map: no norms of values, every layer alike, and a
// draft that reads everything.
SparsityOptions headOptions() {
  SparsityOptions options;
  options.map = AlignmentMap::kHead;
  options.value_aware = false;
  options.per_layer = false;
  options.next_share = 0;
  options.draft_top_p = 1;
  return options;
}

SparsityOptions paperOptions() {
  SparsityOptions options = headOptions();
  options.map = AlignmentMap::kLayer;
  options.rows = RowCombination::kUnion;
  options.search = ThresholdSearch::kBisection;
  options.sinks = 0;
  options.window = 0;
  options.dense_layers = 2;
  return options;
}

// Which text is next, and what came of those that are done: shared between the threads of a run.
class TextQueue {
 public:
  explicit TextQueue(std::size_t count) : m_results(count) {}

  std::optional<std::size_t> take() {
    const std::lock_guard lock(m_mutex);
    if (m_failed || m_next == m_results.size()) return std::nullopt;
    return m_next++;
  }
  void put(std::size_t index, Result<TextScore> result) {
    const std::lock_guard lock(m_mutex);
    m_failed = m_failed || !result.ok();
    m_results[index].emplace(std::move(result));
    ++m_done;
    m_changed.notify_one();
  }
  void leave() {
    const std::lock_guard lock(m_mutex);
    ++m_left;
    m_changed.notify_one();
  }
  /// Returns when `workers` have left, and reports each text that is done until then.
  void wait(std::size_t workers, const std::function<void(std::size_t)>& onProgress) {
    std::size_t reported = 0;
    std::unique_lock lock(m_mutex);
    while (m_left < workers || reported < m_done) {
      m_changed.wait(lock, [&] { return m_left == workers || reported < m_done; });
      if (reported == m_done) continue;
      reported = m_done;
      lock.unlock();
      onProgress(reported);
      lock.lock();
    }
  }
  /// The scores, or the error of the first text that has one. Once all workers have left.
  Result<std::vector<TextScore>> finish() {
    std::vector<TextScore> scores;
    for (auto& result : m_results) {
      if (!result) continue;  // never begun, since another failed
      if (!result->ok()) return result->error();
      scores.push_back(std::move(*result).value());
    }
    return scores;
  }

 private:
  std::mutex m_mutex;  // guards what follows
  std::condition_variable m_changed;
  std::vector<std::optional<Result<TextScore>>> m_results;  // [text]
  std::size_t m_next = 0;
  std::size_t m_done = 0;
  std::size_t m_left = 0;
  bool m_failed = false;
};

Result<TextScore> scoreText(Session& session, const EvaluationText& text, const ScoringOptions& options,
                            const std::stop_token& stop) {
  try {
    return session.score(text.ids, scoredFrom(text.ids), options, stop);
  } catch (const std::exception& exception) {  // must not leave a thread
    return Error{ErrorCode::kOutOfMemory, text.name + ": " + exception.what(), "Use fewer --jobs."};
  }
}

}  // namespace

std::vector<EvaluationSetting> evaluationSettings(const EvaluationPlan& plan) {
  std::vector<EvaluationSetting> settings;
  for (const std::string& selector : plan.selectors) {
    const bool paper = selector == "paper";
    SparsityOptions options = paper ? paperOptions() : selector == "head" ? headOptions() : plan.sparsity;
    options.selector = selector_from_string(selector).value_or(options.selector);
    const bool byBudget =
        options.selector == SelectorKind::kStreaming || options.selector == SelectorKind::kQuest;
    for (const float value : byBudget ? plan.budgets : paper ? plan.paperP : plan.p) {
      (byBudget ? options.budget : options.attention_top_p) = value;
      settings.push_back({selector, labelOf(byBudget ? "budget" : "p", value), options});
    }
  }
  return settings;
}

EvaluationSweep::EvaluationSweep(std::vector<std::unique_ptr<Session>> sessions,
                                 std::vector<EvaluationText> texts,
                                 std::function<void(std::size_t)> onProgress)
    : m_sessions(std::move(sessions)), m_texts(std::move(texts)), m_onProgress(std::move(onProgress)) {}

Result<std::vector<TextScore>> EvaluationSweep::score(const ScoringOptions& options,
                                                      const std::stop_token& stop) {
  TextQueue queue(m_texts.size());
  std::vector<std::thread> threads;
  for (const auto& session : m_sessions) {
    threads.emplace_back([&, worker = session.get()] {
      while (const auto index = queue.take()) {
        queue.put(*index, scoreText(*worker, m_texts[*index], options, stop));
      }
      queue.leave();
    });
  }
  queue.wait(threads.size(), m_onProgress);
  for (std::thread& thread : threads) thread.join();
  return queue.finish();
}

Result<void> EvaluationSweep::scoreDense(const std::stop_token& stop) {
  auto dense = score({}, stop);
  if (!dense) return dense.error();
  m_dense = std::move(dense).value();
  return {};
}

Result<EvaluationRow> EvaluationSweep::run(const EvaluationSetting& setting, ScoringOptions options,
                                           const std::stop_token& stop) {
  options.mode = Mode::kSparse;
  options.sparsity = setting.sparsity;
  const auto scores = score(options, stop);
  if (!scores) return scores.error();
  EvaluationRow row{setting, {}, {}};
  for (std::size_t index = 0; index < scores->size(); ++index) {
    ScoreTotals text;
    text.add((*scores)[index], m_dense[index]);
    row.total.add(text);
    row.texts.push_back(std::move(text));
  }
  return row;
}

}  // namespace fovea::app::cli
