// Q8_0 and Q4_0 weights: signed bytes times the two bytes of x in fixed point. The tensor cores give a
// block's sums of both exactly; 256 * high + low stays below 2^27 (32 * 32,639 * 128), becomes a float and is
// added times the block's scale.
#include "kernels/cuda/product.cuh"

namespace fovea::kernels::cuda {
namespace {

template <DType dtype, unsigned kPanels>
struct IntegerSource {
  static constexpr unsigned kBlocks = chunk_blocks(dtype);
  static constexpr unsigned kColumns = 32 * kBlocks;
  static constexpr unsigned kScaleBytes = kBlocks * kPanelOutputs * 2;  // of a chunk of a panel
  static constexpr unsigned kStageBytes = kPanels * (kChunkBytes + kScaleBytes);

  const std::uint8_t* quants[kPanels];
  const std::uint8_t* scales;  // what this lane copies of them, if anything

  __device__ void set(unsigned slot, const Job& job, unsigned panel, unsigned columns, unsigned lane) {
    const auto* weight = static_cast<const std::uint8_t*>(job.weight);
    const std::size_t chunks = (columns + kColumns - 1) / kColumns;
    const unsigned panels = (job.outputs + kPanelOutputs - 1) / kPanelOutputs;
    const std::size_t first = min(panel, panels - 1) * chunks;
    quants[slot] = weight + first * kChunkBytes + lane * 16;
    if (slot == lane * 16 / kScaleBytes) {
      scales = weight + panels * chunks * kChunkBytes + first * kScaleBytes + lane * 16 % kScaleBytes;
    }
  }

  __device__ void copy(std::uint8_t* stage, unsigned chunk, unsigned lane) const {
#pragma unroll
    for (unsigned slot = 0; slot < kPanels; ++slot) {
      copy_16(stage + slot * kChunkBytes + lane * 16, quants[slot] + std::size_t{chunk} * kChunkBytes);
    }
    if (lane * 16 < kPanels * kScaleBytes) {
      copy_16(stage + kPanels * kChunkBytes + lane * 16, scales + std::size_t{chunk} * kScaleBytes);
    }
  }
};

template <DType dtype>
struct IntegerMath {
  static constexpr unsigned kBlocks = chunk_blocks(dtype);
  struct Rows {
    uint4 blocks[kBlocks];
  };
  using Sum = float[2];

  static __device__ Rows load(const Activations& x, unsigned row, bool valid, unsigned chunk, unsigned lane) {
    Rows rows = {};
    if (valid) {
      const std::uint16_t* at = x.fixed + std::size_t{row} * x.stride + chunk * (32 * kBlocks) + lane % 4 * 8;
#pragma unroll
      for (unsigned block = 0; block < kBlocks; ++block) {
        rows.blocks[block] = __ldcg(reinterpret_cast<const uint4*>(at + block * 32));
      }
    }
    return rows;
  }

  template <unsigned kPanels>
  static __device__ void add(Sum& sum, const Rows& rows, const std::uint8_t* stage, unsigned slot,
                             unsigned lane) {
    const uint4 w = *reinterpret_cast<const uint4*>(stage + slot * kChunkBytes + lane * 16);
    const auto* scales = reinterpret_cast<const __half2*>(
        stage + kPanels * kChunkBytes + slot * (kBlocks * kPanelOutputs * 2) + lane % 4 * 4);
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
      const float2 scale = __half22float2(scales[block * (kPanelOutputs / 2)]);
      sum[0] = fmaf(__int2float_rn(products[0] * 256 + products[2]), scale.x, sum[0]);
      sum[1] = fmaf(__int2float_rn(products[1] * 256 + products[3]), scale.y, sum[1]);
    }
  }

  static __device__ float2 total(const Sum& sum) {
    return {sum[0], sum[1]};
  }
  static __device__ float factor(const Activations& x, unsigned row) {
    // Q4_0's bytes are 16 times the value.
    return __ldcg(x.steps + row) * (dtype == DType::kQ4_0 ? 0.0625F : 1.0F);
  }
};

// Five chunks ahead are 85 or 90 KiB a block, two blocks on a multiprocessor of Hopper; Turing has 64 KiB.
constexpr unsigned kStages = 5;
constexpr unsigned kTuringStages = 3;

template <DType dtype, unsigned kPanels, unsigned kRowGroups>
__global__ void __launch_bounds__(kProductThreads, kRowGroups == 1 ? 2 : 1)
    integer_kernel(const __grid_constant__ Jobs jobs, const __grid_constant__ Activations x) {
  let_next_start();
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  constexpr unsigned kDepth = kTuringStages;
#else
  constexpr unsigned kDepth = kStages;
#endif
  ProductFrame<IntegerSource<dtype, kPanels>, IntegerMath<dtype>, kPanels, kRowGroups, kDepth>::run(jobs, x);
}

template <DType dtype>
struct Integer {
  template <unsigned kPanels, unsigned kRowGroups>
  struct Kernels {
    static constexpr auto kernel = integer_kernel<dtype, kPanels, kRowGroups>;
    static constexpr unsigned kStageBytes = kProductWarps * IntegerSource<dtype, kPanels>::kStageBytes;
  };
};

}  // namespace

cudaError_t launch_integer_products(DType dtype, const Jobs& jobs, const Activations& x,
                                    cudaStream_t stream) {
  if (dtype == DType::kQ8_0) {
    return launch_products<Integer<DType::kQ8_0>::Kernels>(jobs, x, stream, kStages, kTuringStages);
  }
  return launch_products<Integer<DType::kQ4_0>::Kernels>(jobs, x, stream, kStages, kTuringStages);
}

}  // namespace fovea::kernels::cuda
