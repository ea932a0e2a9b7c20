// Q8_0 and Q4_0 weights: signed bytes times the two bytes of x in fixed point. The tensor cores give a
// block's sums of both exactly; 256 * high + low stays below 2^27 (32 * 32,639 * 128), becomes a float and is
// added times the block's scale.
#include "kernels/cuda/product.cuh"

namespace fovea::kernels::cuda {
namespace {

template <DType dtype>
struct IntegerMath {
  static constexpr unsigned kBlocks = chunk_blocks(dtype);
  static constexpr unsigned kAhead = dtype == DType::kQ8_0 ? 2 : 1;
  struct Rows {
    uint4 blocks[kBlocks];
  };
  using Sum = float[2];

  static __device__ Rows load(const Activations& x, unsigned row, bool valid, unsigned chunk) {
    Rows rows = {};
    if (valid) {
      const std::size_t at = std::size_t{row} * x.stride + chunk * (32 * kBlocks) + threadIdx.x % 4 * 8;
#pragma unroll
      for (unsigned block = 0; block < kBlocks; ++block) {
        rows.blocks[block] = *reinterpret_cast<const uint4*>(x.fixed + at + block * 32);
      }
    }
    return rows;
  }

  static __device__ void add(Sum& sum, const Rows& rows, const std::uint8_t* chunk,
                             const std::uint8_t* scales) {
    const uint4 w = *reinterpret_cast<const uint4*>(chunk + threadIdx.x % 32 * 16);
    const auto* pairs = reinterpret_cast<const __half2*>(scales) + threadIdx.x % 4;
    const unsigned words[4] = {w.x, w.y, w.z, w.w};
#pragma unroll
    for (unsigned block = 0; block < kBlocks; ++block) {
      unsigned b0 = 0;
      unsigned b1 = 0;
      if constexpr (dtype == DType::kQ8_0) {
        b0 = words[2 * block];
        b1 = words[2 * block + 1];
      } else {
        b0 = words[block] << 4 & 0xF0F0F0F0U;
        b1 = words[block] & 0xF0F0F0F0U;
      }
      const uint4& v = rows.blocks[block];
      int products[4];
      mma_s8(products, {v.x, v.z, v.y, v.w}, b0, b1);
      const float2 scale = __half22float2(pairs[block * (kPanelOutputs / 2)]);
      sum[0] = fmaf(__int2float_rn(products[0] * 256 + products[2]), scale.x, sum[0]);
      sum[1] = fmaf(__int2float_rn(products[1] * 256 + products[3]), scale.y, sum[1]);
    }
  }

  static __device__ float2 total(const Sum& sum) {
    return {sum[0], sum[1]};
  }
  static __device__ float factor(const Activations& x, unsigned row) {
    // Q4_0's bytes are 16 times the value.
    return x.steps[row] * (dtype == DType::kQ4_0 ? 0.0625F : 1.0F);
  }
};

template <DType dtype, unsigned kPanels, unsigned kRowGroups>
__global__ void __launch_bounds__(kProductThreads, kRowGroups == 1 ? 2 : 1)
    integer_kernel(const __grid_constant__ Jobs jobs, const __grid_constant__ Activations x) {
  let_next_start();
  ProductFrame<dtype, IntegerMath<dtype>, kPanels, kRowGroups>::run(jobs, x);
}

template <DType dtype, unsigned kPanels, unsigned kRowGroups>
struct Kernels {
  static constexpr auto kernel = integer_kernel<dtype, kPanels, kRowGroups>;
};

}  // namespace

cudaError_t launch_integer_products(DType dtype, const Jobs& jobs, const Activations& x,
                                    cudaStream_t stream) {
  if (dtype == DType::kQ8_0) return launch_products<DType::kQ8_0, Kernels>(jobs, x, stream);
  return launch_products<DType::kQ4_0, Kernels>(jobs, x, stream);
}

}  // namespace fovea::kernels::cuda
