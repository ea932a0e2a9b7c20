// Every CPU kernel at the shapes of the embedded verifier, with bytes and operations a second. Weights and KV
// caches are larger than the caches of the processor, as in a model; `fovea-cli bench` shows the machine's
// bandwidth beside them.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "engine/backend_cpu.h"
#include "kernels/cpu/attention.h"
#include "kernels/cpu/attention_mass.h"
#include "kernels/cpu/elementwise.h"
#include "kernels/cpu/matmul.h"
#include "kernels/cpu/top_p.h"

namespace fovea::kernels::cpu {
namespace {

constexpr std::size_t kWidth = 512;
constexpr std::size_t kFeedForward = 1408;
constexpr std::size_t kVocabulary = 8192;
constexpr std::size_t kLayers = 48;  // gate, up and down of 16 layers: what one token reads

ThreadPool& pool() {
  static ThreadPool threads(BackendCpu::default_thread_count());
  return threads;
}

class Aligned {
 public:
  explicit Aligned(std::size_t bytes) : m_memory(bytes + 64, std::byte{0}) {}
  void* get() {
    void* p = m_memory.data();
    std::size_t space = m_memory.size();
    return std::align(64, 1, p, space);
  }

 private:
  std::vector<std::byte> m_memory;
};

void set_rates(benchmark::State& state, std::size_t bytes, std::size_t operations) {
  using benchmark::Counter;
  state.counters["bytes/s"] =
      Counter(static_cast<double>(bytes), Counter::kIsIterationInvariantRate, Counter::kIs1000);
  if (operations == 0) return;
  state.counters["FLOP/s"] =
      Counter(static_cast<double>(operations), Counter::kIsIterationInvariantRate, Counter::kIs1000);
}

// Matrices where and how a model has them.
class Weights {
 public:
  explicit Weights(DType dtype) : m_backend(1) {
    const std::vector<std::byte> zeros(kFeedForward * row_bytes(dtype, kWidth));
    for (std::size_t layer = 0; layer < kLayers; ++layer) {
      Matrix matrix{zeros.data(), dtype, kFeedForward, kWidth};
      m_buffers.push_back(m_backend.place(matrix).value());
    }
  }
  [[nodiscard]] const void* operator[](std::size_t layer) const { return m_buffers[layer].get(); }

 private:
  BackendCpu m_backend;
  std::vector<Buffer> m_buffers;
};

void matmul_bench(benchmark::State& state, DType dtype) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const Weights weights(dtype);
  const std::vector<float> x(rows * kWidth, 0.5F);
  std::vector<float> out(rows * kFeedForward);
  Aligned workspace(matmul_workspace_bytes(rows, kWidth));
  std::size_t layer = 0;
  while (state.KeepRunning()) {
    const Product product{out.data(), weights[layer], dtype, kFeedForward};
    matmul(&product, 1, x.data(), rows, kWidth, workspace.get(), pool());
    layer = (layer + 1) % kLayers;
  }
  set_rates(state, kFeedForward * row_bytes(dtype, kWidth), 2 * rows * kWidth * kFeedForward);
}
BENCHMARK_CAPTURE(matmul_bench, F32, DType::kF32)->Arg(1)->UseRealTime();
BENCHMARK_CAPTURE(matmul_bench, F16, DType::kF16)->Arg(1)->Arg(6)->Arg(256)->UseRealTime();
BENCHMARK_CAPTURE(matmul_bench, BF16, DType::kBF16)->Arg(1)->UseRealTime();
BENCHMARK_CAPTURE(matmul_bench, Q8_0, DType::kQ8_0)->Arg(1)->Arg(2)->Arg(4)->Arg(6)->Arg(256)->UseRealTime();
BENCHMARK_CAPTURE(matmul_bench, Q4_0, DType::kQ4_0)->Arg(1)->Arg(2)->Arg(4)->Arg(6)->Arg(256)->UseRealTime();

// KV caches that are walked in turn, so that they come from memory as a model's layers do.
class Caches {
 public:
  Caches(std::size_t count, std::size_t entries, const AttentionShape& shape)
      : m_numbers(entries * shape.kv_heads * shape.head_dim),
        m_scales(entries * shape.kv_heads * 2),
        m_keys(count * m_numbers, 1000),
        m_values(m_keys),
        m_all_scales(count * m_scales, 1.0F / 8192) {}
  KvNumbers operator[](std::size_t i) const {
    return {m_keys.data() + i * m_numbers, m_values.data() + i * m_numbers,
            m_all_scales.data() + i * m_scales};
  }

 private:
  std::size_t m_numbers;
  std::size_t m_scales;
  std::vector<std::int16_t> m_keys;
  std::vector<std::int16_t> m_values;
  std::vector<float> m_all_scales;
};

void attention_bench(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto context = static_cast<std::size_t>(state.range(1));
  constexpr std::size_t kCaches = 16;
  const AttentionShape shape{8, 4, 64, 0.125F};
  const std::size_t entries = context + rows;
  const Caches caches(kCaches, entries, shape);
  const std::vector<float> query(rows * shape.heads * shape.head_dim, 0.3F);
  std::vector<float> out(query.size());
  Aligned workspace(attention_workspace_bytes(rows, shape, context));
  std::size_t layer = 0;
  while (state.KeepRunning()) {
    attention(out.data(), query.data(), caches[layer], rows, shape, context, nullptr, nullptr,
              workspace.get(), pool());
    layer = (layer + 1) % kCaches;
  }
  set_rates(state, 2 * entries * shape.kv_heads * shape.head_dim * sizeof(std::int16_t),
            4 * rows * shape.heads * shape.head_dim * (context + rows / 2));
}
// Six rows over a share of the context, scattered as a selection is.
void selected_attention_bench(benchmark::State& state) {
  constexpr std::size_t kRows = 6;
  constexpr std::size_t kContext = 3900;
  constexpr std::size_t kCaches = 16;
  const auto percent = static_cast<std::uint32_t>(state.range(0));
  const AttentionShape shape{8, 4, 64, 0.125F};
  const std::size_t entries = kContext + kRows;
  const Caches caches(kCaches, entries, shape);
  const std::vector<float> query(kRows * shape.heads * shape.head_dim, 0.3F);
  std::vector<float> out(query.size());
  std::vector<std::int32_t> positions;
  std::uint32_t random = 1;
  for (std::size_t p = 0; p < kContext; ++p) {
    random = random * 1664525 + 1013904223;
    if (random / 42949673 < percent) positions.push_back(static_cast<std::int32_t>(p));
  }
  const AttentionSelection selection{positions.data(), positions.size()};
  Aligned workspace(attention_workspace_bytes(kRows, shape, kContext));
  std::size_t layer = 0;
  while (state.KeepRunning()) {
    attention(out.data(), query.data(), caches[layer], kRows, shape, kContext, &selection, nullptr,
              workspace.get(), pool());
    layer = (layer + 1) % kCaches;
  }
  set_rates(state, 2 * (positions.size() + kRows) * shape.kv_heads * shape.head_dim * sizeof(std::int16_t),
            4 * kRows * shape.heads * shape.head_dim * (positions.size() + kRows / 2));
}
BENCHMARK(selected_attention_bench)->Arg(5)->Arg(15)->Arg(25)->Arg(100)->ArgName("percent")->UseRealTime();

BENCHMARK(attention_bench)
    ->ArgsProduct({{1, 6, 256}, {512, 3900}})
    ->ArgNames({"rows", "context"})
    ->UseRealTime();

void embed_bench(benchmark::State& state) {
  Aligned table(kVocabulary * row_bytes(DType::kQ8_0, kWidth));
  std::vector<std::int32_t> ids(256);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::int32_t>(i * 31 % kVocabulary);
  std::vector<float> out(ids.size() * kWidth);
  while (state.KeepRunning())
    embed(out.data(), table.get(), DType::kQ8_0, kWidth, ids.data(), ids.size(), pool());
  set_rates(state, ids.size() * (row_bytes(DType::kQ8_0, kWidth) + kWidth * 4), 0);
}
BENCHMARK(embed_bench)->UseRealTime();

// One row (decode) and 256 rows (prefill) of the kernels that touch each number once.
void rms_norm_bench(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const std::vector<float> x(rows * kWidth, 0.5F);
  const std::vector<float> weight(kWidth, 1.0F);
  std::vector<float> out(x.size());
  while (state.KeepRunning()) rms_norm(out.data(), x.data(), weight.data(), rows, kWidth, 1e-5F, pool());
  set_rates(state, 8 * x.size(), 4 * x.size());
}
BENCHMARK(rms_norm_bench)->Arg(1)->Arg(256)->UseRealTime();

void rope_bench(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  std::vector<float> x(rows * kWidth, 0.5F);
  std::vector<float> angles(rows * 64);
  rope_angles(angles.data(), 3000, rows, 64, 100000.0F);
  while (state.KeepRunning()) rope(x.data(), angles.data(), rows, 8, 64, pool());
  set_rates(state, 8 * x.size(), 3 * x.size());
}
BENCHMARK(rope_bench)->Arg(1)->Arg(256)->UseRealTime();

void silu_gate_bench(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0)) * kFeedForward;
  const std::vector<float> gate(n, 0.5F);
  std::vector<float> out(n);
  while (state.KeepRunning()) silu_gate(out.data(), gate.data(), gate.data(), n, pool());
  set_rates(state, 12 * n, 0);
}
BENCHMARK(silu_gate_bench)->Arg(1)->Arg(256)->UseRealTime();

void add_bench(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0)) * kWidth;
  const std::vector<float> y(n, 0.5F);
  std::vector<float> x(n);
  while (state.KeepRunning()) add(x.data(), y.data(), n, pool());
  set_rates(state, 12 * n, n);
}
BENCHMARK(add_bench)->Arg(1)->Arg(256)->UseRealTime();

void softmax_bench(benchmark::State& state) {
  std::vector<float> x(kVocabulary, 0.5F);
  while (state.KeepRunning()) softmax(x.data(), x.size());
  set_rates(state, 8 * x.size(), 0);
}
BENCHMARK(softmax_bench)->UseRealTime();

void argmax_bench(benchmark::State& state) {
  std::vector<float> x(kVocabulary, 0.5F);
  x.back() = 1.0F;
  while (state.KeepRunning()) benchmark::DoNotOptimize(argmax(x.data(), x.size()));
  set_rates(state, 4 * x.size(), 0);
}
BENCHMARK(argmax_bench)->UseRealTime();

// Selection of KV entries: n positions of one layer. Weights as attention makes them: e to the power of a
// normal number of the given deviation, or all alike (deviation 0), where every weight meets the same bin.
using TopP = TopPResult (*)(std::int32_t*, const float*, std::size_t, float, std::int32_t);

void top_p_bench(benchmark::State& state, TopP kernel) {
  const auto n = static_cast<std::size_t>(state.range(0));
  std::mt19937 random(1);  // the same weights at every run
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> weights(n);
  for (float& w : weights) w = std::exp(normal(random) * static_cast<float>(state.range(1)));
  std::vector<std::int32_t> positions(n);
  std::size_t kept = 0;
  while (state.KeepRunning()) kept = kernel(positions.data(), weights.data(), n, 0.95F, 0).count;
  state.counters["kept"] = static_cast<double>(kept) / static_cast<double>(n);
  state.SetItemsProcessed(static_cast<std::int64_t>(n) * state.iterations());
}
BENCHMARK_CAPTURE(top_p_bench, histogram, top_p)
    ->ArgsProduct({{4096, 131072}, {0, 2}})
    ->ArgNames({"n", "deviation"});
BENCHMARK_CAPTURE(top_p_bench, bisection, top_p_bisection)
    ->ArgsProduct({{4096, 131072}, {0, 2}})
    ->ArgNames({"n", "deviation"});

// One layer of the embedded draft while four tokens are proposed. An element is one exponential.
void attention_mass_bench(benchmark::State& state) {
  constexpr std::size_t kRows = 4;
  constexpr std::size_t kHeads = 4;
  constexpr std::size_t kKvHeads = 2;
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<float> scores(kRows * kHeads * n, 0.5F);
  const std::vector<float> log_sum_exp(kRows * kHeads, 9.0F);
  std::vector<float> mass(kKvHeads * n);
  while (state.KeepRunning()) {
    attention_mass(mass.data(), n, {scores.data(), log_sum_exp.data(), n, kRows, kHeads, kKvHeads, kRows}, n,
                   pool());
  }
  set_rates(state, 4 * (scores.size() + mass.size()), 0);
  state.SetItemsProcessed(static_cast<std::int64_t>(scores.size()) * state.iterations());
}
BENCHMARK(attention_mass_bench)->Arg(4096)->Arg(131072)->UseRealTime();

// One layer's estimate from 4 of the draft's 12 KV heads; the other rows have weight 0. An element is one
// product.
void weighted_sum_bench(benchmark::State& state) {
  constexpr std::size_t kCount = 12;
  constexpr std::size_t kUsed = 4;
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<float> rows(kCount * n, 0.5F);
  std::vector<float> weights(kCount, 0.0F);
  for (std::size_t j = 0; j < kUsed; ++j) weights[j * 3 + 1] = 0.25F;
  std::vector<float> out(n);
  while (state.KeepRunning()) weighted_sum(out.data(), weights.data(), rows.data(), n, kCount, n);
  set_rates(state, 4 * (kUsed + 1) * n, 2 * kUsed * n);
  state.SetItemsProcessed(static_cast<std::int64_t>(kUsed * n) * state.iterations());
}
BENCHMARK(weighted_sum_bench)->Arg(4096)->Arg(131072);

// What a parallel pass costs when there is nothing to do.
void thread_pool_bench(benchmark::State& state) {
  while (state.KeepRunning()) pool().run(static_cast<std::size_t>(pool().size()), [](std::size_t) {});
}
BENCHMARK(thread_pool_bench)->UseRealTime();

}  // namespace
}  // namespace fovea::kernels::cpu

BENCHMARK_MAIN();
