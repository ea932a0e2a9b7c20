#include "tests/bench/cuda/timing.h"

namespace fovea::bench {
namespace {

__global__ void read_kernel(float* out, const float4* in, std::size_t n) {
  float sum = 0;
  const std::size_t step = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += 4 * step) {
    float4 v[4] = {};
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      if (i + j * step < n) v[j] = __ldcs(in + i + j * step);
    }
#pragma unroll
    for (const float4& x : v) sum += x.x + x.y + x.z + x.w;
  }
  if (sum == 12345.0F) *out = sum;  // never: keeps the loads
}

}  // namespace

double read_bandwidth() {
  const std::size_t bytes = std::size_t{2} << 30;
  float* memory = nullptr;
  check(cudaMalloc(&memory, bytes), "2 GiB to read");
  check(cudaMemset(memory, 0x3C, bytes), "fill");
  const double seconds = seconds_of(
      [&](int, cudaStream_t stream) {
        read_kernel<<<132 * 16, 512, 0, stream>>>(memory, reinterpret_cast<const float4*>(memory),
                                                  bytes / 16);
        return cudaGetLastError();
      },
      2, 15);
  cudaFree(memory);
  return static_cast<double>(bytes) / seconds;
}

}  // namespace fovea::bench
