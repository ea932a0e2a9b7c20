#include "kernels/cpu/kv_numbers.h"

#include <cmath>
#include <limits>

#include "tests/kernels/kernel_test.h"

namespace fovea::kernels {
namespace {

using testing::EveryTarget;

class KvNumbersTest : public EveryTarget {
 protected:
  struct Numbers {
    std::vector<std::int16_t> numbers;
    std::vector<float> scales;  // of the keys, at a distance of 2
  };
  Numbers run(const std::vector<float>& x, std::size_t rows, std::size_t kv_heads, std::size_t head_dim) {
    Numbers out{std::vector<std::int16_t>(x.size(), 0x5555), std::vector<float>(rows * kv_heads * 2, -1.0F)};
    cpu::to_kv_numbers(out.numbers.data(), out.scales.data(), x.data(), rows, kv_heads, head_dim, pool);
    return out;
  }
};

TEST_P(KvNumbersTest, ErrByHalfAScaleAtMost) {
  for (const std::size_t head_dim : {2U, 20U, 64U, 80U, 256U}) {
    for (const std::size_t rows : {1U, 3U, 300U}) {
      const std::vector<float> x = random.normals(rows * 2 * head_dim);
      const Numbers got = run(x, rows, 2, head_dim);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const float scale = got.scales[i / head_dim * 2];
        ASSERT_LE(std::abs(got.numbers[i]), cpu::kLargestKvNumber);
        // Half a scale; a number of up to 4,095 scales is rounded three times on its way there and back.
        ASSERT_NEAR(static_cast<float>(got.numbers[i]) * scale, x[i], (0.5F + 4095 * 0x1p-22F) * scale) << i;
      }
      for (std::size_t h = 0; h < rows * 2; ++h) ASSERT_EQ(got.scales[2 * h + 1], -1.0F);  // the values' own
    }
  }
}

TEST_P(KvNumbersTest, ZerosAndWhatIsNotFinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> x(4 * 20, 0.0F);
  x[20 + 19] = kInfinity;
  x[40 + 3] = std::numeric_limits<float>::quiet_NaN();
  x[60] = 1e-42F;
  const Numbers got = run(x, 4, 1, 20);
  EXPECT_EQ(got.scales[0], 0.0F);
  EXPECT_TRUE(std::isnan(got.scales[2]));
  EXPECT_TRUE(std::isnan(got.scales[4]));
  EXPECT_EQ(got.scales[6], 0.0F);
  for (const std::int16_t number : got.numbers) EXPECT_EQ(number, 0);
}

FOVEA_EVERY_TARGET(KvNumbersTest);

}  // namespace
}  // namespace fovea::kernels
