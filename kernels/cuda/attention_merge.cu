// The second kernel of attention(): one block per row and head adds up what the chunks left, each relative to
// the largest score of all. Warp w takes chunks w, w + kMergeWarps, ..., in order; then the warps' sums are
// added in order.
#include "kernels/cuda/attention_partials.cuh"
#include "kernels/cuda/launch.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kMergeWarps = 8;
constexpr unsigned kAhead = 8;  // chunks whose loads are in flight together

template <int kDim>
struct MergeScratch {
  float accumulators[kMergeWarps][kDim];
  float sums[kMergeWarps];
  float largest[kMergeWarps];
};

// What one chunk left, as far as a lane adds it up.
template <int kPairs>
struct Part {
  float2 sums;
  float2 numbers[kPairs];  // pairs of neighbouring columns
};

// Largest score of the row's chunks, in every thread.
__device__ float largest_score(const float2* sums, unsigned step, unsigned chunks, float* of_warps) {
  float largest = -INFINITY;
  for (unsigned c = threadIdx.x; c < chunks; c += kMergeWarps * 32) {
    largest = fmaxf(largest, sums[std::size_t{c} * step].x);
  }
#pragma unroll
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, lanes));
  }
  if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32] = largest;
  __syncthreads();
#pragma unroll
  for (unsigned w = 0; w < kMergeWarps; ++w) largest = fmaxf(largest, of_warps[w]);
  return largest;
}

template <int kDim>
__global__ void __launch_bounds__(kMergeWarps * 32) merge_kernel(float* out, AttentionCall call) {
  let_next_start();
  wait_for_inputs();
  constexpr int kPairs = kDim / 64;
  __shared__ MergeScratch<kDim> scratch;
  const unsigned lane = threadIdx.x % 32;
  const unsigned warp = threadIdx.x / 32;
  const unsigned row = blockIdx.y;
  const unsigned query = row * call.heads + blockIdx.x;
  const unsigned step = call.rows * call.heads;
  const unsigned visible = static_cast<unsigned>(entries_before_pass(call.entries)) + row + 1;
  const unsigned chunks = (visible + kChunk - 1) / kChunk;
  const float2* sums = call.partials.sums + query;
  const auto load = [&](Part<kPairs>(&parts)[kAhead], unsigned begin) {
#pragma unroll
    for (unsigned i = 0; i < kAhead; ++i) {
      const unsigned c = begin + i * kMergeWarps;
      if (c >= chunks) continue;
      const std::size_t at = std::size_t{c} * step;
      parts[i].sums = sums[at];
      const auto* from = reinterpret_cast<const float2*>(call.partials.accumulators + (at + query) * kDim);
#pragma unroll
      for (int j = 0; j < kPairs; ++j) parts[i].numbers[j] = from[j * 32 + lane];
    }
  };
  // The first numbers are asked for before the largest score is known.
  Part<kPairs> parts[kAhead] = {};
  load(parts, warp);
  const float largest = largest_score(sums, step, chunks, scratch.largest);

  float sum = 0;
  float2 total[kPairs] = {};
  for (unsigned begin = warp; begin < chunks;) {
#pragma unroll
    for (unsigned i = 0; i < kAhead; ++i) {
      if (begin + i * kMergeWarps >= chunks) continue;
      const float share = weight(parts[i].sums.x, largest);
      sum = fmaf(parts[i].sums.y, share, sum);
#pragma unroll
      for (int j = 0; j < kPairs; ++j) {
        total[j].x = fmaf(parts[i].numbers[j].x, share, total[j].x);
        total[j].y = fmaf(parts[i].numbers[j].y, share, total[j].y);
      }
    }
    begin += kMergeWarps * kAhead;
    load(parts, begin);
  }
#pragma unroll
  for (int j = 0; j < kPairs; ++j) {
    reinterpret_cast<float2*>(scratch.accumulators[warp])[j * 32 + lane] = total[j];
  }
  if (lane == 0) scratch.sums[warp] = sum;
  __syncthreads();

  sum = 0;
#pragma unroll
  for (unsigned w = 0; w < kMergeWarps; ++w) sum += scratch.sums[w];
  const float inverse = 1.0F / sum;
  for (unsigned d = threadIdx.x; d < call.head_dim; d += kMergeWarps * 32) {
    float number = 0;
#pragma unroll
    for (unsigned w = 0; w < kMergeWarps; ++w) number += scratch.accumulators[w][d];
    out[std::size_t{query} * call.head_dim + d] = number * inverse;
  }
  if (threadIdx.x == 0 && call.scores.scores != nullptr && row >= call.scores.first_row) {
    call.scores.log_sum_exp[query - call.scores.first_row * call.heads] =
        (largest - kHeadroom + log2f(sum)) * kLn2;
  }
}

}  // namespace

cudaError_t attention_merge(float* out, const AttentionCall& call, cudaStream_t stream) {
  const auto run = [&](auto kernel) {
    return launch(kernel, dim3(call.heads, call.rows), kMergeWarps * 32, 0, stream, out, call);
  };
  switch (padded_head_dim(call.head_dim)) {
    case 64:
      return run(merge_kernel<64>);
    case 128:
      return run(merge_kernel<128>);
    default:
      return run(merge_kernel<256>);
  }
}

}  // namespace fovea::kernels::cuda
