#include "kernels/cpu/matmul.h"

#include <cmath>

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
    const cpu::Product product{out.data(), weights.data(), dtype, outputs};
    cpu::matmul(&product, 1, x, rows, columns, workspace.get(), pool);
    return out;
  }

  // |error| <= bound: f32 accumulation of n products errs by at most about n * 2^-24 * sum |w x| (Higham
  // 2002, 3.1; divided here by the lanes that add side by side, times a margin of 2), and 16-bit quantisation
  // of x by half a step for each weight.
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
        if (dtype == DType::kQ8_0 || dtype == DType::kQ4_0)
          bound += 0.5 * largest / 32767 * weight_sum * 1.01;
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
  const cpu::Product products[] = {{out_a.data(), a.data(), DType::kQ8_0, 70},
                                   {out_b.data(), b.data(), DType::kF16, 33},
                                   {out_c.data(), c.data(), DType::kQ4_0, 190}};
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
  const auto weights = testing::random_weights(random, DType::kQ8_0, 9, columns);
  std::vector<float> x(2 * columns, 0.0F);
  for (std::size_t c = 0; c < columns; ++c) x[columns + c] = (c % 2 == 0 ? 1.0F : -1.0F) * 1e30F;
  const std::vector<float> out = run(weights, DType::kQ8_0, 9, x.data(), 2, columns);
  for (std::size_t o = 0; o < 9; ++o) EXPECT_EQ(out[o], 0.0F);
  expect_close(out, weights, DType::kQ8_0, 9, x, 2, columns);
}

// The extremes of the formats: sums inside a block must not overflow.
TEST_P(MatmulTest, ExtremeIntegers) {
  const std::size_t columns = 32;
  for (const DType dtype : {DType::kQ8_0, DType::kQ4_0}) {
    std::vector<std::byte> weights(row_bytes(dtype, columns), std::byte{0x80});
    if (dtype == DType::kQ4_0) std::fill(weights.begin(), weights.end(), std::byte{0x00});
    const std::uint16_t one = reference::float_to_half(1.0F);
    std::memcpy(weights.data(), &one, sizeof(one));
    const std::vector<float> x(columns, 3.0F);
    const float expected = 3.0F * 32 * (dtype == DType::kQ8_0 ? -128.0F : -8.0F);
    EXPECT_NEAR(run(weights, dtype, 1, x.data(), 1, columns)[0], expected, std::abs(expected) * 1e-4F);
  }
}

FOVEA_EVERY_TARGET(MatmulTest);

}  // namespace
}  // namespace fovea::kernels
