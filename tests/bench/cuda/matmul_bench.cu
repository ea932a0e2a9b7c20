// Products with packed weights at the shapes of 7- and 8-billion-parameter models and of the embedded pair,
// by one to eight rows, then whole layers, then prompts. Weights are random and walk through 1 GiB, so that
// they come from memory. The prediction is the bytes of weights, prepared input and output at the card's read
// bandwidth.
//   cuda_matmul_bench [part of a line's name]: only those lines
#include <string>

#include "kernels/cuda/matmul.h"
#include "kernels/cuda/prefill.h"
#include "tests/bench/cuda/timing.h"

namespace fovea::bench {
namespace {

using kernels::DType;
using kernels::cuda::Epilogue;
using kernels::cuda::Product;

constexpr std::size_t kPoolBytes = std::size_t{1} << 30;

// Random bits, but for the one that would make an f16 or bf16 as large as 2 or no number: finite in every
// format.
__global__ void fill_kernel(unsigned* out, std::size_t words) {
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < words;
       i += std::size_t{gridDim.x} * blockDim.x) {
    auto h = static_cast<unsigned>(i) * 0x9E3779B1U;
    h = (h ^ h >> 15) * 0x85EBCA77U;
    h = (h ^ h >> 13) * 0xC2B2AE3DU;
    out[i] = (h ^ h >> 16) & 0xBFFFBFFFU;
  }
}

template <typename T>
T* device_array(std::size_t n) {
  void* memory = nullptr;
  check(cudaMalloc(&memory, n * sizeof(T)), "memory");
  fill_kernel<<<1024, 256>>>(static_cast<unsigned*>(memory), n * sizeof(T) / 4);
  check(cudaDeviceSynchronize(), "fill");
  return static_cast<T*>(memory);
}

class Bench {
 public:
  Bench(double bandwidth, std::string only) : m_bandwidth(bandwidth), m_only(std::move(only)) {}

  void product(DType dtype, std::size_t outputs, std::size_t columns, std::size_t rows) {
    char name[96];
    std::snprintf(name, sizeof(name), "%s %zux%zu, rows %zu", to_string(dtype), outputs, columns, rows);
    if (skip(name)) return;
    const std::size_t weight = aligned(kernels::cuda::packed_bytes(dtype, outputs, columns));
    const std::size_t bytes = weight + activation_reads(dtype, rows, columns) + rows * outputs * 4;
    prepare(rows, columns);
    report(name, bytes, weight, [&](int i, cudaStream_t stream) {
      const Product p{m_out, weights(i, weight), dtype, outputs};
      return kernels::cuda::matmul(&p, 1, Epilogue::kStore, m_activations, rows, columns, stream);
    });
  }

  // All that a Llama layer does but attention: the three products of the norm's output, the residual one,
  // gate and up, and the residual one of their product; four inputs prepared.
  void layer(DType dtype, std::size_t width, std::size_t hidden, std::size_t kv_width, std::size_t rows) {
    char name[96];
    std::snprintf(name, sizeof(name), "%s layer of %zu, %zu, rows %zu", to_string(dtype), width, hidden,
                  rows);
    if (skip(name)) return;
    const auto size = [&](std::size_t outputs, std::size_t columns) {
      return aligned(kernels::cuda::packed_bytes(dtype, outputs, columns));
    };
    const std::size_t square = size(width, width);
    const std::size_t kv = size(kv_width, width);
    const std::size_t wide = size(hidden, width);
    const std::size_t down = size(width, hidden);
    const std::size_t weight = 2 * square + 2 * kv + 2 * wide + down;
    std::size_t bytes = weight;
    report(name, bytes, weight, [&](int i, cudaStream_t stream) {
      const std::uint8_t* at = weights(i, weight);
      const auto take = [&](std::size_t n) {
        const std::uint8_t* p = at;
        at += n;
        return p;
      };
      float* q = m_out;
      float* k = q + rows * width;
      float* v = k + rows * kv_width;
      const Product qkv[] = {
          {q, take(square), dtype, width}, {k, take(kv), dtype, kv_width}, {v, take(kv), dtype, kv_width}};
      const Product o{m_x, take(square), dtype, width};
      const Product gate[] = {{q, take(wide), dtype, hidden}, {nullptr, take(wide), dtype, hidden}};
      const Product d{m_x, take(down), dtype, width};
      using kernels::cuda::matmul;
      using kernels::cuda::prepare;
      cudaError_t status = prepare(m_activations, m_x, m_norm, 1e-5F, rows, width, stream);
      if (status == cudaSuccess) {
        status = matmul(qkv, 3, Epilogue::kStore, m_activations, rows, width, stream);
      }
      if (status == cudaSuccess) status = prepare(m_activations, q, nullptr, 0, rows, width, stream);
      if (status == cudaSuccess) status = matmul(&o, 1, Epilogue::kAdd, m_activations, rows, width, stream);
      if (status == cudaSuccess) status = prepare(m_activations, m_x, m_norm, 1e-5F, rows, width, stream);
      if (status == cudaSuccess) {
        status = matmul(gate, 2, Epilogue::kSiluGate, m_activations, rows, width, stream);
      }
      if (status == cudaSuccess) status = prepare(m_activations, q, nullptr, 0, rows, hidden, stream);
      if (status == cudaSuccess) status = matmul(&d, 1, Epilogue::kAdd, m_activations, rows, hidden, stream);
      return status;
    });
  }

  void preparation(std::size_t columns, std::size_t rows) {
    char name[96];
    std::snprintf(name, sizeof(name), "prepare %zu, rows %zu", columns, rows);
    if (skip(name)) return;
    const std::size_t bytes = rows * columns * 10 + columns * 4;
    report(name, bytes, bytes, [&](int, cudaStream_t stream) {
      return kernels::cuda::prepare(m_activations, m_x, m_norm, 1e-5F, rows, columns, stream);
    });
  }

  void prefill(DType dtype, std::size_t outputs, std::size_t columns, std::size_t rows) {
    char name[96];
    std::snprintf(name, sizeof(name), "%s prefill %zux%zu, rows %zu", to_string(dtype), outputs, columns,
                  rows);
    if (skip(name)) return;
    const std::size_t weight = aligned(kernels::cuda::packed_bytes(dtype, outputs, columns));
    prepare(rows, columns);
    void* workspace = nullptr;
    check(cudaMalloc(&workspace, kernels::cuda::Prefill::workspace_bytes(rows, columns)), "workspace");
    const double seconds = seconds_of(
        [&](int i, cudaStream_t stream) {
          const Product p{m_out, weights(i, weight), dtype, outputs};
          return m_prefill.matmul(&p, 1, Epilogue::kStore, m_activations, rows, columns, workspace, stream);
        },
        8, 9);
    std::printf("%-36s %8.1f us %8.1f TFLOP/s%s\n", name, seconds * 1e6,
                2.0 * static_cast<double>(rows * outputs * columns) / seconds * 1e-12,
                m_prefill.has_library() ? "" : " (no cuBLASLt)");
    cudaFree(workspace);
  }

 private:
  static std::size_t aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }
  static std::size_t activation_reads(DType dtype, std::size_t rows, std::size_t columns) {
    return rows * columns * (dtype == DType::kQ8_0 || dtype == DType::kQ4_0 ? 2 : 4);
  }
  [[nodiscard]] bool skip(const char* name) const {
    return std::string(name).find(m_only) == std::string::npos;
  }
  [[nodiscard]] const std::uint8_t* weights(int i, std::size_t bytes) const {
    return m_pool + static_cast<std::size_t>(i) % std::max<std::size_t>(kPoolBytes / bytes, 1) * bytes;
  }
  void prepare(std::size_t rows, std::size_t columns) const {
    check(kernels::cuda::prepare(m_activations, m_x, nullptr, 0, rows, columns, nullptr), "prepare");
    check(cudaDeviceSynchronize(), "prepare");
  }
  void report(const char* name, std::size_t bytes, std::size_t weight,
              const std::function<cudaError_t(int, cudaStream_t)>& work) const {
    const int launches = static_cast<int>(std::clamp<std::size_t>(kPoolBytes / weight, 8, 256));
    const double seconds = seconds_of(work, launches, 9);
    const double rate = static_cast<double>(bytes) / seconds;
    std::printf("%-36s %9.3f MB %8.2f us, predicted %8.2f %7.0f GB/s %5.1f%%\n", name,
                static_cast<double>(bytes) * 1e-6, seconds * 1e6,
                static_cast<double>(bytes) / m_bandwidth * 1e6, rate * 1e-9, 100 * rate / m_bandwidth);
    std::fflush(stdout);
  }

  double m_bandwidth;
  std::string m_only;
  kernels::cuda::Prefill m_prefill;
  std::uint8_t* m_pool = device_array<std::uint8_t>(kPoolBytes);
  float* m_x = device_array<float>(512 * 14336);
  float* m_norm = device_array<float>(14336);
  float* m_out = device_array<float>(512 * 32000);
  std::uint8_t* m_activations = device_array<std::uint8_t>(kernels::cuda::activation_bytes(512, 14336));
};

}  // namespace
}  // namespace fovea::bench

int main(int argc, char** argv) {
  using fovea::kernels::DType;
  cudaDeviceProp card{};
  fovea::bench::check(cudaGetDeviceProperties(&card, 0), "device");
  const double bandwidth = fovea::bench::read_bandwidth();
  std::printf("%s, %.0f GB/s read\n", card.name, bandwidth * 1e-9);
  fovea::bench::Bench bench(bandwidth, argc > 1 ? argv[1] : "");
  struct Shape {
    std::size_t outputs, columns;
  };
  for (const DType dtype : {DType::kF16, DType::kBF16, DType::kQ8_0, DType::kQ4_0}) {
    for (const Shape s : {Shape{4096, 4096}, Shape{11008, 4096}, Shape{4096, 11008}, Shape{14336, 4096},
                          Shape{32000, 4096}, Shape{512, 512}, Shape{1408, 512}, Shape{8192, 512}}) {
      for (const std::size_t rows : {1, 6, 8}) bench.product(dtype, s.outputs, s.columns, rows);
    }
    bench.product(dtype, 4096, 4096, 16);
    bench.product(dtype, 4096, 4096, 32);
    bench.product(dtype, 4096, 4096, 64);
    for (const std::size_t rows : {1, 6}) {
      bench.layer(dtype, 4096, 11008, 4096, rows);
      bench.layer(dtype, 4096, 14336, 1024, rows);
      bench.layer(dtype, 512, 1408, 256, rows);
    }
    for (const Shape s : {Shape{4096, 4096}, Shape{11008, 4096}, Shape{4096, 11008}}) {
      for (const std::size_t rows : {256, 512}) bench.prefill(dtype, s.outputs, s.columns, rows);
    }
  }
  for (const std::size_t rows : {1, 6, 256}) {
    bench.preparation(4096, rows);
    bench.preparation(11008, rows);
  }
  return 0;
}
