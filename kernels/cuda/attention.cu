// The first kernel of attention(): an unfinished softmax of every chunk of entries, in the manner of
// flash-decoding (Dao, Haziza, Massa and Sizov 2023). A block takes up to 16 * kQueryTiles queries of one KV
// head and walks chunks lane, lane + lanes, ...; each of its warps has a quarter of the chunk to itself:
// scores of 64 entries, their largest, weights, weighted values. The warps copy their tiles into rings of
// their own that run ahead over the ends of chunks, so that none waits for another but where the four are
// added.
//
// Queries are the 16 rows of the tensor cores' operands, so a few of them cost what one does. Queries and
// weights are multiplied in two halves, 22 bits; the cache is what it is.
#include <algorithm>

#include "kernels/cuda/attention.h"
#include "kernels/cuda/attention_partials.cuh"
#include "kernels/cuda/attention_ring.cuh"
#include "kernels/cuda/attention_span.cuh"
#include "kernels/cuda/attention_tile.cuh"
#include "kernels/cuda/launch.cuh"

namespace fovea::kernels::cuda {
namespace {

// Where things lie in shared memory, in bytes.
template <int kDim, int kQueryTiles, bool asynchronous>
struct SharedLayout {
  // Tiles of a warp's ring: 16 KiB, or one that is filled and read in turn.
  static constexpr int kSlots = asynchronous ? std::min(16384 / kTileBytes<kDim>, 8) : 1;
  static constexpr int kColumns = kDim == 128 ? 128 : 64;  // of accumulators that are exchanged at a time
  static constexpr int kExchangeRow = kColumns + 8;        // floats, so that rows lie in different banks
  // What a warp exchanges, and before that the second halves of its weights.
  static constexpr int kExchangeBytes = std::max(8 * kExchangeRow * 4, kQueryTiles* kTileRows* kSpan * 2);
  static constexpr int kRing = 0;
  static constexpr int kHigh = kRing + kWarps * kSlots * kTileBytes<kDim>;
  static constexpr int kLow = kHigh + kQueryTiles * kTileBytes<kDim>;
  static constexpr int kExchange = kLow + kQueryTiles * kTileBytes<kDim>;
  static constexpr int kSums = kExchange + kWarps * kExchangeBytes;
  static constexpr int kQueries = kSums + kWarps * kQueryTiles * kTileRows * 8;
  static constexpr int kBytes = kQueries + kQueryTiles * kTileRows * static_cast<int>(sizeof(SpanQuery));
};

// Adds up what the warps have of a chunk, in order, and writes it out, eight queries at a time.
template <int kDim, int kQueryTiles, typename Layout>
__device__ __forceinline__ void write_partial(const AttentionPartials& partials, std::size_t first_index,
                                              unsigned query_count,
                                              const FragmentC (&total)[kQueryTiles][kDim / 8],
                                              const float2 (&sums)[kQueryTiles][2], unsigned char* shared,
                                              int warp, unsigned lane) {
  constexpr int kColumns = Layout::kColumns;
  constexpr int kPieces = kDim / kColumns;
  const auto* queries = reinterpret_cast<const SpanQuery*>(shared + Layout::kQueries);
  const auto exchange = [&](int of_warp, unsigned row, unsigned column) {
    return reinterpret_cast<float*>(shared + Layout::kExchange + of_warp * Layout::kExchangeBytes) +
           row * Layout::kExchangeRow + column;
  };
  auto* all_sums = reinterpret_cast<float2(*)[kQueryTiles * kTileRows]>(shared + Layout::kSums);
  __syncwarp();  // what is exchanged takes the place of the weights' second halves
  if (lane % 4 == 0) {
#pragma unroll
    for (int q = 0; q < kQueryTiles; ++q) {
      all_sums[warp][q * kTileRows + lane / 4] = sums[q][0];
      all_sums[warp][q * kTileRows + 8 + lane / 4] = sums[q][1];
    }
  }
#pragma unroll 1
  for (unsigned part = 0; part < 2 * kQueryTiles * kPieces; ++part) {
    const unsigned first = part / kPieces * 8;
    if (first >= query_count) break;
#pragma unroll
    for (int p = 0; p < 2 * kQueryTiles * kPieces; ++p) {
      if (p != static_cast<int>(part)) continue;
      const int half = p / kPieces % 2;
#pragma unroll
      for (int n = 0; n < kColumns / 8; ++n) {
        const FragmentC& c = total[p / kPieces / 2][p % kPieces * (kColumns / 8) + n];
        *reinterpret_cast<float2*>(exchange(warp, lane / 4, n * 8 + lane % 4 * 2)) = {c.r[half * 2],
                                                                                      c.r[half * 2 + 1]};
      }
    }
    __syncthreads();
#pragma unroll 1
    for (unsigned i = threadIdx.x; i < 8 * kColumns / 4; i += kWarps * 32) {
      const unsigned row = i / (kColumns / 4);
      const unsigned column = i % (kColumns / 4) * 4;
      const unsigned q = first + row;
      if (q >= query_count) continue;
      float largest = -INFINITY;
#pragma unroll
      for (int w = 0; w < kWarps; ++w) largest = fmaxf(largest, all_sums[w][q].x);
      float sum = 0;
      float4 numbers = {};
#pragma unroll
      for (int w = 0; w < kWarps; ++w) {
        const float share = softmax_weight(all_sums[w][q].x, largest);
        const float4 of_warp = *reinterpret_cast<const float4*>(exchange(w, row, column));
        sum = fmaf(all_sums[w][q].y, share, sum);
        numbers.x = fmaf(of_warp.x, share, numbers.x);
        numbers.y = fmaf(of_warp.y, share, numbers.y);
        numbers.z = fmaf(of_warp.z, share, numbers.z);
        numbers.w = fmaf(of_warp.w, share, numbers.w);
      }
      const std::size_t at = first_index + queries[q].index;
      const unsigned columns = part % kPieces * kColumns + column;
      *reinterpret_cast<float4*>(partials.accumulators + at * kDim + columns) = numbers;
      if (columns == 0) partials.sums[at] = {largest, sum};
    }
    __syncthreads();
  }
}

// The block's queries go to shared memory.
template <int kDim, int kQueryTiles, typename Layout>
__device__ __forceinline__ void prepare_queries(const AttentionCall& call, const AttentionBlock& block,
                                                unsigned char* shared, int warp, unsigned lane) {
  auto* queries = reinterpret_cast<SpanQuery*>(shared + Layout::kQueries);
  // Each lane finds one query's place.
  const unsigned of_lane = block.query_begin + lane;
  const unsigned index_of_lane =
      of_lane / call.group * call.heads + block.kv_head * call.group + of_lane % call.group;
  constexpr int kEach = kQueryTiles * kTileRows / kWarps;
  QueryNumbers<kDim> numbers[kEach];
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    const unsigned in_block = i * kWarps + warp;
    const unsigned index = __shfl_sync(0xFFFFFFFFU, index_of_lane, in_block);
    numbers[i].load(in_block < block.query_count ? call.query + std::size_t{index} * call.head_dim : nullptr,
                    call.head_dim, lane);
  }
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    const unsigned in_block = i * kWarps + warp;
    const float unit =
        numbers[i].store(shared + Layout::kHigh, shared + Layout::kLow, in_block, call.scale * kLog2E, lane);
    if (lane == in_block) {
      const int row = static_cast<int>(of_lane / call.group);
      queries[in_block] = {unit, in_block < block.query_count ? block.before + row + 1 : 0, index_of_lane};
    }
  }
  __syncthreads();
}

template <int kDim, int kQueryTiles>
__device__ __forceinline__ AttentionBlock block_of(const AttentionCall& call) {
  constexpr unsigned kQueries = kQueryTiles * kTileRows;
  const unsigned all_queries = call.rows * call.group;
  const unsigned streams = call.kv_heads * ((all_queries + kQueries - 1) / kQueries);
  AttentionBlock block;
  block.kv_head = blockIdx.x % call.kv_heads;
  block.query_begin = blockIdx.x % streams / call.kv_heads * kQueries;
  block.query_count = min(all_queries - block.query_begin, kQueries);
  block.first_chunk = static_cast<int>(blockIdx.x / streams);
  block.chunk_step = static_cast<int>(gridDim.x / streams);
  const int selected = call.entries.selected != nullptr ? *call.entries.selected_count : -1;
  block.first_position = *call.entries.first_position;
  block.before = selected >= 0 ? selected : block.first_position;
  block.length = block.before + static_cast<int>(call.rows);
  block.chunks = (block.length + kChunk - 1) / kChunk;
  block.selected = selected >= 0 ? call.entries.selected : nullptr;
  return block;
}

template <int kDim, int kQueryTiles>
__global__ void __launch_bounds__(kWarps * 32, 2) attention_kernel(AttentionCall call) {
  let_next_start();
  wait_for_inputs();
  using Layout = SharedLayout<kDim, kQueryTiles, kCopiesAsynchronously>;
  extern __shared__ __align__(128) unsigned char shared[];
  const int warp = static_cast<int>(threadIdx.x / 32);
  const unsigned lane = threadIdx.x % 32;
  __shared__ AttentionBlock block;
  if (threadIdx.x == 0) block = block_of<kDim, kQueryTiles>(call);
  __syncthreads();
  if (block.first_chunk >= block.chunks) return;

  const std::size_t stride = std::size_t{call.kv_heads} * call.head_dim;
  const std::size_t offset = std::size_t{block.kv_head} * call.head_dim;
  constexpr int kTogether = kKeyTiles<kDim>;
  KvRing<kDim, Layout::kSlots, kTogether> ring(
      shared_address(shared) + Layout::kRing + warp * Layout::kSlots * kTileBytes<kDim>,
      {call.entries.keys + offset, stride, call.head_dim},
      {call.entries.values + offset, stride, call.head_dim}, block, warp, lane);
  prepare_queries<kDim, kQueryTiles, Layout>(call, block, shared, warp, lane);
  const auto* queries = reinterpret_cast<const SpanQuery*>(shared + Layout::kQueries);
  const std::uint32_t high = shared_address(shared + Layout::kHigh);
  const std::uint32_t low = shared_address(shared + Layout::kLow);

  auto* weights_rest = reinterpret_cast<uint4*>(shared + Layout::kExchange + warp * Layout::kExchangeBytes);

  for (int chunk = block.first_chunk; chunk < block.chunks; chunk += block.chunk_step) {
    const int tiles = block.tiles(chunk, warp, kTogether);
    const int begin = chunk * kChunk + warp * kSpan;
    FragmentC scores[kQueryTiles][2 * kSpanTiles] = {};
    {
      const QueryFragments<kDim, kQueryTiles> fragments(high, low, lane);
#pragma unroll 1
      for (int tile = 0; tile < kSpanTiles; tile += kTogether) {
        make_room<kTogether>(scores);
        if (tile >= tiles) continue;
        std::uint32_t keys[kTogether];
        ring.take(keys);
        tile_scores(scores, keys, fragments, lane);
        ring.give_back(kTogether);
      }
    }
    FragmentA weights[kQueryTiles][kSpanTiles];
    float2 sums[kQueryTiles][2];
#pragma unroll
    for (int q = 0; q < kQueryTiles; ++q) {
      if (call.scores.scores != nullptr) {
        export_scores(call.scores, call.scores.first_row * call.heads, scores[q], queries + q * kTileRows,
                      begin, lane);
      }
      span_weights(weights[q], weights_rest + q * kSpanTiles * 32, sums[q], scores[q],
                   queries + q * kTileRows, begin, lane);
    }
    FragmentC total[kQueryTiles][kDim / 8] = {};
#pragma unroll 1
    for (int tile = 0; tile < tiles; ++tile) {
      std::uint32_t values[1];
      ring.take(values);
      add_values<kDim, kQueryTiles>(total, values[0], weights, weights_rest + tile * 32, lane);
      ring.give_back(1);
    }
    write_partial<kDim, kQueryTiles, Layout>(
        call.partials, std::size_t{static_cast<unsigned>(chunk)} * call.rows * call.heads, block.query_count,
        total, sums, shared, warp, lane);
  }
}

struct DeviceLimits {
  int processors = 0;
  int major = 0;
};

cudaError_t device_limits(DeviceLimits* limits) {
  int device = 0;
  cudaError_t status = cudaGetDevice(&device);
  if (status == cudaSuccess) {
    status = cudaDeviceGetAttribute(&limits->processors, cudaDevAttrMultiProcessorCount, device);
  }
  if (status == cudaSuccess) {
    status = cudaDeviceGetAttribute(&limits->major, cudaDevAttrComputeCapabilityMajor, device);
  }
  return status;
}

// As many blocks as are resident together, the same number for every stream of queries; more lanes than
// chunks would find nothing to do.
template <int kDim, int kQueryTiles>
cudaError_t launch_attention(const AttentionCall& call, std::size_t capacity, cudaStream_t stream) {
  DeviceLimits limits;
  cudaError_t status = device_limits(&limits);
  if (status != cudaSuccess) return status;
  const auto kernel = attention_kernel<kDim, kQueryTiles>;
  const int bytes = limits.major >= 8 ? SharedLayout<kDim, kQueryTiles, true>::kBytes
                                      : SharedLayout<kDim, kQueryTiles, false>::kBytes;
  status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  if (status != cudaSuccess) return status;
  int blocks = 0;
  status = cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, kWarps * 32, bytes);
  if (status != cudaSuccess) return status;
  const std::size_t queries = std::size_t{call.rows} * call.group;
  const std::size_t streams =
      call.kv_heads * ((queries + kQueryTiles * kTileRows - 1) / (kQueryTiles * kTileRows));
  const std::size_t resident = static_cast<std::size_t>(limits.processors) * blocks;
  const std::size_t lanes = std::clamp<std::size_t>(
      resident / streams, 1, std::max<std::size_t>((capacity + kChunk - 1) / kChunk, 1));
  return launch(kernel, static_cast<unsigned>(streams * lanes), kWarps * 32, bytes, stream, call);
}

std::size_t partial_count(std::size_t rows, const AttentionShape& shape, std::size_t capacity) {
  return (capacity + kChunk - 1) / kChunk * rows * shape.heads;
}

}  // namespace

std::size_t attention_workspace_bytes(std::size_t rows, const AttentionShape& shape, std::size_t capacity) {
  return partial_count(rows, shape, capacity) *
         (padded_head_dim(shape.head_dim) * sizeof(float) + sizeof(float2));
}

cudaError_t attention(float* out, const float* query, const AttentionEntries& entries,
                      const AttentionScores* scores, void* workspace, std::size_t rows,
                      const AttentionShape& shape, std::size_t capacity, cudaStream_t stream) {
  if (!attention_holds(shape)) return cudaErrorInvalidValue;
  if (rows == 0) return cudaSuccess;
  AttentionCall call = attention_call(query, entries, rows, shape);
  if (scores != nullptr) call.scores = *scores;
  call.partials.accumulators = static_cast<float*>(workspace);
  call.partials.sums = reinterpret_cast<float2*>(
      call.partials.accumulators + partial_count(rows, shape, capacity) * padded_head_dim(shape.head_dim));
  const bool few = rows * call.group <= kTileRows;
  cudaError_t status = cudaSuccess;
  switch (padded_head_dim(shape.head_dim)) {
    case 64:
      status = few ? launch_attention<64, 1>(call, capacity, stream)
                   : launch_attention<64, 2>(call, capacity, stream);
      break;
    case 128:
      status = few ? launch_attention<128, 1>(call, capacity, stream)
                   : launch_attention<128, 2>(call, capacity, stream);
      break;
    default:  // two tiles of queries do not fit the registers
      status = launch_attention<256, 1>(call, capacity, stream);
  }
  if (status != cudaSuccess) return status;
  return attention_merge(out, call, stream);
}

}  // namespace fovea::kernels::cuda
