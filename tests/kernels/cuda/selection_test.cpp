#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "kernels/cpu/top_p.h"
#include "kernels/cuda/estimate.h"
#include "kernels/cuda/select.h"
#include "tests/kernels/cuda/cuda_test.h"

namespace fovea::kernels {
namespace {

using testing::DeviceArray;

static_assert(cuda::kSelectMantissaBits == cpu::kTopPMantissaBits);

using Floats = std::vector<float>;
using Positions = std::vector<std::int32_t>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kDenormal = std::numeric_limits<float>::denorm_min();

// What a selection is made from, on the host.
struct Problem {
  std::size_t n = 0;
  std::vector<Floats> estimates;  // [layers][n]; for kUnion [rows * layers][n], row by row
  std::vector<Floats> norms;      // [layers][n], or empty
  Floats p;                       // [layers]
  float next_share = 0;
  std::size_t sinks = 0;
  std::size_t window = 0;
  ThresholdSearch search = ThresholdSearch::kHistogram;
};

struct LayerChoice {
  Positions positions;
  double kept = 0;
  double total = 0;
  bool valid = true;
};

// As engine/select_layer weighs: products and sums are rounded one by one.
Floats weigh(const Floats& estimate, const Problem& problem, std::size_t layer) {
  Floats weights = estimate;
  if (!problem.norms.empty()) {
    for (std::size_t i = 0; i < problem.n; ++i) weights[i] *= problem.norms[layer][i];
  }
  if (problem.next_share == 0) return weights;
  for (std::size_t i = 0; i + 1 < problem.n; ++i) {
    const volatile float share = problem.next_share * weights[i + 1];  // no fused multiply-add here
    weights[i] += share;
  }
  return weights;
}

// The CPU's choice by the estimates of one or more rows, united; masses are of `combined`.
LayerChoice choose_on_cpu(const std::vector<const Floats*>& rows, const Floats& combined,
                          const Problem& problem, std::size_t layer) {
  const std::size_t n = problem.n;
  const std::size_t sinks = std::min(problem.sinks, n);
  const std::size_t window = std::min(problem.window, n - sinks);
  std::vector<bool> marks(n, false);
  LayerChoice choice;
  for (const Floats* estimate : rows) {
    const Floats weights = weigh(*estimate, problem, layer);
    Positions found(n);
    const auto search = problem.search == ThresholdSearch::kBisection ? cpu::top_p_bisection : cpu::top_p;
    const cpu::TopPResult result =
        search(found.data(), weights.data() + sinks, n - sinks - window, problem.p[layer], 0);
    for (std::size_t i = 0; i < result.count; ++i) marks[sinks + static_cast<std::size_t>(found[i])] = true;
    if (result.valid) continue;
    choice.valid = false;
    std::fill(marks.begin(), marks.end(), true);
  }
  std::fill_n(marks.begin(), sinks, true);
  std::fill(marks.end() - static_cast<std::ptrdiff_t>(window), marks.end(), true);
  for (std::size_t i = 0; i < n; ++i) {
    choice.total += static_cast<double>(combined[i]);
    if (!marks[i]) continue;
    choice.positions.push_back(static_cast<std::int32_t>(i));
    choice.kept += static_cast<double>(combined[i]);
  }
  return choice;
}

// Device memory of a selection, with a guard behind each output.
struct Outputs {
  Outputs(std::size_t layers, std::size_t capacity)
      : stride((capacity + 7) / 4 * 4),
        positions(layers * stride),
        estimate(layers * stride),
        counts(layers + 1),
        masses(layers + 1) {}
  std::size_t stride;
  DeviceArray<std::int32_t> positions;
  DeviceArray<float> estimate;
  DeviceArray<std::int32_t> counts;
  DeviceArray<LayerMass> masses;

  [[nodiscard]] cuda::Selection view() const {
    return {positions.get(), estimate.get(), stride, counts.get(), masses.get()};
  }
};

void expect_choice(const LayerChoice& expected, const Outputs& outputs, std::size_t layer) {
  const std::vector<std::int32_t> counts = outputs.counts.host();
  const std::vector<LayerMass> masses = outputs.masses.host();
  const std::vector<std::int32_t> all = outputs.positions.host();
  ASSERT_EQ(counts.back(), -1) << "written beyond the layers";
  ASSERT_EQ(counts[layer], static_cast<std::int32_t>(expected.positions.size())) << "layer " << layer;
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(layer * outputs.stride);
  const auto end = begin + counts[layer];
  ASSERT_TRUE(std::equal(begin, end, expected.positions.begin())) << "layer " << layer;
  for (auto p = end; p < begin + static_cast<std::ptrdiff_t>(outputs.stride); ++p) {
    ASSERT_EQ(*p, -1) << "written beyond the list of layer " << layer;
  }
  ASSERT_EQ(masses[layer].valid, expected.valid ? 1 : 0);
  if (std::isfinite(expected.total)) {
    // Sums of doubles in another order.
    EXPECT_NEAR(masses[layer].kept, expected.kept, std::abs(expected.total) * 1e-11);
    EXPECT_NEAR(masses[layer].total, expected.total, std::abs(expected.total) * 1e-11);
  }
}

// Many kinds of rows: flat to peaked softmax, uniform, heavy tails, and what breaks histograms.
std::vector<Floats> rows_to_choose_from(testing::Random& random, std::size_t n) {
  std::vector<Floats> rows;
  for (const float deviation : {0.1F, 1.0F, 4.0F, 12.0F}) {
    rows.push_back(random.normals(n, deviation));
    reference::softmax(rows.back().data(), n);
  }
  const auto add = [&](auto make) {
    Floats row(n);
    for (float& w : row) w = make();
    rows.push_back(row);
  };
  add([&] { return static_cast<float>(random.below(1U << 24)) * 0x1p-24F; });
  add([&] { return std::pow(static_cast<float>(random.below(1U << 20) + 1) * 0x1p-20F, -1.25F); });
  add([&] { return 1.0F / static_cast<float>(n); });
  add([&] { return random.below(2) == 0 ? 1.0F : 3.0F; });
  add([&] { return static_cast<float>(random.below(1U << 23)) * kDenormal; });
  add([&] { return std::bit_cast<float>(static_cast<std::uint32_t>(random.below(0x7F800000U))); });
  add([] { return 0.0F; });
  add([] { return -0.0F; });
  add([] { return std::numeric_limits<float>::max(); });
  for (const float w : {1.0F, kDenormal, kNan, -kNan, kInfinity, -kInfinity, -1.0F, -kDenormal}) {
    rows.emplace_back(n, 0.0F);
    rows.back()[random.below(n)] = w;
  }
  Floats sink = rows[1];
  sink[0] = 1e4F;
  rows.push_back(sink);
  Floats broken = rows[2];
  broken[n / 2] = kNan;
  rows.push_back(broken);
  return rows;
}

class CudaSelectionTest : public testing::CudaTest {
 protected:
  // Chooses for all layers at once and compares each with the CPU.
  static void check_choice(const Problem& problem, std::size_t capacity) {
    const std::size_t layers = problem.estimates.size();
    Outputs outputs(layers, capacity);
    choose(problem, capacity, outputs);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const Floats& estimate = problem.estimates[layer];
      expect_choice(choose_on_cpu({&estimate}, estimate, problem, layer), outputs, layer);
      if (HasFatalFailure()) return;
    }
  }

  static void choose(const Problem& problem, std::size_t capacity, Outputs& outputs) {
    const std::size_t layers = problem.estimates.size();
    Floats estimates(layers * outputs.stride, kNan);
    Floats norms(layers * capacity, kNan);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      std::copy_n(problem.estimates[layer].data(), problem.n, estimates.data() + layer * outputs.stride);
      if (!problem.norms.empty())
        std::copy_n(problem.norms[layer].data(), problem.n, norms.data() + layer * capacity);
    }
    outputs.estimate.set(estimates);
    const DeviceArray<float> device_norms(norms);
    const DeviceArray<float> p(problem.p);
    const DeviceArray<std::int32_t> one(Positions{1});
    const DeviceArray<std::int32_t> n(Positions{static_cast<std::int32_t>(problem.n)});
    cuda::SelectCall call;
    call.layers = layers;
    if (!problem.norms.empty()) call.value_norms = device_norms.get();
    call.value_norm_stride = capacity;
    call.next_share = problem.next_share;
    call.sinks = problem.sinks;
    call.window = problem.window;
    call.p = p.get();
    call.search = problem.search;
    call.slot_count = one.get();
    call.positions = n.get();
    call.capacity = capacity;
    FOVEA_CUDA_OK(cuda::choose(outputs.view(), nullptr, call, nullptr));
    FOVEA_CUDA_OK(cudaDeviceSynchronize());
  }
};

TEST_F(CudaSelectionTest, KeepsWhatTheCpuKeeps) {
  for (const std::size_t n : {1UL, 2UL, 31UL, 32UL, 33UL, 255UL, 1000UL, 4099UL, 8193UL}) {
    Problem problem;
    problem.n = n;
    problem.estimates = rows_to_choose_from(random, n);
    for (const float p : {0.0F, -1.0F, kDenormal, 1e-6F, 0.5F, 0.95F, 1 - 1e-7F, 1.0F, 2.0F, kNan}) {
      problem.p.assign(problem.estimates.size(), p);
      for (const auto& [sinks, window] : {std::pair{0UL, 0UL}, {4UL, 32UL}}) {
        problem.sinks = sinks;
        problem.window = window;
        check_choice(problem, n + 100);
        ASSERT_FALSE(HasFailure()) << "n " << n << ", p " << p << ", sinks " << sinks;
      }
    }
  }
}

TEST_F(CudaSelectionTest, LongRows) {
  for (const std::size_t n : {32768UL, 131075UL}) {
    Problem problem;
    problem.n = n;
    problem.estimates = rows_to_choose_from(random, n);
    problem.sinks = 4;
    problem.window = 32;
    for (const float p : {0.7F, 0.97F}) {
      problem.p.assign(problem.estimates.size(), p);
      check_choice(problem, 131076);
    }
  }
}

TEST_F(CudaSelectionTest, WeighsByValuesAndByTheNextPosition) {
  for (const std::size_t n : {1UL, 32UL, 129UL, 4099UL}) {
    Problem problem;
    problem.n = n;
    problem.estimates = rows_to_choose_from(random, n);
    problem.sinks = 3;
    problem.window = 17;
    for (std::size_t layer = 0; layer < problem.estimates.size(); ++layer) {
      problem.norms.push_back(random.normals(n));
      for (float& x : problem.norms.back()) x = std::abs(x);
      problem.p.push_back(static_cast<float>(layer % 7) / 7.0F);
    }
    for (const float share : {0.0F, 0.5F, 1.0F}) {
      problem.next_share = share;
      check_choice(problem, n);
    }
    problem.norms.clear();
    check_choice(problem, n);
  }
}

// Against a sort in double precision: the mass is there, and what is kept too much lies in the last bin.
TEST_F(CudaSelectionTest, KeepsAtLeastPAndOneBinMoreAtMost) {
  const auto bin = [](float w) {
    return std::bit_cast<std::uint32_t>(w) >> (23 - cuda::kSelectMantissaBits);
  };
  Problem problem;
  problem.n = 32768 + 77;
  problem.estimates = rows_to_choose_from(random, problem.n);
  problem.p.assign(problem.estimates.size(), 0.9F);
  Outputs outputs(problem.estimates.size(), problem.n);
  choose(problem, problem.n, outputs);
  for (std::size_t layer = 0; layer < problem.estimates.size(); ++layer) {
    const Floats& weights = problem.estimates[layer];
    Floats sorted(problem.n);
    const reference::TopP minimal = reference::top_p(weights.data(), problem.n, 0.9F, sorted.data());
    if (!minimal.valid) continue;
    LayerChoice expected;
    for (std::size_t i = 0; i < problem.n; ++i) {
      expected.total += static_cast<double>(weights[i]);
      if (minimal.count == 0 || weights[i] == 0 || bin(weights[i]) < bin(sorted[minimal.count - 1])) continue;
      expected.positions.push_back(static_cast<std::int32_t>(i));
      expected.kept += static_cast<double>(weights[i]);
    }
    ASSERT_GE(expected.kept, static_cast<double>(0.9F) * expected.total);
    expect_choice(expected, outputs, layer);
  }
}

// Weights whose sums are exact in any order, so that a tie falls alike.
TEST_F(CudaSelectionTest, BisectsAsTheCpuDoes) {
  for (const std::size_t n : {1UL, 33UL, 1000UL, 8193UL}) {
    Problem problem;
    problem.n = n;
    problem.search = ThresholdSearch::kBisection;
    problem.sinks = 4;
    for (const float p : {0.0F, 0.3F, 0.9F, 0.99F, 1.0F}) {
      for (const std::size_t levels : {1UL, 3UL, 100UL, 1UL << 20}) {
        Floats row(n);
        for (float& w : row) w = static_cast<float>(random.below(levels + 1)) * 0x1p-20F;
        problem.estimates.push_back(row);
        problem.p.push_back(p);
      }
      problem.estimates.emplace_back(n, 0.25F);
      problem.estimates.back()[n / 2] = kNan;
      problem.p.push_back(p);
    }
    check_choice(problem, n);
  }
}

TEST_F(CudaSelectionTest, ALayerDoesNotDependOnTheOthers) {
  Problem problem;
  problem.n = 5000;
  problem.estimates = rows_to_choose_from(random, problem.n);
  problem.estimates.resize(11);
  problem.p.assign(11, 0.8F);
  Outputs together(11, problem.n);
  choose(problem, problem.n, together);
  const std::vector<LayerMass> masses = together.masses.host();
  const Positions counts = together.counts.host();
  const Positions positions = together.positions.host();
  for (std::size_t layer = 0; layer < 11; ++layer) {
    Problem alone = problem;
    alone.estimates = {problem.estimates[layer]};
    alone.p = {0.8F};
    Outputs single(1, problem.n);
    choose(alone, problem.n, single);
    EXPECT_EQ(single.counts.host()[0], counts[layer]);
    EXPECT_EQ(single.masses.host()[0].kept, masses[layer].kept);
    EXPECT_EQ(single.masses.host()[0].total, masses[layer].total);
    const Positions list = single.positions.host();
    EXPECT_TRUE(std::equal(list.begin(), list.end(),
                           positions.begin() + static_cast<std::ptrdiff_t>(layer * together.stride)));
  }
}

// Everything of a selection from the mass on.
struct Whole {
  std::size_t rows, sources, layers, dense, capacity;
  RowCombination combination;
  std::size_t mass_stride = (capacity + 7) / 4 * 4;
  Floats mass;     // [rows, sources, mass_stride]
  Floats weights;  // [layers, sources]
  Floats norms;    // [layers, capacity]
  Floats p;        // [layers]

  Whole(testing::Random& random, RowCombination how, std::size_t row_count, std::size_t source_count,
        std::size_t layer_count, std::size_t positions)
      : rows(row_count),
        sources(source_count),
        layers(layer_count),
        dense(layer_count > 3 ? 2 : 0),
        capacity(positions),
        combination(how),
        mass(random.normals(rows * sources * mass_stride, 3.0F)),
        weights(random.normals(layers * sources)),
        norms(random.normals(layers * capacity)),
        p(layers) {
    for (float& x : mass) x = std::exp(x) / static_cast<float>(capacity);
    for (float& x : weights) x = random.below(3) == 0 ? 0.0F : std::abs(x);
    for (float& x : norms) x = std::abs(x);
    for (float& x : p) x = 0.5F + static_cast<float>(random.below(100)) * 0.005F;
  }

  // In order, by fused multiply-adds, without the sources of weight 0: bit for bit what is promised.
  [[nodiscard]] Floats row_estimate(std::size_t row, std::size_t layer, std::size_t n) const {
    Floats out(n, 0.0F);
    for (std::size_t s = 0; s < sources; ++s) {
      const float w = weights[layer * sources + s];
      if (w == 0) continue;
      const float* from = mass.data() + (row * sources + s) * mass_stride;
      for (std::size_t i = 0; i < n; ++i) out[i] = std::fma(w, from[i], out[i]);
    }
    return out;
  }
  [[nodiscard]] Floats combine(const std::vector<Floats>& all) const {
    Floats out = all[0];
    const float share = 1.0F / static_cast<float>(all.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      for (std::size_t r = 1; r < all.size(); ++r) {
        out[i] = combination == RowCombination::kMax ? std::max(all[r][i], out[i]) : all[r][i] + out[i];
      }
      if (all.size() > 1 && combination != RowCombination::kMax) out[i] *= share;
    }
    return out;
  }
};

class DeviceWhole {
 public:
  explicit DeviceWhole(const Whole& host)
      : m_mass(host.mass),
        m_weights(host.weights),
        m_norms(host.norms),
        m_p(host.p),
        m_slots(1),
        m_positions(1),
        outputs(host.layers, host.capacity) {
    call.mass = m_mass.get();
    call.mass_stride = host.mass_stride;
    call.rows = host.rows;
    call.sources = host.sources;
    call.weights = m_weights.get();
    call.layers = host.layers;
    call.dense_layers = host.dense;
    call.value_norms = m_norms.get();
    call.value_norm_stride = host.capacity;
    call.next_share = 0.5F;
    call.sinks = 4;
    call.window = 32;
    call.p = m_p.get();
    call.combination = host.combination;
    call.slot_count = m_slots.get();
    call.positions = m_positions.get();
    call.capacity = host.capacity;
    m_workspace =
        std::make_unique<DeviceArray<std::byte>>(cuda::select_workspace_bytes(call, outputs.stride));
  }
  void see(std::size_t slots, std::size_t n) {
    m_slots.set({static_cast<std::int32_t>(slots)});
    m_positions.set({static_cast<std::int32_t>(n)});
  }
  cudaError_t select(cudaStream_t stream = nullptr) {
    return cuda::select(outputs.view(), m_workspace->get(), call, stream);
  }

 private:
  DeviceArray<float> m_mass;
  DeviceArray<float> m_weights;
  DeviceArray<float> m_norms;
  DeviceArray<float> m_p;
  DeviceArray<std::int32_t> m_slots;
  DeviceArray<std::int32_t> m_positions;
  std::unique_ptr<DeviceArray<std::byte>> m_workspace;

 public:
  Outputs outputs;
  cuda::SelectCall call;
};

void expect_selection(const Whole& whole, const DeviceWhole& device, std::size_t slots, std::size_t n) {
  Problem problem;
  problem.n = n;
  problem.p = whole.p;
  problem.next_share = device.call.next_share;
  problem.sinks = device.call.sinks;
  problem.window = device.call.window;
  for (std::size_t layer = 0; layer < whole.layers; ++layer) {
    const auto row = whole.norms.begin() + static_cast<std::ptrdiff_t>(layer * whole.capacity);
    problem.norms.emplace_back(row, row + static_cast<std::ptrdiff_t>(n));
  }
  const Floats estimates = device.outputs.estimate.host();
  for (std::size_t layer = 0; layer < whole.layers; ++layer) {
    const float* got = estimates.data() + layer * device.outputs.stride;
    std::size_t written = n;
    if (layer < whole.dense || slots == 0) {
      ASSERT_EQ(device.outputs.counts.host()[layer], cuda::kReadsEverything);
      ASSERT_EQ(device.outputs.masses.host()[layer].kept, 1);
      ASSERT_EQ(device.outputs.masses.host()[layer].total, 1);
      written = 0;
    } else {
      std::vector<Floats> rows;
      for (std::size_t r = 0; r < std::min(slots, whole.rows); ++r) {
        rows.push_back(whole.row_estimate(r, layer, n));
      }
      const Floats combined = whole.combine(rows);
      for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(got[i], combined[i]) << layer << ' ' << i;
      std::vector<const Floats*> judges{&combined};
      if (whole.combination == RowCombination::kUnion) {
        judges.clear();
        for (const Floats& row : rows) judges.push_back(&row);
      }
      expect_choice(choose_on_cpu(judges, combined, problem, layer), device.outputs, layer);
    }
    for (std::size_t i = written; i < device.outputs.stride; ++i) {
      ASSERT_TRUE(std::isnan(got[i])) << "an estimate of nothing: " << layer << ' ' << i;
    }
  }
}

constexpr RowCombination kCombinations[] = {RowCombination::kMean, RowCombination::kMax,
                                            RowCombination::kUnion};

TEST_F(CudaSelectionTest, FromMassToLists) {
  for (const RowCombination how : kCombinations) {
    for (const auto& [rows, sources, layers, n] : {std::array{1UL, 1UL, 1UL, 1UL},
                                                   {1UL, 88UL, 32UL, 4099UL},
                                                   {3UL, 17UL, 9UL, 515UL},
                                                   {5UL, 16UL, 33UL, 130UL},
                                                   {2UL, 200UL, 3UL, 1000UL}}) {
      const Whole whole(random, how, rows, sources, layers, n);
      DeviceWhole device(whole);
      device.see(rows, n);
      FOVEA_CUDA_OK(device.select());
      expect_selection(whole, device, rows, n);
    }
  }
}

// By estimates that reach ahead, and with what follows for later passes.
TEST_F(CudaSelectionTest, ReachesAheadAndGoesOn) {
  constexpr std::size_t kLayers = 5;
  constexpr std::size_t kFollowing = 4;
  for (const std::size_t n : {1UL, 3UL, 700UL, 4099UL}) {
    for (const std::size_t reach : {1UL, 4UL}) {
      Whole whole(random, RowCombination::kMean, 1, 6, kLayers, n + 5);
      whole.dense = 0;
      DeviceWhole device(whole);
      const std::size_t stride = (whole.capacity + kFollowing + 7) / 4 * 4;
      DeviceArray<std::int32_t> positions(kLayers * stride);
      DeviceArray<float> estimate(2 * kLayers * stride);
      DeviceArray<std::int32_t> counts((kFollowing + 1) * kLayers + 1);
      DeviceArray<LayerMass> masses(kLayers);
      device.call.reach = reach;
      device.call.following = kFollowing;
      device.see(1, n);
      FOVEA_CUDA_OK(cuda::select({positions.get(), estimate.get(), stride, counts.get(), masses.get()},
                                 nullptr, device.call, nullptr));
      Problem problem;
      problem.n = n;
      problem.p = whole.p;
      problem.next_share = device.call.next_share;
      problem.sinks = device.call.sinks;
      problem.window = device.call.window;
      const Positions all = positions.host();
      const Positions count = counts.host();
      ASSERT_EQ(count.back(), -1) << "written beyond the counts";
      for (std::size_t layer = 0; layer < kLayers; ++layer) {
        const auto norms = whole.norms.begin() + static_cast<std::ptrdiff_t>(layer * whole.capacity);
        problem.norms.emplace_back(norms, norms + static_cast<std::ptrdiff_t>(n));
        const Floats own = whole.row_estimate(0, layer, n);
        Floats ahead = own;
        for (std::size_t i = 0; i < n; ++i) {
          for (std::size_t j = 1; j <= std::min(reach, i); ++j) ahead[i] = std::max(ahead[i], own[i - j]);
        }
        Positions expected = choose_on_cpu({&ahead}, ahead, problem, layer).positions;
        const std::size_t chosen = expected.size();
        for (std::size_t i = 0; i <= kFollowing; ++i) {
          ASSERT_EQ(count[i * kLayers + layer], static_cast<std::int32_t>(chosen + i)) << n;
          if (i < kFollowing) expected.push_back(static_cast<std::int32_t>(n + i));
        }
        ASSERT_TRUE(std::equal(expected.begin(), expected.end(),
                               all.begin() + static_cast<std::ptrdiff_t>(layer * stride)))
            << n << ' ' << layer;
        for (std::size_t i = expected.size(); i < stride; ++i) ASSERT_EQ(all[layer * stride + i], -1);
      }
    }
  }
}

TEST_F(CudaSelectionTest, SourcesOfWeightZeroAreNotCounted) {
  Whole whole(random, RowCombination::kMean, 1, 20, 5, 300);
  for (std::size_t layer = 0; layer < 5; ++layer) whole.weights[layer * 20 + 7] = layer == 4 ? 0.5F : 0.0F;
  std::fill_n(whole.mass.begin() + static_cast<std::ptrdiff_t>(7 * whole.mass_stride), 100, kNan);
  whole.mass[7 * whole.mass_stride + 200] = kInfinity;
  whole.dense = 0;
  DeviceWhole device(whole);
  device.see(1, 300);
  FOVEA_CUDA_OK(device.select());
  const Floats got = device.outputs.estimate.host();
  for (std::size_t layer = 0; layer < 5; ++layer) {
    const Floats expected = whole.row_estimate(0, layer, 300);
    for (std::size_t i = 0; i < 300; ++i) {
      const float x = got[layer * device.outputs.stride + i];
      if (std::isnan(expected[i])) {
        ASSERT_TRUE(std::isnan(x));
      } else {
        ASSERT_EQ(x, expected[i]) << layer << ' ' << i;
      }
    }
    EXPECT_EQ(device.outputs.masses.host()[layer].valid, layer == 4 ? 0 : 1);
    if (layer == 4) {
      EXPECT_EQ(device.outputs.counts.host()[layer], 300);
    }
  }
}

// One captured pass serves every length and every number of drafted rows.
TEST_F(CudaSelectionTest, AGraphIsReplayedForOtherLengths) {
  for (const RowCombination how : kCombinations) {
    const Whole whole(random, how, 4, 24, 8, 3000);
    DeviceWhole device(whole);
    device.see(1, 1);
    FOVEA_CUDA_OK(device.select());
    cudaStream_t stream = nullptr;
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t exec = nullptr;
    FOVEA_CUDA_OK(cudaStreamCreate(&stream));
    FOVEA_CUDA_OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    FOVEA_CUDA_OK(device.select(stream));
    FOVEA_CUDA_OK(cudaStreamEndCapture(stream, &graph));
    FOVEA_CUDA_OK(cudaGraphInstantiate(&exec, graph, 0));
    for (const auto& [slots, n] :
         {std::pair{4UL, 3000UL}, {2UL, 1001UL}, {1UL, 0UL}, {0UL, 500UL}, {3UL, 20UL}}) {
      FOVEA_CUDA_OK(cudaMemset(device.outputs.positions.get(), 0xFF, device.outputs.positions.size() * 4));
      FOVEA_CUDA_OK(cudaMemset(device.outputs.estimate.get(), 0xFF, device.outputs.estimate.size() * 4));
      device.see(slots, n);
      FOVEA_CUDA_OK(cudaGraphLaunch(exec, stream));
      FOVEA_CUDA_OK(cudaStreamSynchronize(stream));
      expect_selection(whole, device, slots, n);
    }
    cudaGraphExecDestroy(exec);
    cudaGraphDestroy(graph);
    cudaStreamDestroy(stream);
  }
}

TEST_F(CudaSelectionTest, BrokenStridesAreRefused) {
  const Whole whole(random, RowCombination::kMean, 1, 4, 1, 100);
  DeviceWhole device(whole);
  device.call.mass_stride += 1;
  EXPECT_EQ(device.select(), cudaErrorInvalidValue);
  device.call.mass_stride -= 1;
  device.call.capacity = device.outputs.stride + 1;
  EXPECT_EQ(device.select(), cudaErrorInvalidValue);
}

}  // namespace
}  // namespace fovea::kernels
