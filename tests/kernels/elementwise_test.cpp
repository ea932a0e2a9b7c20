#include "kernels/cpu/elementwise.h"

#include <cmath>

#include "tests/kernels/kernel_test.h"

namespace fovea::kernels {
namespace {

using testing::EveryTarget;
using testing::poisoned;

class ElementwiseTest : public EveryTarget {};

constexpr std::size_t kOddSizes[] = {1, 2, 7, 8, 9, 31, 512, 1408, 40001};

TEST_P(ElementwiseTest, EmbedIsExact) {
  const std::size_t columns = 96;
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kQ8_0, DType::kQ4_0}) {
    const auto table = testing::random_weights(random, dtype, 50, columns);
    const testing::Placed as_read(table, dtype, 50, columns, pool);
    const std::int32_t ids[] = {0, 49, 7, 7};
    std::vector<float> out = poisoned(4 * columns);
    std::vector<float> expected(out.size());
    cpu::embed(out.data(), as_read.get(), dtype, columns, ids, 4, pool);
    reference::embed(expected.data(), table.data(), dtype, columns, ids, 4);
    EXPECT_EQ(out, expected) << to_string(dtype);
  }
}

TEST_P(ElementwiseTest, RmsNorm) {
  for (const std::size_t columns : {1UL, 9UL, 256UL, 515UL}) {
    for (const std::size_t rows : {1UL, 3UL, 200UL}) {
      const std::vector<float> x = random.normals(rows * columns, 3.0F);
      const std::vector<float> weight = random.normals(columns);
      std::vector<float> out = poisoned(x.size());
      std::vector<float> expected(x.size());
      cpu::rms_norm(out.data(), x.data(), weight.data(), rows, columns, 1e-5F, pool);
      reference::rms_norm(expected.data(), x.data(), weight.data(), rows, columns, 1e-5F);
      // The sum of squares has no cancellation: its relative error is at most columns * 2^-24, halved by the
      // root.
      const float relative = static_cast<float>(columns) * 0x1p-25F + 4 * 0x1p-24F;
      for (std::size_t i = 0; i < x.size(); ++i) {
        ASSERT_NEAR(out[i], expected[i], std::abs(expected[i]) * relative + 1e-30F);
      }
    }
  }
}

// Lane sums of n squares err by less than n / 8 + 8 roundings of 2^-24, of which the root takes half.
TEST_P(ElementwiseTest, RowNorms) {
  for (const std::size_t columns : {1UL, 7UL, 64UL, 256UL, 1029UL}) {
    for (const std::size_t rows : {1UL, 5UL, 400UL}) {
      const std::vector<float> x = random.normals(rows * columns, 3.0F);
      std::vector<float> out = poisoned(rows);
      std::vector<float> expected(rows);
      cpu::row_norms(out.data(), x.data(), rows, columns, pool);
      reference::row_norms(expected.data(), x.data(), rows, columns);
      const double tolerance = (static_cast<double>(columns) / 8 + 8) * 0x1p-24;
      for (std::size_t r = 0; r < rows; ++r) ASSERT_NEAR(out[r], expected[r], tolerance * expected[r]);
    }
  }
}

TEST_P(ElementwiseTest, Rope) {
  for (const std::size_t head_dim : {2UL, 6UL, 64UL, 80UL}) {
    const std::size_t rows = 5;
    const std::size_t heads = 3;
    const std::size_t first = 3990;
    const std::vector<float> x = random.normals(rows * heads * head_dim);
    std::vector<float> out = x;
    std::vector<float> expected = x;
    std::vector<float> angles(rows * head_dim);
    cpu::rope_angles(angles.data(), first, rows, head_dim, 100000.0F);
    cpu::rope(out.data(), angles.data(), rows, heads, head_dim, pool);
    std::vector<std::int32_t> positions;
    for (std::size_t r = 0; r < rows; ++r) positions.push_back(static_cast<std::int32_t>(first + r));
    reference::rope(expected.data(), rows, heads, head_dim, positions.data(), 100000.0F);
    // Two products and a sum of numbers of size |x|: three roundings, and one each of sine and cosine.
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(out[i], expected[i], 5 * 4.0F * 0x1p-24F * 2);
  }
}

TEST_P(ElementwiseTest, SiluGate) {
  for (const std::size_t n : kOddSizes) {
    std::vector<float> gate = random.normals(n, 10.0F);
    gate[0] = -500.0F;  // exp of it overflows
    const std::vector<float> up = random.normals(n);
    std::vector<float> out = poisoned(n);
    std::vector<float> expected(n);
    cpu::silu_gate(out.data(), gate.data(), up.data(), n, pool);
    reference::silu_gate(expected.data(), gate.data(), up.data(), n);
    // exp errs by up to 3 units in the last place, plus its argument's rounding times the argument.
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_NEAR(out[i], expected[i], std::abs(expected[i]) * 1e-5F + 1e-30F) << gate[i];
    }
  }
}

TEST_P(ElementwiseTest, AddIsExact) {
  for (const std::size_t n : kOddSizes) {
    std::vector<float> x = random.normals(n);
    std::vector<float> expected = x;
    const std::vector<float> y = random.normals(n);
    cpu::add(x.data(), y.data(), n, pool);
    for (std::size_t i = 0; i < n; ++i) expected[i] += y[i];
    EXPECT_EQ(x, expected);
  }
}

TEST_P(ElementwiseTest, Softmax) {
  for (const std::size_t n : kOddSizes) {
    std::vector<float> x = random.normals(n, 5.0F);
    if (n > 3) x[3] = -std::numeric_limits<float>::infinity();
    std::vector<float> expected = x;
    cpu::softmax(x.data(), n);
    reference::softmax(expected.data(), n);
    for (std::size_t i = 0; i < n; ++i) ASSERT_NEAR(x[i], expected[i], expected[i] * 1e-4F + 1e-12F);
    if (n > 3) {
      EXPECT_EQ(x[3], 0.0F);
    }
  }
}

TEST_P(ElementwiseTest, Argmax) {
  for (const std::size_t n : kOddSizes) {
    std::vector<float> x = random.normals(n);
    EXPECT_EQ(cpu::argmax(x.data(), n), reference::argmax(x.data(), n));
    std::fill(x.begin(), x.end(), 2.0F);
    EXPECT_EQ(cpu::argmax(x.data(), n), 0U);  // a tie goes to the lowest index
    x[n - 1] = 3.0F;
    EXPECT_EQ(cpu::argmax(x.data(), n), n - 1);
    x[n / 2] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(cpu::argmax(x.data(), n), reference::argmax(x.data(), n));
    std::fill(x.begin(), x.end(), std::numeric_limits<float>::quiet_NaN());
    EXPECT_EQ(cpu::argmax(x.data(), n), 0U);
  }
}

FOVEA_EVERY_TARGET(ElementwiseTest);

}  // namespace
}  // namespace fovea::kernels
