// Layers against values worked out by hand and against formulas written another way.
#include "kernels/reference/reference.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace fovea::kernels::reference {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> random_floats(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

TEST(Embed, CopiesTheNamedRows) {
  const std::array<float, 6> table{1, 2, 3, 4, 5, 6};
  const std::array<std::int32_t, 3> ids{2, 0, 2};
  std::array<float, 6> out{};
  out.fill(kNan);
  embed(out.data(), table.data(), DType::kF32, 2, ids.data(), 3);
  EXPECT_EQ(out, (std::array<float, 6>{5, 6, 1, 2, 5, 6}));
}

TEST(Embed, ReadsQuantisedRows) {
  std::vector<float> table(3 * 32);
  std::iota(table.begin(), table.end(), -10.0F);
  std::vector<std::byte> stored(3 * row_bytes(DType::kQ8_0, 32));
  for (std::size_t row = 0; row < 3; ++row) {
    quantize_row(stored.data() + (row * 34), table.data() + (row * 32), DType::kQ8_0, 32);
  }
  const std::int32_t id = 1;
  std::vector<float> out(32, kNan);
  embed(out.data(), stored.data(), DType::kQ8_0, 32, &id, 1);
  for (std::size_t i = 0; i < 32; ++i) EXPECT_NEAR(out[i], table[32 + i], 53.0 * 0.005);
}

TEST(RmsNorm, ByHand) {
  const std::array<float, 4> x{3, 4, 0, 0};  // two rows: mean squares 12.5 and 0
  const std::array<float, 2> weight{1, -2};
  std::array<float, 4> out{};
  out.fill(kNan);
  rms_norm(out.data(), x.data(), weight.data(), 2, 2, 0.0625F);
  const double scale = 1 / std::sqrt(12.5625);
  EXPECT_FLOAT_EQ(out[0], static_cast<float>(3 * scale));
  EXPECT_FLOAT_EQ(out[1], static_cast<float>(-8 * scale));
  EXPECT_EQ(out[2], 0.0F);
  EXPECT_EQ(out[3], 0.0F);
}

TEST(RmsNorm, InPlaceAndUnitMeanSquare) {
  constexpr std::size_t kColumns = 513;
  std::vector<float> x = random_floats(kColumns, 3);
  const std::vector<float> ones(kColumns, 1.0F);
  std::vector<float> out(kColumns, kNan);
  rms_norm(out.data(), x.data(), ones.data(), 1, kColumns, 0.0F);
  rms_norm(x.data(), x.data(), ones.data(), 1, kColumns, 0.0F);
  EXPECT_EQ(out, x);
  double squares = 0;
  for (const float value : out) squares += static_cast<double>(value) * static_cast<double>(value);
  EXPECT_NEAR(squares / kColumns, 1.0, 1e-6);
}

TEST(Rope, IsComplexMultiplication) {
  constexpr std::size_t kRows = 3;
  constexpr std::size_t kHeads = 2;
  constexpr std::size_t kHeadDim = 6;
  constexpr float kBase = 10000.0F;
  const std::array<std::int32_t, kRows> positions{0, 1, 1000};
  const std::vector<float> before = random_floats(kRows * kHeads * kHeadDim, 4);
  std::vector<float> after = before;
  rope(after.data(), kRows, kHeads, kHeadDim, positions.data(), kBase);
  for (std::size_t i = 0; i < after.size(); i += 2) {
    const std::size_t row = i / (kHeads * kHeadDim);
    const std::size_t pair = i % kHeadDim / 2;
    const double frequency = 1 / std::pow(10000.0, 2.0 * static_cast<double>(pair) / kHeadDim);
    const std::complex<double> turned =
        std::complex<double>(before[i], before[i + 1]) * std::polar(1.0, positions[row] * frequency);
    EXPECT_NEAR(after[i], turned.real(), 1e-6);
    EXPECT_NEAR(after[i + 1], turned.imag(), 1e-6);
  }
  EXPECT_TRUE(std::equal(before.begin(), before.begin() + kHeads * kHeadDim, after.begin()))
      << "position 0 stays";
}

TEST(Rope, ProductsDependOnDistanceAlone) {
  constexpr std::size_t kHeadDim = 64;
  const std::vector<float> query = random_floats(kHeadDim, 5);
  const std::vector<float> key = random_floats(kHeadDim, 6);
  const auto product = [&](std::int32_t query_position, std::int32_t key_position) {
    std::vector<float> q = query;
    std::vector<float> k = key;
    rope(q.data(), 1, 1, kHeadDim, &query_position, 10000.0F);
    rope(k.data(), 1, 1, kHeadDim, &key_position, 10000.0F);
    return std::inner_product(q.begin(), q.end(), k.begin(), 0.0);
  };
  EXPECT_NEAR(product(17, 5), product(4012, 4000), 1e-4);
}

TEST(Matmul, ByHand) {
  const std::array<float, 6> weight{1, 2, 3, -1, 0, 1};  // [2, 3]
  const std::array<float, 6> x{1, 1, 1, 2, 0, -1};       // [2, 3]
  std::array<float, 4> out{};
  out.fill(kNan);
  matmul(out.data(), weight.data(), DType::kF32, 2, 3, x.data(), 2);
  EXPECT_EQ(out, (std::array<float, 4>{6, 0, -1, -3}));
}

TEST(Matmul, EveryFormatIsTheProductOfItsDequantisedRows) {
  constexpr std::size_t kOutputs = 5;
  constexpr std::size_t kRows = 3;
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kQ8_0, DType::kQ4_0}) {
    const std::size_t columns = block_elements(dtype) == 1 ? 45 : 96;
    const std::vector<float> weight = random_floats(kOutputs * columns, 8);
    const std::vector<float> x = random_floats(kRows * columns, 9);
    const std::size_t stride = row_bytes(dtype, columns);
    std::vector<std::byte> stored(kOutputs * stride);
    std::vector<float> decoded(kOutputs * columns);
    for (std::size_t i = 0; i < kOutputs; ++i) {
      quantize_row(stored.data() + (i * stride), weight.data() + (i * columns), dtype, columns);
      dequantize_row(decoded.data() + (i * columns), stored.data() + (i * stride), dtype, columns);
    }
    std::vector<float> out(kRows * kOutputs, kNan);
    matmul(out.data(), stored.data(), dtype, kOutputs, columns, x.data(), kRows);
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t i = 0; i < kOutputs; ++i) {
        double expected = 0;
        for (std::size_t c = columns; c-- > 0;) {
          expected +=
              static_cast<double>(decoded[(i * columns) + c]) * static_cast<double>(x[(row * columns) + c]);
        }
        EXPECT_NEAR(out[(row * kOutputs) + i], expected, 1e-5) << to_string(dtype);
      }
    }
  }
}

TEST(SiluGate, ByHandAndAtTheExtremes) {
  const std::array<float, 5> gate{0, 1, -1, 200, -200};
  const std::array<float, 5> up{5, 2, 3, 0.5F, 7};
  std::array<float, 5> out{};
  out.fill(kNan);
  silu_gate(out.data(), gate.data(), up.data(), 5);
  EXPECT_EQ(out[0], 0.0F);
  EXPECT_NEAR(out[1], 2 * 0.7310585786, 1e-6);
  EXPECT_NEAR(out[2], -3 * 0.2689414214, 1e-6);
  EXPECT_EQ(out[3], 100.0F);
  EXPECT_NEAR(out[4], 0.0F, 1e-30);
}

TEST(Softmax, ByHandShiftAndSum) {
  std::array<float, 3> x{0, std::log(2.0F), std::log(5.0F)};
  softmax(x.data(), 3);
  EXPECT_NEAR(x[0], 0.125, 1e-7);
  EXPECT_NEAR(x[1], 0.25, 1e-7);
  EXPECT_NEAR(x[2], 0.625, 1e-7);

  std::vector<float> low = random_floats(1001, 10);
  std::vector<float> high = low;
  for (float& value : low) value = std::round(value * 64) / 64;  // so that the shift is exact
  for (std::size_t i = 0; i < low.size(); ++i) high[i] = low[i] + 512;
  softmax(low.data(), low.size());
  softmax(high.data(), high.size());
  EXPECT_EQ(low, high) << "a shift changes nothing";
  EXPECT_NEAR(std::accumulate(low.begin(), low.end(), 0.0), 1.0, 1e-6);
}

TEST(Softmax, HugeAndMaskedEntries) {
  std::array<float, 4> x{3e38F, -3e38F, -kInfinity, 3e38F};
  softmax(x.data(), 4);
  EXPECT_EQ(x, (std::array<float, 4>{0.5F, 0, 0, 0.5F}));
  std::array<float, 2> masked{-kInfinity, -kInfinity};
  softmax(masked.data(), 2);
  EXPECT_EQ(masked, (std::array<float, 2>{0, 0}));
  softmax(nullptr, 0);
}

TEST(Softmax, RowsAreIndependent) {
  std::array<float, 6> x{1, 2, 3, -5, 0, 7};
  std::array<float, 6> expected = x;
  softmax_rows(x.data(), 2, 3);
  softmax(expected.data(), 3);
  softmax(expected.data() + 3, 3);
  EXPECT_EQ(x, expected);
}

TEST(Add, InPlace) {
  std::array<float, 3> x{1, 2, 3};
  const std::array<float, 3> y{0.5F, -2, 10};
  add(x.data(), y.data(), 3);
  EXPECT_EQ(x, (std::array<float, 3>{1.5F, 0, 13}));
}

TEST(Argmax, TiesNanAndNothing) {
  const auto of = [](const std::vector<float>& x) { return argmax(x.data(), x.size()); };
  EXPECT_EQ(of({1, 3, 2, 3}), 1U);
  EXPECT_EQ(of({kNan, -5, kNan, -4, kNan}), 3U);
  EXPECT_EQ(of({kNan, -kInfinity}), 1U);
  EXPECT_EQ(of({1, kInfinity, kInfinity}), 1U);
  EXPECT_EQ(of({-0.0F, 0.0F}), 0U);
  EXPECT_EQ(of({kNan, kNan}), 0U);
  EXPECT_EQ(of({}), 0U);
}

}  // namespace
}  // namespace fovea::kernels::reference
