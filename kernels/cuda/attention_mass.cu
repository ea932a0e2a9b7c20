#include "kernels/cuda/attention_mass.h"

#include "kernels/cuda/launch.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kThreads = 256;
constexpr unsigned kPerThread = 4;  // positions: one load of 16 bytes a row
constexpr unsigned kInFlight = 8;   // loads of a thread that wait together

// exp(score - shift), 0 for whatever does not compare as above -104: -infinity, and the NaN of a row that
// sees nothing (-infinity less -infinity). exp(-104) rounds to 0, so nothing else is lost.
__device__ float probability(float score, float shift) {
  const float x = score - shift;
  return x > -104.0F ? expf(x) : 0.0F;
}

struct Columns {
  float sum[kPerThread] = {};

  __device__ void add(float4 scores, float shift) {
    sum[0] += probability(scores.x, shift);
    sum[1] += probability(scores.y, shift);
    sum[2] += probability(scores.z, shift);
    sum[3] += probability(scores.w, shift);
  }
};

// Walks the query heads of one KV head, slot by slot: `row` counts rows of scores.
struct HeadWalk {
  std::size_t row;
  unsigned group;  // query heads of a KV head
  unsigned heads;  // of a slot
  unsigned head = 0;

  __device__ void next() {
    const bool last = ++head == group;
    row += last ? heads - group + 1 : 1;
    if (last) head = 0;
  }
};

// The sum over `count` rows at the four positions from `position` on.
__device__ Columns sum_rows(const ScoreRows& rows, HeadWalk walk, unsigned count, unsigned position) {
  Columns columns;
  for (unsigned first = 0; first < count; first += kInFlight) {
    float4 scores[kInFlight];
    float shifts[kInFlight];
#pragma unroll
    for (unsigned j = 0; j < kInFlight; ++j) {
      if (first + j >= count) break;
      // Read once and never again: the cache is for what follows.
      scores[j] = __ldcs(reinterpret_cast<const float4*>(rows.scores + walk.row * rows.stride + position));
      shifts[j] = rows.log_sum_exp[walk.row];
      walk.next();
    }
#pragma unroll
    for (unsigned j = 0; j < kInFlight; ++j) {
      if (first + j >= count) break;
      columns.add(scores[j], shifts[j]);
    }
  }
  return columns;
}

// Block (part, source, slot): 1,024 positions of one KV head of one layer; slot is 0 where slots are
// averaged.
__global__ void __launch_bounds__(kThreads)
    mass_kernel(float* mass, std::size_t mass_stride, ScoreRows rows, bool by_slot) {
  let_next_start();
  wait_for_inputs();
  const auto filled = min(static_cast<unsigned>(max(*rows.slot_count, 0)), static_cast<unsigned>(rows.slots));
  const auto n = min(static_cast<unsigned>(max(*rows.positions, 0)), static_cast<unsigned>(rows.capacity));
  const unsigned position = (blockIdx.x * kThreads + threadIdx.x) * kPerThread;
  const unsigned first_slot = by_slot ? blockIdx.z : 0;
  if (position >= n || first_slot >= filled) return;
  const auto heads = static_cast<unsigned>(rows.heads);
  const auto kv_heads = static_cast<unsigned>(rows.kv_heads);
  const unsigned group = heads / kv_heads;
  const unsigned source = blockIdx.y;
  const std::size_t query = (source / kv_heads * rows.slots + first_slot) * heads;
  const unsigned count = (by_slot ? 1 : filled) * group;

  const HeadWalk walk{query + source % kv_heads * group, group, heads};
  const Columns columns = sum_rows(rows, walk, count, position);
  const unsigned mean_of = by_slot || rows.mean_of == 0 ? count : static_cast<unsigned>(rows.mean_of) * group;
  const float share = 1.0F / static_cast<float>(mean_of);
  const std::size_t out_row = by_slot ? std::size_t{blockIdx.z} * gridDim.y + source : source;
  float* out = mass + out_row * mass_stride + position;
  const float4 mean = {columns.sum[0] * share, columns.sum[1] * share, columns.sum[2] * share,
                       columns.sum[3] * share};
  if (position + kPerThread <= n) {
    *reinterpret_cast<float4*>(out) = mean;
    return;
  }
  out[0] = mean.x;
  if (position + 1 < n) out[1] = mean.y;
  if (position + 2 < n) out[2] = mean.z;
}

// Block (part, source): 256 entries of one layer's list, for one KV head.
__global__ void __launch_bounds__(kThreads)
    listed_mass_kernel(float* mass, std::size_t mass_stride, ScoreRows rows, ScoreLists lists) {
  let_next_start();
  wait_for_inputs();
  const auto filled = min(static_cast<unsigned>(max(*rows.slot_count, 0)), static_cast<unsigned>(rows.slots));
  const auto kv_heads = static_cast<unsigned>(rows.kv_heads);
  const unsigned source = blockIdx.y;
  const unsigned layer = source / kv_heads;
  const unsigned entry = blockIdx.x * kThreads + threadIdx.x;
  if (static_cast<int>(entry) >= lists.counts[layer] || entry >= rows.stride) return;
  const std::int32_t position = lists.positions[layer * lists.stride + entry];
  if (position >= *rows.positions) return;
  const auto heads = static_cast<unsigned>(rows.heads);
  const unsigned group = heads / kv_heads;
  HeadWalk walk{std::size_t{layer} * rows.slots * heads + source % kv_heads * group, group, heads};
  float sum = 0;
  for (unsigned i = 0; i < filled * group; ++i) {
    sum += probability(rows.scores[walk.row * rows.stride + entry], rows.log_sum_exp[walk.row]);
    walk.next();
  }
  const auto mean_of = rows.mean_of == 0 ? filled : static_cast<unsigned>(rows.mean_of);
  mass[source * mass_stride + position] += sum * (1.0F / static_cast<float>(mean_of * group));
}

cudaError_t launch_mass(float* mass, std::size_t mass_stride, const ScoreRows& rows, bool by_slot,
                        cudaStream_t stream) {
  if (rows.stride % kPerThread != 0 || mass_stride % kPerThread != 0) return cudaErrorInvalidValue;
  constexpr std::size_t kPerBlock = kThreads * kPerThread;
  const dim3 grid(static_cast<unsigned>((rows.capacity + kPerBlock - 1) / kPerBlock),
                  static_cast<unsigned>(rows.layers * rows.kv_heads),
                  by_slot ? static_cast<unsigned>(rows.slots) : 1);
  return launch(mass_kernel, grid, kThreads, 0, stream, mass, mass_stride, rows, by_slot);
}

}  // namespace

cudaError_t attention_mass(float* mass, std::size_t mass_stride, const ScoreRows& rows, cudaStream_t stream) {
  return launch_mass(mass, mass_stride, rows, false, stream);
}

cudaError_t add_listed_mass(float* mass, std::size_t mass_stride, const ScoreRows& rows,
                            const ScoreLists& lists, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>((rows.capacity + kThreads - 1) / kThreads),
                  static_cast<unsigned>(rows.layers * rows.kv_heads));
  return launch(listed_mass_kernel, grid, kThreads, 0, stream, mass, mass_stride, rows, lists);
}

cudaError_t attention_mass_by_slot(float* mass, std::size_t mass_stride, const ScoreRows& rows,
                                   cudaStream_t stream) {
  return launch_mass(mass, mass_stride, rows, true, stream);
}

}  // namespace fovea::kernels::cuda
