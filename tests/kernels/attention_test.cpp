#include "kernels/cpu/attention.h"

#include <cmath>
#include <numeric>

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
    std::vector<std::uint16_t> keys, values;
  };

  Inputs make(const Case& c) {
    Inputs in;
    in.query = random.normals(c.rows * c.heads * c.head_dim);
    for (std::size_t i = 0; i < (c.first_position + c.rows) * c.kv_heads * c.head_dim; ++i) {
      in.keys.push_back(reference::float_to_half(random.normal()));
      in.values.push_back(reference::float_to_half(random.normal()));
    }
    return in;
  }

  static AttentionShape shape(const Case& c) {
    return {c.heads, c.kv_heads, c.head_dim, 1.0F / std::sqrt(static_cast<float>(c.head_dim))};
  }

  std::vector<float> run(const Inputs& in, const Case& c, const float* query, std::size_t first,
                         std::size_t rows, const AttentionScores* scores = nullptr,
                         const AttentionSelection* selection = nullptr) {
    std::vector<float> out = poisoned(rows * c.heads * c.head_dim);
    testing::Workspace workspace(cpu::attention_workspace_bytes(rows, shape(c), first));
    cpu::attention(out.data(), query, in.keys.data(), in.values.data(), rows, shape(c), first, selection,
                   scores, workspace.get(), pool);
    return out;
  }
};

constexpr Case kCases[] = {
    {1, 1, 8, 0, 1},    {8, 4, 64, 0, 1},    {8, 4, 64, 63, 1},    {8, 4, 64, 64, 1},   {8, 4, 64, 511, 2},
    {8, 4, 64, 512, 6}, {4, 2, 64, 1300, 5}, {6, 2, 80, 97, 3},    {3, 3, 20, 150, 7},  {32, 8, 128, 700, 1},
    {32, 1, 64, 70, 2}, {8, 4, 64, 0, 77},   {8, 4, 64, 490, 150}, {5, 1, 256, 33, 40}, {8, 4, 64, 2000, 17},
};

// Scores of size s (about 3 here) carry f32 errors of about head_dim * 2^-24 * s, weights err by as much
// relatively, and the weighted mean of values of size 1 by the sum of both; 1e-5 leaves a margin of about 4
// at head_dim 256.
TEST_P(AttentionTest, MatchesReference) {
  for (const Case& c : kCases) {
    const Inputs in = make(c);
    const std::vector<float> out = run(in, c, in.query.data(), c.first_position, c.rows);
    std::vector<std::int32_t> positions(c.rows);
    std::iota(positions.begin(), positions.end(), static_cast<std::int32_t>(c.first_position));
    std::vector<float> expected(out.size());
    reference::attention(expected.data(), in.query.data(), in.keys.data(), in.values.data(), c.rows, c.heads,
                         c.kv_heads, c.head_dim, positions.data(), shape(c).scale);
    for (std::size_t i = 0; i < out.size(); ++i) {
      ASSERT_NEAR(out[i], expected[i], 1e-5) << i << " heads " << c.heads << " dim " << c.head_dim
                                             << " first " << c.first_position << " rows " << c.rows;
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
  const std::size_t entry = c.kv_heads * c.head_dim;
  in.keys.resize(in.keys.size() + 64 * entry, 0x7E00);  // NaNs where a rejected draft may have left anything
  in.values.resize(in.values.size() + 64 * entry, 0x7E00);
  EXPECT_EQ(before, run(in, c, in.query.data(), c.first_position, c.rows));
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
    reference::attention(unused.data(), in.query.data(), in.keys.data(), in.values.data(), c.rows, c.heads,
                         c.kv_heads, c.head_dim, positions.data(), shape(c).scale, expected.data(), stride);
    for (std::size_t r = 0; r < c.rows; ++r) {
      for (std::size_t h = 0; h < c.heads; ++h) {
        const std::size_t q = r * c.heads + h;
        for (std::size_t p = 0; p <= c.first_position + r; ++p) {
          ASSERT_NEAR(std::exp(scores[q * stride + p] - log_sum_exp[q]), expected[q * stride + p], 1e-5);
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
      reference::attention_selected(expected.data(), in.query.data(), in.keys.data(), in.values.data(),
                                    c.rows, c.heads, c.kv_heads, c.head_dim, positions.data(), chosen.data(),
                                    chosen.size(), static_cast<std::int32_t>(c.first_position),
                                    shape(c).scale, probabilities.data(), stride);
      for (std::size_t i = 0; i < out.size(); ++i) {
        ASSERT_NEAR(out[i], expected[i], 1e-5) << i << " heads " << c.heads << " first " << c.first_position
                                               << " rows " << c.rows << " chosen " << chosen.size();
      }
      for (std::size_t q = 0; q < c.rows * c.heads; ++q) {
        for (std::size_t e = 0; e < chosen.size() + q / c.heads + 1; ++e) {
          ASSERT_NEAR(std::exp(scores[q * stride + e] - log_sum_exp[q]), probabilities[q * stride + e], 1e-5);
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
  const std::size_t entry = c.kv_heads * c.head_dim;
  std::vector<bool> kept(c.first_position, false);
  for (const std::int32_t p : chosen) kept[static_cast<std::size_t>(p)] = true;
  for (std::size_t p = 0; p < c.first_position; ++p) {
    if (kept[p]) continue;
    std::fill_n(in.keys.begin() + static_cast<std::ptrdiff_t>(p * entry), entry, 0x7E00);  // NaN
    std::fill_n(in.values.begin() + static_cast<std::ptrdiff_t>(p * entry), entry, 0x7E00);
  }
  EXPECT_EQ(before, run(in, c, in.query.data(), c.first_position, c.rows, nullptr, &selection));
}

FOVEA_EVERY_TARGET(AttentionTest);
FOVEA_EVERY_TARGET(SelectedAttentionTest);

}  // namespace
}  // namespace fovea::kernels
