#include "kernels/cuda/attention_mass.h"

#include <array>
#include <cmath>

#include "tests/kernels/cuda/cuda_test.h"

namespace fovea::kernels {
namespace {

using testing::DeviceArray;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Shape {
  std::size_t layers, slots, filled, heads, kv_heads, n;
};

// Scores as a draft leaves them: later slots see more, each row has its own log-sum-exp, and what was never
// written is NaN.
struct Scores {
  Scores(testing::Random& random, const Shape& s)
      : shape(s),
        stride((s.n + 7) / 4 * 4),
        scores(s.layers * s.slots * s.heads * stride, kNan),
        log_sum_exp(s.layers * s.slots * s.heads, kNan) {
    for (std::size_t row = 0; row < log_sum_exp.size(); ++row) {
      const std::size_t slot = row / s.heads % s.slots;
      if (slot >= s.filled) continue;
      const std::size_t seen = s.n - std::min(s.filled - 1 - slot, s.n - 1);
      double sum = 0;
      for (std::size_t i = 0; i < s.n; ++i) {
        scores[row * stride + i] = i < seen ? random.normal(5.0F) : -kInfinity;
        if (i < seen) sum += std::exp(static_cast<double>(scores[row * stride + i]));
      }
      log_sum_exp[row] = static_cast<float>(std::log(sum));
    }
  }
  Shape shape;
  std::size_t stride;
  std::vector<float> scores;
  std::vector<float> log_sum_exp;

  [[nodiscard]] std::size_t sources() const { return shape.layers * shape.kv_heads; }
  // The double-precision twin's answer, for slots first .. first + count - 1.
  [[nodiscard]] std::vector<float> expected(std::size_t first, std::size_t count) const {
    std::vector<float> out(sources() * stride);
    for (std::size_t layer = 0; layer < shape.layers; ++layer) {
      const std::size_t row = (layer * shape.slots + first) * shape.heads;
      reference::attention_mass(out.data() + layer * shape.kv_heads * stride, stride,
                                scores.data() + row * stride, stride, log_sum_exp.data() + row, count,
                                shape.heads, shape.kv_heads, shape.n);
    }
    return out;
  }
};

class DeviceScores {
 public:
  explicit DeviceScores(const Scores& host)
      : m_host(host),
        m_scores(host.scores),
        m_log_sum_exp(host.log_sum_exp),
        m_slot_count(std::vector<std::int32_t>{static_cast<std::int32_t>(host.shape.filled)}),
        m_positions(std::vector<std::int32_t>{static_cast<std::int32_t>(host.shape.n)}) {}

  void see(std::size_t slots, std::size_t n) {
    m_slot_count.set({static_cast<std::int32_t>(slots)});
    m_positions.set({static_cast<std::int32_t>(n)});
  }
  [[nodiscard]] cuda::ScoreRows rows() const {
    const Shape& s = m_host.shape;
    return {m_scores.get(), m_log_sum_exp.get(), s.layers,           s.slots,           s.heads,
            s.kv_heads,     m_host.stride,       m_slot_count.get(), m_positions.get(), s.n};
  }
  [[nodiscard]] std::vector<float> mass(bool by_slot) const {
    DeviceArray<float> out((by_slot ? m_host.shape.slots : 1) * m_host.sources() * m_host.stride);
    const auto kernel = by_slot ? cuda::attention_mass_by_slot : cuda::attention_mass;
    EXPECT_EQ(kernel(out.get(), m_host.stride, rows(), nullptr), cudaSuccess);
    return out.host();
  }

 private:
  const Scores& m_host;
  DeviceArray<float> m_scores;
  DeviceArray<float> m_log_sum_exp;
  DeviceArray<std::int32_t> m_slot_count;
  DeviceArray<std::int32_t> m_positions;
};

constexpr Shape kShapes[] = {{1, 1, 1, 8, 4, 1},   {2, 3, 3, 4, 4, 7},      {3, 6, 6, 32, 4, 1023},
                             {2, 5, 2, 9, 1, 4},   {22, 6, 5, 32, 4, 1025}, {1, 8, 8, 3, 3, 4099},
                             {4, 2, 1, 16, 8, 129}};

class CudaAttentionMassTest : public testing::CudaTest {
 protected:
  // Arguments of up to 50 are rounded once, exp errs by 2 units in the last place, and a mean of m adds m + 1
  // roundings. Below the normal floats exp may give 0.
  static void expect_near(const float* mass, const std::vector<float>& expected, const Scores& scores,
                          std::size_t terms) {
    const float relative = static_cast<float>(50 + 4 + terms + 1) * 0x1p-24F;
    for (std::size_t source = 0; source < scores.sources(); ++source) {
      double total = 0;
      for (std::size_t i = 0; i < scores.stride; ++i) {
        const std::size_t at = source * scores.stride + i;
        if (i >= scores.shape.n) {
          ASSERT_TRUE(std::isnan(mass[at])) << "written beyond n";
          continue;
        }
        ASSERT_NEAR(mass[at], expected[at], expected[at] * relative + 1e-37F) << source << ' ' << i;
        total += static_cast<double>(mass[at]);
      }
      EXPECT_NEAR(total, 1.0, 1e-5);
    }
  }
};

TEST_F(CudaAttentionMassTest, IsTheMeanOfTheProbabilities) {
  for (const Shape& shape : kShapes) {
    const Scores scores(random, shape);
    const DeviceScores device(scores);
    expect_near(device.mass(false).data(), scores.expected(0, shape.filled), scores,
                shape.filled * shape.heads / shape.kv_heads);
  }
}

TEST_F(CudaAttentionMassTest, OneSlotByItself) {
  for (const Shape& shape : kShapes) {
    const Scores scores(random, shape);
    const DeviceScores device(scores);
    const std::vector<float> mass = device.mass(true);
    const std::size_t of_slot = scores.sources() * scores.stride;
    for (std::size_t slot = 0; slot < shape.filled; ++slot) {
      expect_near(mass.data() + slot * of_slot, scores.expected(slot, 1), scores,
                  shape.heads / shape.kv_heads);
    }
    for (std::size_t i = shape.filled * of_slot; i < mass.size(); ++i) {
      ASSERT_TRUE(std::isnan(mass[i])) << "a slot that nobody filled";
    }
  }
}

// Slot 0 sees everything, the others a list for each layer: together they are what slots that see everything,
// but nothing outside the list, would give.
TEST_F(CudaAttentionMassTest, ListedSlotsAreAddedWhereTheirEntriesLie) {
  for (const Shape& shape : kShapes) {
    if (shape.filled < 2) continue;
    const Scores scores(random, shape);
    const DeviceScores device(scores);
    std::vector<std::int32_t> lists(shape.layers * scores.stride, -1);
    std::vector<std::int32_t> counts(shape.layers);
    Scores spread = scores;
    for (std::size_t layer = 0; layer < shape.layers; ++layer) {
      std::int32_t* list = lists.data() + layer * scores.stride;
      std::int32_t& count = counts[layer];
      for (std::size_t i = 0; i < shape.n; ++i) {
        if (i == 0 || random.below(3) == 0) list[count++] = static_cast<std::int32_t>(i);
      }
      for (std::size_t slot = 1; slot < shape.filled; ++slot) {
        for (std::size_t head = 0; head < shape.heads; ++head) {
          const std::size_t row = ((layer * shape.slots + slot) * shape.heads + head) * scores.stride;
          std::fill_n(spread.scores.begin() + static_cast<std::ptrdiff_t>(row), shape.n, -kInfinity);
          for (std::int32_t e = 0; e < count; ++e) {
            spread.scores[row + static_cast<std::size_t>(list[e])] =
                scores.scores[row + static_cast<std::size_t>(e)];
          }
        }
      }
    }
    const DeviceArray<std::int32_t> device_lists(lists);
    const DeviceArray<std::int32_t> device_counts(counts);
    const DeviceArray<std::int32_t> others(
        std::vector<std::int32_t>{static_cast<std::int32_t>(shape.filled - 1)});
    const DeviceArray<std::int32_t> one(std::vector<std::int32_t>{1});
    DeviceArray<float> out(scores.sources() * scores.stride);
    cuda::ScoreRows rows = device.rows();
    rows.mean_of = shape.filled;
    rows.slot_count = one.get();
    FOVEA_CUDA_OK(cuda::attention_mass(out.get(), scores.stride, rows, nullptr));
    rows.slot_count = others.get();
    rows.scores += shape.heads * scores.stride;
    rows.log_sum_exp += shape.heads;
    FOVEA_CUDA_OK(cuda::add_listed_mass(out.get(), scores.stride, rows,
                                        {device_lists.get(), scores.stride, device_counts.get()}, nullptr));
    const std::vector<float> mass = out.host();
    const std::vector<float> expected = spread.expected(0, shape.filled);
    const auto terms = static_cast<float>(shape.filled * shape.heads / shape.kv_heads);
    const float relative = (50 + 4 + terms + 2) * 0x1p-24F;
    for (std::size_t i = 0; i < mass.size(); ++i) {
      if (i % scores.stride >= shape.n) {
        ASSERT_TRUE(std::isnan(mass[i])) << "written beyond n";
      } else {
        ASSERT_NEAR(mass[i], expected[i], expected[i] * relative + 1e-37F) << i;
      }
    }
  }
}

TEST_F(CudaAttentionMassTest, BitsDependNeitherOnTheLengthNorOnOtherSlots) {
  const Scores scores(random, {3, 4, 4, 8, 4, 4099});
  DeviceScores device(scores);
  const std::vector<float> mass = device.mass(false);
  const std::vector<float> by_slot = device.mass(true);
  device.see(4, 1501);
  const std::vector<float> shorter = device.mass(false);
  device.see(1, 4099);
  const std::vector<float> first = device.mass(false);
  for (std::size_t source = 0; source < scores.sources(); ++source) {
    for (std::size_t i = 0; i < 4099; ++i) {
      const std::size_t at = source * scores.stride + i;
      ASSERT_EQ(first[at], by_slot[at]);
      if (i < 1501) {
        ASSERT_EQ(shorter[at], mass[at]);
      } else {
        ASSERT_TRUE(std::isnan(shorter[at]));
      }
    }
  }
}

TEST_F(CudaAttentionMassTest, WhatIsMaskedCountsAsZero) {
  Scores scores(random, {1, 3, 3, 1, 1, 21});
  std::fill(scores.scores.begin(), scores.scores.end(), 0.0F);
  std::fill_n(scores.scores.begin() + static_cast<std::ptrdiff_t>(scores.stride), scores.stride, -kInfinity);
  for (const std::size_t i : {3UL, 20UL}) {
    scores.scores[i] = -kInfinity;
    scores.scores[2 * scores.stride + i] = kNan;
  }
  scores.log_sum_exp = {0, -kInfinity, 0};
  const std::vector<float> mass = DeviceScores(scores).mass(false);
  for (std::size_t i = 0; i < 21; ++i) {
    const bool masked = i == 3 || i == 20;
    EXPECT_FLOAT_EQ(mass[i], masked ? 0.0F : 2.0F / 3.0F) << i;
  }
}

TEST_F(CudaAttentionMassTest, NothingSeenWritesNothing) {
  const Scores scores(random, {2, 3, 3, 4, 2, 40});
  DeviceScores device(scores);
  for (const auto& [slots, n] : {std::array{0UL, 40UL}, {3UL, 0UL}}) {
    device.see(slots, n);
    for (const bool by_slot : {false, true}) {
      for (const float x : device.mass(by_slot)) ASSERT_TRUE(std::isnan(x));
    }
  }
}

}  // namespace
}  // namespace fovea::kernels
