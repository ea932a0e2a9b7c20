#include "kernels/cuda/estimate.h"

#include <cuda_pipeline_primitives.h>

#include "kernels/cuda/launch.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kThreads = 128;
constexpr unsigned kTile = 128;         // positions of a block: four a lane
constexpr unsigned kLayersPerWarp = 8;  // 32 sums a lane: 32 multiply-adds for three loads of 16 bytes
constexpr unsigned kLayers = kThreads / 32 * kLayersPerWarp;  // of a block
constexpr unsigned kChunk = 16;                               // sources that arrive together
constexpr unsigned kStages = 4;

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
};

// Asks for one chunk. What lies outside arrives as 0, which adds nothing.
__device__ void load_chunk(Stage& stage, const SelectCall& call, const Tile& tile, unsigned row,
                           unsigned first_source) {
  const auto sources = static_cast<unsigned>(call.sources);
  const float* mass = call.mass + std::size_t{row} * sources * call.mass_stride;
  for (unsigned i = threadIdx.x; i < kChunk * kTile / 4; i += kThreads) {
    const unsigned source = i / (kTile / 4);
    const unsigned column = i % (kTile / 4) * 4;
    const unsigned position = tile.first_position + column;
    const bool inside = first_source + source < sources && position < tile.n;
    const unsigned filled = inside ? min(tile.n - position, 4U) * 4 : 0;
    const float* from = inside ? mass + (first_source + source) * call.mass_stride + position : call.mass;
    __pipeline_memcpy_async(&stage.mass[source][column], from, 16, 16 - filled);
  }
  for (unsigned i = threadIdx.x; i < kChunk * kLayers; i += kThreads) {
    const unsigned source = i % kChunk;
    const unsigned layer = i / kChunk;
    const bool inside = first_source + source < sources && tile.first_layer + layer < call.layers;
    const float* from =
        inside ? call.weights + std::size_t{tile.first_layer + layer} * sources + first_source + source
               : call.weights;
    __pipeline_memcpy_async(&stage.weights[source][layer], from, 4, inside ? 0 : 4);
  }
}

// A lane's sums: eight layers of four positions.
struct Sums {
  float of[kLayersPerWarp][4] = {};

  __device__ void add(const float (&weights)[kLayersPerWarp], const float (&mass)[4]) {
#pragma unroll
    for (unsigned l = 0; l < kLayersPerWarp; ++l) {
#pragma unroll
      for (unsigned k = 0; k < 4; ++k) of[l][k] = fmaf(weights[l], mass[k], of[l][k]);
    }
  }
  [[nodiscard]] __device__ bool any_nan() const {
    bool any = false;
#pragma unroll
    for (unsigned l = 0; l < kLayersPerWarp; ++l) {
#pragma unroll
      for (unsigned k = 0; k < 4; ++k) any = any || isnan(of[l][k]);
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
    const float4 w = *reinterpret_cast<const float4*>(&stage.weights[s][layer]);
    const float4 v = *reinterpret_cast<const float4*>(&stage.weights[s][layer + 4]);
    sums.add({w.x, w.y, w.z, w.w, v.x, v.y, v.z, v.w}, {m.x, m.y, m.z, m.w});
  }
}

// The same without the products of weight 0. Where every mass is finite those change no bit; a NaN among the
// sums may be 0 times something that is not, so then they are computed again, this way.
__device__ Sums sum_without_zeros(const SelectCall& call, const Tile& tile, unsigned row) {
  const unsigned position = tile.first_position + threadIdx.x % 32 * 4;
  const unsigned layer = tile.first_layer + threadIdx.x / 32 * kLayersPerWarp;
  Sums sums;
  for (unsigned s = 0; s < call.sources; ++s) {
    const float* mass = call.mass + (row * call.sources + s) * call.mass_stride + position;
    float m[4];
#pragma unroll
    for (unsigned k = 0; k < 4; ++k) m[k] = position + k < tile.n ? mass[k] : 0.0F;
#pragma unroll
    for (unsigned l = 0; l < kLayersPerWarp; ++l) {
      const float w = layer + l < call.layers ? call.weights[(layer + l) * call.sources + s] : 0.0F;
      if (w == 0) continue;
#pragma unroll
      for (unsigned k = 0; k < 4; ++k) sums.of[l][k] = fmaf(w, m[k], sums.of[l][k]);
    }
  }
  return sums;
}

__device__ void combine(Sums& combined, const Sums& row, bool first, RowCombination combination) {
#pragma unroll
  for (unsigned l = 0; l < kLayersPerWarp; ++l) {
#pragma unroll
    for (unsigned k = 0; k < 4; ++k) {
      const float before = combined.of[l][k];
      const float x = row.of[l][k];
      if (first) {
        combined.of[l][k] = x;
      } else if (combination == RowCombination::kMax) {
        combined.of[l][k] = x < before ? before : x;
      } else {
        combined.of[l][k] = x + before;
      }
    }
  }
}

// out[layers, stride] of the lane's layers and positions = sums * share.
__device__ void store(float* out, std::size_t stride, const Sums& sums, float share, const SelectCall& call,
                      const Tile& tile) {
  const unsigned position = tile.first_position + threadIdx.x % 32 * 4;
  const unsigned layer = tile.first_layer + threadIdx.x / 32 * kLayersPerWarp;
#pragma unroll
  for (unsigned l = 0; l < kLayersPerWarp; ++l) {
    if (layer + l >= call.layers) break;
    float* to = out + (layer + l) * stride + position;
    const float x[4] = {sums.of[l][0] * share, sums.of[l][1] * share, sums.of[l][2] * share,
                        sums.of[l][3] * share};
    if (position + 4 <= tile.n) {
      *reinterpret_cast<float4*>(to) = {x[0], x[1], x[2], x[3]};
      continue;
    }
#pragma unroll
    for (unsigned k = 0; k < 4; ++k) {
      if (position + k < tile.n) to[k] = x[k];
    }
  }
}

// Block (tile of positions, group of layers). Chunks of sources, those of one row after those of the row
// before, come through a ring of stages: while one is added the next three are on their way.
__global__ void __launch_bounds__(kThreads)
    estimate_kernel(float* estimate, float* row_estimates, std::size_t stride, SelectCall call) {
  let_next_start();
  extern __shared__ Stage stages[];
  wait_for_inputs();
  Tile tile{blockIdx.x * kTile, static_cast<unsigned>(call.dense_layers) + blockIdx.y * kLayers, 0, 0};
  tile.n = min(static_cast<unsigned>(max(*call.positions, 0)), static_cast<unsigned>(call.capacity));
  tile.rows = min(static_cast<unsigned>(max(*call.slot_count, 0)), static_cast<unsigned>(call.rows));
  if (tile.first_position >= tile.n || tile.rows == 0) return;

  const unsigned chunks = (static_cast<unsigned>(call.sources) + kChunk - 1) / kChunk;  // of a row
  unsigned asked = 0;
  const auto ask = [&] {
    if (asked < tile.rows * chunks) {
      load_chunk(stages[asked % kStages], call, tile, asked / chunks, asked % chunks * kChunk);
    }
    __pipeline_commit();
    ++asked;
  };
  while (asked + 1 < kStages) ask();

  Sums combined;
  unsigned chunk = 0;
  for (unsigned row = 0; row < tile.rows; ++row) {
    Sums sums;
    for (unsigned end = chunk + chunks; chunk < end; ++chunk) {
      __pipeline_wait_prior(kStages - 2);
      __syncthreads();  // everybody's part of this chunk is here, and the chunk before is done with
      ask();
      add_chunk(sums, stages[chunk % kStages]);
    }
    if (sums.any_nan()) sums = sum_without_zeros(call, tile, row);
    combine(combined, sums, row == 0, call.combination);
    if (call.combination == RowCombination::kUnion) {
      store(row_estimates + row * call.layers * stride, stride, sums, 1.0F, call, tile);
    }
  }
  const bool mean = tile.rows > 1 && call.combination != RowCombination::kMax;
  store(estimate, stride, combined, mean ? 1.0F / static_cast<float>(tile.rows) : 1.0F, call, tile);
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
