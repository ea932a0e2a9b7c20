// The CPU backend: Highway kernels over a thread pool of its own. See engine/backend.h.
#pragma once

#include <vector>

#include "engine/backend.h"
#include "engine/weight_shelves.h"
#include "kernels/cpu/thread_pool.h"

namespace fovea {

class BackendCpu final : public Backend {
 public:
  /// `threads` includes the caller; 0: default_thread_count().
  explicit BackendCpu(int threads);

  /// One per physical core that this process may run on: a second hardware thread of a core adds nothing to
  /// work that waits for memory.
  [[nodiscard]] static int default_thread_count();

  [[nodiscard]] std::string_view name() const override { return "cpu"; }
  [[nodiscard]] std::string device() const override;
  [[nodiscard]] int threads() const override { return m_pool.size(); }

  [[nodiscard]] bool kv_has_scales() const override { return true; }
  [[nodiscard]] std::size_t workspace_bytes(const BackendLimits& limits) const override;
  Result<Buffer> allocate(std::size_t bytes) override;
  Result<void> reserve(const BackendLimits& limits) override;

  Result<Buffer> place(Matrix& matrix) override;
  Result<Buffer> place(const float*& vector, std::size_t n) override;

  bool begin_pass(const Pass& pass) override;
  void end_pass() override {}

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
  void read(void* host, const void* from, std::size_t bytes) override;
  void write(void* to, const void* host, std::size_t bytes) override;
  void read_keys(std::span<float> host, const KvEntries& cache, std::size_t first, std::size_t kv_heads,
                 std::size_t head_dim) override;

 private:
  struct Workspace {
    std::size_t scratch = 0;
    std::size_t angles = 0;
    std::size_t between = 0;
  };
  [[nodiscard]] static Workspace workspace(const BackendLimits& limits);
  void release(std::byte* memory) noexcept override;
  /// Fails with kOutOfMemory where memory is null.
  Result<Buffer> owned(std::byte* memory, std::size_t bytes);
  Result<void> grow(Buffer& buffer, std::size_t& size, std::size_t bytes);
  /// x, or its norm in scratch memory.
  const float* normed(const float* x, const Norm* norm, std::size_t rows, std::size_t columns);

  kernels::cpu::ThreadPool m_pool;
  WeightShelves m_shelves;
  Pass m_pass;
  Buffer m_scratch;  // of products and attention, never both at once
  std::size_t m_scratch_bytes = 0;
  Buffer m_angles;  // float [rows, head_dim / 2, 2]
  std::size_t m_angles_bytes = 0;
  Buffer m_between;  // float [2, rows, columns]: what lies between the parts of an operation
  std::size_t m_between_bytes = 0;
};

}  // namespace fovea
