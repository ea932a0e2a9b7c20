#include "app/cli/score_totals.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace fovea::app::cli {
namespace {

template <typename Value>
void addEach(std::vector<Value>& sums, const std::vector<Value>& values) {
  sums.resize(std::max(sums.size(), values.size()));
  for (std::size_t index = 0; index < values.size(); ++index) sums[index] += values[index];
}

}  // namespace

void ScoreTotals::add(const TextScore& score, const TextScore& dense) {
  m_tokens += score.tokens;
  m_seconds += score.seconds;
  m_loss += score.negative_log_likelihood;
  m_lossDense += dense.negative_log_likelihood;
  const std::size_t count = std::min(score.token_losses.size(), dense.token_losses.size());
  for (std::size_t index = 0; index < count; ++index) {
    Losses& quarter = m_quarters[index * kQuarters / count];
    ++quarter.tokens;
    quarter.sparse += static_cast<double>(score.token_losses[index]);
    quarter.dense += static_cast<double>(dense.token_losses[index]);
    if (score.predictions[index] == dense.predictions[index]) ++m_agreeing;
  }
  m_entriesRead += score.kv_entries_read;
  m_entriesDense += score.kv_entries_dense;
  m_passes += score.passes;
  m_massEstimated += score.mass_estimated;
  m_massMeasured += score.mass_measured;
  addEach(m_layerEntries, score.layer_entries_read);
  addEach(m_layerMass, score.layer_mass_measured);
}

void ScoreTotals::add(const ScoreTotals& other) {
  m_tokens += other.m_tokens;
  m_seconds += other.m_seconds;
  m_loss += other.m_loss;
  m_lossDense += other.m_lossDense;
  for (std::size_t quarter = 0; quarter < kQuarters; ++quarter) {
    m_quarters[quarter].tokens += other.m_quarters[quarter].tokens;
    m_quarters[quarter].sparse += other.m_quarters[quarter].sparse;
    m_quarters[quarter].dense += other.m_quarters[quarter].dense;
  }
  m_agreeing += other.m_agreeing;
  m_entriesRead += other.m_entriesRead;
  m_entriesDense += other.m_entriesDense;
  m_passes += other.m_passes;
  m_massEstimated += other.m_massEstimated;
  m_massMeasured += other.m_massMeasured;
  addEach(m_layerEntries, other.m_layerEntries);
  addEach(m_layerMass, other.m_layerMass);
}

double ScoreTotals::readsSaved() const {
  return m_entriesDense > 0 ? 1.0 - static_cast<double>(m_entriesRead) / static_cast<double>(m_entriesDense)
                            : 0.0;
}

double ScoreTotals::perplexity() const {
  return std::exp(m_loss / m_tokens);
}

double ScoreTotals::perplexityDense() const {
  return std::exp(m_lossDense / m_tokens);
}

// expm1 of the difference: the quotient of two perplexities would lose the digits of a small increase.
double ScoreTotals::increase() const {
  return std::expm1((m_loss - m_lossDense) / m_tokens);
}

double ScoreTotals::quarterIncrease(std::size_t quarter) const {
  const Losses& losses = m_quarters[quarter];
  return std::expm1((losses.sparse - losses.dense) / static_cast<double>(losses.tokens));
}

double ScoreTotals::agreement() const {
  return static_cast<double>(m_agreeing) / m_tokens;
}

double ScoreTotals::massEstimated() const {
  return m_massEstimated / static_cast<double>(m_passes);
}

double ScoreTotals::massMeasured() const {
  return m_massMeasured / static_cast<double>(m_passes);
}

std::vector<double> ScoreTotals::layerDensity() const {
  std::vector<double> density;
  const double dense = static_cast<double>(m_entriesDense) / static_cast<double>(m_layerEntries.size());
  for (const std::int64_t entries : m_layerEntries) density.push_back(static_cast<double>(entries) / dense);
  return density;
}

std::vector<double> ScoreTotals::layerMassMeasured() const {
  std::vector<double> mass;
  for (const double sum : m_layerMass) mass.push_back(sum / static_cast<double>(m_passes));
  return mass;
}

}  // namespace fovea::app::cli
