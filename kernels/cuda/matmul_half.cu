// F16 and BF16 weights. F16: halves times halves, sums in f32. BF16: a bf16 number and a half are both exact
// in tf32, so x keeps its 22 bits and nothing overflows. High and low parts of x have sums of their own until
// the end.
#include "kernels/cuda/product.cuh"

namespace fovea::kernels::cuda {
namespace {

// A chunk is 64 columns, 128 bytes of each row: 16 bytes a lane and block of 32 columns.
template <unsigned kPanels>
struct HalfSource {
  static constexpr unsigned kColumns = 64;
  static constexpr unsigned kStageBytes = kPanels * 2 * kChunkBytes;

  const std::uint8_t* rows[kPanels];
  unsigned left;  // columns from this lane's first one to the end of the row

  __device__ void set(unsigned slot, const Job& job, unsigned panel, unsigned columns, unsigned lane) {
    const unsigned row = min(panel * kPanelOutputs + lane / 4, job.outputs - 1);
    const unsigned first = lane % 4 * 8;
    rows[slot] = static_cast<const std::uint8_t*>(job.weight) + (std::size_t{row} * columns + first) * 2;
    left = columns - first;
  }

  __device__ void copy(std::uint8_t* stage, unsigned chunk, unsigned lane) const {
#pragma unroll
    for (unsigned slot = 0; slot < kPanels; ++slot) {
#pragma unroll
      for (unsigned block = 0; block < 2; ++block) {
        const unsigned column = chunk * kColumns + block * 32;
        const bool exists = column < left;
        copy_16(stage + (slot * 2 + block) * kChunkBytes + lane * 16,
                rows[slot] + (exists ? column * std::size_t{2} : 0), exists);
      }
    }
  }
};

template <DType dtype>
struct HalfMath {
  struct Rows {
    uint4 high[2], low[2];
  };
  using Sum = float[4];

  static __device__ Rows load(const Activations& x, unsigned row, bool valid, unsigned chunk, unsigned lane) {
    Rows rows = {};
    if (valid) {
      const std::size_t at = std::size_t{row} * x.stride + chunk * 64 + lane % 4 * 8;
#pragma unroll
      for (unsigned block = 0; block < 2; ++block) {
        rows.high[block] = __ldcg(reinterpret_cast<const uint4*>(x.high + at + block * 32));
        rows.low[block] = __ldcg(reinterpret_cast<const uint4*>(x.low + at + block * 32));
      }
    }
    return rows;
  }

  template <unsigned kPanels>
  static __device__ void add(Sum& sum, const Rows& rows, const std::uint8_t* stage, unsigned slot,
                             unsigned lane) {
#pragma unroll
    for (unsigned block = 0; block < 2; ++block) {
      const uint4 w = *reinterpret_cast<const uint4*>(stage + (slot * 2 + block) * kChunkBytes + lane * 16);
      const uint4& high = rows.high[block];
      const uint4& low = rows.low[block];
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
  static __device__ float factor(const Activations& x, unsigned row) {
    return __ldcg(x.powers + row);
  }
};

// Three chunks ahead are 96 KiB a block, two blocks on a multiprocessor of Hopper; Turing has 64 KiB.
constexpr unsigned kStages = 3;
constexpr unsigned kTuringStages = 2;

template <DType dtype, unsigned kPanels, unsigned kRowGroups>
__global__ void __launch_bounds__(kProductThreads, kRowGroups == 1 ? 2 : 1)
    half_kernel(const __grid_constant__ Jobs jobs, const __grid_constant__ Activations x) {
  let_next_start();
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  constexpr unsigned kDepth = kTuringStages;
#else
  constexpr unsigned kDepth = kStages;
#endif
  ProductFrame<HalfSource<kPanels>, HalfMath<dtype>, kPanels, kRowGroups, kDepth>::run(jobs, x);
}

template <DType dtype>
struct Half {
  template <unsigned kPanels, unsigned kRowGroups>
  struct Kernels {
    static constexpr auto kernel = half_kernel<dtype, kPanels, kRowGroups>;
    static constexpr unsigned kStageBytes = kProductWarps * HalfSource<kPanels>::kStageBytes;
  };
};

}  // namespace

cudaError_t launch_half_products(DType dtype, const Jobs& jobs, const Activations& x, cudaStream_t stream) {
  if (dtype == DType::kF16)
    return launch_products<Half<DType::kF16>::Kernels>(jobs, x, stream, kStages, kTuringStages);
  return launch_products<Half<DType::kBF16>::Kernels>(jobs, x, stream, kStages, kTuringStages);
}

}  // namespace fovea::kernels::cuda
