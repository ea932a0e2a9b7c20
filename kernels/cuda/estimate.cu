#include "kernels/cuda/estimate.h"

#include "kernels/cuda/async_copy.cuh"
#include "kernels/cuda/launch.cuh"

namespace fovea::kernels::cuda {
namespace {

// A lane has 64 sums: eight positions (two runs of four) of eight layers. A source costs it 16 floats of
// shared memory and 64 multiply-adds, which take as long as each other; fewer sums would wait for shared
// memory.
constexpr unsigned kThreads = 128;
constexpr unsigned kWarps = kThreads / 32;
constexpr unsigned kRuns = 2;
constexpr unsigned kRun = 128;            // positions from a lane's run to its next
constexpr unsigned kTile = kRuns * kRun;  // positions of a block
constexpr unsigned kLayersPerWarp = 8;
constexpr unsigned kLayers = kWarps * kLayersPerWarp;  // of a block
constexpr unsigned kChunk = 8;                         // sources that arrive together
constexpr unsigned kStages = 5;

// Shared memory of one chunk of sources. Four floats of padding spread the weights, which arrive source after
// source of a layer, over the banks.
struct Stage {
  float mass[kChunk][kTile];
  float weights[kChunk][kLayers + 4];
};

struct Tile {
  unsigned first_position;
  unsigned first_layer;
  unsigned n;     // positions there are
  unsigned rows;  // of mass that are combined

  /// The first of a lane's four positions in one of its runs.
  [[nodiscard]] __device__ unsigned position(unsigned run) const {
    return first_position + run * kRun + threadIdx.x % 32 * 4;
  }
  [[nodiscard]] __device__ unsigned layer() const { return first_layer + threadIdx.x / 32 * kLayersPerWarp; }
};

// kSize bytes of which the first `bytes` are read and the others become 0. Before compute capability 8.0 by
// ordinary loads.
template <unsigned kSize>
__device__ void copy_or_clear(float* shared, const float* global, unsigned bytes) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  const auto to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  if constexpr (kSize == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(global), "r"(bytes)
                 : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(to), "l"(global), "r"(bytes)
                 : "memory");
  }
#else
  for (unsigned i = 0; i < kSize / 4; ++i) shared[i] = 4 * i < bytes ? global[i] : 0.0F;
#endif
}

// Asks for one chunk, of which each thread has four pieces of mass and two weights. What lies outside arrives
// as 0, which adds nothing; an address that is not read may be anything.
__device__ void load_chunk(Stage& stage, const SelectCall& call, const Tile& tile, unsigned row,
                           unsigned first_source) {
  const auto sources = static_cast<unsigned>(call.sources);
  const unsigned first = threadIdx.x / 32;
  const float* mass =
      call.mass + std::size_t{row * sources + first_source + first} * call.mass_stride + tile.position(0);
  float* to = &stage.mass[first][tile.position(0) - tile.first_position];
#pragma unroll
  for (unsigned run = 0; run < kRuns; ++run) {
    const unsigned position = tile.position(run);
    const unsigned filled = position < tile.n ? min(tile.n - position, 4U) * 4 : 0;
#pragma unroll
    for (unsigned i = 0; i < kChunk; i += kWarps) {
      copy_or_clear<16>(to + i * kTile + run * kRun, mass + i * call.mass_stride + run * kRun,
                        first_source + first + i < sources ? filled : 0);
    }
  }
  const unsigned source = threadIdx.x % kChunk;
  const unsigned layer = threadIdx.x / kChunk;
  const float* weights =
      call.weights + std::size_t{tile.first_layer + layer} * sources + first_source + source;
#pragma unroll
  for (unsigned i = 0; i < kLayers; i += kThreads / kChunk) {
    const bool inside = first_source + source < sources && tile.first_layer + layer + i < call.layers;
    copy_or_clear<4>(&stage.weights[source][layer + i], weights + i * sources, inside ? 4 : 0);
  }
}

struct Sums {
  float of[kLayersPerWarp][kRuns * 4] = {};

  __device__ void add(const float (&weights)[kLayersPerWarp], const float (&mass)[kRuns * 4]) {
#pragma unroll
    for (unsigned l = 0; l < kLayersPerWarp; ++l) {
#pragma unroll
      for (unsigned k = 0; k < kRuns * 4; ++k) of[l][k] = fmaf(weights[l], mass[k], of[l][k]);
    }
  }
  __device__ void scale(float factor) {
#pragma unroll
    for (unsigned l = 0; l < kLayersPerWarp; ++l) {
#pragma unroll
      for (unsigned k = 0; k < kRuns * 4; ++k) of[l][k] *= factor;
    }
  }
  [[nodiscard]] __device__ bool any_nan() const {
    bool any = false;
#pragma unroll
    for (unsigned l = 0; l < kLayersPerWarp; ++l) {
#pragma unroll
      for (unsigned k = 0; k < kRuns * 4; ++k) any |= isnan(of[l][k]);
    }
    return any;
  }
};

__device__ void add_chunk(Sums& sums, const Stage& stage) {
  const unsigned column = threadIdx.x % 32 * 4;
  const unsigned layer = threadIdx.x / 32 * kLayersPerWarp;
#pragma unroll 4
  for (unsigned s = 0; s < kChunk; ++s) {
    const float4 m = *reinterpret_cast<const float4*>(&stage.mass[s][column]);
    const float4 n = *reinterpret_cast<const float4*>(&stage.mass[s][column + kRun]);
    const float4 w = *reinterpret_cast<const float4*>(&stage.weights[s][layer]);
    const float4 v = *reinterpret_cast<const float4*>(&stage.weights[s][layer + 4]);
    sums.add({w.x, w.y, w.z, w.w, v.x, v.y, v.z, v.w}, {m.x, m.y, m.z, m.w, n.x, n.y, n.z, n.w});
  }
}

// The same without the products of weight 0. Where every mass is finite those change no bit; a NaN among the
// sums may be 0 times something that is not, so then they are computed again, this way.
__device__ void sum_without_zeros(Sums& sums, const SelectCall& call, const Tile& tile, unsigned row) {
  sums = {};
  for (unsigned s = 0; s < call.sources; ++s) {
    const float* mass = call.mass + (row * call.sources + s) * call.mass_stride;
    float m[kRuns * 4];
#pragma unroll
    for (unsigned k = 0; k < kRuns * 4; ++k) {
      const unsigned position = tile.position(k / 4) + k % 4;
      m[k] = position < tile.n ? mass[position] : 0.0F;
    }
#pragma unroll
    for (unsigned l = 0; l < kLayersPerWarp; ++l) {
      const unsigned layer = tile.layer() + l;
      const float w = layer < call.layers ? call.weights[layer * call.sources + s] : 0.0F;
      if (w == 0) continue;
#pragma unroll
      for (unsigned k = 0; k < kRuns * 4; ++k) sums.of[l][k] = fmaf(w, m[k], sums.of[l][k]);
    }
  }
}

// f(address of four positions in out[layers, stride], their sums, how many of them there are) for the lane's
// layers and runs.
template <typename F>
__device__ void for_each_run(float* out, std::size_t stride, Sums& sums, const SelectCall& call,
                             const Tile& tile, F f) {
#pragma unroll
  for (unsigned l = 0; l < kLayersPerWarp; ++l) {
    if (tile.layer() + l >= call.layers) break;
#pragma unroll
    for (unsigned run = 0; run < kRuns; ++run) {
      const unsigned position = tile.position(run);
      if (position >= tile.n) break;
      f(out + (tile.layer() + l) * stride + position, &sums.of[l][run * 4], tile.n - position);
    }
  }
}

__device__ void store(float* out, std::size_t stride, Sums& sums, const SelectCall& call, const Tile& tile) {
  for_each_run(out, stride, sums, call, tile, [](float* to, const float* x, unsigned count) {
    if (count >= 4) {
      *reinterpret_cast<float4*>(to) = {x[0], x[1], x[2], x[3]};
      return;
    }
    to[0] = x[0];
    if (count > 1) to[1] = x[1];
    if (count > 2) to[2] = x[2];
  });
}

// sums joined with what this lane stored of the rows before.
__device__ void join(Sums& sums, float* before, std::size_t stride, bool maximum, const SelectCall& call,
                     const Tile& tile) {
  for_each_run(before, stride, sums, call, tile, [&](const float* from, float* x, unsigned count) {
#pragma unroll
    for (unsigned k = 0; k < 4; ++k) {
      if (k >= count) break;
      const float y = from[k];
      x[k] = !maximum ? x[k] + y : x[k] < y ? y : x[k];
    }
  });
}

// Block (tile of positions, group of layers). Chunks of sources, those of one row after those of the row
// before, come through a ring of stages: while one is added the next four are on their way.
__global__ void __launch_bounds__(kThreads, 2)
    estimate_kernel(float* estimate, float* row_estimates, std::size_t stride, SelectCall call) {
  let_next_start();
  extern __shared__ Stage stages[];
  wait_for_inputs();
  Tile tile{blockIdx.x * kTile, static_cast<unsigned>(call.dense_layers) + blockIdx.y * kLayers, 0, 0};
  tile.n = min(static_cast<unsigned>(max(*call.positions, 0)), static_cast<unsigned>(call.capacity));
  tile.rows = min(static_cast<unsigned>(max(*call.slot_count, 0)), static_cast<unsigned>(call.rows));
  if (tile.first_position >= tile.n || tile.rows == 0) return;

  const unsigned chunks = (static_cast<unsigned>(call.sources) + kChunk - 1) / kChunk;  // of a row
  unsigned asked_row = 0;
  unsigned asked = 0;  // chunks of that row
  unsigned stage = 0;
  const auto ask = [&](unsigned to) {
    if (asked == chunks) {
      asked = 0;
      ++asked_row;
    }
    if (asked_row < tile.rows) load_chunk(stages[to], call, tile, asked_row, asked++ * kChunk);
    close_group();
  };
  for (unsigned s = 0; s + 1 < kStages; ++s) ask(s);

  for (unsigned row = 0; row < tile.rows; ++row) {
    Sums sums;
    for (unsigned chunk = 0; chunk < chunks; ++chunk) {
      wait_for_groups<kStages - 2>();
      __syncthreads();  // everybody's part of this chunk is here, and the chunk before is done with
      ask(stage == 0 ? kStages - 1 : stage - 1);
      add_chunk(sums, stages[stage]);
      stage = stage + 1 == kStages ? 0 : stage + 1;
    }
    if (sums.any_nan()) sum_without_zeros(sums, call, tile, row);
    if (call.combination == RowCombination::kUnion) {
      store(row_estimates + row * call.layers * stride, stride, sums, call, tile);
    }
    const bool maximum = call.combination == RowCombination::kMax;
    if (row > 0) join(sums, estimate, stride, maximum, call, tile);
    if (row > 0 && row + 1 == tile.rows && !maximum) sums.scale(1.0F / static_cast<float>(tile.rows));
    store(estimate, stride, sums, call, tile);
  }
}

}  // namespace

cudaError_t estimate_attention(float* estimate, float* row_estimates, std::size_t stride,
                               const SelectCall& call, cudaStream_t stream) {
  if (call.mass_stride % 4 != 0 || stride % 4 != 0 || stride < call.capacity) return cudaErrorInvalidValue;
  if (call.layers <= call.dense_layers || call.capacity == 0) return cudaSuccess;
  constexpr std::size_t kBytes = kStages * sizeof(Stage);
  const dim3 grid(static_cast<unsigned>((call.capacity + kTile - 1) / kTile),
                  static_cast<unsigned>((call.layers - call.dense_layers + kLayers - 1) / kLayers));
  return launch(estimate_kernel, grid, kThreads, kBytes, stream, estimate, row_estimates, stride, call);
}

}  // namespace fovea::kernels::cuda
