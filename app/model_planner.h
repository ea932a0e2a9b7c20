// Looks at model files before they are loaded, on a thread of its own: it neither waits for a running turn
// nor lets the GUI wait. Answers arrive as signals on the owner's thread; a question overtaken by a later one
// of its kind may stay without an answer. Owned by the GUI thread.
#pragma once

#include <QObject>
#include <atomic>
#include <optional>

#include "app/mailbox.h"
#include "app/task_thread.h"
#include "engine/alignment_search.h"
#include "engine/pair_plan.h"
#include "engine/session.h"

namespace fovea::app {

class ModelPlanner : public QObject {
  Q_OBJECT
 public:
  explicit ModelPlanner(QObject* parent = nullptr);
  ~ModelPlanner() override;

  /// Answers with planned(). As plan_pair().
  void plan(const SessionOptions& options, std::size_t returnedBytes);
  /// Answers with alignmentSearched(): whether somebody aligned this pair, and where it is kept.
  void findAlignment(const SessionOptions& options);

 signals:
  void planned(const fovea::PairPlan& plan);
  void alignmentSearched(const std::optional<fovea::FoundAlignment>& found);

 private:
  Mailbox m_mailbox;
  std::atomic<int> m_latestPlan = 0;  // the number of the last question of each kind
  std::atomic<int> m_latestSearch = 0;
  TaskThread m_thread;  // last: joined before anything it uses goes
};

}  // namespace fovea::app
