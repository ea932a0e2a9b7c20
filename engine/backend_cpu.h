// The CPU backend: Highway kernels over a thread pool of its own. See engine/backend.h.
#pragma once

#include <vector>

#include "engine/backend.h"
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

  Result<Buffer> allocate(std::size_t bytes) override;
  Result<void> reserve(const BackendLimits& limits) override;

  void embed(float* out, const Matrix& table, std::span<const TokenId> ids) override;
  void rms_norm(float* out, const float* x, const float* weight, std::size_t rows, std::size_t columns,
                float epsilon) override;
  void project(std::span<const Projection> projections, const float* x, std::size_t rows) override;
  void begin_rope(std::size_t first_position, std::size_t rows, std::size_t head_dim, float base) override;
  void rope(float* x, std::size_t rows, std::size_t heads, std::size_t head_dim) override;
  void store(std::uint16_t* out, const float* x, std::size_t n) override;
  void row_norms(float* out, const float* x, std::size_t rows, std::size_t columns) override;
  void attention(float* out, const float* query, std::size_t rows, const AttentionCall& call) override;
  void attention_mass(float* mass, std::size_t mass_stride, const kernels::AttentionScores& scores,
                      std::size_t rows, std::size_t heads, std::size_t kv_heads, std::size_t n) override;
  bool select(std::int32_t* chosen, float* estimate, std::size_t stride, LayerSelection* result,
              const SelectCall& call) override;
  void silu_gate(float* out, const float* gate, const float* up, std::size_t n) override;
  void add(float* x, const float* y, std::size_t n) override;
  void read(float* host, const float* x, std::size_t n) override;

 private:
  Result<void> grow(Buffer& buffer, std::size_t& size, std::size_t bytes);

  kernels::cpu::ThreadPool m_pool;
  Buffer m_scratch{nullptr, nullptr};  // of products and attention, never both at once
  std::size_t m_scratch_bytes = 0;
  Buffer m_angles{nullptr, nullptr};  // float [rows, head_dim / 2, 2]
  std::size_t m_angles_bytes = 0;
};

}  // namespace fovea
