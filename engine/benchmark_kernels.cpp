#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>

#include "engine/backend_cpu.h"
#include "engine/benchmark.h"
#include "engine/gguf.h"
#include "engine/model_config.h"
#include "engine/weights.h"
#include "kernels/cpu/attention.h"
#include "kernels/cpu/elementwise.h"
#include "kernels/cpu/matmul.h"
#include "kernels/cpu/thread_pool.h"

namespace fovea {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSecondsPerKernel = 0.15;
constexpr std::size_t kAlignment = 64;

struct AlignedFree {
  void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t{kAlignment}); }
};
using Workspace = std::unique_ptr<std::byte[], AlignedFree>;

Workspace make_workspace(std::size_t bytes) {
  return Workspace(new (std::align_val_t{kAlignment}) std::byte[std::max<std::size_t>(bytes, 1)]);
}

// The mean over as many calls as fit the time, after one that warms up: single calls are too short for the
// clock.
template <typename Kernel>
double seconds_per_call(const std::stop_token& stop, const Kernel& kernel) {
  kernel();
  const auto start = Clock::now();
  double seconds = 0;
  int calls = 0;
  do {
    kernel();
    ++calls;
    seconds = std::chrono::duration<double>(Clock::now() - start).count();
  } while (seconds < kSecondsPerKernel && !stop.stop_requested());
  return seconds / calls;
}

class KernelBenchmark {
 public:
  KernelBenchmark(const ModelConfig& config, const Weights& weights, int threads, const std::stop_token& stop)
      : m_config(config), m_weights(weights), m_pool(threads), m_stop(stop) {}

  std::vector<BenchmarkRow> run();

 private:
  /// The same product of every layer in turn, as a token walks them: no layer's weights stay in the caches
  /// longer than they do in a model.
  void products(const std::string& name, Matrix LayerWeights::*member, std::size_t rows);
  void product(const std::string& name, const std::vector<Matrix>& matrices, std::size_t rows);
  void attention(std::size_t positions);
  void elementwise();

  const ModelConfig& m_config;
  const Weights& m_weights;
  kernels::cpu::ThreadPool m_pool;
  std::stop_token m_stop;
  std::vector<BenchmarkRow> m_rows;
};

void KernelBenchmark::product(const std::string& name, const std::vector<Matrix>& matrices,
                              std::size_t rows) {
  const Matrix& first = matrices.front();
  const std::vector<float> x(rows * first.columns, 0.5F);
  std::vector<float> out(rows * first.rows);
  const Workspace workspace = make_workspace(kernels::cpu::matmul_workspace_bytes(rows, first.columns));
  std::size_t next = 0;
  const double seconds = seconds_per_call(m_stop, [&] {
    const Matrix& matrix = matrices[next++ % matrices.size()];
    const kernels::cpu::Product product{out.data(), matrix.data, matrix.dtype, matrix.rows};
    kernels::cpu::matmul(&product, 1, x.data(), rows, matrix.columns, workspace.get(), m_pool);
  });
  const double elements = static_cast<double>(first.rows) * static_cast<double>(first.columns);
  m_rows.push_back(
      {"matmul " + name + " " + kernels::to_string(first.dtype) + " " + std::to_string(first.rows) + "x" +
           std::to_string(first.columns) + ", " + std::to_string(rows) + (rows == 1 ? " row" : " rows"),
       seconds, static_cast<double>(first.bytes()), 2 * elements * static_cast<double>(rows), 0});
}

void KernelBenchmark::products(const std::string& name, Matrix LayerWeights::*member, std::size_t rows) {
  std::vector<Matrix> matrices;
  for (const LayerWeights& layer : m_weights.layers) matrices.push_back(layer.*member);
  product(name, matrices, rows);
}

void KernelBenchmark::attention(std::size_t positions) {
  const auto heads = static_cast<std::size_t>(m_config.heads);
  const auto kv_heads = static_cast<std::size_t>(m_config.kv_heads);
  const auto head_dim = static_cast<std::size_t>(m_config.head_dim);
  const kernels::AttentionShape shape{heads, kv_heads, head_dim, 0.125F};
  const std::size_t entry = kv_heads * head_dim;
  const auto layers = static_cast<std::size_t>(m_config.layers);
  const std::vector<std::int16_t> keys(layers * positions * entry, 2048);
  const std::vector<std::int16_t> values(keys);
  const std::vector<float> scales(layers * positions * kv_heads * 2, 0.5F / 2048);
  const std::vector<float> query(heads * head_dim, 0.5F);
  std::vector<float> out(query.size());
  const Workspace workspace =
      make_workspace(kernels::cpu::attention_workspace_bytes(1, shape, positions - 1));
  std::size_t next = 0;
  const double seconds = seconds_per_call(m_stop, [&] {
    const std::size_t layer = (next++ % layers) * positions;
    const kernels::cpu::KvNumbers cache{keys.data() + layer * entry, values.data() + layer * entry,
                                        scales.data() + layer * kv_heads * 2};
    kernels::cpu::attention(out.data(), query.data(), cache, 1, shape, positions - 1, nullptr, nullptr,
                            workspace.get(), m_pool);
  });
  const double bytes = static_cast<double>(2 * positions * entry * sizeof(std::int16_t));
  const double operations = 4.0 * static_cast<double>(heads * head_dim * positions);
  m_rows.push_back(
      {"attention over " + std::to_string(positions) + " positions", seconds, bytes, operations, 0});
}

void KernelBenchmark::elementwise() {
  const auto width = static_cast<std::size_t>(m_config.width);
  const auto feed_forward = static_cast<std::size_t>(m_config.feed_forward);
  constexpr std::size_t kRows = 128;  // a chunk of a prompt
  std::vector<float> x(kRows * std::max(width, feed_forward), 0.5F);
  std::vector<float> y(x);
  const double norm_seconds = seconds_per_call(m_stop, [&] {
    kernels::cpu::rms_norm(y.data(), x.data(), m_weights.output_norm, kRows, width, m_config.norm_epsilon,
                           m_pool);
  });
  const auto norm_count = static_cast<double>(kRows * width);
  m_rows.push_back({"rms_norm, 128 rows", norm_seconds, 8 * norm_count, 4 * norm_count, 0});
  const double gate_seconds = seconds_per_call(
      m_stop, [&] { kernels::cpu::silu_gate(y.data(), x.data(), x.data(), kRows * feed_forward, m_pool); });
  const auto gate_count = static_cast<double>(kRows * feed_forward);
  m_rows.push_back({"silu_gate, 128 rows", gate_seconds, 12 * gate_count, 0, 0});
}

std::vector<BenchmarkRow> KernelBenchmark::run() {
  constexpr std::size_t kPromptRows = 128;
  constexpr std::size_t kVerifiedRows = 5;  // four drafted tokens and one more
  for (const std::size_t rows : {std::size_t{1}, kVerifiedRows, kPromptRows}) {
    products("query", &LayerWeights::query, rows);
    products("gate", &LayerWeights::gate, rows);
    products("down", &LayerWeights::down, rows);
    product("output", {m_weights.output}, rows);
  }
  for (const std::size_t positions : {std::size_t{128}, std::size_t{1024}, std::size_t{4096}})
    attention(positions);
  elementwise();
  return std::move(m_rows);
}

}  // namespace

Result<std::vector<BenchmarkRow>> kernel_benchmarks(const std::string& verifier_path, int threads,
                                                    const std::stop_token& stop) {
  const auto gguf = Gguf::open(verifier_path);
  if (!gguf) return gguf.error();
  const auto config = load_model_config(*gguf);
  if (!config) return config.error();
  auto weights = load_weights(*gguf, *config);
  if (!weights) return weights.error();
  if (threads <= 0) threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  BackendCpu backend(threads);
  const auto placed = place_weights(*weights, *config, backend, {}, stop);
  if (!placed) return placed.error();
  auto rows = KernelBenchmark(*config, *weights, threads, stop).run();
  if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "The benchmark was stopped.", ""};
  return rows;
}

}  // namespace fovea
