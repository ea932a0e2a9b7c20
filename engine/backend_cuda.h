// The CUDA backend: kernels of kernels/cuda on one stream of one device. A pass whose like has come before is
// recorded as a CUDA graph and from then on replayed; freeing memory forgets all recordings, since they hold
// addresses. Everything is asked for without waiting; read() waits. See engine/backend.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/backend.h"

namespace fovea {

class BackendCuda final : public Backend {
 public:
  /// On the first device that answers. Fails with kUnsupported, saying why, where none does.
  static Result<std::unique_ptr<BackendCuda>> create();
  ~BackendCuda() override;

  [[nodiscard]] std::string_view name() const override { return "cuda"; }
  [[nodiscard]] std::string device() const override { return m_device; }
  [[nodiscard]] int threads() const override { return 1; }

  [[nodiscard]] std::optional<std::size_t> free_memory() const override;
  [[nodiscard]] std::size_t workspace_bytes(const BackendLimits& limits) const override;
  Result<Buffer> allocate(std::size_t bytes) override;
  Result<void> reserve(const BackendLimits& limits) override;
  Result<Buffer> place(Matrix& matrix) override;
  Result<Buffer> place(const float*& vector, std::size_t n) override;

  bool begin_pass(const Pass& pass) override;
  void end_pass() override;

  void embed(float* out, const Matrix& table) override;
  void project(std::span<const Projection> projections, const float* x, const Norm* norm,
               std::size_t rows) override;
  void project_add(const Projection& projection, const float* x, std::size_t rows) override;
  void project_gated(float* out, const Matrix& gate, const Matrix& up, const float* x, const Norm& norm,
                     std::size_t rows) override;
  void append(const KvEntries& cache, float* query, float* key, const float* value, std::size_t heads,
              std::size_t kv_heads) override;
  void attention(float* out, const float* query, std::size_t rows, const AttentionCall& call) override;
  void attention_mass(float* mass, std::size_t mass_stride, const ScoreRows& from, std::size_t n) override;
  void select(const SelectionLists& lists, const SelectCall& call) override;
  std::size_t sample(std::span<Draw> draws, std::size_t first, const SampleCall& call,
                     Sampler& sampler) override;
  void wait() override;
  void read(void* host, const void* from, std::size_t bytes) override;
  void write(void* to, const void* host, std::size_t bytes) override;
  void read_keys(std::span<float> host, const KvEntries& cache, std::size_t first, std::size_t kv_heads,
                 std::size_t head_dim) override;
  [[nodiscard]] Result<void> status() const override;

 private:
  struct Device;  // stream, recordings, staging memory: everything that needs CUDA's headers
  struct Scratch {
    Buffer memory;
    std::size_t bytes = 0;
  };

  struct Workspace {
    std::size_t activations = 0;
    std::size_t prefill = 0;
    std::size_t attention = 0;
    std::size_t angles = 0;
    std::size_t tokens = 0;
  };

  BackendCuda();
  [[nodiscard]] static Workspace workspace(const BackendLimits& limits);
  void release(std::byte* memory) noexcept override;
  Result<void> grow(Scratch& scratch, std::size_t bytes);
  Result<const float*> angles(std::size_t positions, std::size_t head_dim, float base);
  void place_history(const SampleCall& call, const Sampler& sampler);
  Result<Buffer> upload(const void* host, std::size_t bytes);

  std::unique_ptr<Device> m_device_state;
  std::string m_device;  // its name
  std::size_t m_positions = 0;
  Pass m_pass;
  const float* m_angles = nullptr;  // of the pass
};

}  // namespace fovea
