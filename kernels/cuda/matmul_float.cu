// F32 weights, for small models and tests: a warp an output, ordinary multiply-adds.
#include "kernels/cuda/product.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kRowsAtOnce = 8;

// Eight columns of x: two halves make a float exactly (22 bits).
__device__ void load_row(float (&v)[8], const Activations& x, std::size_t at) {
  const uint4 high = __ldcg(reinterpret_cast<const uint4*>(x.high + at));
  const uint4 low = __ldcg(reinterpret_cast<const uint4*>(x.low + at));
  const auto* h = reinterpret_cast<const __half2*>(&high);
  const auto* l = reinterpret_cast<const __half2*>(&low);
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float2 a = __half22float2(h[i]);
    const float2 b = __half22float2(l[i]);
    v[2 * i] = fmaf(b.x, kLowScale, a.x);
    v[2 * i + 1] = fmaf(b.y, kLowScale, a.y);
  }
}

// sums[r] = weight . row first + r of x, in every lane.
__device__ void dot(float (&sums)[kRowsAtOnce], const float* weight, const Activations& x, unsigned first,
                    unsigned rows, unsigned columns) {
  for (float& sum : sums) sum = 0;
  for (unsigned c = threadIdx.x % 32 * 8; c < columns; c += 256) {
    const float4 a = *reinterpret_cast<const float4*>(weight + c);
    const float4 b = *reinterpret_cast<const float4*>(weight + c + 4);
    const float w[8] = {a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w};
#pragma unroll
    for (unsigned r = 0; r < kRowsAtOnce; ++r) {
      if (first + r >= rows) break;
      float v[8];
      load_row(v, x, std::size_t{first + r} * x.stride + c);
#pragma unroll
      for (int i = 0; i < 8; ++i) sums[r] = fmaf(w[i], v[i], sums[r]);
    }
  }
#pragma unroll
  for (float& sum : sums) {
#pragma unroll
    for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(~0U, sum, step);
  }
}

__global__ void __launch_bounds__(kProductThreads)
    float_kernel(const __grid_constant__ Jobs work, const __grid_constant__ Activations x) {
  let_next_start();
  wait_for_inputs();
  const bool gate = work.epilogue == Epilogue::kSiluGate;
  unsigned j = 0;
  while (!gate && j + 1 < work.count && blockIdx.x >= work.jobs[j + 1].first_unit) ++j;
  const Job& job = work.jobs[j];
  const unsigned output = (blockIdx.x - job.first_unit) * kProductWarps + threadIdx.x / 32;
  if (output >= job.outputs) return;
  const std::size_t row_of_weights = std::size_t{output} * work.columns;
  const unsigned first = blockIdx.y * kRowsAtOnce;
  float sums[kRowsAtOnce];
  float ups[kRowsAtOnce];
  dot(sums, static_cast<const float*>(job.weight) + row_of_weights, x, first, work.rows, work.columns);
  if (gate) {
    dot(ups, static_cast<const float*>(work.jobs[1].weight) + row_of_weights, x, first, work.rows,
        work.columns);
  }
  const unsigned lane = threadIdx.x % 32;
#pragma unroll
  for (unsigned r = 0; r < kRowsAtOnce; ++r) {
    if (lane != r || first + r >= work.rows) continue;
    float* to = job.out + std::size_t{first + r} * job.outputs + output;
    const float factor = __ldcg(x.powers + first + r);
    const float sum = sums[r] * factor;
    *to = gate ? silu(sum) * (ups[r] * factor) : read_previous(to, work.epilogue) + sum;
  }
}

}  // namespace

cudaError_t launch_float_products(Jobs jobs, const Activations& x, cudaStream_t stream) {
  assign_units(jobs, kProductWarps);
  return launch(float_kernel, dim3(jobs.units, (jobs.rows + kRowsAtOnce - 1) / kRowsAtOnce), kProductThreads,
                0, stream, jobs, x);
}

}  // namespace fovea::kernels::cuda
