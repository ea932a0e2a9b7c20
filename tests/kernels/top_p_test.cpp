#include "kernels/cpu/top_p.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/kernels/kernel_test.h"

namespace fovea::kernels {
namespace {

using testing::EveryTarget;

using Weights = std::vector<float>;

constexpr std::int32_t kPoison = 0x7A7A7A7A;
constexpr std::int32_t kFirst = 36;
constexpr std::size_t kGuard = 32;
constexpr float kShares[] = {1e-6F, 0.1F, 0.5F, 0.9F, 0.95F, 0.99F, 1 - 1e-7F, 1.0F};
constexpr std::size_t kOddSizes[] = {1, 2, 7, 8, 9, 31, 255, 256, 257, 4099};

using Kernel = cpu::TopPResult (*)(std::int32_t*, const float*, std::size_t, float, std::int32_t);

struct Selection {
  cpu::TopPResult result;
  std::vector<std::int32_t> positions;  // n and a guard behind them
  [[nodiscard]] std::vector<std::int32_t> kept() const {
    return {positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(result.count)};
  }
};

Selection run(Kernel kernel, const Weights& weights, float p) {
  Selection selection{{}, std::vector<std::int32_t>(weights.size() + kGuard, kPoison)};
  selection.result = kernel(selection.positions.data(), weights.data(), weights.size(), p, kFirst);
  for (std::size_t i = weights.size(); i < selection.positions.size(); ++i) {
    EXPECT_EQ(selection.positions[i], kPoison) << "written beyond n";
  }
  return selection;
}

std::uint32_t bin(float weight) {
  return std::bit_cast<std::uint32_t>(weight) >> (23 - cpu::kTopPMantissaBits);
}

std::vector<std::int32_t> positions_from(const Weights& weights, float threshold) {
  std::vector<std::int32_t> positions;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0 && weights[i] >= threshold) positions.push_back(kFirst + static_cast<std::int32_t>(i));
  }
  return positions;
}

double sum_of(const Weights& weights) {
  double sum = 0;
  for (const float w : weights) sum += static_cast<double>(w);
  return sum;
}

// What any selection owes: ascending positions, the mass it claims, and enough of it, in the plainest sum
// too.
void check_mass(const Selection& selection, const Weights& weights, float p) {
  ASSERT_TRUE(selection.result.valid);
  double sum = 0;
  std::int32_t last = kFirst - 1;
  for (const std::int32_t position : selection.kept()) {
    ASSERT_GT(position, last);
    ASSERT_LT(position, kFirst + static_cast<std::int32_t>(weights.size()));
    sum += static_cast<double>(weights[static_cast<std::size_t>(position - kFirst)]);
    last = position;
  }
  const double total = sum_of(weights);
  const double share = std::clamp(static_cast<double>(p), 0.0, 1.0);
  EXPECT_GE(selection.result.kept, share * selection.result.total);
  EXPECT_GE(sum, share * total);
  EXPECT_NEAR(selection.result.kept, sum, sum * 1e-12);
  EXPECT_NEAR(selection.result.total, total, total * 1e-12);
}

// The histogram's choice is known exactly: everything down to the bottom of the bin that holds the smallest
// needed weight.
void check_top_p(const Weights& weights, float p) {
  const Selection selection = run(cpu::top_p, weights, p);
  check_mass(selection, weights, p);
  Weights sorted(weights.size());
  const reference::TopP minimal = reference::top_p(weights.data(), weights.size(), p, sorted.data());
  EXPECT_EQ(selection.result.total, minimal.total);
  if (minimal.count == 0) {
    EXPECT_EQ(selection.result.count, 0U);
    return;
  }
  const std::uint32_t lowest = bin(sorted[minimal.count - 1]);
  std::vector<std::int32_t> expected;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0 && bin(weights[i]) >= lowest)
      expected.push_back(kFirst + static_cast<std::int32_t>(i));
  }
  EXPECT_EQ(selection.kept(), expected) << "p " << p << ", n " << weights.size();
}

Weights softmax_weights(testing::Random& random, std::size_t n, float deviation) {
  Weights weights = random.normals(n, deviation);
  reference::softmax(weights.data(), n);
  return weights;
}

// Many distributions: flat to peaked softmax, Pareto tails that do not sum to 1, and uniform.
std::vector<Weights> distributions(testing::Random& random, std::size_t n) {
  std::vector<Weights> all;
  for (const float deviation : {0.1F, 1.0F, 4.0F, 12.0F})
    all.push_back(softmax_weights(random, n, deviation));
  Weights uniform(n);
  for (float& w : uniform) w = static_cast<float>(random.below(1U << 24)) * 0x1p-24F;
  Weights pareto(n);
  for (float& w : pareto) w = std::pow(static_cast<float>(random.below(1U << 20) + 1) * 0x1p-20F, -1.25F);
  all.push_back(uniform);
  all.push_back(pareto);
  return all;
}

class TopPTest : public EveryTarget {};

TEST_P(TopPTest, KeepsWhatIsNeededAndItsBin) {
  for (const std::size_t n : kOddSizes) {
    for (const Weights& weights : distributions(random, n)) {
      for (const float p : kShares) check_top_p(weights, p);
    }
  }
}

TEST_P(TopPTest, LongInputs) {
  for (const Weights& weights : distributions(random, 131072 + 3)) {
    for (const float p : {0.5F, 0.95F}) check_top_p(weights, p);
  }
}

TEST_P(TopPTest, SharesAtAndBeyondTheEnds) {
  Weights weights = softmax_weights(random, 301, 2.0F);
  weights[17] = 0;
  weights[300] = -0.0F;
  for (const Kernel kernel : {cpu::top_p, cpu::top_p_bisection}) {
    for (const float p : {0.0F, -1.0F}) {
      const Selection none = run(kernel, weights, p);
      EXPECT_TRUE(none.result.valid);
      EXPECT_EQ(none.result.count, 0U);
      EXPECT_EQ(none.result.kept, 0);
      EXPECT_NEAR(none.result.total, sum_of(weights), 1e-12);
    }
    for (const float p : {1.0F, 2.0F}) {
      const Selection all = run(kernel, weights, p);
      EXPECT_EQ(all.kept(), positions_from(weights, 0));
      EXPECT_EQ(all.result.count, 299U);
      EXPECT_EQ(all.result.kept, all.result.total);
    }
    EXPECT_GE(run(kernel, weights, std::numeric_limits<float>::denorm_min()).result.count, 1U);
  }
}

TEST_P(TopPTest, EqualWeightsShareABin) {
  for (const std::size_t n : kOddSizes) {
    const Weights weights(n, 1.0F / static_cast<float>(n));
    for (const float p : kShares) check_top_p(weights, p);
    EXPECT_EQ(run(cpu::top_p, weights, 0.5F).result.count, n);
  }
}

// Where a mass meets the target exactly nothing more is taken.
TEST_P(TopPTest, AnExactTieNeedsNoFurtherBin) {
  const Weights weights = {0.125F, 0.5F, 0.125F, 0.25F};
  EXPECT_EQ(run(cpu::top_p, weights, 0.5F).kept(), (std::vector<std::int32_t>{kFirst + 1}));
  EXPECT_EQ(run(cpu::top_p, weights, 0.75F).kept(), (std::vector<std::int32_t>{kFirst + 1, kFirst + 3}));
  EXPECT_EQ(run(cpu::top_p, weights, 0.75F + 0x1p-24F).result.count, 4U);
}

// A sink with half of the mass puts the whole tail below max / 1024, where bisection cannot tell it apart.
TEST_P(TopPTest, BisectionKeepsAllBehindASink) {
  const std::size_t n = 32768;
  Weights weights(n);
  for (float& w : weights)
    w = (0.5F + static_cast<float>(random.below(1000)) * 1e-3F) / static_cast<float>(n);
  weights[0] = 1;
  const float p = 0.95F;
  check_top_p(weights, p);
  Weights sorted(n);
  const std::size_t minimal = reference::top_p(weights.data(), n, p, sorted.data()).count;
  EXPECT_LT(minimal, n * 9 / 10);
  EXPECT_LT(run(cpu::top_p, weights, p).result.count, minimal + minimal / 10);
  const Selection bisected = run(cpu::top_p_bisection, weights, p);
  check_mass(bisected, weights, p);
  EXPECT_EQ(bisected.result.count, n);
}

TEST_P(TopPTest, BisectionTakesTheLargestThresholdOfTen) {
  for (const std::size_t n : kOddSizes) {
    for (const float deviation : {0.1F, 1.0F, 4.0F}) {
      const Weights weights = softmax_weights(random, n, deviation);
      for (const float p : {0.5F, 0.9F, 0.99F}) {
        float low = 0;
        float high = *std::max_element(weights.begin(), weights.end());
        for (int round = 0; round < 10; ++round) {
          const float middle = low + (high - low) / 2;
          double mass = 0;
          for (const float w : weights) mass += w >= middle ? static_cast<double>(w) : 0.0;
          (mass >= static_cast<double>(p) * sum_of(weights) ? low : high) = middle;
        }
        const Selection bisected = run(cpu::top_p_bisection, weights, p);
        check_mass(bisected, weights, p);
        EXPECT_EQ(bisected.kept(), positions_from(weights, low));
      }
    }
  }
}

TEST_P(TopPTest, Denormals) {
  Weights weights(1003);
  for (float& w : weights)
    w = static_cast<float>(random.below(1U << 23)) * std::numeric_limits<float>::denorm_min();
  for (const float p : kShares) check_top_p(weights, p);
  weights[500] = std::numeric_limits<float>::min();
  weights[501] = 3e-38F;
  for (const float p : kShares) check_top_p(weights, p);
  std::fill(weights.begin(), weights.end(), 0.0F);
  weights[777] = std::numeric_limits<float>::denorm_min();
  for (const Kernel kernel : {cpu::top_p, cpu::top_p_bisection}) {
    EXPECT_EQ(run(kernel, weights, 0.9F).kept(), (std::vector<std::int32_t>{kFirst + 777}));
  }
}

TEST_P(TopPTest, LargeWeights) {
  Weights weights(513, std::numeric_limits<float>::max());
  weights[40] = 1;
  for (const float p : kShares) check_top_p(weights, p);
  check_mass(run(cpu::top_p_bisection, weights, 0.9F), weights, 0.9F);
}

TEST_P(TopPTest, ZerosAreNeverKept) {
  for (const Kernel kernel : {cpu::top_p, cpu::top_p_bisection}) {
    for (const std::size_t n : kOddSizes) {
      for (const float zero : {0.0F, -0.0F}) {
        Weights weights(n, zero);
        const Selection none = run(kernel, weights, 0.9F);
        EXPECT_TRUE(none.result.valid);
        EXPECT_EQ(none.result.count, 0U);
        EXPECT_EQ(none.result.total, 0);
        EXPECT_EQ(run(kernel, weights, 1.0F).result.count, 0U);
        weights[n / 2] = 0.25F;
        for (const float p : kShares) {
          const Selection one = run(kernel, weights, p);
          EXPECT_EQ(one.kept(), (std::vector<std::int32_t>{kFirst + static_cast<std::int32_t>(n / 2)}));
          EXPECT_EQ(one.result.kept, 0.25);
          EXPECT_EQ(one.result.total, 0.25);
        }
      }
    }
  }
}

TEST_P(TopPTest, Nothing) {
  for (const Kernel kernel : {cpu::top_p, cpu::top_p_bisection}) {
    for (const float p : {0.0F, 0.5F, 1.0F}) {
      const cpu::TopPResult result = kernel(nullptr, nullptr, 0, p, 0);
      EXPECT_TRUE(result.valid);
      EXPECT_EQ(result.count, 0U);
      EXPECT_EQ(result.total, 0);
    }
  }
}

TEST_P(TopPTest, InvalidWeightsAreRefusedAndNothingIsWritten) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::size_t n : {1UL, 9UL, 1003UL}) {
    for (const float bad :
         {nan, -nan, infinity, -infinity, -1.0F, -std::numeric_limits<float>::denorm_min()}) {
      for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
        Weights weights = softmax_weights(random, n, 1.0F);
        weights[at] = bad;
        for (const Kernel kernel : {cpu::top_p, cpu::top_p_bisection}) {
          for (const float p : {0.0F, 0.9F, 1.0F}) {
            const Selection selection = run(kernel, weights, p);
            EXPECT_FALSE(selection.result.valid) << bad << " at " << at;
            EXPECT_EQ(selection.result.count, 0U);
            EXPECT_EQ(selection.result.total, 0);
            EXPECT_EQ(std::count(selection.positions.begin(), selection.positions.end(), kPoison),
                      static_cast<std::ptrdiff_t>(selection.positions.size()));
          }
        }
        Weights sorted(n);
        EXPECT_FALSE(reference::top_p(weights.data(), n, 0.9F, sorted.data()).valid);
      }
    }
  }
}

TEST_P(TopPTest, NeitherOrderNorTargetChangesABit) {
  Weights weights = softmax_weights(random, 4099, 3.0F);
  const Selection selection = run(cpu::top_p, weights, 0.93F);
  for (const std::string& target : cpu::simd_targets()) {
    ASSERT_TRUE(cpu::force_simd_target(target));
    const Selection other = run(cpu::top_p, weights, 0.93F);
    EXPECT_EQ(other.kept(), selection.kept());
    EXPECT_EQ(other.result.kept, selection.result.kept);
    EXPECT_EQ(other.result.total, selection.result.total);
  }
  ASSERT_TRUE(cpu::force_simd_target(GetParam()));
  for (std::size_t i = weights.size() - 1; i > 0; --i) std::swap(weights[i], weights[random.below(i + 1)]);
  const Selection shuffled = run(cpu::top_p, weights, 0.93F);
  EXPECT_EQ(shuffled.result.count, selection.result.count);
  EXPECT_EQ(shuffled.result.kept, selection.result.kept);
  EXPECT_EQ(shuffled.result.total, selection.result.total);
}

Weights golden_weights(const std::string& name) {
  std::ifstream file(std::string(FOVEA_TEST_DATA) + "/golden/" + name, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  Weights weights(bytes.size() / sizeof(float));
  std::memcpy(weights.data(), bytes.data(), weights.size() * sizeof(float));
  return weights;
}

TEST_P(TopPTest, Golden) {
  std::ifstream file(std::string(FOVEA_TEST_DATA) + "/golden/reference.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  const nlohmann::json& entries = golden.at("top_p");
  ASSERT_EQ(entries.size(), 6U);
  for (const nlohmann::json& entry : entries) {
    const Weights weights = golden_weights(entry.at("weights").get<std::string>());
    ASSERT_EQ(weights.size(), entry.at("n").get<std::size_t>());
    Weights sorted(weights.size());
    for (const auto& [share, count] : entry.at("minimal_count").items()) {
      const float p = std::stof(share);
      const reference::TopP minimal = reference::top_p(weights.data(), weights.size(), p, sorted.data());
      EXPECT_EQ(minimal.count, count.get<std::size_t>()) << share;
      check_top_p(weights, p);
    }
  }
}

FOVEA_EVERY_TARGET(TopPTest);

}  // namespace
}  // namespace fovea::kernels
