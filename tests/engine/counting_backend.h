// A backend that counts what attention reads, to prove that reported reads are the reads made.
#pragma once

#include "engine/backend_cpu.h"

namespace fovea::testing {

// Passes everything on to a CPU backend and counts the cache entries that attention is asked to read.
class CountingBackend final : public Backend {
 public:
  std::int64_t entries = 0;
  explicit CountingBackend(int threads) : m_cpu(threads) {}

  [[nodiscard]] std::string_view name() const override { return m_cpu.name(); }
  [[nodiscard]] std::string device() const override { return m_cpu.device(); }
  [[nodiscard]] int threads() const override { return m_cpu.threads(); }
  [[nodiscard]] bool kv_has_scales() const override { return m_cpu.kv_has_scales(); }
  [[nodiscard]] std::size_t workspace_bytes(const BackendLimits& limits) const override {
    return m_cpu.workspace_bytes(limits);
  }
  Result<Buffer> allocate(std::size_t bytes) override { return m_cpu.allocate(bytes); }
  Result<void> reserve(const BackendLimits& limits) override { return m_cpu.reserve(limits); }
  Result<Buffer> place(Matrix& matrix) override { return m_cpu.place(matrix); }
  Result<Buffer> place(const float*& vector, std::size_t n) override { return m_cpu.place(vector, n); }
  bool begin_pass(const Pass& pass) override { return m_cpu.begin_pass(pass); }
  void end_pass() override { m_cpu.end_pass(); }
  void embed(float* out, const Matrix& table) override { m_cpu.embed(out, table); }
  void project(std::span<const Projection> projections, const float* x, const Norm* norm,
               std::size_t rows) override {
    m_cpu.project(projections, x, norm, rows);
  }
  void project_add(const Projection& projection, const float* x, std::size_t rows) override {
    m_cpu.project_add(projection, x, rows);
  }
  void project_gated(float* out, const Matrix& gate, const Matrix& up, const float* x, const Norm& norm,
                     std::size_t rows) override {
    m_cpu.project_gated(out, gate, up, x, norm, rows);
  }
  void append(const KvEntries& cache, float* query, float* key, const float* value, std::size_t heads,
              std::size_t kv_heads) override {
    m_cpu.append(cache, query, key, value, heads, kv_heads);
  }
  void attention(float* out, const float* query, std::size_t rows, const AttentionCall& call) override {
    const std::size_t before =
        call.selection != nullptr ? static_cast<std::size_t>(*call.selection->count) : call.first_position;
    entries += static_cast<std::int64_t>(before + rows);
    m_cpu.attention(out, query, rows, call);
  }
  void attention_mass(float* mass, std::size_t mass_stride, const ScoreRows& from, std::size_t n) override {
    m_cpu.attention_mass(mass, mass_stride, from, n);
  }
  void select(const SelectionLists& lists, const SelectCall& call) override { m_cpu.select(lists, call); }
  std::size_t sample(std::span<Draw> draws, std::size_t first, const SampleCall& call,
                     Sampler& sampler) override {
    return m_cpu.sample(draws, first, call, sampler);
  }
  void read(void* host, const void* from, std::size_t bytes) override { m_cpu.read(host, from, bytes); }
  void write(void* to, const void* host, std::size_t bytes) override { m_cpu.write(to, host, bytes); }
  void read_keys(std::span<float> host, const KvEntries& cache, std::size_t first, std::size_t kv_heads,
                 std::size_t head_dim) override {
    m_cpu.read_keys(host, cache, first, kv_heads, head_dim);
  }

 private:
  // Its memory is freed through the CPU backend, which it came from.
  void release(std::byte* /*memory*/) noexcept override {}

  BackendCpu m_cpu;
};

}  // namespace fovea::testing
