// Pearson's chi-square test for counts with fixed seeds, shared by the statistical tests. Test code only.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace fovea {

/// Value that a chi-square variable exceeds with probability 1e-6 (Wilson and Hilferty's cube approximation).
inline double chi_square_limit(std::size_t degrees) {
  const double spread = 2.0 / (9.0 * static_cast<double>(degrees));
  return static_cast<double>(degrees) * std::pow(1 - spread + (4.7534 * std::sqrt(spread)), 3);
}

/// Fails unless `counts` look like draws from `probabilities`; a count where the probability is 0 fails at
/// once. Cells that expect fewer than 5 draws are pooled, since the statistic is not chi-square there.
inline void expect_drawn_from(const std::vector<double>& probabilities,
                              const std::vector<std::size_t>& counts) {
  ASSERT_EQ(probabilities.size(), counts.size());
  double draws = 0;
  for (const std::size_t count : counts) draws += static_cast<double>(count);
  double statistic = 0;
  double pooled_expected = 0;
  double pooled_count = 0;
  std::size_t cells = 0;
  const auto add = [&](double count, double expected) {
    statistic += (count - expected) * (count - expected) / expected;
    ++cells;
  };
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = probabilities[i] * draws;
    if (probabilities[i] <= 0) {
      ASSERT_EQ(counts[i], 0U) << "cell " << i << " is outside the support";
    } else if (expected < 5) {
      pooled_expected += expected;
      pooled_count += static_cast<double>(counts[i]);
    } else {
      add(static_cast<double>(counts[i]), expected);
    }
  }
  if (pooled_expected >= 5) add(pooled_count, pooled_expected);
  if (cells > 1) {
    EXPECT_LT(statistic, chi_square_limit(cells - 1)) << "over " << cells << " cells";
  }
}

}  // namespace fovea
