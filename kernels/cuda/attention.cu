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
#include "kernels/cuda/attention_tile.cuh"
#include "kernels/cuda/launch.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr int kSpanTiles = kSpan / kTileRows;

// Tiles of keys whose scores are computed together, so that more sums are on the way.
template <int kDim>
constexpr int kKeyTiles = kCopiesAsynchronously&& kDim <= 128 ? 2 : 1;

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
  static constexpr int kBytes = kQueries + kQueryTiles * kTileRows * 8;
};

// What a block knows of its work. It stays in shared memory, as do the queries' own numbers, because the
// accumulators need the registers.
struct Block {
  unsigned kv_head;
  unsigned query_begin;  // of the KV head's rows * group queries, row by row
  unsigned query_count;  // of this block
  int first_chunk;
  int chunk_step;
  int chunks;
  int before;  // entries of the list before the pass's own
  int length;  // of the list
  int first_position;
  const std::int32_t* selected;  // null: entry e lies at position e

  // The position of an entry, -1 beyond the list.
  __device__ std::int32_t position(int entry) const {
    if (entry >= length) return -1;
    if (selected != nullptr && entry < before) return selected[entry];
    return first_position + (entry - before);
  }
  // Tiles of a warp's span: a multiple of `together`, the last ones padded with zeros.
  __device__ int tiles(int chunk, int warp, int together) const {
    const int entries = length - chunk * kChunk - warp * kSpan;
    const int rows = together * kTileRows;
    return min(max((entries + rows - 1) / rows, 0) * together, kSpanTiles);
  }
};

// The copies of one warp: of every span its tiles of keys, then its tiles of values, ahead of who reads them.
template <int kDim, int kSlots, int kTogether>
class Ring {
 public:
  __device__ __forceinline__ Ring(std::uint32_t slots, KvReader keys, KvReader values, const Block& block,
                                  int warp, unsigned lane)
      : m_slots(slots), m_keys(keys), m_values(values), m_block(block), m_warp(warp), m_lane(lane) {
    m_chunk = block.first_chunk;
    find_next_positions(m_chunk);
    begin_span();
    if constexpr (kCopiesAsynchronously) {
#pragma unroll
      for (int i = 0; i < kSlots; ++i) copy_next();
    }
  }

  /// The next kTiles tiles, once they are there.
  template <int kTiles>
  __device__ __forceinline__ void take(std::uint32_t (&tiles)[kTiles]) {
    if constexpr (kCopiesAsynchronously) {
      wait_for_copies<kSlots - kTiles>();
    } else {
      copy_next();
    }
    __syncwarp();
#pragma unroll
    for (int i = 0; i < kTiles; ++i) {
      tiles[i] = m_slots + static_cast<std::uint32_t>((m_taken + i) % kSlots) * kTileBytes<kDim>;
    }
  }
  /// No lane will read them any more.
  __device__ __forceinline__ void give_back(int tiles) {
    __syncwarp();
    m_taken += tiles;
    if constexpr (kCopiesAsynchronously) {
#pragma unroll
      for (int i = 0; i < tiles; ++i) copy_next();
    }
  }

 private:
  __device__ __forceinline__ void find_next_positions(int chunk) {
    const int entry = chunk * kChunk + m_warp * kSpan + static_cast<int>(m_lane);
    m_next_early = m_block.position(entry);
    m_next_late = m_block.position(entry + 32);
  }
  // The positions of the span after this one are asked for now, to be there when they are needed.
  __device__ __forceinline__ void begin_span() {
    m_tiles = m_chunk < m_block.chunks ? m_block.tiles(m_chunk, m_warp, kTogether) : 0;
    m_step = 0;
    m_early = m_next_early;
    m_late = m_next_late;
    find_next_positions(m_chunk + m_block.chunk_step);
  }
  __device__ __forceinline__ void copy_next() {
    if (m_tiles > 0) {  // only after the list's end is a span empty
      const bool is_value = m_step >= m_tiles;
      const int tile = is_value ? m_step - m_tiles : m_step;
      KvReader from = m_keys;
      if (is_value) from.numbers = m_values.numbers;
      copy_tile(from, tile);
      ++m_copied;
      if (++m_step == 2 * m_tiles) {
        m_chunk += m_block.chunk_step;
        begin_span();
      }
    }
    commit_copies();
  }
  __device__ __forceinline__ void copy_tile(KvReader from, int tile) {
    const std::uint32_t slot = m_slots + static_cast<std::uint32_t>(m_copied % kSlots) * kTileBytes<kDim>;
    const std::int32_t of_early =
        __shfl_sync(0xFFFFFFFFU, m_early, (tile & 1) * kTileRows + m_lane % kTileRows);
    const std::int32_t of_late =
        __shfl_sync(0xFFFFFFFFU, m_late, (tile & 1) * kTileRows + m_lane % kTileRows);
    from.template copy_tile<kDim>(slot, tile < kSpanTiles / 2 ? of_early : of_late, m_lane);
  }

  std::uint32_t m_slots;
  KvReader m_keys;
  KvReader m_values;
  const Block& m_block;
  int m_warp;
  unsigned m_lane;
  int m_chunk;
  int m_tiles = 0;
  int m_step = 0;
  unsigned m_copied = 0;
  unsigned m_taken = 0;
  std::int32_t m_early;  // of the span's first 32 entries: the lane's own
  std::int32_t m_late;   // and of its last 32
  std::int32_t m_next_early;
  std::int32_t m_next_late;
};

struct Query {
  float unit;   // of its scores
  int visible;  // entries of the list that it sees
};

// The block's queries, in registers while the scores of a chunk are computed.
template <int kDim, int kQueryTiles>
struct QueryFragments {
  FragmentA high[kQueryTiles][kDim / 16];
  FragmentA low[kQueryTiles][kDim / 16];

  __device__ __forceinline__ QueryFragments(std::uint32_t high_tiles, std::uint32_t low_tiles,
                                            unsigned lane) {
#pragma unroll
    for (int q = 0; q < kQueryTiles; ++q) {
      const std::uint32_t offset = matrix_offset<kDim, false>(lane) + q * kTileBytes<kDim>;
#pragma unroll
      for (int step = 0; step < kDim / 16; ++step) {
        high[q][step] = load_matrices<FragmentA>(matrix_step(high_tiles + offset, step));
        low[q][step] = load_matrices<FragmentA>(matrix_step(low_tiles + offset, step));
      }
    }
  }
};

// Scores, but for their unit, of tile `first` of a span and those that follow with the block's queries.
template <int kDim, int kQueryTiles, int kTiles>
__device__ __forceinline__ void tile_scores(FragmentC (&scores)[kQueryTiles][2 * kSpanTiles], int first,
                                            const std::uint32_t (&keys)[kTiles],
                                            const QueryFragments<kDim, kQueryTiles>& queries, unsigned lane) {
#pragma unroll
  for (int step = 0; step < kDim / 16; ++step) {
    FragmentsB key[kTiles];
#pragma unroll
    for (int tile = 0; tile < kTiles; ++tile) {
      key[tile] = load_matrices<FragmentsB>(matrix_step(keys[tile] + matrix_offset<kDim, true>(lane), step));
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int q = 0; q < kQueryTiles; ++q) {
#pragma unroll
        for (int n = 0; n < 2 * kTiles; ++n) {
          multiply_add(scores[q][2 * first + n], half == 0 ? queries.high[q][step] : queries.low[q][step],
                       key[n / 2], n % 2);
        }
      }
    }
  }
}

// Leaves the scores of one query tile where they are wanted.
__device__ __forceinline__ void export_scores(const AttentionCall& call, const Block& block,
                                              const FragmentC (&scores)[2 * kSpanTiles], const Query* queries,
                                              int tile, int begin, unsigned lane) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const unsigned in_block = tile * kTileRows + half * 8 + lane / 4;
    const unsigned q = block.query_begin + in_block;
    const unsigned row = q / call.group;
    if (row >= call.rows || row < call.scores.first_row) continue;
    const std::size_t head = block.kv_head * call.group + q % call.group;
    float* to = call.scores.scores + ((row - call.scores.first_row) * call.heads + head) * call.scores.stride;
#pragma unroll
    for (int i = 0; i < 4 * kSpanTiles; ++i) {
      const int entry = begin + i / 2 * 8 + static_cast<int>(lane % 4) * 2 + i % 2;
      if (entry < queries[in_block].visible)
        to[entry] = scores[i / 2].r[half * 2 + i % 2] * queries[in_block].unit * kLn2;
    }
  }
}

// Scores of one query tile become weights in two halves; what a query does not see weighs 0. Leaves largest
// score and sum of weights of row lane / 4 and the row 8 below. The second halves go to shared memory, [tile]
// [lane], as the accumulators need the registers.
__device__ __forceinline__ void span_weights(FragmentA (&high)[kSpanTiles], uint4* low, float2 (&sums)[2],
                                             const FragmentC (&scores)[2 * kSpanTiles], const Query* queries,
                                             int begin, unsigned lane) {
  FragmentA rest[kSpanTiles];
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const Query query = queries[half * 8 + lane / 4];
    float masked[4 * kSpanTiles];
    float largest = -INFINITY;
#pragma unroll
    for (int i = 0; i < 4 * kSpanTiles; ++i) {
      const int entry = begin + i / 2 * 8 + static_cast<int>(lane % 4) * 2 + i % 2;
      masked[i] = entry < query.visible ? scores[i / 2].r[half * 2 + i % 2] * query.unit : -INFINITY;
      largest = fmaxf(largest, masked[i]);
    }
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 1));
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, 2));
    const float reference = largest == -INFINITY ? 0.0F : largest - kHeadroom;
    float sum = 0;
#pragma unroll
    for (int i = 0; i < 4 * kSpanTiles; ++i) {
      masked[i] = exp2f(masked[i] - reference);
      sum += masked[i];
    }
    sum += __shfl_xor_sync(0xFFFFFFFFU, sum, 1);
    sum += __shfl_xor_sync(0xFFFFFFFFU, sum, 2);
    sums[half] = {largest, sum};
#pragma unroll
    for (int i = 0; i < 2 * kSpanTiles; ++i) {
      split_halves(masked[2 * i], masked[2 * i + 1], high[i / 2].r[i % 2 * 2 + half],
                   rest[i / 2].r[i % 2 * 2 + half]);
    }
  }
#pragma unroll
  for (int tile = 0; tile < kSpanTiles; ++tile) {
    low[tile * 32 + lane] = {rest[tile].r[0], rest[tile].r[1], rest[tile].r[2], rest[tile].r[3]};
  }
}

// Adds one tile's values, weighted, to the accumulators.
template <int kDim, int kQueryTiles>
__device__ __forceinline__ void add_values(FragmentC (&total)[kQueryTiles][kDim / 8], std::uint32_t values,
                                           const FragmentA (&high)[kQueryTiles][kSpanTiles], const uint4* low,
                                           int tile, unsigned lane) {
  const std::uint32_t address = values + matrix_offset<kDim, false>(lane);
  FragmentA rest[kQueryTiles];
#pragma unroll
  for (int q = 0; q < kQueryTiles; ++q) {
    const uint4 r = low[(q * kSpanTiles + tile) * 32 + lane];
    rest[q].r[0] = r.x;
    rest[q].r[1] = r.y;
    rest[q].r[2] = r.z;
    rest[q].r[3] = r.w;
  }
  constexpr int kSteps = kQueryTiles == 1 ? 4 : 2;  // whose sums are on the way together
#pragma unroll
  for (int begin = 0; begin < kDim / 16; begin += kSteps) {
    FragmentsB value[kSteps];
#pragma unroll
    for (int i = 0; i < kSteps; ++i) {
      value[i] = load_matrices_transposed<FragmentsB>(matrix_step(address, begin + i));
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int q = 0; q < kQueryTiles; ++q) {
#pragma unroll
        for (int n = 0; n < 2 * kSteps; ++n) {
          multiply_add(total[q][2 * begin + n], half == 0 ? high[q][tile] : rest[q], value[n / 2], n % 2);
        }
      }
    }
  }
}

// Adds up what the warps have of a chunk, in order, and writes it out, eight queries at a time.
template <int kDim, int kQueryTiles, typename Layout>
__device__ __forceinline__ void write_partial(const AttentionCall& call, const Block& block, int chunk,
                                              const FragmentC (&total)[kQueryTiles][kDim / 8],
                                              const float2 (&sums)[kQueryTiles][2], unsigned char* shared,
                                              int warp, unsigned lane) {
  constexpr int kColumns = Layout::kColumns;
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
#pragma unroll
  for (int eight = 0; eight < 2 * kQueryTiles; ++eight) {
    if (eight * 8 >= block.query_count) break;
#pragma unroll
    for (int columns = 0; columns < kDim; columns += kColumns) {
#pragma unroll
      for (int n = 0; n < kColumns / 8; ++n) {
        const FragmentC& c = total[eight / 2][columns / 8 + n];
        *reinterpret_cast<float2*>(exchange(warp, lane / 4, n * 8 + lane % 4 * 2)) = {c.r[eight % 2 * 2],
                                                                                      c.r[eight % 2 * 2 + 1]};
      }
      __syncthreads();
      for (unsigned i = threadIdx.x; i < 8 * kColumns / 4; i += kWarps * 32) {
        const unsigned row = i / (kColumns / 4);
        const unsigned column = i % (kColumns / 4) * 4;
        const unsigned in_block = eight * 8 + row;
        if (in_block >= block.query_count) continue;
        float largest = -INFINITY;
#pragma unroll
        for (int w = 0; w < kWarps; ++w) largest = fmaxf(largest, all_sums[w][in_block].x);
        float sum = 0;
        float4 numbers = {};
#pragma unroll
        for (int w = 0; w < kWarps; ++w) {
          const float share = weight(all_sums[w][in_block].x, largest);
          const float4 part = *reinterpret_cast<const float4*>(exchange(w, row, column));
          sum = fmaf(all_sums[w][in_block].y, share, sum);
          numbers.x = fmaf(part.x, share, numbers.x);
          numbers.y = fmaf(part.y, share, numbers.y);
          numbers.z = fmaf(part.z, share, numbers.z);
          numbers.w = fmaf(part.w, share, numbers.w);
        }
        const unsigned q = block.query_begin + in_block;
        const std::size_t at =
            (std::size_t{static_cast<unsigned>(chunk)} * call.rows + q / call.group) * call.heads +
            block.kv_head * call.group + q % call.group;
        *reinterpret_cast<float4*>(call.partials.accumulators + at * kDim + columns + column) = numbers;
        if (columns == 0 && column == 0) call.partials.sums[at] = {largest, sum};
      }
      __syncthreads();
    }
  }
}

// The block's queries go to shared memory.
template <int kDim, int kQueryTiles, typename Layout>
__device__ __forceinline__ void prepare_queries(const AttentionCall& call, const Block& block,
                                                unsigned char* shared, int warp, unsigned lane) {
  auto* queries = reinterpret_cast<Query*>(shared + Layout::kQueries);
  constexpr int kEach = kQueryTiles * kTileRows / kWarps;
  QueryNumbers<kDim> numbers[kEach];
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    const unsigned in_block = i * kWarps + warp;
    const unsigned q = block.query_begin + in_block;
    const std::size_t at =
        std::size_t{q / call.group} * call.heads + block.kv_head * call.group + q % call.group;
    numbers[i].load(in_block < block.query_count ? call.query + at * call.head_dim : nullptr, call.head_dim,
                    lane);
  }
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    const unsigned in_block = i * kWarps + warp;
    const float unit =
        numbers[i].store(shared + Layout::kHigh, shared + Layout::kLow, in_block, call.scale * kLog2E, lane);
    const int row = static_cast<int>((block.query_begin + in_block) / call.group);
    if (lane == 0) queries[in_block] = {unit, in_block < block.query_count ? block.before + row + 1 : 0};
  }
  __syncthreads();
}

template <int kDim, int kQueryTiles>
__device__ __forceinline__ Block block_of(const AttentionCall& call) {
  constexpr unsigned kQueries = kQueryTiles * kTileRows;
  const unsigned all_queries = call.rows * call.group;
  const unsigned streams = call.kv_heads * ((all_queries + kQueries - 1) / kQueries);
  Block block;
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
  __shared__ Block block;
  if (threadIdx.x == 0) block = block_of<kDim, kQueryTiles>(call);
  __syncthreads();
  if (block.first_chunk >= block.chunks) return;

  const std::size_t stride = std::size_t{call.kv_heads} * call.head_dim;
  const std::size_t offset = std::size_t{block.kv_head} * call.head_dim;
  constexpr int kTogether = kKeyTiles<kDim>;
  Ring<kDim, Layout::kSlots, kTogether> ring(
      shared_address(shared) + Layout::kRing + warp * Layout::kSlots * kTileBytes<kDim>,
      {call.entries.keys + offset, stride, call.head_dim},
      {call.entries.values + offset, stride, call.head_dim}, block, warp, lane);
  prepare_queries<kDim, kQueryTiles, Layout>(call, block, shared, warp, lane);
  const auto* queries = reinterpret_cast<const Query*>(shared + Layout::kQueries);
  const std::uint32_t high = shared_address(shared + Layout::kHigh);
  const std::uint32_t low = shared_address(shared + Layout::kLow);

  auto* weights_rest = reinterpret_cast<uint4*>(shared + Layout::kExchange + warp * Layout::kExchangeBytes);

  for (int chunk = block.first_chunk; chunk < block.chunks; chunk += block.chunk_step) {
    const int tiles = block.tiles(chunk, warp, kTogether);
    const int begin = chunk * kChunk + warp * kSpan;
    FragmentC scores[kQueryTiles][2 * kSpanTiles] = {};
    {
      const QueryFragments<kDim, kQueryTiles> fragments(high, low, lane);
#pragma unroll
      for (int tile = 0; tile < kSpanTiles; tile += kTogether) {
        if (tile >= tiles) break;
        std::uint32_t keys[kTogether];
        ring.take(keys);
        tile_scores(scores, tile, keys, fragments, lane);
        ring.give_back(kTogether);
      }
    }
    FragmentA weights[kQueryTiles][kSpanTiles];
    float2 sums[kQueryTiles][2];
#pragma unroll
    for (int q = 0; q < kQueryTiles; ++q) {
      if (call.scores.scores != nullptr) export_scores(call, block, scores[q], queries, q, begin, lane);
      span_weights(weights[q], weights_rest + q * kSpanTiles * 32, sums[q], scores[q],
                   queries + q * kTileRows, begin, lane);
    }
    FragmentC total[kQueryTiles][kDim / 8] = {};
#pragma unroll
    for (int tile = 0; tile < kSpanTiles; ++tile) {
      if (tile >= tiles) break;
      std::uint32_t values[1];
      ring.take(values);
      add_values<kDim, kQueryTiles>(total, values[0], weights, weights_rest, tile, lane);
      ring.give_back(1);
    }
    write_partial<kDim, kQueryTiles, Layout>(call, block, chunk, total, sums, shared, warp, lane);
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
