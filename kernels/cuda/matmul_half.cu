// F16 and BF16 weights. F16: halves times halves, sums in f32. BF16: a bf16 number and a half are both exact
// in tf32, so x keeps its 22 bits and nothing overflows. High and low parts of x have sums of their own until
// the end.
#include "kernels/cuda/product.cuh"

namespace fovea::kernels::cuda {
namespace {

template <DType dtype>
struct HalfMath {
  static constexpr unsigned kAhead = 2;
  struct Rows {
    uint4 high, low;
  };
  using Sum = float[4];

  static __device__ Rows load(const Activations& x, unsigned row, bool valid, unsigned chunk) {
    if (!valid) return {};
    const std::size_t at = std::size_t{row} * x.stride + chunk * 32 + threadIdx.x % 4 * 8;
    return {*reinterpret_cast<const uint4*>(x.high + at), *reinterpret_cast<const uint4*>(x.low + at)};
  }

  static __device__ void add(Sum& sum, const Rows& rows, const std::uint8_t* chunk, const std::uint8_t*) {
    const uint4 w = *reinterpret_cast<const uint4*>(chunk + threadIdx.x % 32 * 16);
    const uint4& high = rows.high;
    const uint4& low = rows.low;
    if constexpr (dtype == DType::kF16) {
      mma_f16(sum, {high.x, low.x, high.y, low.y}, w.x, w.y);
      mma_f16(sum, {high.z, low.z, high.w, low.w}, w.z, w.w);
    } else {
      add_pair(sum, high.x, low.x, w.x);
      add_pair(sum, high.y, low.y, w.y);
      add_pair(sum, high.z, low.z, w.z);
      add_pair(sum, high.w, low.w, w.w);
    }
  }

  // Two columns: halves of x, bf16 of the weights.
  static __device__ void add_pair(Sum& sum, unsigned high, unsigned low, unsigned w) {
    const float2 h = __half22float2(*reinterpret_cast<const __half2*>(&high));
    const float2 l = __half22float2(*reinterpret_cast<const __half2*>(&low));
    mma_tf32(sum, {__float_as_uint(h.x), __float_as_uint(l.x), __float_as_uint(h.y), __float_as_uint(l.y)},
             w << 16, w & 0xFFFF0000U);
  }

  static __device__ float2 total(const Sum& sum) {
    return {fmaf(sum[2], kLowScale, sum[0]), fmaf(sum[3], kLowScale, sum[1])};
  }
  static __device__ float factor(const Activations& x, unsigned row) { return x.powers[row]; }
};

template <DType dtype, unsigned kPanels, unsigned kRowGroups>
__global__ void __launch_bounds__(kProductThreads, kRowGroups == 1 ? 2 : 1)
    half_kernel(const __grid_constant__ Jobs jobs, const __grid_constant__ Activations x) {
  let_next_start();
  ProductFrame<dtype, HalfMath<dtype>, kPanels, kRowGroups>::run(jobs, x);
}

template <DType dtype, unsigned kPanels, unsigned kRowGroups>
struct Kernels {
  static constexpr auto kernel = half_kernel<dtype, kPanels, kRowGroups>;
};

}  // namespace

cudaError_t launch_half_products(DType dtype, const Jobs& jobs, const Activations& x, cudaStream_t stream) {
  if (dtype == DType::kF16) return launch_products<DType::kF16, Kernels>(jobs, x, stream);
  return launch_products<DType::kBF16, Kernels>(jobs, x, stream);
}

}  // namespace fovea::kernels::cuda
