// Number formats against their definitions: every f16 and bf16 pattern, and quantised blocks worked out by
// hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "kernels/reference/reference.h"

namespace fovea::kernels::reference {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::uint16_t kInfinityHalf = 0x7C00;

std::uint32_t bits_of(float value) {
  return std::bit_cast<std::uint32_t>(value);
}
bool is_nan_half(unsigned half) {
  return (half & 0x7FFFU) > kInfinityHalf;
}

/// What IEEE 754 says a finite binary16 pattern stands for.
double meaning_of_half(unsigned half) {
  const int exponent = static_cast<int>((half >> 10) & 31U);
  const int mantissa = static_cast<int>(half & 1023U);
  const double magnitude =
      exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return (half & 0x8000U) != 0 ? -magnitude : magnitude;
}

TEST(Half, EveryPatternToFloat) {
  for (unsigned half = 0; half < 65536; ++half) {
    const float value = half_to_float(static_cast<std::uint16_t>(half));
    ASSERT_EQ(std::signbit(value), (half & 0x8000U) != 0) << half;
    if (is_nan_half(half)) {
      ASSERT_TRUE(std::isnan(value)) << half;
    } else if ((half & 0x7FFFU) == kInfinityHalf) {
      ASSERT_TRUE(std::isinf(value)) << half;
    } else {
      ASSERT_EQ(static_cast<double>(value), meaning_of_half(half)) << half;
    }
  }
}

TEST(Half, EveryPatternSurvivesTheRoundTrip) {
  for (unsigned half = 0; half < 65536; ++half) {
    const std::uint16_t back = float_to_half(half_to_float(static_cast<std::uint16_t>(half)));
    const unsigned expected = is_nan_half(half) ? half | 0x200U : half;  // signalling NaNs turn quiet
    ASSERT_EQ(back, expected);
  }
}

// Rounding can only go wrong around the middle between two neighbours: try it, and the floats next to it, for
// all.
TEST(Half, EveryMiddleRoundsToEven) {
  for (unsigned low = 0; low < kInfinityHalf; ++low) {
    const unsigned high = low + 1;
    const double above = high == kInfinityHalf ? 65536.0 : meaning_of_half(high);
    const double middle = (meaning_of_half(low) + above) / 2;
    const auto tie = static_cast<float>(middle);
    ASSERT_EQ(static_cast<double>(tie), middle) << "the middle is a float";
    const unsigned even = (low & 1U) == 0 ? low : high;
    for (const unsigned sign : {0U, 0x8000U}) {
      const float signed_tie = sign != 0 ? -tie : tie;
      ASSERT_EQ(float_to_half(signed_tie), even | sign);
      ASSERT_EQ(float_to_half(std::nextafter(signed_tie, 0.0F)), low | sign);
      ASSERT_EQ(float_to_half(std::nextafter(signed_tie, sign != 0 ? -kInfinity : kInfinity)), high | sign);
    }
  }
}

TEST(Half, Extremes) {
  EXPECT_EQ(float_to_half(0.0F), 0x0000);
  EXPECT_EQ(float_to_half(-0.0F), 0x8000);
  EXPECT_EQ(float_to_half(1.0F), 0x3C00);
  EXPECT_EQ(float_to_half(65504.0F), 0x7BFF);
  EXPECT_EQ(float_to_half(65520.0F), kInfinityHalf);
  EXPECT_EQ(float_to_half(std::numeric_limits<float>::max()), kInfinityHalf);
  EXPECT_EQ(float_to_half(-kInfinity), 0xFC00);
  EXPECT_EQ(float_to_half(0x1p-24F), 0x0001);
  EXPECT_EQ(float_to_half(0x1p-25F), 0x0000);
  EXPECT_EQ(float_to_half(std::numeric_limits<float>::denorm_min()), 0x0000);
  EXPECT_TRUE(is_nan_half(float_to_half(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(is_nan_half(float_to_half(std::bit_cast<float>(0x7F800001U))))
      << "payload below f16's mantissa";
}

#if defined(__FLT16_MANT_DIG__) && defined(__GNUC__) && !defined(__clang__)
TEST(Half, AgreesWithTheCompiler) {
  __extension__ using Float16 = _Float16;
  std::mt19937 random(20);
  for (int i = 0; i < 1'000'000; ++i) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isnan(value)) continue;
    ASSERT_EQ(float_to_half(value), std::bit_cast<std::uint16_t>(static_cast<Float16>(value))) << value;
  }
}
#endif

TEST(Bf16, EveryPatternAndEveryMiddle) {
  for (unsigned bf16 = 0; bf16 < 65536; ++bf16) {
    const auto pattern = static_cast<std::uint16_t>(bf16);
    const float value = bf16_to_float(pattern);
    ASSERT_EQ(bits_of(value), bf16 << 16);
    if (std::isnan(value)) {
      ASSERT_EQ(float_to_bf16(value), bf16 | 0x40U);
      continue;
    }
    ASSERT_EQ(float_to_bf16(value), bf16);
    if ((bf16 & 0x7FFFU) >= 0x7F80U) continue;
    const unsigned tie = (bf16 << 16) | 0x8000U;
    const unsigned even = (bf16 & 1U) == 0 ? bf16 : bf16 + 1;
    ASSERT_EQ(float_to_bf16(std::bit_cast<float>(tie)), even);
    ASSERT_EQ(float_to_bf16(std::bit_cast<float>(tie - 1)), bf16);
    ASSERT_EQ(float_to_bf16(std::bit_cast<float>(tie + 1)), bf16 + 1);
  }
  EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(std::bit_cast<float>(0x7F800001U)))));
}

TEST(Q8_0, DequantizesAKnownBlock) {
  std::array<std::byte, 34> block{};
  const std::uint16_t half = 0x3800;  // 0.5
  std::memcpy(block.data(), &half, 2);
  block[2] = std::byte{127};
  block[3] = std::byte{0x80};   // -128
  block[33] = std::byte{0xFF};  // -1
  std::array<float, 32> out{};
  out.fill(std::nanf(""));
  dequantize_row(out.data(), block.data(), DType::kQ8_0, 32);
  EXPECT_EQ(out[0], 63.5F);
  EXPECT_EQ(out[1], -64.0F);
  EXPECT_EQ(out[2], 0.0F);
  EXPECT_EQ(out[31], -0.5F);
}

TEST(Q4_0, DequantizesLowNibblesFirst) {
  std::array<std::byte, 18> block{};
  const std::uint16_t half = 0xC000;  // -2
  std::memcpy(block.data(), &half, 2);
  block[2] = std::byte{0x0F};   // element 0 has code 15, element 16 code 0
  block[17] = std::byte{0x98};  // element 15 has code 8, element 31 code 9
  std::array<float, 32> out{};
  out.fill(std::nanf(""));
  dequantize_row(out.data(), block.data(), DType::kQ4_0, 32);
  EXPECT_EQ(out[0], -14.0F);
  EXPECT_EQ(out[16], 16.0F);
  EXPECT_EQ(out[15], 0.0F);
  EXPECT_EQ(out[31], -2.0F);
  EXPECT_EQ(out[1], 16.0F);
}

TEST(Q8_0, QuantizesByTheLargestMagnitude) {
  std::array<float, 32> x{};
  x[0] = -127.0F;  // scale 1
  x[1] = 0.5F;     // std::round takes ties away from zero, as GGML's roundf does
  x[2] = -0.5F;
  x[3] = 2.49F;
  x[31] = 126.6F;
  std::array<std::byte, 34> block{};
  quantize_row(block.data(), x.data(), DType::kQ8_0, 32);
  std::uint16_t half = 0;
  std::memcpy(&half, block.data(), 2);
  EXPECT_EQ(half, 0x3C00);
  const auto code = [&](std::size_t i) { return static_cast<int>(static_cast<std::int8_t>(block[2 + i])); };
  EXPECT_EQ(code(0), -127);
  EXPECT_EQ(code(1), 1);
  EXPECT_EQ(code(2), -1);
  EXPECT_EQ(code(3), 2);
  EXPECT_EQ(code(4), 0);
  EXPECT_EQ(code(31), 127);
}

TEST(Q4_0, QuantizesByTheSignedExtreme) {
  std::array<float, 32> x{};
  x[0] = 8.0F;  // scale -1: the extreme gets code 0
  x[1] = -7.0F;
  x[2] = -7.9F;  // would be code 16; clamped to 15
  x[16] = 1.4F;
  std::array<std::byte, 18> block{};
  quantize_row(block.data(), x.data(), DType::kQ4_0, 32);
  std::uint16_t half = 0;
  std::memcpy(&half, block.data(), 2);
  EXPECT_EQ(half, 0xBC00);
  EXPECT_EQ(block[2], std::byte{0x70});  // elements 0 (code 0) and 16 (code 7)
  EXPECT_EQ(block[3], std::byte{0x8F});  // elements 1 (15) and 17 (8, which is zero)
  EXPECT_EQ(block[4], std::byte{0x8F});
  EXPECT_EQ(block[5], std::byte{0x88});
}

TEST(Quantize, ZeroBlocksStayZero) {
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kQ8_0, DType::kQ4_0}) {
    const std::vector<float> x(64, 0.0F);
    std::vector<std::byte> row(row_bytes(dtype, 64), std::byte{0xAA});
    std::vector<float> back(64, std::nanf(""));
    quantize_row(row.data(), x.data(), dtype, 64);
    dequantize_row(back.data(), row.data(), dtype, 64);
    for (const float value : back) EXPECT_EQ(value, 0.0F) << to_string(dtype);
  }
}

/// Largest error of one stored value, as a share of the row's largest magnitude: half a step of the format,
/// and for the blocks also the rounding of their f16 scale (2^-11 of the value). Q4_0 clamps the end opposite
/// to its extreme by up to a whole step.
double relative_tolerance(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return 0;
    case DType::kF16:
      return 0x1p-11;
    case DType::kBF16:
      return 0x1p-8;
    case DType::kQ8_0:
      return (0.5 / 127) + 0x1p-11;
    case DType::kQ4_0:
      return (1.0 / 8) + 0x1p-11;
  }
  return 0;
}

TEST(Quantize, RoundTripStaysWithinTheFormat) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kQ8_0, DType::kQ4_0}) {
    const std::size_t columns = block_elements(dtype) == 1 ? 77 : 96;
    std::vector<float> x(columns);
    float largest = 0;
    for (float& value : x) {
      value = normal(random);
      largest = std::max(largest, std::fabs(value));
    }
    std::vector<std::byte> row(row_bytes(dtype, columns));
    std::vector<float> back(columns, std::nanf(""));
    quantize_row(row.data(), x.data(), dtype, columns);
    dequantize_row(back.data(), row.data(), dtype, columns);
    for (std::size_t i = 0; i < columns; ++i) {
      EXPECT_NEAR(back[i], x[i], relative_tolerance(dtype) * static_cast<double>(largest))
          << to_string(dtype);
    }
  }
}

}  // namespace
}  // namespace fovea::kernels::reference
