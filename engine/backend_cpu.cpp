#include "engine/backend_cpu.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <fstream>
#include <new>
#include <set>
#include <string>
#include <thread>
#include <utility>

#if defined(__linux__)
#include <sched.h>
#endif

#include "engine/select_layer.h"
#include "kernels/cpu/attention.h"
#include "kernels/cpu/attention_mass.h"
#include "kernels/cpu/elementwise.h"
#include "kernels/cpu/matmul.h"
#include "kernels/cpu/simd_target.h"

namespace fovea {
namespace {

namespace cpu = kernels::cpu;

constexpr std::align_val_t kAlignment{64};

void free_aligned(std::byte* memory) {
  ::operator delete(memory, kAlignment);
}

kernels::AttentionShape shape_of(std::size_t heads, std::size_t kv_heads, std::size_t head_dim) {
  return {heads, kv_heads, head_dim, 1.0F / std::sqrt(static_cast<float>(head_dim))};
}

}  // namespace

BackendCpu::BackendCpu(int threads) : m_pool(threads > 0 ? threads : default_thread_count()) {}

int BackendCpu::default_thread_count() {
  int count = std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    std::set<std::pair<int, int>> cores;  // (package, core)
    int processors = 0;
    for (int i = 0; i < CPU_SETSIZE; ++i) {
      if (!CPU_ISSET(i, &allowed)) continue;
      ++processors;
      const std::string topology = "/sys/devices/system/cpu/cpu" + std::to_string(i) + "/topology/";
      int package = 0;
      int core = i;
      std::ifstream(topology + "physical_package_id") >> package;
      if (!(std::ifstream(topology + "core_id") >> core)) core = i;
      cores.emplace(package, core);
    }
    // Some virtual machines give every processor the same core number; then the processors are the cores.
    count = cores.size() > 1 ? static_cast<int>(cores.size()) : std::max(processors, 1);
  }
#endif
  return count;
}

std::string BackendCpu::device() const {
  return cpu::simd_target();
}

Result<Buffer> BackendCpu::allocate(std::size_t bytes) {
  void* memory = ::operator new(std::max<std::size_t>(bytes, 1), kAlignment, std::nothrow);
  if (memory == nullptr) {
    return Error{ErrorCode::kOutOfMemory,
                 "There is not enough memory: " + std::to_string((bytes >> 20) + 1) + " MiB more are needed.",
                 "Close other programs, or choose a shorter context or a smaller model."};
  }
  return Buffer(static_cast<std::byte*>(memory), free_aligned);
}

Result<void> BackendCpu::grow(Buffer& buffer, std::size_t& size, std::size_t bytes) {
  if (bytes <= size) return {};
  Result<Buffer> larger = allocate(bytes);
  if (!larger) return larger.error();
  buffer = std::move(larger).value();
  size = bytes;
  return {};
}

Result<void> BackendCpu::reserve(const BackendLimits& limits) {
  const auto shape = shape_of(limits.heads, limits.kv_heads, limits.head_dim);
  if (limits.head_dim > cpu::kAttentionMaxHeadDim ||
      limits.heads / limits.kv_heads > cpu::kAttentionMaxGroup) {
    return Error{
        ErrorCode::kUnsupported,
        "The model's attention heads are larger than this program runs: head size " +
            std::to_string(limits.head_dim) + ", " + std::to_string(limits.heads / limits.kv_heads) +
            " query heads per key-value head.",
        "Choose a model with a head size of at most 256 and at most 32 query heads per key-value head."};
  }
  std::size_t bytes = cpu::matmul_workspace_bytes(limits.rows, limits.columns);
  bytes = std::max(bytes, cpu::attention_workspace_bytes(limits.rows, shape, limits.positions));
  // With few rows attention splits the length over the threads, and keeps a partial result for each piece.
  for (std::size_t rows = 1; rows <= std::min<std::size_t>(limits.rows, cpu::kAttentionMaxGroup); ++rows) {
    bytes = std::max(bytes, cpu::attention_workspace_bytes(rows, shape, limits.positions));
  }
  if (Result<void> grown = grow(m_scratch, m_scratch_bytes, bytes); !grown) return grown;
  return grow(m_angles, m_angles_bytes, limits.rows * limits.head_dim * sizeof(float));
}

void BackendCpu::embed(float* out, const Matrix& table, std::span<const TokenId> ids) {
  cpu::embed(out, table.data, table.dtype, table.columns, ids.data(), ids.size(), m_pool);
}

void BackendCpu::rms_norm(float* out, const float* x, const float* weight, std::size_t rows,
                          std::size_t columns, float epsilon) {
  cpu::rms_norm(out, x, weight, rows, columns, epsilon, m_pool);
}

void BackendCpu::project(std::span<const Projection> projections, const float* x, std::size_t rows) {
  std::array<cpu::Product, 4> products;
  std::transform(projections.begin(), projections.end(), products.begin(), [](const Projection& p) {
    return cpu::Product{p.out, p.weight->data, p.weight->dtype, p.weight->rows};
  });
  cpu::matmul(products.data(), projections.size(), x, rows, projections[0].weight->columns, m_scratch.get(),
              m_pool);
}

void BackendCpu::begin_rope(std::size_t first_position, std::size_t rows, std::size_t head_dim, float base) {
  cpu::rope_angles(reinterpret_cast<float*>(m_angles.get()), first_position, rows, head_dim, base);
}

void BackendCpu::rope(float* x, std::size_t rows, std::size_t heads, std::size_t head_dim) {
  cpu::rope(x, reinterpret_cast<const float*>(m_angles.get()), rows, heads, head_dim, m_pool);
}

void BackendCpu::store(std::uint16_t* out, const float* x, std::size_t n) {
  cpu::to_half(out, x, n, m_pool);
}

void BackendCpu::row_norms(float* out, const float* x, std::size_t rows, std::size_t columns) {
  cpu::row_norms(out, x, rows, columns, m_pool);
}

void BackendCpu::attention(float* out, const float* query, std::size_t rows, const AttentionCall& call) {
  cpu::attention(out, query, call.keys, call.values, rows, shape_of(call.heads, call.kv_heads, call.head_dim),
                 call.first_position, call.selection, call.scores, m_scratch.get(), m_pool);
}

void BackendCpu::attention_mass(float* mass, std::size_t mass_stride, const kernels::AttentionScores& scores,
                                std::size_t rows, std::size_t heads, std::size_t kv_heads, std::size_t n) {
  cpu::attention_mass(mass, mass_stride, scores.scores, scores.stride, scores.log_sum_exp, rows, heads,
                      kv_heads, n, m_pool);
}

bool BackendCpu::select(std::int32_t* chosen, float* estimate, std::size_t stride, LayerSelection* result,
                        const SelectCall& call) {
  std::atomic<bool> valid{true};
  m_pool.run(call.layers, [&](std::size_t layer) {
    if (!select_layer(chosen + layer * stride, estimate + layer * 2 * stride,
                      estimate + (layer * 2 + 1) * stride, result[layer], call, layer)) {
      valid = false;
    }
  });
  return valid;
}

void BackendCpu::silu_gate(float* out, const float* gate, const float* up, std::size_t n) {
  cpu::silu_gate(out, gate, up, n, m_pool);
}

void BackendCpu::add(float* x, const float* y, std::size_t n) {
  cpu::add(x, y, n, m_pool);
}

void BackendCpu::read(float* host, const float* x, std::size_t n) {
  std::memcpy(host, x, n * sizeof(float));
}

}  // namespace fovea
