// The product kernels' frame. A block computes 8 * kPanels outputs for up to 8 * kRowGroups rows. Its 8 warps
// share the columns: chunk c of them belongs to warp c % 8, which multiplies it on the tensor cores, weights
// as the B operand and as A 8 rows of x, high parts over low parts. Each lane copies into shared memory
// exactly the weights that it will feed to the tensor cores, several chunks ahead, so a warp waits for no
// other until all eight add up their sums, in order. How much a block covers therefore changes nothing in an
// element's sum.
//
// The ring of chunks is filled before the inputs are ready: while the kernel before this one ends, and while
// prepare() runs, weights are on their way.
#pragma once

#include <cuda_fp16.h>

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/activations.cuh"
#include "kernels/cuda/async_copy.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/matmul.h"
#include "kernels/cuda/mma.cuh"
#include "kernels/cuda/weight_layout.cuh"

namespace fovea::kernels::cuda {

constexpr unsigned kProductWarps = 8;
constexpr unsigned kProductThreads = 32 * kProductWarps;

/// What one launch computes: products of one dtype that share an input.
struct Job {
  float* out;
  const void* weight;
  unsigned outputs;
  unsigned first_block;  // of those that work for it
};
struct Jobs {
  Job jobs[kMaxProducts];
  unsigned count;
  unsigned rows;
  unsigned columns;
  Epilogue epilogue;
};

/// out[row, output] of a job, as the epilogue wants it; what it needs of memory is asked for early.
__device__ inline float read_previous(const float* out, Epilogue epilogue) {
  return epilogue == Epilogue::kAdd ? *out : 0.0F;
}

__device__ inline float silu(float x) {
  return x / (1.0F + expf(-x));
}

/// Source: how weights travel. kColumns (of a chunk), kStageBytes (of a chunk of all panels); set(slot, job,
/// panel, columns, lane); copy(stage, chunk, lane). Math: what becomes of them. Rows load(x, row, valid,
/// chunk, lane): a lane's part of a chunk of a row of x; add<kPanels>(sums, rows, stage, slot, lane): a chunk
/// more; float2 total(sums): of the lane's row and outputs 2t, 2t + 1; factor(x, row): what totals are in
/// units of.
template <typename Source, typename Math, unsigned kPanels, unsigned kRowGroups, unsigned kStages>
struct ProductFrame {
  static constexpr unsigned kStageBytes = Source::kStageBytes;
  static constexpr unsigned kWarpBytes = kStages * kStageBytes;
  static constexpr unsigned kOutputs = kPanels * kPanelOutputs;
  static constexpr unsigned kRows = 8 * kRowGroups;
  // Padded so that the eight rows that a warp stores at once lie in different banks.
  static constexpr unsigned kSumStride = kOutputs + 8;
  static constexpr unsigned kElements = (kRows * kOutputs + kProductThreads - 1) / kProductThreads;
  static_assert(kRows * kSumStride * sizeof(float) <= kWarpBytes);

  static __device__ void run(const Jobs& work, const Activations& x) {
    extern __shared__ __align__(128) std::uint8_t ring[];
    const unsigned warp = threadIdx.x / 32;
    const unsigned lane = threadIdx.x % 32;
    std::uint8_t* mine = ring + warp * kWarpBytes;

    const bool gate = work.epilogue == Epilogue::kSiluGate;
    unsigned j = 0;
    while (!gate && j + 1 < work.count && blockIdx.x >= work.jobs[j + 1].first_block) ++j;
    const unsigned unit = blockIdx.x - work.jobs[j].first_block;
    Source source;
#pragma unroll
    for (unsigned slot = 0; slot < kPanels; ++slot) {
      constexpr unsigned kHalf = kPanels / 2;
      if (gate) {
        source.set(slot, work.jobs[slot / kHalf], unit * kHalf + slot % kHalf, work.columns, lane);
      } else {
        source.set(slot, work.jobs[j], unit * kPanels + slot, work.columns, lane);
      }
    }
    const unsigned chunks = (work.columns + Source::kColumns - 1) / Source::kColumns;
    unsigned ahead = warp;
#pragma unroll
    for (unsigned s = 0; s < kStages; ++s, ahead += kProductWarps) {
      if (ahead < chunks) source.copy(mine + s * kStageBytes, ahead, lane);
      close_group();
    }
    wait_for_inputs();

    // What the last step needs of memory.
    const unsigned first_row = blockIdx.y * kRows;
    const unsigned width = gate ? kOutputs / 2 : kOutputs;
    const unsigned outputs = work.jobs[j].outputs;
    float factors[kElements];
    float previous[kElements];
    float* to[kElements];
#pragma unroll
    for (unsigned e = 0; e < kElements; ++e) {
      const unsigned i = threadIdx.x + e * kProductThreads;
      const unsigned row = first_row + i / width;
      const unsigned output = unit * width + i % width;
      const bool exists = i < kRows * width && row < work.rows && output < outputs;
      to[e] = exists ? work.jobs[j].out + std::size_t{row} * outputs + output : nullptr;
      factors[e] = exists ? Math::factor(x, row) : 0.0F;
      previous[e] = exists ? read_previous(to[e], work.epilogue) : 0.0F;
    }

    typename Math::Sum sums[kRowGroups][kPanels] = {};
    const unsigned row = first_row + lane / 4;
    typename Math::Rows next = Math::load(x, row, row < work.rows && warp < chunks, warp, lane);
    unsigned stage = 0;
    for (unsigned chunk = warp; chunk < chunks; chunk += kProductWarps) {
      std::uint8_t* at = mine + stage * kStageBytes;
      typename Math::Rows rows = next;
      const unsigned later = chunk + kProductWarps;
      next = Math::load(x, row, row < work.rows && later < chunks, later, lane);
      wait_for_groups<kStages - 1>();
      __syncwarp();
#pragma unroll
      for (unsigned group = 0; group < kRowGroups; ++group) {
        if (group > 0) {
          rows = Math::load(x, row + 8 * group, row + 8 * group < work.rows, chunk, lane);
        }
#pragma unroll
        for (unsigned slot = 0; slot < kPanels; ++slot) {
          Math::template add<kPanels>(sums[group][slot], rows, at, slot, lane);
        }
      }
      __syncwarp();
      if (ahead < chunks) source.copy(at, ahead, lane);
      close_group();
      ahead += kProductWarps;
      stage = stage + 1 == kStages ? 0 : stage + 1;
    }
    wait_for_groups<0>();
    __syncwarp();

    auto* partial = reinterpret_cast<float*>(mine);
#pragma unroll
    for (unsigned group = 0; group < kRowGroups; ++group) {
#pragma unroll
      for (unsigned slot = 0; slot < kPanels; ++slot) {
        float* pair = partial + (8 * group + lane / 4) * kSumStride + slot * kPanelOutputs + 2 * (lane % 4);
        *reinterpret_cast<float2*>(pair) = Math::total(sums[group][slot]);
      }
    }
    __syncthreads();
#pragma unroll
    for (unsigned e = 0; e < kElements; ++e) {
      if (to[e] == nullptr) continue;
      const unsigned i = threadIdx.x + e * kProductThreads;
      const auto* of_warp = reinterpret_cast<const float*>(ring) + i / width * kSumStride + i % width;
      float sum = 0;
      float up = 0;
#pragma unroll
      for (unsigned w = 0; w < kProductWarps; ++w) {
        sum += of_warp[w * (kWarpBytes / sizeof(float))];
        if (gate) up += of_warp[w * (kWarpBytes / sizeof(float)) + width];
      }
      sum *= factors[e];
      *to[e] = gate ? silu(sum) * (up * factors[e]) : previous[e] + sum;
    }
  }
};

/// Sets each job's first block, where a block computes `width` outputs, and returns how many blocks there
/// are.
inline unsigned assign_blocks(Jobs& jobs, unsigned width) {
  unsigned blocks = 0;
  for (unsigned j = 0; j < jobs.count; ++j) {
    jobs.jobs[j].first_block = blocks;
    blocks += (jobs.jobs[j].outputs + width - 1) / width;
    if (jobs.epilogue == Epilogue::kSiluGate) break;  // the second job is the first one's other half
  }
  return blocks;
}

/// Launches Kernels<kPanels, kRowGroups>::kernel with shared memory for
/// `stages` chunks of kStageBytes, or `turing_stages` before compute capability 8.0. Matrices with few
/// outputs are cut finer, so that more multiprocessors take part; rows beyond what one block takes go to
/// others.
template <template <unsigned, unsigned> typename Kernels>
cudaError_t launch_products(Jobs jobs, const Activations& x, cudaStream_t stream, unsigned stages,
                            unsigned turing_stages) {
  int device = 0;
  int major = 0;
  cudaError_t status = cudaGetDevice(&device);
  if (status != cudaSuccess) return status;
  status = cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
  if (status != cudaSuccess) return status;
  if (major < 8) stages = turing_stages;

  const auto assign = [&](unsigned panels) {
    const bool gate = jobs.epilogue == Epilogue::kSiluGate;
    return assign_blocks(jobs, (gate ? panels / 2 : panels) * kPanelOutputs);
  };
  const auto start = [&]<unsigned kPanels, unsigned kRowGroups>() {
    using K = Kernels<kPanels, kRowGroups>;
    const unsigned shared_bytes = stages * K::kStageBytes;
    const cudaError_t allowed = cudaFuncSetAttribute(K::kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                                     static_cast<int>(shared_bytes));
    if (allowed != cudaSuccess) return allowed;
    const dim3 grid(assign(kPanels), (jobs.rows + 8 * kRowGroups - 1) / (8 * kRowGroups));
    return launch(K::kernel, grid, kProductThreads, shared_bytes, stream, jobs, x);
  };
  constexpr unsigned kEnoughBlocks = 96;  // for most of the 132 multiprocessors of an H100
  if (jobs.rows > 16) return start.template operator()<4, 4>();
  if (jobs.rows > 8) return start.template operator()<4, 2>();
  return assign(4) >= kEnoughBlocks ? start.template operator()<4, 1>() : start.template operator()<2, 1>();
}

/// matmul() with the rows of x where `x` says.
cudaError_t multiply(const Product* products, std::size_t count, Epilogue epilogue, const Activations& x,
                     std::size_t rows, std::size_t columns, cudaStream_t stream);

cudaError_t launch_half_products(DType dtype, const Jobs& jobs, const Activations& x, cudaStream_t stream);
cudaError_t launch_integer_products(DType dtype, const Jobs& jobs, const Activations& x, cudaStream_t stream);
cudaError_t launch_float_products(Jobs jobs, const Activations& x, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
