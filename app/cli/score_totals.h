// ScoreTotals: what sparse reading cost and saved over several texts or windows, each scored twice, densely
// and sparsely. Sums of tokens, entries and passes, divided at the end, so that windows of different lengths
// count by what they hold. Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/evaluation.h"

namespace fovea::app::cli {

class ScoreTotals {
 public:
  static constexpr std::size_t kQuarters = 4;

  /// One window: `score` and `dense` are over the same tokens.
  void add(const TextScore& score, const TextScore& dense);
  void add(const ScoreTotals& other);

  [[nodiscard]] int tokens() const { return m_tokens; }
  [[nodiscard]] double seconds() const { return m_seconds; }
  [[nodiscard]] std::int64_t entriesRead() const { return m_entriesRead; }
  [[nodiscard]] std::int64_t entriesDense() const { return m_entriesDense; }
  [[nodiscard]] double readsSaved() const;
  [[nodiscard]] double perplexity() const;
  [[nodiscard]] double perplexityDense() const;
  /// A fraction of the dense perplexity; negative where sparse reading predicts better.
  [[nodiscard]] double increase() const;
  /// The same over a quarter of the scored tokens of every window, the first quarter first.
  [[nodiscard]] double quarterIncrease(std::size_t quarter) const;
  /// Share of the tokens whose likeliest token is that of the dense reading.
  [[nodiscard]] double agreement() const;
  /// The selector's own estimate; NaN where it has none.
  [[nodiscard]] double massEstimated() const;
  [[nodiscard]] double massMeasured() const;
  /// [layer] share of the entries that was read.
  [[nodiscard]] std::vector<double> layerDensity() const;
  /// [layer]; empty where it was not measured.
  [[nodiscard]] std::vector<double> layerMassMeasured() const;

 private:
  struct Losses {
    std::int64_t tokens = 0;
    double sparse = 0;
    double dense = 0;
  };

  int m_tokens = 0;
  double m_seconds = 0;
  double m_loss = 0;
  double m_lossDense = 0;
  std::array<Losses, kQuarters> m_quarters{};
  std::int64_t m_agreeing = 0;
  std::int64_t m_entriesRead = 0;
  std::int64_t m_entriesDense = 0;
  std::int64_t m_passes = 0;
  double m_massEstimated = 0;  // sums over passes
  double m_massMeasured = 0;
  std::vector<std::int64_t> m_layerEntries;  // [layer]
  std::vector<double> m_layerMass;           // [layer] sums over passes
};

}  // namespace fovea::app::cli
