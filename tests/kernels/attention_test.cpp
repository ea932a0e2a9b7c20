#include "kernels/cpu/attention.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/cpu/attention_tile.h"

#include "tests/kernels/kernel_test.h"

namespace fovea::kernels {
namespace {

using testing::EveryTarget;
using testing::poisoned;

struct Case {
  std::size_t heads, kv_heads, head_dim, first_position, rows;
};

class AttentionTest : public EveryTarget {
 protected:
  struct Inputs {
    std::vector<float> query;
    std::vector<std::int16_t> keys, values;
    std::vector<float> scales;
    // What the cache holds, as floats.
    std::vector<float> float_keys, float_values;

    [[nodiscard]] cpu::KvNumbers cache() const { return {keys.data(), values.data(), scales.data()}; }
    void append_poison(std::size_t entries, const Case& c) {
      keys.resize(keys.size() + entries * c.kv_heads * c.head_dim, -32768);
      values.resize(keys.size(), -32768);
      scales.resize(scales.size() + entries * c.kv_heads * 2, std::numeric_limits<float>::quiet_NaN());
    }
    void poison(std::size_t position, const Case& c) {
      const std::size_t entry = c.kv_heads * c.head_dim;
      std::fill_n(keys.begin() + static_cast<std::ptrdiff_t>(position * entry), entry, -32768);
      std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(position * entry), entry, -32768);
      std::fill_n(scales.begin() + static_cast<std::ptrdiff_t>(position * c.kv_heads * 2), c.kv_heads * 2,
                  std::numeric_limits<float>::quiet_NaN());
    }
  };

  Inputs make(const Case& c) {
    Inputs in;
    const std::size_t entries = c.first_position + c.rows;
    const std::size_t numbers = entries * c.kv_heads * c.head_dim;
    in.query = random.normals(c.rows * c.heads * c.head_dim);
    in.keys.resize(numbers);
    in.values.resize(numbers);
    in.scales.resize(entries * c.kv_heads * 2);
    const std::vector<float> keys = random.normals(numbers);
    std::vector<float> values = random.normals(numbers);
    // Heads whose values are of different sizes, as those of sinks are.
    for (std::size_t i = 0; i < numbers; ++i) values[i] *= i / c.head_dim % 5 == 0 ? 0.01F : 1.0F;
    cpu::to_kv_numbers(in.keys.data(), in.scales.data(), keys.data(), entries, c.kv_heads, c.head_dim, pool);
    cpu::to_kv_numbers(in.values.data(), in.scales.data() + 1, values.data(), entries, c.kv_heads, c.head_dim,
                       pool);
    for (std::size_t i = 0; i < numbers; ++i) {
      in.float_keys.push_back(static_cast<float>(in.keys[i]) * in.scales[i / c.head_dim * 2]);
      in.float_values.push_back(static_cast<float>(in.values[i]) * in.scales[i / c.head_dim * 2 + 1]);
    }
    return in;
  }

  // Queries of deviation 1 that the kernel's integers hold but for the rounding of a float.
  void make_exact(std::vector<float>& query, const Case& c) {
    const auto largest = static_cast<std::int64_t>(cpu::largest_factor(c.head_dim));
    for (std::size_t i = 0; i < query.size(); ++i) {
      const auto number =
          static_cast<std::int64_t>(random.below(static_cast<std::size_t>(2 * largest + 1))) - largest;
      query[i] =
          static_cast<float>(i % c.head_dim == 0 ? largest : number) * 1.7F / static_cast<float>(largest);
    }
  }

  // Weights are integers of 13 bits: each errs by at most half of 1/8,191 of the largest of its block, at
  // random, and so a mean over n entries of values of size 1 deviates by p sqrt(n) / (8,191 sqrt(12)), where
  // p is the largest one's share. With normal scores p sqrt(n) stays below 3 for n up to a block of 64. Five
  // deviations.
  static constexpr double kOfWeights = 5 * 3 / (8191 * 3.46);
  // A query's integers err by half a step of its largest magnitude (3.5 here) over largest_factor at most; a
  // score by 1 / sqrt(12) of the step, times the length of a key times the scale (1 here); five deviations.
  static double of_queries(const Case& c) {
    return 5 * 3.5 / static_cast<double>(cpu::largest_factor(c.head_dim)) / std::sqrt(12.0);
  }

  static AttentionShape shape(const Case& c) {
    return {c.heads, c.kv_heads, c.head_dim, 1.0F / std::sqrt(static_cast<float>(c.head_dim))};
  }

  std::vector<float> run(const Inputs& in, const Case& c, const float* query, std::size_t first,
                         std::size_t rows, const AttentionScores* scores = nullptr,
                         const AttentionSelection* selection = nullptr) {
    std::vector<float> out = poisoned(rows * c.heads * c.head_dim);
    testing::Workspace workspace(cpu::attention_workspace_bytes(rows, shape(c), first));
    cpu::attention(out.data(), query, in.cache(), rows, shape(c), first, selection, scores, workspace.get(),
                   pool);
    return out;
  }
};

constexpr Case kCases[] = {
    {1, 1, 8, 0, 1},    {8, 4, 64, 0, 1},    {8, 4, 64, 63, 1},    {8, 4, 64, 64, 1},   {8, 4, 64, 511, 2},
    {8, 4, 64, 512, 6}, {4, 2, 64, 1300, 5}, {6, 2, 80, 97, 3},    {3, 3, 20, 150, 7},  {32, 8, 128, 700, 1},
    {32, 1, 64, 70, 2}, {8, 4, 64, 0, 77},   {8, 4, 64, 490, 150}, {5, 1, 256, 33, 40}, {8, 4, 64, 2000, 17},
};

TEST_P(AttentionTest, MatchesReference) {
  for (const Case& c : kCases) {
    for (const bool exact : {true, false}) {
      Inputs in = make(c);
      if (exact) make_exact(in.query, c);
      const double tolerance = kOfWeights + (exact ? 0 : of_queries(c));
      const std::vector<float> out = run(in, c, in.query.data(), c.first_position, c.rows);
      std::vector<std::int32_t> positions(c.rows);
      std::iota(positions.begin(), positions.end(), static_cast<std::int32_t>(c.first_position));
      std::vector<float> expected(out.size());
      reference::attention(expected.data(), in.query.data(), in.float_keys.data(), in.float_values.data(),
                           c.rows, c.heads, c.kv_heads, c.head_dim, positions.data(), shape(c).scale);
      for (std::size_t i = 0; i < out.size(); ++i) {
        ASSERT_NEAR(out[i], expected[i], tolerance)
            << i << " heads " << c.heads << " dim " << c.head_dim << " first " << c.first_position << " rows "
            << c.rows << " exact " << exact;
      }
    }
  }
}

// Decoding one by one, verifying a few and prefilling many must give the same bits.
TEST_P(AttentionTest, RowsAreBitIdenticalWhateverTheBatch) {
  for (const Case c : {Case{8, 4, 64, 480, 60}, Case{3, 3, 40, 0, 90}, Case{8, 1, 64, 1000, 50}}) {
    const Inputs in = make(c);
    const std::vector<float> all = run(in, c, in.query.data(), c.first_position, c.rows);
    const std::size_t row_floats = c.heads * c.head_dim;
    for (std::size_t begin = 0; begin < c.rows;) {
      const std::size_t count = std::min(1 + random.below(9), c.rows - begin);
      const std::vector<float> part =
          run(in, c, in.query.data() + begin * row_floats, c.first_position + begin, count);
      ASSERT_EQ(0, std::memcmp(part.data(), all.data() + begin * row_floats, part.size() * sizeof(float)))
          << "rows " << begin << " + " << count;
      begin += count;
    }
  }
}

TEST_P(AttentionTest, NeverReadsBeyondWhatIsVisible) {
  const Case c{8, 4, 64, 100, 3};
  Inputs in = make(c);
  const std::vector<float> before = run(in, c, in.query.data(), c.first_position, c.rows);
  in.append_poison(64, c);  // where a rejected draft may have left anything
  EXPECT_EQ(before, run(in, c, in.query.data(), c.first_position, c.rows));
}

// A row of NaN in a pass spoils itself and what sees it, never the rows before it.
TEST_P(AttentionTest, NanSpoilsOnlyWhatSeesIt) {
  const Case c{8, 4, 64, 70, 4};
  Inputs in = make(c);
  const std::vector<float> before = run(in, c, in.query.data(), c.first_position, c.rows);
  in.poison(c.first_position + 2, c);
  const std::vector<float> after = run(in, c, in.query.data(), c.first_position, c.rows);
  const std::size_t row_floats = c.heads * c.head_dim;
  EXPECT_TRUE(std::equal(before.begin(), before.begin() + 2 * row_floats, after.begin()));
  for (std::size_t i = 2 * row_floats; i < after.size(); ++i) ASSERT_TRUE(std::isnan(after[i])) << i;
}

TEST_P(AttentionTest, HugeScoresStayFinite) {
  const Case c{2, 1, 32, 600, 1};
  Inputs in = make(c);
  for (float& q : in.query) q *= 2000.0F;
  for (const float v : run(in, c, in.query.data(), c.first_position, c.rows)) EXPECT_TRUE(std::isfinite(v));
}

TEST_P(AttentionTest, ExportsScoresAndNormaliser) {
  for (const Case c : {Case{4, 2, 64, 700, 4}, Case{8, 4, 64, 30, 60}}) {
    const Inputs in = make(c);
    const std::size_t stride = c.first_position + c.rows + 3;
    std::vector<float> scores(c.rows * c.heads * stride, 0.0F);
    std::vector<float> log_sum_exp = poisoned(c.rows * c.heads);
    const AttentionScores wanted{scores.data(), stride, log_sum_exp.data()};
    run(in, c, in.query.data(), c.first_position, c.rows, &wanted);

    std::vector<std::int32_t> positions(c.rows);
    std::iota(positions.begin(), positions.end(), static_cast<std::int32_t>(c.first_position));
    std::vector<float> expected(c.rows * c.heads * stride);
    std::vector<float> unused(in.query.size());
    reference::attention(unused.data(), in.query.data(), in.float_keys.data(), in.float_values.data(), c.rows,
                         c.heads, c.kv_heads, c.head_dim, positions.data(), shape(c).scale, expected.data(),
                         stride);
    for (std::size_t r = 0; r < c.rows; ++r) {
      for (std::size_t h = 0; h < c.heads; ++h) {
        const std::size_t q = r * c.heads + h;
        for (std::size_t p = 0; p <= c.first_position + r; ++p) {
          ASSERT_NEAR(std::exp(scores[q * stride + p] - log_sum_exp[q]), expected[q * stride + p],
                      1e-5 + of_queries(c) * expected[q * stride + p]);
        }
        ASSERT_EQ(scores[q * stride + c.first_position + r + 1], 0.0F);  // not seen, not written
      }
    }
  }
}

// The scores of a pass whose first rows leave nothing: what the draft exports while it catches up.
TEST_P(AttentionTest, ExportsOnlyTheLastRowsWhenAsked) {
  for (const Case c : {Case{4, 2, 64, 300, 4}, Case{8, 4, 64, 30, 60}}) {
    const Inputs in = make(c);
    const std::size_t stride = c.first_position + c.rows;
    std::vector<float> all(c.rows * c.heads * stride, 0.0F);
    std::vector<float> all_log_sum_exp = poisoned(c.rows * c.heads);
    const AttentionScores everything{all.data(), stride, all_log_sum_exp.data(), 0};
    run(in, c, in.query.data(), c.first_position, c.rows, &everything);
    const std::size_t skipped = c.rows - 2;
    std::vector<float> last(2 * c.heads * stride, 0.0F);
    std::vector<float> last_log_sum_exp = poisoned(2 * c.heads);
    const AttentionScores wanted{last.data(), stride, last_log_sum_exp.data(), skipped};
    run(in, c, in.query.data(), c.first_position, c.rows, &wanted);
    EXPECT_TRUE(std::equal(last.begin(), last.end(), all.begin() + skipped * c.heads * stride));
    EXPECT_TRUE(std::equal(last_log_sum_exp.begin(), last_log_sum_exp.end(),
                           all_log_sum_exp.begin() + skipped * c.heads));
  }
}

class SelectedAttentionTest : public AttentionTest {
 protected:
  // Each position with this chance, ascending.
  std::vector<std::int32_t> choose(std::size_t positions, double chance) {
    std::vector<std::int32_t> chosen;
    for (std::size_t p = 0; p < positions; ++p) {
      if (static_cast<double>(random.below(1000)) < chance * 1000)
        chosen.push_back(static_cast<std::int32_t>(p));
    }
    return chosen;
  }
};

TEST_P(SelectedAttentionTest, MatchesReference) {
  for (const Case& c : kCases) {
    const Inputs in = make(c);
    for (const double chance : {0.0, 0.1, 0.6}) {
      const std::vector<std::int32_t> chosen = choose(c.first_position, chance);
      const AttentionSelection selection{chosen.data(), chosen.size()};
      const std::size_t stride = chosen.size() + c.rows;
      std::vector<float> scores(c.rows * c.heads * stride, 0.0F);
      std::vector<float> log_sum_exp = poisoned(c.rows * c.heads);
      const AttentionScores wanted{scores.data(), stride, log_sum_exp.data(), 0};
      const std::vector<float> out =
          run(in, c, in.query.data(), c.first_position, c.rows, &wanted, &selection);
      std::vector<std::int32_t> positions(c.rows);
      std::iota(positions.begin(), positions.end(), static_cast<std::int32_t>(c.first_position));
      std::vector<float> expected(out.size());
      std::vector<float> probabilities(c.rows * c.heads * stride);
      reference::attention_selected(
          expected.data(), in.query.data(), in.float_keys.data(), in.float_values.data(), c.rows, c.heads,
          c.kv_heads, c.head_dim, positions.data(), chosen.data(), chosen.size(),
          static_cast<std::int32_t>(c.first_position), shape(c).scale, probabilities.data(), stride);
      for (std::size_t i = 0; i < out.size(); ++i) {
        ASSERT_NEAR(out[i], expected[i], kOfWeights + of_queries(c))
            << i << " heads " << c.heads << " first " << c.first_position << " rows " << c.rows << " chosen "
            << chosen.size();
      }
      for (std::size_t q = 0; q < c.rows * c.heads; ++q) {
        for (std::size_t e = 0; e < chosen.size() + q / c.heads + 1; ++e) {
          ASSERT_NEAR(std::exp(scores[q * stride + e] - log_sum_exp[q]), probabilities[q * stride + e],
                      1e-5 + of_queries(c) * probabilities[q * stride + e]);
        }
      }
    }
  }
}

TEST_P(SelectedAttentionTest, SelectingEverythingGivesTheBitsOfNoSelection) {
  for (const Case& c : kCases) {
    const Inputs in = make(c);
    const std::vector<std::int32_t> all = choose(c.first_position, 1.1);
    ASSERT_EQ(all.size(), c.first_position);
    const AttentionSelection selection{all.data(), all.size()};
    EXPECT_EQ(run(in, c, in.query.data(), c.first_position, c.rows, nullptr, &selection),
              run(in, c, in.query.data(), c.first_position, c.rows));
  }
}

// The counting proof behind every figure of saved reads: entries that are not selected may hold anything.
TEST_P(SelectedAttentionTest, ReadsWhatIsSelectedAndNothingElse) {
  const Case c{8, 4, 64, 900, 5};
  Inputs in = make(c);
  const std::vector<std::int32_t> chosen = choose(c.first_position, 0.2);
  const AttentionSelection selection{chosen.data(), chosen.size()};
  const std::vector<float> before =
      run(in, c, in.query.data(), c.first_position, c.rows, nullptr, &selection);
  std::vector<bool> kept(c.first_position, false);
  for (const std::int32_t p : chosen) kept[static_cast<std::size_t>(p)] = true;
  for (std::size_t p = 0; p < c.first_position; ++p) {
    if (!kept[p]) in.poison(p, c);
  }
  EXPECT_EQ(before, run(in, c, in.query.data(), c.first_position, c.rows, nullptr, &selection));
}

FOVEA_EVERY_TARGET(AttentionTest);
FOVEA_EVERY_TARGET(SelectedAttentionTest);

}  // namespace
}  // namespace fovea::kernels
