#include "kernels/cuda/attention.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "tests/kernels/cuda/cuda_test.h"

namespace fovea::kernels {
namespace {

using testing::DeviceArray;
using testing::poisoned;

struct Case {
  std::size_t heads, kv_heads, head_dim, first_position, rows;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.heads << "/" << c.kv_heads << " heads of " << c.head_dim << ", " << c.rows << " rows from "
             << c.first_position;
}

// Entries of what was appended, and after them some that were not: poison.
constexpr std::size_t kBeyond = 70;
constexpr std::size_t kGuard = 64;  // floats beside an output

class CudaAttentionTest : public testing::CudaTest {
 protected:
  struct Inputs {
    std::vector<float> query;
    std::vector<std::uint16_t> keys, values;
  };

  Inputs make(const Case& c) {
    Inputs in;
    in.query = random.normals(c.rows * c.heads * c.head_dim);
    const std::size_t n = (c.first_position + c.rows) * c.kv_heads * c.head_dim;
    for (std::size_t i = 0; i < n; ++i) {
      in.keys.push_back(reference::float_to_half(random.normal()));
      in.values.push_back(reference::float_to_half(random.normal()));
    }
    in.keys.resize(n + kBeyond * c.kv_heads * c.head_dim, 0xFFFF);
    in.values.resize(in.keys.size(), 0xFFFF);
    return in;
  }

  static std::vector<float> floats(const std::vector<std::uint16_t>& halves) {
    std::vector<float> numbers(halves.size());
    std::transform(halves.begin(), halves.end(), numbers.begin(), reference::half_to_float);
    return numbers;
  }

  static AttentionShape shape(const Case& c) {
    return {c.heads, c.kv_heads, c.head_dim, 1.0F / std::sqrt(static_cast<float>(c.head_dim))};
  }

  struct Result {
    std::vector<float> out;
    std::vector<float> scores;
    std::vector<float> log_sum_exp;
  };

  struct Wanted {
    std::optional<std::vector<std::int32_t>> selection;
    std::size_t score_stride = 0;  // 0: no scores
    std::size_t first_score_row = 0;
    std::size_t capacity_beyond = 0;
    bool prefill = false;
  };

  // Rows [begin, begin + count) of the case, as a pass of their own.
  Result run(const Inputs& in, const Case& c, std::size_t begin, std::size_t count, const Wanted& wanted) {
    const std::size_t row = c.heads * c.head_dim;
    const std::size_t first = c.first_position + begin;
    const std::size_t capacity = first + count + wanted.capacity_beyond;
    DeviceArray<float> out(count * row + kGuard);
    DeviceArray<float> query(
        std::vector<float>(in.query.begin() + static_cast<std::ptrdiff_t>(begin * row),
                           in.query.begin() + static_cast<std::ptrdiff_t>((begin + count) * row)));
    DeviceArray<std::uint16_t> keys(in.keys);
    DeviceArray<std::uint16_t> values(in.values);
    DeviceArray<std::int32_t> position(std::vector<std::int32_t>{static_cast<std::int32_t>(first)});
    const bool selects = wanted.selection.has_value();
    DeviceArray<std::int32_t> selected(wanted.selection.value_or(std::vector<std::int32_t>{}));
    DeviceArray<std::int32_t> selected_count(
        std::vector<std::int32_t>{selects ? static_cast<std::int32_t>(selected.size()) : -1});
    const std::size_t bytes = cuda::attention_workspace_bytes(count, shape(c), capacity);
    DeviceArray<std::byte> workspace(bytes + kGuard);
    const std::size_t exported = count - wanted.first_score_row;
    DeviceArray<float> scores(exported * c.heads * wanted.score_stride);
    DeviceArray<float> log_sum_exp(exported * c.heads);
    const AttentionScores views{scores.get(), wanted.score_stride, log_sum_exp.get(), wanted.first_score_row};
    const cuda::AttentionEntries entries{keys.get(), values.get(), position.get(),
                                         selects ? selected.get() : nullptr, selected_count.get()};
    if (wanted.prefill) {
      EXPECT_EQ(cudaSuccess,
                cuda::attention_prefill(out.get(), query.get(), entries, count, shape(c), nullptr));
    } else {
      EXPECT_EQ(cudaSuccess,
                cuda::attention(out.get(), query.get(), entries, wanted.score_stride > 0 ? &views : nullptr,
                                workspace.get(), count, shape(c), capacity, nullptr));
    }
    Result result{out.host(), scores.host(), log_sum_exp.host()};
    for (std::size_t i = 0; i < kGuard; ++i) EXPECT_TRUE(std::isnan(result.out[count * row + i])) << c;
    result.out.resize(count * row);
    const std::vector<std::byte> after = workspace.host();
    for (std::size_t i = bytes; i < after.size(); ++i) EXPECT_EQ(after[i], std::byte{0xFF}) << c;
    return result;
  }
  Result run(const Inputs& in, const Case& c) { return run(in, c, 0, c.rows, {}); }

  // Each position before the pass with this chance, ascending.
  std::vector<std::int32_t> choose(const Case& c, double chance) {
    std::vector<std::int32_t> chosen;
    for (std::size_t p = 0; p < c.first_position; ++p) {
      if (static_cast<double>(random.below(1000)) < chance * 1000) {
        chosen.push_back(static_cast<std::int32_t>(p));
      }
    }
    return chosen;
  }

  static std::vector<std::int32_t> positions(const Case& c) {
    std::vector<std::int32_t> at(c.rows);
    std::iota(at.begin(), at.end(), static_cast<std::int32_t>(c.first_position));
    return at;
  }

  static std::vector<float> expected(const Inputs& in, const Case& c) {
    std::vector<float> out(c.rows * c.heads * c.head_dim);
    reference::attention(out.data(), in.query.data(), floats(in.keys).data(), floats(in.values).data(),
                         c.rows, c.heads, c.kv_heads, c.head_dim, positions(c).data(), shape(c).scale);
    return out;
  }
};

constexpr Case kCases[] = {
    {1, 1, 8, 0, 1},     {8, 4, 64, 0, 1},    {8, 4, 64, 63, 1},    {8, 4, 64, 255, 1},  {8, 4, 64, 256, 2},
    {8, 4, 64, 1000, 6}, {4, 2, 64, 1300, 5}, {6, 2, 80, 97, 3},    {3, 3, 20, 150, 7},  {32, 8, 128, 700, 1},
    {32, 1, 64, 70, 2},  {4, 4, 32, 513, 3},  {8, 2, 40, 300, 9},   {6, 3, 96, 260, 16}, {5, 1, 256, 530, 4},
    {2, 2, 256, 33, 20}, {4, 4, 128, 900, 6}, {8, 2, 128, 511, 64}, {2, 1, 34, 70, 3},   {8, 4, 64, 2000, 17},
};

// Queries and weights carry 22 bits, the products are summed in float, truncated. A score of size s (about 3
// here) errs by about head_dim / 16 * 2^-23 * s, a weight relatively by as much, the weighted mean of values
// of size 1 by the sum of both and by 64 / 8 truncations of 2^-23 in its own sum: 2e-5 at head_dim 256 with a
// margin of about 2.
constexpr double kTolerance = 2e-5;

TEST_F(CudaAttentionTest, MatchesReference) {
  for (const Case& c : kCases) {
    const Inputs in = make(c);
    const std::vector<float> out = run(in, c).out;
    const std::vector<float> want = expected(in, c);
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], want[i], kTolerance) << i << " of " << c;
  }
}

// Decoding one by one and verifying a few must give the same bits, also with room for more positions.
TEST_F(CudaAttentionTest, RowsAreBitIdenticalWhateverTheBatch) {
  for (const Case c : {Case{8, 4, 64, 480, 40}, Case{3, 3, 40, 0, 32}, Case{8, 1, 64, 1000, 33},
                       Case{4, 4, 128, 240, 32}, Case{2, 1, 256, 500, 24}}) {
    const Inputs in = make(c);
    const std::vector<float> all = run(in, c).out;
    const std::size_t row = c.heads * c.head_dim;
    for (std::size_t begin = 0; begin < c.rows;) {
      const std::size_t count = std::min(1 + random.below(9), c.rows - begin);
      Wanted wanted;
      wanted.capacity_beyond = random.below(3000);
      const std::vector<float> part = run(in, c, begin, count, wanted).out;
      ASSERT_EQ(0, std::memcmp(part.data(), all.data() + begin * row, part.size() * sizeof(float)))
          << "rows " << begin << " + " << count << " of " << c;
      begin += count;
    }
  }
}

// Values that a row does not see are multiplied by a weight of 0. They must not count however large they are,
// beside values so small that a shared exponent would swallow them.
TEST_F(CudaAttentionTest, WhatLaterRowsAppendChangesNoBits) {
  for (const Case c : {Case{4, 4, 128, 200, 6}, Case{8, 4, 64, 40, 16}, Case{2, 2, 256, 300, 9}}) {
    for (const bool prefill : {false, true}) {
      Inputs in = make(c);
      const std::size_t rows = 1 + random.below(c.rows - 1);  // that do not see the large values
      const std::size_t entry = c.kv_heads * c.head_dim;
      for (std::size_t i = 0; i < (c.first_position + c.rows) * entry; ++i) {
        const bool small = i < (c.first_position + rows) * entry;
        in.values[i] =
            small ? reference::float_to_half(random.normal(1e-4F)) : (i % 2 == 0 ? 0x7BFF : 0xFBFF);
      }
      Wanted wanted;
      wanted.prefill = prefill;
      const std::vector<float> all = run(in, c, 0, c.rows, wanted).out;
      const std::vector<float> some = run(in, c, 0, rows, wanted).out;
      ASSERT_EQ(0, std::memcmp(some.data(), all.data(), some.size() * sizeof(float)))
          << rows << " rows of " << c << (prefill ? ", prefill" : "");
    }
  }
}

TEST_F(CudaAttentionTest, HugeScoresStayFinite) {
  const Case c{2, 1, 32, 600, 3};
  Inputs in = make(c);
  for (float& q : in.query) q *= 1e6F;
  for (const float v : run(in, c).out) ASSERT_TRUE(std::isfinite(v));
  Wanted wanted;
  wanted.prefill = true;
  for (const float v : run(in, c, 0, c.rows, wanted).out) ASSERT_TRUE(std::isfinite(v));
}

TEST_F(CudaAttentionTest, TinyQueriesKeepTheirBits) {
  const Case c{4, 2, 64, 300, 2};
  Inputs in = make(c);
  for (float& q : in.query) q *= 1e-6F;
  const float scale = 1e6F / std::sqrt(64.0F);
  std::vector<float> want(in.query.size());
  reference::attention(want.data(), in.query.data(), floats(in.keys).data(), floats(in.values).data(), c.rows,
                       c.heads, c.kv_heads, c.head_dim, positions(c).data(), scale);
  DeviceArray<float> out(in.query.size());
  DeviceArray<float> query(in.query);
  DeviceArray<std::uint16_t> keys(in.keys);
  DeviceArray<std::uint16_t> values(in.values);
  DeviceArray<std::int32_t> first(std::vector<std::int32_t>{300});
  AttentionShape scaled = shape(c);
  scaled.scale = scale;
  DeviceArray<std::byte> workspace(cuda::attention_workspace_bytes(c.rows, scaled, 302));
  FOVEA_CUDA_OK(cuda::attention(out.get(), query.get(), {keys.get(), values.get(), first.get()}, nullptr,
                                workspace.get(), c.rows, scaled, 302, nullptr));
  const std::vector<float> got = out.host();
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], want[i], kTolerance) << i;
}

TEST_F(CudaAttentionTest, RefusesShapesItDoesNotHold) {
  for (const AttentionShape& s : {AttentionShape{4, 3, 64, 1.0F}, AttentionShape{4, 4, 257, 1.0F},
                                  AttentionShape{66, 2, 64, 1.0F}, AttentionShape{4, 0, 64, 1.0F}}) {
    EXPECT_EQ(cudaErrorInvalidValue,
              cuda::attention(nullptr, nullptr, {}, nullptr, nullptr, 1, s, 1, nullptr));
    EXPECT_EQ(cudaErrorInvalidValue, cuda::attention_prefill(nullptr, nullptr, {}, 1, s, nullptr));
  }
}

TEST_F(CudaAttentionTest, SelectedMatchesReferenceAndExportsItsScores) {
  for (const Case& c : kCases) {
    const Inputs in = make(c);
    for (const double chance : {0.0, 0.1, 0.6}) {
      Wanted wanted;
      wanted.selection = choose(c, chance);
      const std::size_t chosen = wanted.selection->size();
      wanted.score_stride = chosen + c.rows + 3;
      const Result got = run(in, c, 0, c.rows, wanted);
      const std::size_t stride = wanted.score_stride;
      std::vector<float> want(got.out.size());
      std::vector<float> probabilities(c.rows * c.heads * stride);
      reference::attention_selected(
          want.data(), in.query.data(), floats(in.keys).data(), floats(in.values).data(), c.rows, c.heads,
          c.kv_heads, c.head_dim, positions(c).data(), wanted.selection->data(), chosen,
          static_cast<std::int32_t>(c.first_position), shape(c).scale, probabilities.data(), stride);
      for (std::size_t i = 0; i < want.size(); ++i) {
        ASSERT_NEAR(got.out[i], want[i], kTolerance) << i << " of " << c << ", chosen " << chosen;
      }
      for (std::size_t q = 0; q < c.rows * c.heads; ++q) {
        const std::size_t visible = chosen + q / c.heads + 1;
        for (std::size_t e = 0; e < stride; ++e) {
          const float score = got.scores[q * stride + e];
          if (e < visible) {
            ASSERT_NEAR(std::exp(score - got.log_sum_exp[q]), probabilities[q * stride + e], kTolerance) << c;
          } else {
            ASSERT_TRUE(std::isnan(score)) << "not seen, not written: " << c;
          }
        }
      }
    }
  }
}

TEST_F(CudaAttentionTest, ExportsOnlyTheLastRowsWhenAsked) {
  for (const Case c : {Case{4, 2, 64, 300, 4}, Case{8, 4, 128, 30, 33}}) {
    const Inputs in = make(c);
    Wanted wanted;
    wanted.score_stride = c.first_position + c.rows;
    const Result all = run(in, c, 0, c.rows, wanted);
    const std::size_t skipped = c.rows - 2;
    wanted.first_score_row = skipped;
    const Result last = run(in, c, 0, c.rows, wanted);
    EXPECT_EQ(last.out, all.out);
    EXPECT_EQ(last.out, run(in, c).out);
    EXPECT_EQ(0, std::memcmp(last.scores.data(), all.scores.data() + skipped * c.heads * wanted.score_stride,
                             last.scores.size() * sizeof(float)));
    EXPECT_TRUE(std::equal(last.log_sum_exp.begin(), last.log_sum_exp.end(),
                           all.log_sum_exp.begin() + static_cast<std::ptrdiff_t>(skipped * c.heads)));
  }
}

TEST_F(CudaAttentionTest, SelectingEverythingGivesTheBitsOfNoSelection) {
  for (const Case& c : kCases) {
    const Inputs in = make(c);
    Wanted wanted;
    wanted.selection = choose(c, 1.1);
    ASSERT_EQ(wanted.selection->size(), c.first_position);
    EXPECT_EQ(run(in, c, 0, c.rows, wanted).out, run(in, c).out) << c;
  }
}

// The counting proof behind every figure of saved reads: entries that are not selected may hold anything.
TEST_F(CudaAttentionTest, ReadsWhatIsSelectedAndNothingElse) {
  const Case c{8, 4, 64, 900, 5};
  Inputs in = make(c);
  Wanted wanted;
  wanted.selection = choose(c, 0.2);
  const std::vector<float> before = run(in, c, 0, c.rows, wanted).out;
  const std::size_t entry = c.kv_heads * c.head_dim;
  std::vector<bool> kept(c.first_position, false);
  for (const std::int32_t p : *wanted.selection) kept[static_cast<std::size_t>(p)] = true;
  for (std::size_t p = 0; p < c.first_position; ++p) {
    if (kept[p]) continue;
    std::fill_n(in.keys.begin() + static_cast<std::ptrdiff_t>(p * entry), entry, 0xFFFF);
    std::fill_n(in.values.begin() + static_cast<std::ptrdiff_t>(p * entry), entry, 0xFFFF);
  }
  EXPECT_EQ(before, run(in, c, 0, c.rows, wanted).out);
}

// One graph, replayed at other positions and with other lists, gives the bits of separate calls.
TEST_F(CudaAttentionTest, AGraphServesEveryPosition) {
  const Case c{8, 4, 64, 700, 3};
  const Inputs in = make(c);
  DeviceArray<float> out(in.query.size());
  DeviceArray<float> query(in.query);
  DeviceArray<std::uint16_t> keys(in.keys);
  DeviceArray<std::uint16_t> values(in.values);
  DeviceArray<std::int32_t> position(1);
  DeviceArray<std::int32_t> selected(c.first_position);
  DeviceArray<std::int32_t> count(1);
  DeviceArray<std::byte> workspace(cuda::attention_workspace_bytes(c.rows, shape(c), 2000));
  cudaStream_t stream = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t exec = nullptr;
  FOVEA_CUDA_OK(cudaStreamCreate(&stream));
  FOVEA_CUDA_OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  FOVEA_CUDA_OK(cuda::attention(out.get(), query.get(),
                                {keys.get(), values.get(), position.get(), selected.get(), count.get()},
                                nullptr, workspace.get(), c.rows, shape(c), 2000, stream));
  FOVEA_CUDA_OK(cudaStreamEndCapture(stream, &graph));
  FOVEA_CUDA_OK(cudaGraphInstantiate(&exec, graph, 0));
  for (const std::size_t first : {700UL, 0UL, 300UL, 699UL}) {
    for (const bool selects : {false, true}) {
      Case at = c;
      at.first_position = first;
      Wanted wanted;
      if (selects) wanted.selection = choose(at, 0.3);
      const std::vector<float> want = run(in, at, 0, c.rows, wanted).out;
      position.set({static_cast<std::int32_t>(first)});
      if (selects) selected.set(*wanted.selection);
      count.set({selects ? static_cast<std::int32_t>(wanted.selection->size()) : -1});
      FOVEA_CUDA_OK(cudaGraphLaunch(exec, stream));
      EXPECT_EQ(out.host(), want) << first;
    }
  }
  cudaGraphExecDestroy(exec);
  cudaGraphDestroy(graph);
  cudaStreamDestroy(stream);
}

// Queries and weights are halves here: a score of size 3 errs by about 2^-12 of its terms, a weight
// relatively by as much and by its own rounding of 2^-12: 1e-3 of the values' size with a margin of about 3.
TEST_F(CudaAttentionTest, PrefillMatchesReference) {
  for (const Case c : {Case{8, 4, 64, 0, 77}, Case{4, 2, 128, 130, 150}, Case{5, 1, 256, 33, 70},
                       Case{3, 3, 40, 300, 65}, Case{6, 2, 20, 9, 81}, Case{4, 4, 96, 0, 130}}) {
    const Inputs in = make(c);
    Wanted wanted;
    wanted.prefill = true;
    const std::vector<float> out = run(in, c, 0, c.rows, wanted).out;
    const std::vector<float> want = expected(in, c);
    for (std::size_t i = 0; i < out.size(); ++i) {
      ASSERT_NEAR(out[i], want[i], 1e-3 * std::max(1.0F, std::abs(want[i]))) << i << " of " << c;
    }
  }
}

TEST_F(CudaAttentionTest, PrefillRowsAreBitIdenticalWhateverTheBatch) {
  for (const Case c : {Case{8, 4, 64, 100, 200}, Case{3, 3, 128, 0, 150}, Case{4, 1, 256, 60, 40}}) {
    const Inputs in = make(c);
    Wanted wanted;
    wanted.prefill = true;
    const std::vector<float> all = run(in, c, 0, c.rows, wanted).out;
    const std::size_t row = c.heads * c.head_dim;
    for (std::size_t begin = 0; begin < c.rows;) {
      const std::size_t count = std::min(1 + random.below(90), c.rows - begin);
      const std::vector<float> part = run(in, c, begin, count, wanted).out;
      ASSERT_EQ(0, std::memcmp(part.data(), all.data() + begin * row, part.size() * sizeof(float)))
          << "rows " << begin << " + " << count << " of " << c;
      begin += count;
    }
  }
}

}  // namespace
}  // namespace fovea::kernels
