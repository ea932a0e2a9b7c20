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

  static cpu::AttentionShape shape(const Case& c) {
    return {c.heads, c.kv_heads, c.head_dim, 1.0F / std::sqrt(static_cast<float>(c.head_dim))};
  }

  std::vector<float> run(const Inputs& in, const Case& c, const float* query, std::size_t first,
                         std::size_t rows, const cpu::AttentionScores* scores = nullptr) {
    std::vector<float> out = poisoned(rows * c.heads * c.head_dim);
    testing::Workspace workspace(cpu::attention_workspace_bytes(rows, shape(c), first));
    cpu::attention(out.data(), query, in.keys.data(), in.values.data(), rows, shape(c), first, scores,
                   workspace.get(), pool);
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
    const cpu::AttentionScores wanted{scores.data(), stride, log_sum_exp.data()};
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

FOVEA_EVERY_TARGET(AttentionTest);

}  // namespace
}  // namespace fovea::kernels
