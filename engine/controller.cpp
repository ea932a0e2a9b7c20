#include "engine/controller.h"

#include <algorithm>
#include <cstddef>

namespace fovea {
namespace {

constexpr double kMemory = 0.9;       // what is left of an old step's weight after a new one
constexpr double kFirstChance = 0.7;  // before anything is known
constexpr double kNominalProposal = 1.0 / 6;
constexpr double kNominalRow = 1.0 / 8;
constexpr int kProbeEvery = 16;  // steps without proposals before one is made to learn from

}  // namespace

void Controller::Line::add(double pass_rows, double pass_seconds) {
  for (double* sum : {&weight, &rows, &rows_squared, &seconds, &rows_seconds}) *sum *= kMemory;
  weight += 1;
  rows += pass_rows;
  rows_squared += pass_rows * pass_rows;
  seconds += pass_seconds;
  rows_seconds += pass_rows * pass_seconds;
}

double Controller::Line::at(double pass_rows) const {
  const double mean_rows = rows / weight;
  const double mean_seconds = seconds / weight;
  const double variance = rows_squared / weight - mean_rows * mean_rows;
  // Passes of nearly one size say nothing about the slope: then the nominal one.
  double slope = kNominalRow * mean_seconds / (1 + kNominalRow * (mean_rows - 1));
  if (variance > 0.25) {
    const double covariance = rows_seconds / weight - mean_rows * mean_seconds;
    slope = std::clamp(covariance / variance, 0.0, mean_seconds / mean_rows);
  }
  return mean_seconds + slope * (pass_rows - mean_rows);
}

double Controller::expected_tokens(int proposals) const {
  double expected = 1;
  double all_stand = 1;
  for (std::size_t i = 0; i < static_cast<std::size_t>(proposals); ++i) {
    // A position that was never tried is judged like the last one that was.
    all_stand *= m_chance.empty() ? kFirstChance : m_chance[std::min(i, m_chance.size() - 1)];
    expected += m_dares * all_stand;
  }
  return expected;
}

double Controller::expected_seconds(int proposals) const {
  if (m_costs == Costs::kNominal || m_pass.weight == 0) {
    return proposals * kNominalProposal + 1 + kNominalRow * proposals;
  }
  return proposals * m_draft_pass_seconds + m_pass.at(proposals + 1);
}

int Controller::draft_tokens(int least, int most) {
  int best = least;
  double best_rate = expected_tokens(least) / expected_seconds(least);
  for (int proposals = least + 1; proposals <= most; ++proposals) {
    const double rate = expected_tokens(proposals) / expected_seconds(proposals);
    if (rate > best_rate) {
      best_rate = rate;
      best = proposals;
    }
  }
  m_steps_without_proposals = best == 0 ? m_steps_without_proposals + 1 : 0;
  if (m_steps_without_proposals < kProbeEvery) return best;
  m_steps_without_proposals = 0;
  return std::min(2, most);
}

void Controller::learn(const StepTelemetry& step) {
  const double share = 1 - kMemory;
  m_pass.add(step.proposed + 1, step.verify_seconds);
  if (step.draft_passes == 0) return;
  const double seconds = step.draft_seconds / step.draft_passes;
  m_draft_pass_seconds =
      m_draft_pass_seconds == 0 ? seconds : m_draft_pass_seconds + share * (seconds - m_draft_pass_seconds);
  m_dares += share * ((step.proposed > 0 ? 1.0 : 0.0) - m_dares);
  // One trial at each position up to the first refusal.
  const auto trials = static_cast<std::size_t>(std::min(step.accepted + 1, step.proposed));
  for (std::size_t i = 0; i < trials; ++i) {
    if (m_chance.size() == i) m_chance.push_back(m_chance.empty() ? kFirstChance : m_chance.back());
    m_chance[i] += share * ((i < static_cast<std::size_t>(step.accepted) ? 1.0 : 0.0) - m_chance[i]);
  }
}

}  // namespace fovea
