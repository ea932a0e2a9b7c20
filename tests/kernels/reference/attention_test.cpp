// Attention against a softmax that keeps its scores, and against what must hold whatever the numbers are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/reference/reference.h"

namespace fovea::kernels::reference {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Random queries and a random cache; the tests read as `case.out = attention(...)`.
struct Case {
  std::size_t rows;
  std::size_t heads;
  std::size_t kv_heads;
  std::size_t head_dim;
  std::size_t entries;
  float scale = 0.25F;
  std::vector<std::int32_t> positions;
  std::vector<float> query;   // [rows, heads, head_dim]
  std::vector<float> keys;    // [entries, kv_heads, head_dim]
  std::vector<float> values;  // likewise

  Case(std::size_t heads_, std::size_t kv_heads_, std::size_t head_dim_, std::vector<std::int32_t> positions_)
      : rows(positions_.size()),
        heads(heads_),
        kv_heads(kv_heads_),
        head_dim(head_dim_),
        entries(static_cast<std::size_t>(*std::max_element(positions_.begin(), positions_.end())) + 1),
        positions(std::move(positions_)),
        query(rows * heads * head_dim),
        keys(entries * kv_heads * head_dim),
        values(keys.size()) {
    std::mt19937 random(static_cast<unsigned>(entries + head_dim));
    std::normal_distribution<float> normal;
    for (float& value : query) value = normal(random);
    for (float& value : keys) value = normal(random);
    for (float& value : values) value = normal(random);
  }

  [[nodiscard]] std::vector<float> full(std::vector<float>* probabilities = nullptr,
                                        std::size_t stride = 0) const {
    std::vector<float> out(query.size(), kNan);
    attention(out.data(), query.data(), keys.data(), values.data(), rows, heads, kv_heads, head_dim,
              positions.data(), scale, probabilities != nullptr ? probabilities->data() : nullptr, stride);
    return out;
  }

  [[nodiscard]] std::vector<float> over(const std::vector<std::int32_t>& selected, std::int32_t suffix_begin,
                                        std::vector<float>* probabilities = nullptr,
                                        std::size_t stride = 0) const {
    std::vector<float> out(query.size(), kNan);
    attention_selected(out.data(), query.data(), keys.data(), values.data(), rows, heads, kv_heads, head_dim,
                       positions.data(), selected.data(), selected.size(), suffix_begin, scale,
                       probabilities != nullptr ? probabilities->data() : nullptr, stride);
    return out;
  }
};

TEST(Attention, AgreesWithAMaterialisedSoftmax) {
  for (const std::size_t head_dim :
       {1U, 32U, 70U}) {  // 70: more than one chunk of the accumulation, not a whole one
    const Case c(6, 2, head_dim, {0, 4, 36});
    std::vector<float> probabilities(c.rows * c.heads * 40, kNan);
    const std::vector<float> out = c.full(&probabilities, 40);
    for (std::size_t row = 0; row < c.rows; ++row) {
      for (std::size_t head = 0; head < c.heads; ++head) {
        const auto visible = static_cast<std::size_t>(c.positions[row]) + 1;
        const auto at = [&](std::size_t position, std::size_t d) {
          return (((position * c.kv_heads) + (head / 3)) * head_dim) + d;
        };
        const float* query = c.query.data() + (((row * c.heads) + head) * head_dim);
        std::vector<float> scores(visible, 0.0F);
        for (std::size_t position = 0; position < visible; ++position) {
          for (std::size_t d = 0; d < head_dim; ++d) {
            scores[position] += c.scale * query[d] * c.keys[at(position, d)];
          }
        }
        softmax(scores.data(), visible);
        const float* got = probabilities.data() + (((row * c.heads) + head) * 40);
        for (std::size_t position = 0; position < 40; ++position) {
          EXPECT_NEAR(got[position], position < visible ? scores[position] : 0.0F, 1e-5);
        }
        for (std::size_t d = 0; d < head_dim; ++d) {
          double expected = 0;
          for (std::size_t p = 0; p < visible; ++p) {
            expected += static_cast<double>(scores[p]) * static_cast<double>(c.values[at(p, d)]);
          }
          EXPECT_NEAR(out[(((row * c.heads) + head) * head_dim) + d], expected, 1e-5);
        }
      }
    }
  }
}

TEST(Attention, OneEntryGivesItsValue) {
  const Case c(4, 2, 16, {0});
  const std::vector<float> out = c.full();
  for (std::size_t i = 0; i < out.size(); ++i) {
    EXPECT_EQ(out[i], c.values[(i / 32 * 16) + (i % 16)]);
  }
}

TEST(Attention, AZeroQueryGivesTheMean) {
  Case c(1, 1, 8, {9});
  std::fill(c.query.begin(), c.query.end(), 0.0F);
  std::vector<float> probabilities(10, kNan);
  const std::vector<float> out = c.full(&probabilities, 10);
  for (const float probability : probabilities) EXPECT_FLOAT_EQ(probability, 0.1F);
  for (std::size_t d = 0; d < 8; ++d) {
    double mean = 0;
    for (std::size_t position = 0; position < 10; ++position) {
      mean += static_cast<double>(c.values[(position * 8) + d]) / 10;
    }
    EXPECT_NEAR(out[d], mean, 1e-6);
  }
}

TEST(Attention, LargeScoresDoNotOverflow) {
  Case c(1, 1, 8, {5});
  c.scale = 1e6F;
  for (const float value : c.full()) EXPECT_TRUE(std::isfinite(value));
}

TEST(Attention, TheFutureDoesNotMatter) {
  Case c(4, 4, 16, {3, 9});
  const std::vector<float> before = c.full();
  for (std::size_t i = 4 * 4 * 16; i < c.keys.size(); ++i)
    c.keys[i] = c.values[i] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> after = c.full();
  for (std::size_t i = 0; i < 4 * 16; ++i) EXPECT_EQ(before[i], after[i]);
  EXPECT_TRUE(std::isnan(after.back()));
}

TEST(Attention, NothingVisibleGivesZero) {
  Case c(2, 1, 4, {2});
  c.positions = {-1};
  std::vector<float> probabilities(2 * 3, kNan);
  for (const float value : c.full(&probabilities, 3)) EXPECT_EQ(value, 0.0F);
  for (const float value : probabilities) EXPECT_EQ(value, 0.0F);
}

TEST(AttentionSelected, EverythingSelectedIsFullAttention) {
  const Case c(6, 3, 24, {10, 11, 12});
  std::vector<std::int32_t> all(10);
  std::iota(all.begin(), all.end(), 0);
  std::vector<float> full_probabilities(c.rows * c.heads * 13, kNan);
  std::vector<float> probabilities = full_probabilities;
  EXPECT_EQ(c.over(all, 10, &probabilities, 13), c.full(&full_probabilities, 13));
  EXPECT_EQ(probabilities, full_probabilities);
  EXPECT_EQ(c.over({}, 0), c.full()) << "a suffix from 0 is everything";
}

// Reading a subset must be the same as a cache that never held the rest.
TEST(AttentionSelected, IsAttentionOverACompactedCache) {
  const Case c(4, 2, 16, {20, 21});
  const std::vector<std::int32_t> selected{0, 3, 4, 11, 18};
  Case compact(4, 2, 16, {6, 7});
  compact.query = c.query;
  const std::vector<std::int32_t> kept{0, 3, 4, 11, 18, 19, 20, 21};
  ASSERT_EQ(kept.size(), compact.entries);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto from = kept[i] * 32;
    std::copy_n(c.keys.begin() + from, 32, compact.keys.begin() + static_cast<std::ptrdiff_t>(i * 32));
    std::copy_n(c.values.begin() + from, 32, compact.values.begin() + static_cast<std::ptrdiff_t>(i * 32));
  }
  std::vector<float> probabilities(2 * 4 * 8, kNan);
  std::vector<float> expected = probabilities;
  EXPECT_EQ(c.over(selected, 19, &probabilities, 8), compact.full(&expected, 8));
  EXPECT_EQ(probabilities, expected);
  for (std::size_t i = 0; i < probabilities.size(); i += 8) {
    EXPECT_NEAR(std::accumulate(&probabilities[i], &probabilities[i] + 8, 0.0), 1.0, 1e-6);
  }
}

TEST(AttentionSelected, SelectedEntriesAreCausalToo) {
  const Case c(2, 1, 8, {2, 9});
  const std::vector<float> out = c.over({0, 2, 5, 7}, 9);
  const Case first = [&] {
    Case copy = c;
    copy.rows = 1;
    copy.positions = {2};
    copy.query.resize(2 * 8);
    return copy;
  }();
  const std::vector<float> expected = first.over({0, 2}, 3);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), out.begin()));
}

}  // namespace
}  // namespace fovea::kernels::reference
