// The product kernels' frame. A unit of work is 8 * kPanels outputs for up to 8 * kRowGroups rows; a block
// walks some units. Its 8 warps share the columns: chunk c of them belongs to warp c % 8, which multiplies it
// on the tensor cores, weights as the B operand and as A 8 rows of x, high parts over low parts. Each lane
// copies into shared memory exactly the weights that it will feed to the tensor cores, several chunks ahead,
// so a warp waits for no other until all eight add up their sums, in order. How units are cut and who walks
// them therefore changes nothing in an element's sum.
//
// The ring of chunks is filled before the inputs are ready: while the kernel before this one ends, and while
// prepare() runs, weights are on their way.
#pragma once

#include <cuda_fp16.h>

#include <algorithm>
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
constexpr unsigned kLargestPanels = 4;  // of a unit
constexpr unsigned kStagger = 1;        // steps between the starts of neighbouring units

/// What one launch computes: products of one dtype that share an input.
struct Job {
  float* out;
  const void* weight;
  unsigned outputs;
  unsigned first_unit;  // of the units of outputs that blocks work on
};
struct Jobs {
  Job jobs[kMaxProducts];
  unsigned count;
  unsigned rows;
  unsigned columns;
  Epilogue epilogue;
  unsigned units;  // of all jobs
};

/// out[row, output] of a job, as the epilogue wants it; what it needs of memory is asked for early.
__device__ inline float read_previous(const float* out, Epilogue epilogue) {
  return epilogue == Epilogue::kAdd ? *out : 0.0F;
}

__device__ inline float silu(float x) {
  return x / (1.0F + expf(-x));
}

/// A warp's way to its share of the weights of a unit of kPanels panels.
template <DType dtype, unsigned kPanels>
struct WeightStream {
  static constexpr unsigned kScaleBytes = chunk_scale_bytes(dtype);
  static constexpr unsigned kStageBytes =
      kPanels * (kChunkBytes + kScaleBytes);  // of one chunk of each panel

  const std::uint8_t* quants[kPanels];  // this lane's part of the first chunk
  const std::uint8_t* scales;           // what this lane copies of them, if anything

  __device__ void set(unsigned slot, const Job& job, unsigned panel, std::size_t chunks) {
    const unsigned lane = threadIdx.x % 32;
    const auto* weight = static_cast<const std::uint8_t*>(job.weight);
    const std::size_t panels = panels_of(job.outputs);
    const std::size_t first = min(std::size_t{panel}, panels - 1) * chunks;
    quants[slot] = weight + first * kChunkBytes + lane * 16;
    if constexpr (kScaleBytes != 0) {
      if (slot == lane * 16 / kScaleBytes) {
        scales = weight + panels * chunks * kChunkBytes + first * kScaleBytes + lane * 16 % kScaleBytes;
      }
    }
  }

  __device__ void copy(std::uint8_t* stage, std::size_t chunk) const {
    const unsigned lane = threadIdx.x % 32;
#pragma unroll
    for (unsigned slot = 0; slot < kPanels; ++slot) {
      copy_16(stage + slot * kChunkBytes + lane * 16, quants[slot] + chunk * kChunkBytes);
    }
    if constexpr (kScaleBytes != 0) {
      if (lane * 16 < kPanels * kScaleBytes) {
        copy_16(stage + kPanels * kChunkBytes + lane * 16, scales + chunk * kScaleBytes);
      }
    }
  }
};

/// How many chunks a warp's ring holds. 85 to 100 KiB a block: two blocks on a multiprocessor of Hopper, one
/// on the smallest since Ampere; on Turing, where copies are loads, a ring would be of no use.
template <unsigned kRowGroups>
constexpr unsigned kRingStages = kRowGroups == 1 ? 5 : 3;

template <DType dtype, unsigned kPanels, unsigned kRowGroups>
constexpr unsigned product_shared_bytes(bool turing) {
  const unsigned stages = turing ? 1 : kRingStages<kRowGroups>;
  const unsigned sums = kRowGroups * kPanels * 64 * sizeof(float);
  return kProductWarps * (stages * WeightStream<dtype, kPanels>::kStageBytes + sums);
}

/// Math: what becomes of a chunk. Rows load(x, row, valid, chunk): a lane's part of a chunk of a row of x;
/// kAhead: how many of them to ask for ahead; add(sums, rows, chunk of a panel, its scales); float2
/// total(sums): of the lane's row and outputs 2t, 2t + 1; factor(x, row): what totals are in units of.
template <DType dtype, typename Math, unsigned kPanels, unsigned kRowGroups>
struct ProductFrame {
  using Stream = WeightStream<dtype, kPanels>;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  static constexpr unsigned kStages = 1;
#else
  static constexpr unsigned kStages = kRingStages<kRowGroups>;
#endif
  static constexpr unsigned kWarpBytes = kStages * Stream::kStageBytes;
  static constexpr unsigned kOutputs = kPanels * kPanelOutputs;
  static constexpr unsigned kRows = 8 * kRowGroups;
  static constexpr unsigned kElements = (kRows * kOutputs + kProductThreads - 1) / kProductThreads;

  // Where a warp's sum of a row and output lies. A half warp stores four rows of eight outputs at once: the
  // shuffle puts them into different banks.
  static __device__ unsigned place(unsigned row, unsigned output) {
    static_assert(kPanels == 2 || kPanels == 4);
    const unsigned turn = kPanels == 4 ? row % 4 : row / 2 % 2;
    return row * kOutputs + (output ^ turn * 8);
  }

  static __device__ void run(const Jobs& work, const Activations& x) {
    extern __shared__ __align__(128) std::uint8_t shared[];
    const unsigned warp = threadIdx.x / 32;
    const unsigned lane = threadIdx.x % 32;
    std::uint8_t* ring = shared + warp * kWarpBytes;
    auto* sums_of_warps = reinterpret_cast<float*>(shared + kProductWarps * kWarpBytes);

    const bool gate = work.epilogue == Epilogue::kSiluGate;
    const unsigned width = gate ? kOutputs / 2 : kOutputs;  // outputs of a unit
    const auto chunks = static_cast<unsigned>(chunks_of(dtype, work.columns));
    const auto job_of = [&](unsigned unit) {
      unsigned j = 0;
      while (!gate && j + 1 < work.count && unit >= work.jobs[j + 1].first_unit) ++j;
      return j;
    };

    // A warp's steps through a unit: chunks warp, warp + 8, ..., from one that the unit chooses and around.
    // Blocks run in step, and would otherwise all ask the same part of the cache for the same part of x. The
    // choice is the same for all ways to cut units, or a row's bits would depend on the number of rows.
    const unsigned steps = warp < chunks ? (chunks - warp + kProductWarps - 1) / kProductWarps : 0;
    const auto first_chunk = [&](unsigned unit) {
      const unsigned panel = (unit - work.jobs[job_of(unit)].first_unit) * (width / kPanelOutputs);
      return warp + panel / kLargestPanels * kStagger % steps * kProductWarps;
    };
    const auto after = [&](unsigned chunk) {
      return chunk + kProductWarps < chunks ? chunk + kProductWarps : warp;
    };
    // Where a reader of the weights or of x stands; it goes on from unit to unit.
    struct Cursor {
      unsigned unit, chunk, left;
    };
    const auto start = [&](unsigned unit) {
      Cursor cursor{unit, 0, steps};
      if (steps == 0) cursor.unit = work.units;  // fewer chunks than warps: nothing to read
      if (cursor.unit < work.units) cursor.chunk = first_chunk(unit);
      return cursor;
    };
    const auto advance = [&](Cursor& cursor) {
      cursor.chunk = after(cursor.chunk);
      if (--cursor.left == 0) cursor = start(cursor.unit + gridDim.x);
    };

    // The head of the ring runs kStages chunks before its tail, over the ends of units.
    Stream stream;
    Cursor head = start(blockIdx.x);
    const auto aim = [&] {
      const unsigned j = job_of(head.unit);
      const unsigned unit = head.unit - work.jobs[j].first_unit;
#pragma unroll
      for (unsigned slot = 0; slot < kPanels; ++slot) {
        constexpr unsigned kHalf = kPanels / 2;
        if (gate) {
          stream.set(slot, work.jobs[slot / kHalf], unit * kHalf + slot % kHalf, chunks);
        } else {
          stream.set(slot, work.jobs[j], unit * kPanels + slot, chunks);
        }
      }
    };
    const auto fill = [&](unsigned stage) {
      if (head.unit < work.units) {
        stream.copy(ring + stage * Stream::kStageBytes, head.chunk);
        const unsigned unit = head.unit;
        advance(head);
        if (head.unit != unit && head.unit < work.units) aim();
      }
      close_group();
    };
    if (head.unit < work.units) aim();
#pragma unroll 1
    for (unsigned s = 0; s < kStages; ++s) fill(s);
    wait_for_inputs();

    const unsigned first_row = blockIdx.y * kRows;
    const unsigned row = first_row + lane / 4;
    typename Math::Rows queue[Math::kAhead] = {};
    Cursor asked = start(blockIdx.x);
    const auto ask = [&](typename Math::Rows& rows) {
      if (asked.unit >= work.units) return;
      rows = Math::load(x, row, row < work.rows, asked.chunk);
      advance(asked);
    };
#pragma unroll
    for (unsigned i = 0; i < Math::kAhead && kRowGroups == 1; ++i)
      ask(queue[i]);  // with more the sums take the registers
    float factors[kElements];
#pragma unroll
    for (unsigned e = 0; e < kElements; ++e) {
      const unsigned of_row = first_row + (threadIdx.x + e * kProductThreads) / width;
      factors[e] = of_row < work.rows ? Math::factor(x, of_row) : 0.0F;
    }

    unsigned stage = 0;
    for (unsigned unit = blockIdx.x; unit < work.units; unit += gridDim.x) {
      const Job& job = work.jobs[job_of(unit)];
      // What the last step needs of memory.
      float previous[kElements];
      float* to[kElements];
#pragma unroll
      for (unsigned e = 0; e < kElements; ++e) {
        const unsigned i = threadIdx.x + e * kProductThreads;
        const unsigned of_row = first_row + i / width;
        const unsigned output = (unit - job.first_unit) * width + i % width;
        const bool exists = i < kRows * width && of_row < work.rows && output < job.outputs;
        to[e] = exists ? job.out + std::size_t{of_row} * job.outputs + output : nullptr;
        previous[e] = exists ? read_previous(to[e], work.epilogue) : 0.0F;
      }

      typename Math::Sum sums[kRowGroups][kPanels] = {};
      unsigned chunk = steps > 0 ? first_chunk(unit) : 0;
      const auto step = [&](typename Math::Rows& of_first) {
        wait_for_groups<kStages - 1>();
        __syncwarp();
        const std::uint8_t* at = ring + stage * Stream::kStageBytes;
#pragma unroll
        for (unsigned group = 0; group < kRowGroups; ++group) {
          typename Math::Rows rows;
          if constexpr (kRowGroups == 1) {
            rows = of_first;
          } else {
            rows = Math::load(x, row + 8 * group, row + 8 * group < work.rows, chunk);
          }
#pragma unroll
          for (unsigned slot = 0; slot < kPanels; ++slot) {
            Math::add(sums[group][slot], rows, at + slot * kChunkBytes,
                      at + kPanels * kChunkBytes + slot * Stream::kScaleBytes);
          }
        }
        if constexpr (kRowGroups == 1) ask(of_first);
        __syncwarp();
        fill(stage);
        stage = stage + 1 == kStages ? 0 : stage + 1;
        chunk = after(chunk);
      };
      // Each place of the queue has its own registers: to move what is still on its way would be to wait for
      // it.
      for (unsigned done = 0; done < steps; done += Math::kAhead) {
#pragma unroll
        for (unsigned i = 0; i < Math::kAhead; ++i) {
          if (done + i < steps) step(queue[i]);
        }
      }
      if constexpr (Math::kAhead == 2) {
        if (steps % 2 == 1) {
          const typename Math::Rows second = queue[1];
          queue[1] = queue[0];
          queue[0] = second;
        }
      }

      float* of_warp = sums_of_warps + warp * kRows * kOutputs;
#pragma unroll
      for (unsigned group = 0; group < kRowGroups; ++group) {
#pragma unroll
        for (unsigned slot = 0; slot < kPanels; ++slot) {
          const unsigned at = place(8 * group + lane / 4, slot * kPanelOutputs + 2 * (lane % 4));
          *reinterpret_cast<float2*>(of_warp + at) = Math::total(sums[group][slot]);
        }
      }
      __syncthreads();
#pragma unroll
      for (unsigned e = 0; e < kElements; ++e) {
        if (to[e] == nullptr) continue;
        const unsigned i = threadIdx.x + e * kProductThreads;
        const unsigned at = place(i / width, i % width);
        const unsigned up_at = place(i / width, i % width + (gate ? width : 0));
        float sum = 0;
        float up = 0;
#pragma unroll
        for (unsigned w = 0; w < kProductWarps; ++w) {
          sum += sums_of_warps[w * kRows * kOutputs + at];
          if (gate) up += sums_of_warps[w * kRows * kOutputs + up_at];
        }
        sum *= factors[e];
        *to[e] = gate ? silu(sum) * (up * factors[e]) : previous[e] + sum;
      }
      __syncthreads();
    }
    wait_for_groups<0>();
  }
};

/// Sets where each job's units of `width` outputs begin and how many units there are.
inline void assign_units(Jobs& jobs, unsigned width) {
  jobs.units = 0;
  for (unsigned j = 0; j < jobs.count; ++j) {
    jobs.jobs[j].first_unit = jobs.units;
    jobs.units += (jobs.jobs[j].outputs + width - 1) / width;
    if (jobs.epilogue == Epilogue::kSiluGate) break;  // the second job is the first one's other half
  }
}

/// Launches Kernels<dtype, kPanels, kRowGroups>::kernel over all units. Matrices with few outputs are cut
/// finer, so that more multiprocessors take part; rows beyond what one block takes go to others.
template <DType dtype, template <DType, unsigned, unsigned> typename Kernels>
cudaError_t launch_products(Jobs jobs, const Activations& x, cudaStream_t stream) {
  int device = 0;
  int major = 0;
  int multiprocessors = 0;
  cudaError_t status = cudaGetDevice(&device);
  if (status != cudaSuccess) return status;
  status = cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
  if (status != cudaSuccess) return status;
  status = cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
  if (status != cudaSuccess) return status;
  // As many blocks as fit at once, each walking its units, so that a ring never runs dry between them.
  const unsigned most_blocks = 2 * static_cast<unsigned>(multiprocessors);

  const auto assign = [&](unsigned panels) {
    assign_units(jobs, (jobs.epilogue == Epilogue::kSiluGate ? panels / 2 : panels) * kPanelOutputs);
  };
  const auto start = [&]<unsigned kPanels, unsigned kRowGroups>() {
    constexpr auto kernel = Kernels<dtype, kPanels, kRowGroups>::kernel;
    const unsigned shared_bytes = product_shared_bytes<dtype, kPanels, kRowGroups>(major < 8);
    const cudaError_t allowed = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                                     static_cast<int>(shared_bytes));
    if (allowed != cudaSuccess) return allowed;
    assign(kPanels);
    const dim3 grid(std::min(jobs.units, most_blocks), (jobs.rows + 8 * kRowGroups - 1) / (8 * kRowGroups));
    return launch(kernel, grid, kProductThreads, shared_bytes, stream, jobs, x);
  };
  if (jobs.rows > 16) return start.template operator()<4, 4>();
  if (jobs.rows > 8) return start.template operator()<4, 2>();
  constexpr unsigned kFewUnits = 96;  // for the 132 multiprocessors of an H100
  assign(4);
  const bool few = jobs.units < kFewUnits;
  return few ? start.template operator()<2, 1>() : start.template operator()<4, 1>();
}

/// matmul() with the rows of x where `x` says.
cudaError_t multiply(const Product* products, std::size_t count, Epilogue epilogue, const Activations& x,
                     std::size_t rows, std::size_t columns, cudaStream_t stream);

cudaError_t launch_half_products(DType dtype, const Jobs& jobs, const Activations& x, cudaStream_t stream);
cudaError_t launch_integer_products(DType dtype, const Jobs& jobs, const Activations& x, cudaStream_t stream);
cudaError_t launch_float_products(Jobs jobs, const Activations& x, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
