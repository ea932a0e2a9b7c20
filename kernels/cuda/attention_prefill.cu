// Attention of many rows, in the manner of FlashAttention-2 (Dao 2023, arXiv 2307.08691): a block takes 64
// queries (rows times heads of a group) of one KV head, 16 a warp, and walks the entries that its last row
// sees, with an online softmax. Keys of the next step are copied while this step's scores are computed, its
// values while the next scores are. Steps lie at fixed places and a step that a row does not see changes none
// of its bits.
#include "kernels/cuda/attention.h"
#include "kernels/cuda/attention_partials.cuh"
#include "kernels/cuda/attention_tile.cuh"
#include "kernels/cuda/launch.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kBlockQueries = kWarps * kTileRows;

template <int kDim>
struct PrefillLayout {
  static constexpr int kTiles = kDim == 256 ? 2 : 4;  // of entries a step
  static constexpr int kStep = kTiles * kTileRows;
  static constexpr int kStages = kCopiesAsynchronously ? 2 : 1;
  static constexpr int kStageBytes = kTiles * kTileBytes<kDim>;
  static constexpr int bytes(bool asynchronous) { return 2 * (asynchronous ? 2 : 1) * kStageBytes; }
};

// 16 queries of a warp: each lane has parts of rows lane / 4 and lane / 4 + 8.
template <int kDim>
struct WarpQueries {
  FragmentA numbers[kDim / 16];
  float unit[2];   // of their scores
  int visible[2];  // entries that they see
  float largest[2] = {-INFINITY, -INFINITY};
  float sum[2] = {};  // of the weights of this lane
  FragmentC total[kDim / 8] = {};
};

template <int kDim>
__device__ __forceinline__ void load_queries(WarpQueries<kDim>& queries, const AttentionCall& call,
                                             unsigned begin, unsigned kv_head, int first_position,
                                             unsigned char* shared, unsigned warp, unsigned lane) {
  unsigned char* tile = shared + warp * kTileBytes<kDim>;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    QueryNumbers<kDim> numbers[8];
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      const unsigned q = begin + warp * kTileRows + half * 8 + i;
      const unsigned row = q / call.group;
      const std::size_t at = std::size_t{row} * call.heads + kv_head * call.group + q % call.group;
      numbers[i].load(row < call.rows ? call.query + at * call.head_dim : nullptr, call.head_dim, lane);
    }
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      const float unit = numbers[i].store(tile, nullptr, half * 8 + i, call.scale * kLog2E, lane);
      if (static_cast<unsigned>(i) == lane / 4) queries.unit[half] = unit;
    }
    const unsigned row = (begin + warp * kTileRows + half * 8 + lane / 4) / call.group;
    queries.visible[half] = row < call.rows ? first_position + static_cast<int>(row) + 1 : 0;
  }
  __syncwarp();
  const std::uint32_t address = shared_address(tile) + matrix_offset<kDim, false>(lane);
#pragma unroll
  for (int step = 0; step < kDim / 16; ++step) {
    queries.numbers[step] = load_matrices<FragmentA>(matrix_step(address, step));
  }
}

// Scores of a step's entries.
template <int kDim, int kTiles>
__device__ __forceinline__ void step_scores(FragmentC (&scores)[2 * kTiles], const WarpQueries<kDim>& queries,
                                            std::uint32_t keys, unsigned lane) {
  const std::uint32_t address = keys + matrix_offset<kDim, true>(lane);
#pragma unroll
  for (int step = 0; step < kDim / 16; ++step) {
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile) {
      const auto key = load_matrices<FragmentsB>(matrix_step(address, step) +
                                                 static_cast<std::uint32_t>(tile) * kTileBytes<kDim>);
      multiply_add(scores[2 * tile], queries.numbers[step], key, 0);
      multiply_add(scores[2 * tile + 1], queries.numbers[step], key, 1);
    }
  }
}

// Scores become weights; what was accumulated before shrinks to the new largest score.
template <int kDim, int kTiles>
__device__ __forceinline__ void step_weights(FragmentA (&weights)[kTiles], WarpQueries<kDim>& queries,
                                             const FragmentC (&scores)[2 * kTiles], int begin,
                                             unsigned lane) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float masked[4 * kTiles];
    float largest = -INFINITY;
#pragma unroll
    for (int i = 0; i < 4 * kTiles; ++i) {
      const int entry = begin + i / 2 * 8 + static_cast<int>(lane % 4) * 2 + i % 2;
      masked[i] =
          entry < queries.visible[half] ? scores[i / 2].r[half * 2 + i % 2] * queries.unit[half] : -INFINITY;
      largest = fmaxf(largest, masked[i]);
    }
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 1));
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 2));
    largest = fmaxf(largest, queries.largest[half]);
    const float shrink = weight(queries.largest[half], largest);
    const float reference = largest == -INFINITY ? 0.0F : largest - kHeadroom;
    queries.largest[half] = largest;
    float sum = 0;
#pragma unroll
    for (int i = 0; i < 2 * kTiles; ++i) {
      const float first = exp2f(masked[2 * i] - reference);
      const float second = exp2f(masked[2 * i + 1] - reference);
      sum += first + second;
      weights[i / 2].r[i % 2 * 2 + half] = pack_halves(__floats2half2_rn(first, second));
    }
    queries.sum[half] = fmaf(queries.sum[half], shrink, sum);
#pragma unroll
    for (int n = 0; n < kDim / 8; ++n) {
      queries.total[n].r[half * 2] *= shrink;
      queries.total[n].r[half * 2 + 1] *= shrink;
    }
  }
}

template <int kDim, int kTiles>
__device__ __forceinline__ void add_step(WarpQueries<kDim>& queries, const FragmentA (&weights)[kTiles],
                                         std::uint32_t values, unsigned lane) {
  const std::uint32_t address = values + matrix_offset<kDim, false>(lane);
#pragma unroll
  for (int tile = 0; tile < kTiles; ++tile) {
#pragma unroll
    for (int step = 0; step < kDim / 16; ++step) {
      const auto value = load_matrices_transposed<FragmentsB>(
          matrix_step(address, step) + static_cast<std::uint32_t>(tile) * kTileBytes<kDim>);
      multiply_add(queries.total[2 * step], weights[tile], value, 0);
      multiply_add(queries.total[2 * step + 1], weights[tile], value, 1);
    }
  }
}

template <int kDim>
__device__ __forceinline__ void write_rows(float* out, const AttentionCall& call,
                                           const WarpQueries<kDim>& queries, unsigned begin, unsigned kv_head,
                                           unsigned lane) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float sum = queries.sum[half];
    sum += __shfl_xor_sync(0xFFFFFFFFU, sum, 1);
    sum += __shfl_xor_sync(0xFFFFFFFFU, sum, 2);
    const float inverse = 1.0F / sum;
    const unsigned q = begin + half * 8 + lane / 4;
    const unsigned row = q / call.group;
    if (row >= call.rows) continue;
    float* to = out + (std::size_t{row} * call.heads + kv_head * call.group + q % call.group) * call.head_dim;
#pragma unroll
    for (int n = 0; n < kDim / 8; ++n) {
      const unsigned d = n * 8 + lane % 4 * 2;
      if (d < call.head_dim) to[d] = queries.total[n].r[half * 2] * inverse;
      if (d + 1 < call.head_dim) to[d + 1] = queries.total[n].r[half * 2 + 1] * inverse;
    }
  }
}

template <int kDim>
__global__ void __launch_bounds__(kWarps * 32, 2) prefill_kernel(float* out, AttentionCall call) {
  let_next_start();
  wait_for_inputs();
  using Layout = PrefillLayout<kDim>;
  constexpr int kTiles = Layout::kTiles;
  extern __shared__ __align__(128) unsigned char shared[];
  const unsigned lane = threadIdx.x % 32;
  const unsigned warp = threadIdx.x / 32;
  const unsigned kv_head = blockIdx.x;
  // The last rows see most: they go first, so that no processor is left with a long block at the end.
  const unsigned begin = (gridDim.y - 1 - blockIdx.y) * kBlockQueries;
  const int first_position = *call.entries.first_position;
  const unsigned last_row = min((begin + kBlockQueries - 1) / call.group, call.rows - 1);
  const int length = first_position + static_cast<int>(last_row) + 1;

  WarpQueries<kDim> queries;
  load_queries<kDim>(queries, call, begin, kv_head, first_position, shared, warp, lane);
  __syncthreads();

  const std::size_t stride = std::size_t{call.kv_heads} * call.head_dim;
  const std::size_t offset = std::size_t{kv_head} * call.head_dim;
  const KvReader keys{call.entries.keys + offset, stride, call.head_dim};
  const KvReader values{call.entries.values + offset, stride, call.head_dim};
  const auto stage = [&](int part, int step) {
    return shared_address(shared) +
           static_cast<std::uint32_t>((part * Layout::kStages + step % Layout::kStages) *
                                      Layout::kStageBytes);
  };
  const auto copy = [&](const KvReader& from, int part, int step) {
    const int entry = step * Layout::kStep + static_cast<int>(warp * kTileRows + lane % kTileRows);
    if (warp < kTiles && step * Layout::kStep < length) {
      from.template copy_tile<kDim>(stage(part, step) + warp * kTileBytes<kDim>, entry < length ? entry : -1,
                                    lane);
    }
    commit_copies();
  };

  if constexpr (kCopiesAsynchronously) {
    copy(keys, 0, 0);
    copy(values, 1, 0);
  }
  for (int step = 0; step * Layout::kStep < length; ++step) {
    FragmentC scores[2 * kTiles] = {};
    FragmentA weights[kTiles];
    if constexpr (kCopiesAsynchronously) {
      copy(keys, 0, step + 1);
      wait_for_copies<2>();
    } else {
      __syncthreads();
      copy(keys, 0, step);
      copy(values, 1, step);
    }
    __syncthreads();
    step_scores<kDim, kTiles>(scores, queries, stage(0, step), lane);
    step_weights<kDim, kTiles>(weights, queries, scores, step * Layout::kStep, lane);
    if constexpr (kCopiesAsynchronously) {
      copy(values, 1, step + 1);
      wait_for_copies<2>();
      __syncthreads();
    }
    add_step<kDim, kTiles>(queries, weights, stage(1, step), lane);
  }
  write_rows<kDim>(out, call, queries, begin + warp * kTileRows, kv_head, lane);
}

template <int kDim>
cudaError_t launch_prefill(float* out, const AttentionCall& call, cudaStream_t stream) {
  int device = 0;
  int major = 0;
  cudaError_t status = cudaGetDevice(&device);
  if (status != cudaSuccess) return status;
  status = cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
  if (status != cudaSuccess) return status;
  const int bytes = PrefillLayout<kDim>::bytes(major >= 8);
  status = cudaFuncSetAttribute(prefill_kernel<kDim>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  if (status != cudaSuccess) return status;
  const unsigned blocks = (call.rows * call.group + kBlockQueries - 1) / kBlockQueries;
  return launch(prefill_kernel<kDim>, dim3(call.kv_heads, blocks), kWarps * 32, bytes, stream, out, call);
}

}  // namespace

cudaError_t attention_prefill(float* out, const float* query, const AttentionEntries& entries,
                              std::size_t rows, const AttentionShape& shape, cudaStream_t stream) {
  if (!attention_holds(shape)) return cudaErrorInvalidValue;
  if (rows == 0) return cudaSuccess;
  const AttentionCall call = attention_call(query, entries, rows, shape);
  switch (padded_head_dim(shape.head_dim)) {
    case 64:
      return launch_prefill<64>(out, call, stream);
    case 128:
      return launch_prefill<128>(out, call, stream);
    default:
      return launch_prefill<256>(out, call, stream);
  }
}

}  // namespace fovea::kernels::cuda
