// What the tests of sampling and acceptance share: the arrays of Draws on the device, the engine's options as
// the device reads them, and a distribution read back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/sampler.h"
#include "kernels/cuda/sampling.h"
#include "tests/kernels/cuda/cuda_test.h"

namespace fovea::kernels::testing {

using TokenDistribution = std::vector<TokenProbability>;

inline cuda::SamplingParameters parameters_of(const SamplingOptions& options, std::uint64_t lowered = 0) {
  return {options.seed,  lowered,       options.temperature,        options.top_k,
          options.top_p, options.min_p, options.repetition_penalty, options.repetition_window};
}

/// Everything that draws said, in host memory; for comparing bits.
struct HostDraws {
  std::size_t vocabulary = 0;
  std::vector<std::int32_t> token;
  std::vector<std::int32_t> kept;
  std::vector<std::int32_t> listed;
  std::vector<float> probability;
  std::vector<float> wide;
  std::vector<float> confidence;

  [[nodiscard]] TokenDistribution distribution(std::size_t row) const {
    TokenDistribution out;
    const auto count = static_cast<std::size_t>(kept[row]);
    if (count <= cuda::kMaxListed) {
      for (std::size_t i = row * cuda::kMaxListed; i < row * cuda::kMaxListed + count; ++i) {
        out.push_back({listed[i], probability[i]});
      }
      return out;
    }
    for (std::size_t i = 0; i < vocabulary; ++i) {
      const float p = wide[row * vocabulary + i];
      if (p > 0) out.push_back({static_cast<TokenId>(i), p});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.probability > b.probability; });
    return out;
  }
};

class DeviceDraws {
 public:
  DeviceDraws(std::size_t rows, std::size_t vocabulary)
      : m_vocabulary(vocabulary),
        m_token(rows),
        m_kept(rows),
        m_listed(rows * cuda::kMaxListed),
        m_probability(rows * cuda::kMaxListed),
        m_wide(rows * vocabulary),
        m_confidence(rows) {}

  [[nodiscard]] cuda::Draws view() const {
    return {m_token.get(),       m_kept.get(), m_listed.get(),
            m_probability.get(), m_wide.get(), m_confidence.get()};
  }
  [[nodiscard]] HostDraws host() const {
    return {m_vocabulary,         m_token.host(), m_kept.host(),      m_listed.host(),
            m_probability.host(), m_wide.host(),  m_confidence.host()};
  }

 private:
  std::size_t m_vocabulary;
  DeviceArray<std::int32_t> m_token;
  DeviceArray<std::int32_t> m_kept;
  DeviceArray<std::int32_t> m_listed;
  DeviceArray<float> m_probability;
  DeviceArray<float> m_wide;
  DeviceArray<float> m_confidence;
};

/// A captured CUDA graph of what `record` launches on the stream that it gets.
class Graph {
 public:
  template <typename Record>
  explicit Graph(Record record) {
    EXPECT_EQ(cudaStreamCreate(&m_stream), cudaSuccess);
    EXPECT_EQ(cudaStreamBeginCapture(m_stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
    record(m_stream);
    cudaGraph_t graph = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(m_stream, &graph), cudaSuccess);
    EXPECT_EQ(cudaGraphInstantiate(&m_exec, graph, 0), cudaSuccess);
    cudaGraphDestroy(graph);
  }
  ~Graph() {
    cudaGraphExecDestroy(m_exec);
    cudaStreamDestroy(m_stream);
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  /// Replays it and waits.
  void run() const {
    ASSERT_EQ(cudaGraphLaunch(m_exec, m_stream), cudaSuccess);
    ASSERT_EQ(cudaStreamSynchronize(m_stream), cudaSuccess);
  }

 private:
  cudaStream_t m_stream = nullptr;
  cudaGraphExec_t m_exec = nullptr;
};

}  // namespace fovea::kernels::testing
