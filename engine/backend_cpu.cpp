#include "engine/backend_cpu.h"

#include <algorithm>
#include <array>
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

#include "engine/draw_row.h"
#include "engine/select_layer.h"
#include "kernels/cpu/attention.h"
#include "kernels/cpu/attention_mass.h"
#include "kernels/cpu/elementwise.h"
#include "kernels/cpu/kv_numbers.h"
#include "kernels/cpu/matmul.h"
#include "kernels/cpu/packed_weights.h"
#include "kernels/cpu/simd_target.h"

namespace fovea {
namespace {

namespace cpu = kernels::cpu;

constexpr std::align_val_t kAlignment{64};
constexpr std::size_t kLarge = std::size_t{2} << 20;  // a huge page

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

Result<Buffer> BackendCpu::owned(std::byte* memory, std::size_t bytes) {
  if (memory == nullptr) {
    return Error{ErrorCode::kOutOfMemory,
                 "There is not enough memory: " + std::to_string((bytes >> 20) + 1) + " MiB more are needed.",
                 "Close other programs, or choose a shorter context or a smaller model."};
  }
  return Buffer(memory, BufferDeleter{this});
}

Result<Buffer> BackendCpu::allocate(std::size_t bytes) {
  if (bytes >= kLarge) return owned(m_shelves.take_whole(bytes), bytes);
  void* memory = ::operator new(std::max<std::size_t>(bytes, 1), kAlignment, std::nothrow);
  return owned(static_cast<std::byte*>(memory), bytes);
}

void BackendCpu::release(std::byte* memory) noexcept {
  if (!m_shelves.give_back(memory)) ::operator delete(memory, kAlignment);
}

Result<Buffer> BackendCpu::place(Matrix& matrix) {
  const bool packed = cpu::is_packed(matrix.dtype);
  const std::size_t bytes =
      packed ? cpu::packed_bytes(matrix.dtype, matrix.rows, matrix.columns) : matrix.bytes();
  Result<Buffer> placed = owned(m_shelves.take(bytes), bytes);
  if (!placed) return placed;
  if (packed) {
    cpu::pack_weights(placed->get(), matrix.data, matrix.dtype, matrix.rows, matrix.columns, m_pool);
  } else {
    const std::size_t row = kernels::row_bytes(matrix.dtype, matrix.columns);
    m_pool.run(matrix.rows, [&](std::size_t r) {
      std::memcpy(placed->get() + r * row, static_cast<const std::byte*>(matrix.data) + r * row, row);
    });
  }
  matrix.data = placed->get();
  return placed;
}

Result<Buffer> BackendCpu::place(const float*& /*vector*/, std::size_t /*n*/) {
  return Buffer();
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
  if (limits.head_dim > cpu::kAttentionMaxHeadDim ||
      limits.heads / limits.kv_heads > cpu::kAttentionMaxGroup) {
    return Error{
        ErrorCode::kUnsupported,
        "The model's attention heads are larger than this program runs: head size " +
            std::to_string(limits.head_dim) + ", " + std::to_string(limits.heads / limits.kv_heads) +
            " query heads per key-value head.",
        "Choose a model with a head size of at most 256 and at most 32 query heads per key-value head."};
  }
  const Workspace wanted = workspace(limits);
  if (Result<void> grown = grow(m_scratch, m_scratch_bytes, wanted.scratch); !grown) return grown;
  if (Result<void> grown = grow(m_between, m_between_bytes, wanted.between); !grown) return grown;
  return grow(m_angles, m_angles_bytes, wanted.angles);
}

BackendCpu::Workspace BackendCpu::workspace(const BackendLimits& limits) {
  const auto shape = shape_of(limits.heads, limits.kv_heads, limits.head_dim);
  Workspace bytes;
  bytes.scratch = std::max(cpu::matmul_workspace_bytes(limits.rows, limits.columns),
                           cpu::attention_workspace_bytes(limits.rows, shape, limits.positions));
  // With few rows attention splits the length over the threads, and keeps a partial result for each piece.
  for (std::size_t rows = 1; rows <= std::min<std::size_t>(limits.rows, cpu::kAttentionMaxGroup); ++rows) {
    bytes.scratch = std::max(bytes.scratch, cpu::attention_workspace_bytes(rows, shape, limits.positions));
  }
  bytes.between = 2 * limits.rows * limits.columns * sizeof(float);
  bytes.angles = limits.rows * limits.head_dim * sizeof(float);
  return bytes;
}

std::size_t BackendCpu::workspace_bytes(const BackendLimits& limits) const {
  const Workspace bytes = workspace(limits);
  return bytes.scratch + bytes.angles + bytes.between;
}

bool BackendCpu::begin_pass(const Pass& pass) {
  m_pass = pass;
  cpu::rope_angles(reinterpret_cast<float*>(m_angles.get()), pass.first_position, pass.ids.size(),
                   pass.head_dim, pass.rope_base);
  return true;
}

void BackendCpu::embed(float* out, const Matrix& table) {
  cpu::embed(out, table.data, table.dtype, table.columns, m_pass.ids.data(), m_pass.ids.size(), m_pool);
}

const float* BackendCpu::normed(const float* x, const Norm* norm, std::size_t rows, std::size_t columns) {
  if (norm == nullptr) return x;
  auto* out = reinterpret_cast<float*>(m_between.get());
  cpu::rms_norm(out, x, norm->weight, rows, columns, norm->epsilon, m_pool);
  return out;
}

void BackendCpu::project(std::span<const Projection> projections, const float* x, const Norm* norm,
                         std::size_t rows) {
  std::array<cpu::Product, 4> products;
  std::transform(projections.begin(), projections.end(), products.begin(), [](const Projection& p) {
    return cpu::Product{p.out, p.weight->data, p.weight->dtype, p.weight->rows};
  });
  const std::size_t columns = projections[0].weight->columns;
  cpu::matmul(products.data(), projections.size(), normed(x, norm, rows, columns), rows, columns,
              m_scratch.get(), m_pool);
}

void BackendCpu::project_add(const Projection& projection, const float* x, std::size_t rows) {
  auto* product = reinterpret_cast<float*>(m_between.get());
  project(std::array<Projection, 1>{{{product, projection.weight}}}, x, nullptr, rows);
  cpu::add(projection.out, product, rows * projection.weight->rows, m_pool);
}

void BackendCpu::project_gated(float* out, const Matrix& gate, const Matrix& up, const float* x,
                               const Norm& norm, std::size_t rows) {
  // The norm lies in the first half of the memory between, so the second is free.
  float* raised = reinterpret_cast<float*>(m_between.get()) + m_between_bytes / sizeof(float) / 2;
  project(std::array<Projection, 2>{{{out, &gate}, {raised, &up}}}, x, &norm, rows);
  cpu::silu_gate(out, out, raised, rows * gate.rows, m_pool);
}

void BackendCpu::append(const KvEntries& cache, float* query, float* key, const float* value,
                        std::size_t heads, std::size_t kv_heads) {
  const std::size_t rows = m_pass.ids.size();
  const std::size_t entry = kv_heads * m_pass.head_dim;
  const auto* angles = reinterpret_cast<const float*>(m_angles.get());
  cpu::rope(query, angles, rows, heads, m_pass.head_dim, m_pool);
  cpu::rope(key, angles, rows, kv_heads, m_pass.head_dim, m_pool);
  float* scales = cache.scales + m_pass.first_position * kv_heads * 2;
  cpu::to_kv_numbers(reinterpret_cast<std::int16_t*>(cache.keys) + m_pass.first_position * entry, scales, key,
                     rows, kv_heads, m_pass.head_dim, m_pool);
  cpu::to_kv_numbers(reinterpret_cast<std::int16_t*>(cache.values) + m_pass.first_position * entry,
                     scales + 1, value, rows, kv_heads, m_pass.head_dim, m_pool);
  cpu::row_norms(cache.value_norms + m_pass.first_position, value, rows, entry, m_pool);
}

void BackendCpu::attention(float* out, const float* query, std::size_t rows, const AttentionCall& call) {
  kernels::AttentionSelection selection;
  if (call.selection != nullptr) {
    selection = {call.selection->positions, static_cast<std::size_t>(*call.selection->count)};
  }
  const cpu::KvNumbers numbers{reinterpret_cast<const std::int16_t*>(call.entries.keys),
                               reinterpret_cast<const std::int16_t*>(call.entries.values),
                               call.entries.scales};
  cpu::attention(out, query, numbers, rows, shape_of(call.heads, call.kv_heads, call.head_dim),
                 call.first_position, call.selection == nullptr ? nullptr : &selection, call.scores,
                 m_scratch.get(), m_pool);
}

void BackendCpu::attention_mass(float* mass, std::size_t mass_stride, const ScoreRows& from, std::size_t n) {
  for (std::size_t layer = 0; layer < from.layers; ++layer) {
    const std::size_t query = layer * from.layer_rows * from.heads;
    const cpu::ScoreRows rows{.scores = from.scores + query * from.stride,
                              .log_sum_exp = from.log_sum_exp + query,
                              .stride = from.stride,
                              .rows = from.rows,
                              .heads = from.heads,
                              .kv_heads = from.kv_heads,
                              .mean_of = from.mean_of != 0 ? from.mean_of : from.rows};
    float* out = mass + layer * from.kv_heads * mass_stride;
    if (from.lists == nullptr) {
      cpu::attention_mass(out, mass_stride, rows, n, m_pool);
      continue;
    }
    const std::int32_t* positions = from.lists->positions + layer * from.lists->stride;
    const std::int32_t* end = positions + from.lists->counts[layer];
    const auto below =
        static_cast<std::size_t>(std::lower_bound(positions, end, static_cast<std::int32_t>(n)) - positions);
    cpu::add_listed_mass(out, mass_stride, rows, positions, below, m_pool);
  }
}

void BackendCpu::select(const SelectionLists& lists, const SelectCall& call) {
  m_pool.run(call.layers, [&](std::size_t layer) { select_layer(lists, call, layer); });
}

std::size_t BackendCpu::sample(std::span<Draw> draws, std::size_t first, const SampleCall& call,
                               Sampler& sampler) {
  const std::size_t vocabulary = call.logits.vocabulary;
  draw_row(draws[first], {call.logits.data + first * vocabulary, vocabulary}, first, call, sampler);
  return 1;
}

void BackendCpu::read(void* host, const void* from, std::size_t bytes) {
  std::memcpy(host, from, bytes);
}

void BackendCpu::write(void* to, const void* host, std::size_t bytes) {
  std::memcpy(to, host, bytes);
}

void BackendCpu::read_keys(std::span<float> host, const KvEntries& cache, std::size_t first,
                           std::size_t kv_heads, std::size_t head_dim) {
  const auto* keys = reinterpret_cast<const std::int16_t*>(cache.keys) + first * kv_heads * head_dim;
  const float* scales = cache.scales + first * kv_heads * 2;
  for (std::size_t i = 0; i < host.size(); ++i) {
    host[i] = static_cast<float>(keys[i]) * scales[i / head_dim * 2];
  }
}

}  // namespace fovea
