#include "kernels/cpu/matmul.h"

#include <array>
#include <cmath>
#include <limits>

#include "tests/kernels/kernel_test.h"

namespace fovea::kernels {
namespace {

using testing::EveryTarget;
using testing::poisoned;

class MatmulTest : public EveryTarget {
 protected:
  std::vector<float> run(const std::vector<std::byte>& weights, DType dtype, std::size_t outputs,
                         const float* x, std::size_t rows, std::size_t columns) {
    std::vector<float> out = poisoned(rows * outputs);
    testing::Workspace workspace(cpu::matmul_workspace_bytes(rows, columns));
    const testing::Placed as_read(weights, dtype, outputs, columns, pool);
    const cpu::Product product{out.data(), as_read.get(), dtype, outputs};
    cpu::matmul(&product, 1, x, rows, columns, workspace.get(), pool);
    return out;
  }

  // |error| <= bound: f32 accumulation of n products errs by at most about n * 2^-24 * sum |w x| (Higham
  // 2002, 3.1; divided here by the lanes that add side by side, times a margin of 2). Packed weights add the
  // exact sums of blocks, which are fewer, and x errs by half a step of 16 bits for each weight.
  void expect_close(const std::vector<float>& out, const std::vector<std::byte>& weights, DType dtype,
                    std::size_t outputs, const std::vector<float>& x, std::size_t rows, std::size_t columns) {
    std::vector<float> expected(rows * outputs);
    reference::matmul(expected.data(), weights.data(), dtype, outputs, columns, x.data(), rows);
    std::vector<float> weight(columns);
    for (std::size_t o = 0; o < outputs; ++o) {
      reference::dequantize_row(weight.data(), weights.data() + o * row_bytes(dtype, columns), dtype,
                                columns);
      for (std::size_t r = 0; r < rows; ++r) {
        double magnitude = 0;
        double weight_sum = 0;
        double largest = 0;
        for (std::size_t c = 0; c < columns; ++c) {
          magnitude += std::abs(double{weight[c]} * x[r * columns + c]);
          weight_sum += std::abs(double{weight[c]});
          largest = std::max(largest, std::abs(double{x[r * columns + c]}));
        }
        double bound = 2.0 * static_cast<double>(columns) / 4 * 0x1p-24 * magnitude + 1e-30;
        if (cpu::is_packed(dtype)) bound += 0.5 * largest / 32767 * weight_sum * 1.01;
        ASSERT_NEAR(out[r * outputs + o], expected[r * outputs + o], bound)
            << to_string(dtype) << " output " << o << " row " << r << " of " << rows << "x" << columns;
      }
    }
  }
};

constexpr DType kAllTypes[] = {DType::kF32, DType::kF16, DType::kBF16, DType::kQ8_0, DType::kQ4_0};

TEST_P(MatmulTest, MatchesReferenceAtOddSizes) {
  for (const DType dtype : kAllTypes) {
    for (const std::size_t columns : {32UL, 96UL, 512UL, 1408UL}) {
      for (const std::size_t outputs : {1UL, 7UL, 65UL}) {
        for (const std::size_t rows : {1UL, 2UL, 3UL, 5UL, 6UL, 7UL, 8UL, 9UL, 19UL}) {
          const auto weights = testing::random_weights(random, dtype, outputs, columns);
          const std::vector<float> x = random.normals(rows * columns);
          expect_close(run(weights, dtype, outputs, x.data(), rows, columns), weights, dtype, outputs, x,
                       rows, columns);
        }
      }
    }
  }
}

TEST_P(MatmulTest, SeveralProductsShareAnInput) {
  const std::size_t columns = 256;
  const std::size_t rows = 5;
  const auto a = testing::random_weights(random, DType::kQ8_0, 70, columns);
  const auto b = testing::random_weights(random, DType::kF16, 33, columns);
  const auto c = testing::random_weights(random, DType::kQ4_0, 190, columns);
  const std::vector<float> x = random.normals(rows * columns);
  std::vector<float> out_a = poisoned(rows * 70);
  std::vector<float> out_b = poisoned(rows * 33);
  std::vector<float> out_c = poisoned(rows * 190);
  const testing::Placed as_read_a(a, DType::kQ8_0, 70, columns, pool);
  const testing::Placed as_read_c(c, DType::kQ4_0, 190, columns, pool);
  const cpu::Product products[] = {{out_a.data(), as_read_a.get(), DType::kQ8_0, 70},
                                   {out_b.data(), b.data(), DType::kF16, 33},
                                   {out_c.data(), as_read_c.get(), DType::kQ4_0, 190}};
  testing::Workspace workspace(cpu::matmul_workspace_bytes(rows, columns));
  cpu::matmul(products, 3, x.data(), rows, columns, workspace.get(), pool);
  EXPECT_EQ(out_a, run(a, DType::kQ8_0, 70, x.data(), rows, columns));
  EXPECT_EQ(out_b, run(b, DType::kF16, 33, x.data(), rows, columns));
  EXPECT_EQ(out_c, run(c, DType::kQ4_0, 190, x.data(), rows, columns));
}

// What speculative decoding rests on: a row's result has the same bits alone, in a batch, and on any number
// of threads.
TEST_P(MatmulTest, RowsAreBitIdenticalWhateverTheBatch) {
  const std::size_t columns = 1408;
  const std::size_t outputs = 129;
  const std::size_t rows = 21;
  for (const DType dtype : kAllTypes) {
    const auto weights = testing::random_weights(random, dtype, outputs, columns);
    const std::vector<float> x = random.normals(rows * columns);
    const std::vector<float> all = run(weights, dtype, outputs, x.data(), rows, columns);
    for (std::size_t begin = 0; begin < rows;) {
      const std::size_t count = std::min(1 + random.below(9), rows - begin);
      const std::vector<float> part =
          run(weights, dtype, outputs, x.data() + begin * columns, count, columns);
      ASSERT_EQ(0, std::memcmp(part.data(), all.data() + begin * outputs, part.size() * sizeof(float)))
          << to_string(dtype) << " rows " << begin << " + " << count;
      begin += count;
    }
  }
}

TEST_P(MatmulTest, ZeroAndHugeRows) {
  const std::size_t columns = 64;
  for (const DType dtype : {DType::kQ8_0, DType::kQ4_0}) {
    const auto weights = testing::random_weights(random, dtype, 9, columns);
    std::vector<float> x(2 * columns, 0.0F);
    for (std::size_t c = 0; c < columns; ++c) x[columns + c] = (c % 2 == 0 ? 1.0F : -1.0F) * 1e30F;
    const std::vector<float> out = run(weights, dtype, 9, x.data(), 2, columns);
    for (std::size_t o = 0; o < 9; ++o) EXPECT_EQ(out[o], 0.0F);
    expect_close(out, weights, dtype, 9, x, 2, columns);
  }
}

TEST_P(MatmulTest, WhatIsNotFiniteSpoilsItsRowAlone) {
  const std::size_t columns = 96;
  const float infinity = std::numeric_limits<float>::infinity();
  for (const DType dtype : kAllTypes) {
    const auto weights = testing::random_weights(random, dtype, 17, columns);
    for (const float bad : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()}) {
      std::vector<float> x = random.normals(3 * columns);
      x[columns + 70] = bad;
      const std::vector<float> out = run(weights, dtype, 17, x.data(), 3, columns);
      for (std::size_t o = 0; o < 17; ++o) {
        EXPECT_TRUE(std::isfinite(out[o]));
        EXPECT_FALSE(std::isfinite(out[17 + o])) << to_string(dtype);
        EXPECT_TRUE(std::isfinite(out[2 * 17 + o]));
      }
    }
  }
}

// The extremes of the formats, all of one sign or of both, against the extremes of x: sums inside a block
// must neither overflow nor saturate.
TEST_P(MatmulTest, ExtremeIntegers) {
  const std::size_t columns = 32;
  for (const DType dtype : {DType::kQ8_0, DType::kQ4_0}) {
    for (const unsigned byte : dtype == DType::kQ8_0 ? std::array{0x80U, 0x7FU} : std::array{0x00U, 0xFFU}) {
      std::vector<std::byte> weights(row_bytes(dtype, columns), std::byte(byte));
      const std::uint16_t one = reference::float_to_half(1.0F);
      std::memcpy(weights.data(), &one, sizeof(one));
      for (const float sign : {1.0F, -1.0F}) {
        const std::vector<float> x(columns, sign * 3.0F);
        expect_close(run(weights, dtype, 1, x.data(), 1, columns), weights, dtype, 1, x, 1, columns);
      }
    }
  }
}

FOVEA_EVERY_TARGET(MatmulTest);

// Outputs of packed weights lie in lanes, so where products and sums are one rounding (not on SSE4) vectors
// of any width give the same bits.
TEST(PackedProducts, AreTheSameOnEveryTargetWithFusedSums) {
  testing::Random random;
  cpu::ThreadPool pool(2);
  const std::size_t columns = 1408;
  const std::size_t outputs = 37;
  const std::size_t rows = 11;
  const std::vector<float> x = random.normals(rows * columns);
  for (const DType dtype : {DType::kQ8_0, DType::kQ4_0}) {
    const auto weights = testing::random_weights(random, dtype, outputs, columns);
    const testing::Placed as_read(weights, dtype, outputs, columns, pool);
    std::vector<float> first;
    for (const std::string& target : cpu::simd_targets()) {
      if (target == "SSE4") continue;
      ASSERT_TRUE(cpu::force_simd_target(target));
      std::vector<float> out = poisoned(rows * outputs);
      testing::Workspace workspace(cpu::matmul_workspace_bytes(rows, columns));
      const cpu::Product product{out.data(), as_read.get(), dtype, outputs};
      cpu::matmul(&product, 1, x.data(), rows, columns, workspace.get(), pool);
      if (first.empty()) first = out;
      EXPECT_EQ(0, std::memcmp(out.data(), first.data(), out.size() * sizeof(float)))
          << to_string(dtype) << " on " << target << ", FOVEA_TEST_SEED=" << testing::seed();
    }
  }
  cpu::force_simd_target("");
}

}  // namespace
}  // namespace fovea::kernels
