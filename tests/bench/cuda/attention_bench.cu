// Attention: dense and sparse decoding, verification of a few rows, prefill. Usage: cuda_attention_bench
// [quick].
#include <cuda_fp16.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "kernels/cuda/attention.h"
#include "tests/bench/cuda/timing.h"

namespace fovea::bench {
namespace {

using kernels::AttentionShape;
using kernels::cuda::AttentionEntries;

constexpr std::size_t kCacheBytes = std::size_t{2} << 30;  // of keys, and of values
constexpr double kLaunchSeconds =
    4e-6;  // two dependent kernels that find their data: what a call costs at least
constexpr std::size_t kMaxRows = 512;

__global__ void fill_kernel(__half* out, std::size_t n, unsigned seed) {
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n;
       i += std::size_t{gridDim.x} * blockDim.x) {
    unsigned x = static_cast<unsigned>(i) * 2654435761U + seed;
    x = (x ^ (x >> 15)) * 2246822519U;
    x ^= x >> 13;
    out[i] = __float2half(static_cast<float>(x & 0xFFFF) * (2.0F / 65536.0F) - 1.0F);
  }
}

__global__ void fill_floats(float* out, std::size_t n) {
  const std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) out[i] = sinf(static_cast<float>(i) * 12.9898F) * 1.7F;
}

template <typename T>
T* allocate(std::size_t n) {
  void* p = nullptr;
  check(cudaMalloc(&p, n * sizeof(T)), "memory");
  return static_cast<T*>(p);
}

struct Machine {
  std::uint16_t* keys;
  std::uint16_t* values;
  float* query;
  float* out;
  std::int32_t* numbers;  // first position, count
  std::int32_t* lists;
  void* workspace;
  std::size_t workspace_bytes;
  double bandwidth;
};

struct Case {
  const char* name;
  AttentionShape shape;
  std::size_t positions;
  std::size_t rows;
  double density;  // 1: no list
};

AttentionShape shape(std::size_t heads, std::size_t kv_heads, std::size_t head_dim) {
  return {heads, kv_heads, head_dim, 1.0F / std::sqrt(static_cast<float>(head_dim))};
}

std::size_t entry_numbers(const AttentionShape& s) {
  return s.kv_heads * s.head_dim;
}

// Ascending random lists, one for each buffer; returns the length of all.
std::size_t make_lists(const Machine& m, std::size_t first, std::size_t buffers, double density) {
  std::mt19937 engine(17);
  const auto count = static_cast<std::size_t>(std::lround(static_cast<double>(first) * density));
  std::vector<std::int32_t> all(first);
  for (std::size_t i = 0; i < first; ++i) all[i] = static_cast<std::int32_t>(i);
  for (std::size_t b = 0; b < buffers; ++b) {
    std::vector<std::int32_t> chosen;
    std::sample(all.begin(), all.end(), std::back_inserter(chosen), count, engine);
    check(
        cudaMemcpy(m.lists + b * first, chosen.data(), count * sizeof(std::int32_t), cudaMemcpyHostToDevice),
        "list");
  }
  return count;
}

double decode(const Machine& m, const Case& c, double dense_seconds) {
  const std::size_t entry = entry_numbers(c.shape);
  const std::size_t first = c.positions - c.rows;
  const std::size_t buffers = std::clamp<std::size_t>(kCacheBytes / (c.positions * entry * 2), 1, 20);
  const bool sparse = c.density < 1;
  const std::size_t count = sparse ? make_lists(m, first, buffers, c.density) : first;
  const std::int32_t numbers[2] = {static_cast<std::int32_t>(first), static_cast<std::int32_t>(count)};
  check(cudaMemcpy(m.numbers, numbers, sizeof numbers, cudaMemcpyHostToDevice), "numbers");
  if (kernels::cuda::attention_workspace_bytes(c.rows, c.shape, c.positions) > m.workspace_bytes) return 0;
  const double seconds = seconds_of([&](int i, cudaStream_t stream) {
    const std::size_t b = static_cast<std::size_t>(i) % buffers;
    const AttentionEntries entries{m.keys + b * c.positions * entry, m.values + b * c.positions * entry,
                                   m.numbers, sparse ? m.lists + b * first : nullptr,
                                   sparse ? m.numbers + 1 : nullptr};
    return kernels::cuda::attention(m.out, m.query, entries, nullptr, m.workspace, c.rows, c.shape,
                                    c.positions, stream);
  });
  const double bytes = static_cast<double>(count + c.rows) * static_cast<double>(entry) * 4;
  std::printf("%-12s %7zu %4zu %5.0f%% %9.1f MB %9.1f us %7.0f GB/s %5.0f%% %9.1f us", c.name, c.positions,
              c.rows, c.density * 100, bytes * 1e-6, seconds * 1e6, bytes / seconds * 1e-9,
              bytes / seconds / m.bandwidth * 100, (bytes / m.bandwidth + kLaunchSeconds) * 1e6);
  if (dense_seconds > 0 && sparse) {
    std::printf("   goal %.1f us", (1.25 * c.density * dense_seconds + 5e-6) * 1e6);
  } else if (dense_seconds > 0) {
    std::printf("   %.2f x one row", seconds / dense_seconds);
  }
  std::printf("\n");
  return seconds;
}

void prefill(const Machine& m, const AttentionShape& s, const char* name, std::size_t first,
             std::size_t rows) {
  const auto position = static_cast<std::int32_t>(first);
  check(cudaMemcpy(m.numbers, &position, sizeof position, cudaMemcpyHostToDevice), "numbers");
  const AttentionEntries entries{m.keys, m.values, m.numbers};
  const double seconds = seconds_of(
      [&](int, cudaStream_t stream) {
        return kernels::cuda::attention_prefill(m.out, m.query, entries, rows, s, stream);
      },
      5, 9);
  const double visible = static_cast<double>(first) + static_cast<double>(rows + 1) / 2;
  const double operations = 4 * visible * static_cast<double>(rows * s.heads * s.head_dim);
  std::printf("%-12s %7zu + %4zu rows %9.1f us %7.1f TFLOP/s\n", name, first, rows, seconds * 1e6,
              operations / seconds * 1e-12);
}

void run(bool quick) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, 0), "device");
  Machine m{};
  m.bandwidth = read_bandwidth();
  std::printf("%s, reads %.0f GB/s\n", properties.name, m.bandwidth * 1e-9);
  m.keys = allocate<std::uint16_t>(kCacheBytes / 2);
  m.values = allocate<std::uint16_t>(kCacheBytes / 2);
  fill_kernel<<<2048, 256>>>(reinterpret_cast<__half*>(m.keys), kCacheBytes / 2, 1);
  fill_kernel<<<2048, 256>>>(reinterpret_cast<__half*>(m.values), kCacheBytes / 2, 2);
  const std::size_t query_numbers = kMaxRows * 32 * 128;
  m.query = allocate<float>(query_numbers);
  m.out = allocate<float>(query_numbers);
  fill_floats<<<static_cast<unsigned>(query_numbers / 256), 256>>>(m.query, query_numbers);
  m.numbers = allocate<std::int32_t>(2);
  m.lists = allocate<std::int32_t>(std::size_t{20} * 131072);
  m.workspace_bytes = std::size_t{600} << 20;
  m.workspace = allocate<std::byte>(m.workspace_bytes);

  const AttentionShape mha = shape(32, 32, 128);
  const AttentionShape grouped = shape(32, 8, 128);
  const AttentionShape embedded = shape(8, 4, 64);
  std::printf("%-12s %7s %4s %6s %12s %12s %12s %6s %12s\n", "shape", "length", "rows", "read", "bytes",
              "time", "rate", "of it", "predicted");
  for (const std::size_t positions : {2048U, 8192U, 32768U, 65536U, 131072U}) {
    if (quick && positions != 32768) continue;
    const double dense = decode(m, {"32x128", mha, positions, 1, 1}, 0);
    const double dense_grouped = decode(m, {"32/8x128", grouped, positions, 1, 1}, 0);
    if (positions != 32768 && positions != 131072) continue;
    for (const double density : {0.05, 0.1, 0.25}) {
      for (const std::size_t rows : {1U, 6U}) {
        decode(m, {"32x128", mha, positions, rows, density}, dense);
        decode(m, {"32/8x128", grouped, positions, rows, density}, dense_grouped);
      }
    }
    for (const std::size_t rows : {2U, 6U, 8U, 16U, 32U, 64U}) {
      if (positions == 131072 && rows != 6) continue;
      decode(m, {"32x128", mha, positions, rows, 1}, dense);
      decode(m, {"32/8x128", grouped, positions, rows, 1}, dense_grouped);
    }
  }
  const double small = decode(m, {"8/4x64", embedded, 4096, 1, 1}, 0);
  decode(m, {"8/4x64", embedded, 4096, 6, 1}, small);
  decode(m, {"8/4x64", embedded, 4096, 6, 0.2}, small);
  for (const std::size_t first : {0U, 4096U, 32256U}) {
    for (const std::size_t rows : {128U, 512U}) {
      prefill(m, mha, "32x128", first, rows);
      prefill(m, grouped, "32/8x128", first, rows);
    }
  }
  prefill(m, embedded, "8/4x64", 3584, 512);
}

}  // namespace
}  // namespace fovea::bench

int main(int argc, char** argv) {
  fovea::bench::run(argc > 1 && std::strcmp(argv[1], "quick") == 0);
  return 0;
}
