#include "app/model_planner.h"

#include <utility>

namespace fovea::app {
namespace {

std::optional<FoundAlignment> search(const SessionOptions& options) {
  const Result<Gguf> verifier = Gguf::open(options.verifier_path);
  if (!verifier) return std::nullopt;
  const Result<Gguf> draft = Gguf::open(options.draft_path);
  if (!draft) return std::nullopt;
  Result<FoundAlignment> found =
      find_alignment(search_folders(options.alignment), *verifier, *draft, options.logger.get());
  if (!found) return std::nullopt;
  return std::move(found).value();
}

}  // namespace

ModelPlanner::ModelPlanner(QObject* parent) : QObject(parent) {}

ModelPlanner::~ModelPlanner() {
  ++m_latestPlan;  // what is still queued has nobody to answer
  ++m_latestSearch;
  m_thread.finish();
}

void ModelPlanner::plan(const SessionOptions& options, std::size_t returnedBytes) {
  const int number = ++m_latestPlan;
  m_thread.post([this, options, returnedBytes, number] {
    if (number != m_latestPlan) return;
    PairPlan plan = plan_pair(options, returnedBytes);
    m_mailbox.post([this, number, plan = std::move(plan)] {
      if (number == m_latestPlan) emit planned(plan);
    });
  });
}

void ModelPlanner::findAlignment(const SessionOptions& options) {
  const int number = ++m_latestSearch;
  m_thread.post([this, options, number] {
    if (number != m_latestSearch) return;
    std::optional<FoundAlignment> found = search(options);
    m_mailbox.post([this, number, found = std::move(found)] {
      if (number == m_latestSearch) emit alignmentSearched(found);
    });
  });
}

}  // namespace fovea::app
