#include "kernels/cpu/attention_mass.h"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/attention_mass.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Eight lanes at most, as in the other kernels: AVX2 and AVX-512 machines round alike.
using DF = hn::CappedTag<float, 8>;
using VF = hn::Vec<DF>;
constexpr std::size_t kLanes = hn::MaxLanes(DF());

// A vector of which the last lanes lie beyond the input: they are set to `fill`.
HWY_INLINE VF LoadPart(const float* from, std::size_t count, float fill) {
  float padded[kLanes];
  std::fill_n(padded, kLanes, fill);
  std::copy_n(from, count, padded);
  return hn::LoadU(DF(), padded);
}

HWY_INLINE void StorePart(VF v, float* to, std::size_t count) {
  float padded[kLanes];
  hn::StoreU(v, DF(), padded);
  std::copy_n(padded, count, to);
}

// exp(score - shift). Highway's exp gives 0 for whatever does not compare as above -104: -infinity, and the
// NaN of a row that sees nothing (-infinity less -infinity).
HWY_INLINE VF Probability(VF score, VF shift) {
  return hn::Exp(DF(), hn::Sub(score, shift));
}

// out[count] += exp(scores - shift).
void AddProbabilities(float* HWY_RESTRICT out, const float* HWY_RESTRICT scores, float shift,
                      std::size_t count) {
  const DF df;
  const VF shifts = hn::Set(df, shift);
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const VF probability = Probability(hn::LoadU(df, scores + i), shifts);
    hn::StoreU(hn::Add(hn::LoadU(df, out + i), probability), df, out + i);
  }
  if (i == count) return;
  const std::size_t rest = count - i;
  const VF score = LoadPart(scores + i, rest, -std::numeric_limits<float>::infinity());
  StorePart(hn::Add(LoadPart(out + i, rest, 0), Probability(score, shifts)), out + i, rest);
}

void Scale(float* x, float factor, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] *= factor;
}

// One block of outputs stays in registers while the rows pass by: each row is read once, `out` written once.
void WeightedSumRange(float* HWY_RESTRICT out, const float* HWY_RESTRICT weights,
                      const float* HWY_RESTRICT rows, std::size_t stride, std::size_t count, std::size_t n) {
  const DF df;
  constexpr std::size_t kStep = 8 * kLanes;
  std::size_t i = 0;
  for (; i + kStep <= n; i += kStep) {
    VF s0 = hn::Zero(df);
    VF s1 = s0;
    VF s2 = s0;
    VF s3 = s0;
    VF s4 = s0;
    VF s5 = s0;
    VF s6 = s0;
    VF s7 = s0;
    for (std::size_t j = 0; j < count; ++j) {
      if (weights[j] == 0) continue;
      const VF weight = hn::Set(df, weights[j]);
      const float* row = rows + j * stride + i;
      s0 = hn::MulAdd(weight, hn::LoadU(df, row), s0);
      s1 = hn::MulAdd(weight, hn::LoadU(df, row + kLanes), s1);
      s2 = hn::MulAdd(weight, hn::LoadU(df, row + 2 * kLanes), s2);
      s3 = hn::MulAdd(weight, hn::LoadU(df, row + 3 * kLanes), s3);
      s4 = hn::MulAdd(weight, hn::LoadU(df, row + 4 * kLanes), s4);
      s5 = hn::MulAdd(weight, hn::LoadU(df, row + 5 * kLanes), s5);
      s6 = hn::MulAdd(weight, hn::LoadU(df, row + 6 * kLanes), s6);
      s7 = hn::MulAdd(weight, hn::LoadU(df, row + 7 * kLanes), s7);
    }
    hn::StoreU(s0, df, out + i);
    hn::StoreU(s1, df, out + i + kLanes);
    hn::StoreU(s2, df, out + i + 2 * kLanes);
    hn::StoreU(s3, df, out + i + 3 * kLanes);
    hn::StoreU(s4, df, out + i + 4 * kLanes);
    hn::StoreU(s5, df, out + i + 5 * kLanes);
    hn::StoreU(s6, df, out + i + 6 * kLanes);
    hn::StoreU(s7, df, out + i + 7 * kLanes);
  }
  for (; i < n; i += kLanes) {
    const std::size_t rest = std::min(kLanes, n - i);
    VF sum = hn::Zero(df);
    for (std::size_t j = 0; j < count; ++j) {
      if (weights[j] == 0) continue;
      sum = hn::MulAdd(hn::Set(df, weights[j]), LoadPart(rows + j * stride + i, rest, 0), sum);
    }
    StorePart(sum, out + i, rest);
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {
namespace {

HWY_EXPORT(AddProbabilities);
HWY_EXPORT(Scale);
HWY_EXPORT(WeightedSumRange);

// Positions of one task: 4 KiB of sums that stay in the first-level cache while the rows are added, and a
// multiple of every vector, so that only the last block has a broken one.
constexpr std::size_t kBlock = 1024;

// out[count] = sums of the rows' probabilities of one KV head, at `count` scores from `begin` on.
void sum_block(float* out, const ScoreRows& from, std::size_t kv_head, std::size_t begin, std::size_t count) {
  const auto add_probabilities = HWY_DYNAMIC_DISPATCH(AddProbabilities);
  const std::size_t group = from.heads / from.kv_heads;
  std::fill_n(out, count, 0.0F);
  for (std::size_t r = 0; r < from.rows; ++r) {
    for (std::size_t g = 0; g < group; ++g) {
      const std::size_t row = r * from.heads + kv_head * group + g;
      add_probabilities(out, from.scores + row * from.stride + begin, from.log_sum_exp[row], count);
    }
  }
}

float share_of(const ScoreRows& from) {
  return 1.0F / static_cast<float>(from.mean_of * (from.heads / from.kv_heads));
}

}  // namespace

void attention_mass(float* mass, std::size_t mass_stride, const ScoreRows& from, std::size_t n,
                    ThreadPool& pool) {
  const auto scale = HWY_DYNAMIC_DISPATCH(Scale);
  const std::size_t blocks = (n + kBlock - 1) / kBlock;
  const float share = share_of(from);
  pool.run(from.kv_heads * blocks, [&](std::size_t task) {
    const std::size_t kv_head = task / blocks;
    const std::size_t begin = task % blocks * kBlock;
    const std::size_t count = std::min(kBlock, n - begin);
    float* out = mass + kv_head * mass_stride + begin;
    sum_block(out, from, kv_head, begin, count);
    scale(out, share, count);
  });
}

void add_listed_mass(float* mass, std::size_t mass_stride, const ScoreRows& from,
                     const std::int32_t* positions, std::size_t count, ThreadPool& pool) {
  const std::size_t blocks = (count + kBlock - 1) / kBlock;
  const float share = share_of(from);
  pool.run(from.kv_heads * blocks, [&](std::size_t task) {
    const std::size_t kv_head = task / blocks;
    const std::size_t begin = task % blocks * kBlock;
    const std::size_t entries = std::min(kBlock, count - begin);
    float sums[kBlock];
    sum_block(sums, from, kv_head, begin, entries);
    float* out = mass + kv_head * mass_stride;
    for (std::size_t e = 0; e < entries; ++e) {
      out[static_cast<std::size_t>(positions[begin + e])] += sums[e] * share;
    }
  });
}

void weighted_sum(float* out, const float* weights, const float* rows, std::size_t stride, std::size_t count,
                  std::size_t n) {
  HWY_DYNAMIC_DISPATCH(WeightedSumRange)(out, weights, rows, stride, count, n);
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
