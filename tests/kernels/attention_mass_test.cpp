#include "kernels/cpu/attention_mass.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "tests/kernels/kernel_test.h"

namespace fovea::kernels {
namespace {

using testing::EveryTarget;
using testing::poisoned;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Shape {
  std::size_t rows;
  std::size_t heads;
  std::size_t kv_heads;
  std::size_t n;
};

// Scores of a few rows as attention leaves them: the last rows see more than the first, and each row's
// log-sum-exp is its own.
struct Scores {
  Scores(testing::Random& random, const Shape& s)
      : shape(s), stride(s.n + 5), scores(random.normals(s.rows * s.heads * stride, 5.0F)) {
    for (std::size_t row = 0; row < s.rows * s.heads; ++row) {
      float* x = scores.data() + row * stride;
      const std::size_t hidden = std::min(s.rows - 1 - row / s.heads, s.n - 1);
      std::fill(x + s.n - hidden, x + stride, -kInfinity);
      double sum = 0;
      for (std::size_t i = 0; i < s.n; ++i) sum += std::exp(static_cast<double>(x[i]));
      log_sum_exp.push_back(static_cast<float>(std::log(sum)));
    }
  }
  [[nodiscard]] std::vector<float> mass(cpu::ThreadPool& pool, std::size_t n) const {
    std::vector<float> out = poisoned(shape.kv_heads * stride);
    cpu::attention_mass(out.data(), stride, rows(0, shape.rows), n, pool);
    return out;
  }
  // Some of the rows, as a part of a mean over all.
  [[nodiscard]] cpu::ScoreRows rows(std::size_t first, std::size_t count) const {
    const std::size_t row = first * shape.heads;
    return {scores.data() + row * stride,
            log_sum_exp.data() + row,
            stride,
            count,
            shape.heads,
            shape.kv_heads,
            shape.rows};
  }
  [[nodiscard]] std::vector<float> expected() const {
    std::vector<float> out = poisoned(shape.kv_heads * stride);
    reference::attention_mass(out.data(), stride, scores.data(), stride, log_sum_exp.data(), shape.rows,
                              shape.heads, shape.kv_heads, shape.n);
    return out;
  }

  Shape shape;
  std::size_t stride;
  std::vector<float> scores;
  std::vector<float> log_sum_exp;
};

class AttentionMassTest : public EveryTarget {};

TEST_P(AttentionMassTest, IsTheMeanOfTheProbabilities) {
  for (const std::size_t n : {1UL, 7UL, 8UL, 9UL, 31UL, 1023UL, 1024UL, 1025UL, 4099UL}) {
    for (const auto& [rows, heads, kv_heads] :
         {std::array{1UL, 8UL, 4UL}, {5UL, 6UL, 1UL}, {4UL, 3UL, 3UL}}) {
      const Scores scores(random, {rows, heads, kv_heads, n});
      const std::vector<float> mass = scores.mass(pool, n);
      const std::vector<float> expected = scores.expected();
      const std::size_t terms = rows * (heads / kv_heads);
      // Arguments of up to 50 are rounded once, exp errs by up to 3 units in the last place, and a mean of m
      // adds m + 1 roundings. Below the normal floats exp may give 0.
      const float relative = static_cast<float>(50 + 6 + terms + 1) * 0x1p-24F;
      for (std::size_t k = 0; k < kv_heads; ++k) {
        double total = 0;
        for (std::size_t i = 0; i < n; ++i) {
          const std::size_t at = k * scores.stride + i;
          ASSERT_NEAR(mass[at], expected[at], expected[at] * relative + 1e-37F)
              << k << ' ' << i << " of " << n;
          total += static_cast<double>(mass[at]);
        }
        EXPECT_NEAR(total, 1.0, 1e-5);
        for (std::size_t i = n; i < scores.stride; ++i) {
          ASSERT_TRUE(std::isnan(mass[k * scores.stride + i])) << "written beyond n";
        }
      }
    }
  }
}

TEST_P(AttentionMassTest, BitsDependNeitherOnTheThreadsNorOnWhatFollows) {
  const Scores scores(random, {3, 8, 4, 4099});
  const std::vector<float> mass = scores.mass(pool, 4099);
  cpu::ThreadPool alone(1);
  const std::vector<float> serial = scores.mass(alone, 4099);
  const std::vector<float> shorter = scores.mass(pool, 1501);
  for (std::size_t k = 0; k < 4; ++k) {
    for (std::size_t i = 0; i < 4099; ++i) {
      const std::size_t at = k * scores.stride + i;
      ASSERT_EQ(mass[at], serial[at]);
      if (i < 1501) {
        ASSERT_EQ(mass[at], shorter[at]) << i;
      }
    }
  }
}

TEST_P(AttentionMassTest, WhatIsMaskedCountsAsZero) {
  const std::size_t n = 21;
  std::vector<float> scores(3 * n, 0.0F);
  std::fill_n(scores.begin() + n, n, -kInfinity);  // the second row sees nothing
  for (const std::size_t i : {3UL, 20UL}) {
    scores[i] = -kInfinity;
    scores[2 * n + i] = kNan;
  }
  const float log_sum_exp[] = {0.0F, -kInfinity, 0.0F};
  std::vector<float> mass = poisoned(n);
  cpu::attention_mass(mass.data(), n, {scores.data(), log_sum_exp, n, 3, 1, 1, 3}, n, pool);
  for (std::size_t i = 0; i < n; ++i) {
    const bool masked = i == 3 || i == 20;
    EXPECT_FLOAT_EQ(mass[i], masked ? 0.0F : 2.0F / 3.0F) << i;
  }
}

// The first row sees everything, the others a list each entry of which is somewhere else: together they are
// what rows that see everything, but nothing outside the list, would give.
TEST_P(AttentionMassTest, ListedRowsAreAddedWhereTheirEntriesLie) {
  for (const std::size_t n : {1UL, 9UL, 1023UL, 4099UL}) {
    Scores scores(random, {4, 6, 2, n});
    std::vector<std::int32_t> list;
    for (std::size_t i = 0; i < n; ++i) {
      if (i == 0 || random.below(3) == 0) list.push_back(static_cast<std::int32_t>(i));
    }
    Scores spread = scores;
    for (std::size_t row = scores.shape.heads; row < 4 * scores.shape.heads; ++row) {
      float* dense = spread.scores.data() + row * spread.stride;
      std::fill_n(dense, n, -kInfinity);
      for (std::size_t e = 0; e < list.size(); ++e) {
        dense[static_cast<std::size_t>(list[e])] = scores.scores[row * scores.stride + e];
      }
    }
    std::vector<float> mass = poisoned(2 * scores.stride);
    cpu::attention_mass(mass.data(), scores.stride, scores.rows(0, 1), n, pool);
    cpu::add_listed_mass(mass.data(), scores.stride, scores.rows(1, 3), list.data(), list.size(), pool);
    const std::vector<float> expected = spread.expected();
    const float relative = static_cast<float>(50 + 6 + 12 + 2) * 0x1p-24F;
    for (std::size_t k = 0; k < 2; ++k) {
      for (std::size_t i = 0; i < scores.stride; ++i) {
        const std::size_t at = k * scores.stride + i;
        if (i >= n) {
          ASSERT_TRUE(std::isnan(mass[at])) << "written beyond n";
        } else {
          ASSERT_NEAR(mass[at], expected[at], expected[at] * relative + 1e-37F) << i << " of " << n;
        }
      }
    }
  }
}

TEST_P(AttentionMassTest, NoPositions) {
  const float log_sum_exp = 0;
  const cpu::ScoreRows nothing{nullptr, &log_sum_exp, 0, 1, 1, 1, 1};
  cpu::attention_mass(nullptr, 0, nothing, 0, pool);
  cpu::add_listed_mass(nullptr, 0, nothing, nullptr, 0, pool);
  cpu::weighted_sum(nullptr, nullptr, nullptr, 0, 0, 0);
}

TEST_P(AttentionMassTest, WeightedSum) {
  for (const std::size_t n : {1UL, 7UL, 8UL, 9UL, 63UL, 64UL, 65UL, 4099UL}) {
    for (const std::size_t count : {0UL, 1UL, 3UL, 4UL, 24UL}) {
      const std::size_t stride = n + 3;
      const std::vector<float> rows = random.normals(count * stride);
      const std::vector<float> weights = random.normals(count);
      std::vector<float> out = poisoned(stride);
      std::vector<float> expected(n);
      cpu::weighted_sum(out.data(), weights.data(), rows.data(), stride, count, n);
      reference::weighted_sum(expected.data(), weights.data(), rows.data(), stride, count, n);
      for (std::size_t i = 0; i < n; ++i) {
        // Each of count products and sums is rounded once: the bound is on the sum of the magnitudes.
        float magnitude = 0;
        for (std::size_t j = 0; j < count; ++j) magnitude += std::abs(weights[j] * rows[j * stride + i]);
        ASSERT_NEAR(out[i], expected[i], magnitude * static_cast<float>(count + 1) * 0x1p-24F)
            << i << " of " << n;
      }
      for (std::size_t i = n; i < stride; ++i) ASSERT_TRUE(std::isnan(out[i])) << "written beyond n";
    }
  }
}

TEST_P(AttentionMassTest, WeightedSumDoesNotReadRowsOfWeightZero) {
  const std::size_t n = 133;
  std::vector<float> rows = random.normals(3 * n);
  std::fill_n(rows.begin() + n, n, kNan);
  const float weights[] = {0.25F, 0.0F, -0.5F};
  std::vector<float> out = poisoned(n);
  cpu::weighted_sum(out.data(), weights, rows.data(), n, 3, n);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_NEAR(out[i], 0.25F * rows[i] - 0.5F * rows[2 * n + i],
                (std::abs(rows[i]) + std::abs(rows[2 * n + i])) * 4 * 0x1p-24F);
  }
}

FOVEA_EVERY_TARGET(AttentionMassTest);

}  // namespace
}  // namespace fovea::kernels
