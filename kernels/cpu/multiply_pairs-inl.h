// The multiply-accumulate of integers that products and attention are made of. Included once per instruction
// set.
#include <hwy/highway.h>

#if defined(FOVEA_KERNELS_CPU_MULTIPLY_PAIRS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_MULTIPLY_PAIRS_INL
#undef FOVEA_KERNELS_CPU_MULTIPLY_PAIRS_INL
#else
#define FOVEA_KERNELS_CPU_MULTIPLY_PAIRS_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// For sums over lanes, capped at 256 bits: AVX2 and AVX-512 machines then round alike, and processors that
// split 512 bits lose nothing.
using D16 = hn::CappedTag<std::int16_t, 16>;
using D32 = hn::Repartition<std::int32_t, D16>;
using DF = hn::Repartition<float, D16>;
using V16 = hn::Vec<D16>;
using V32 = hn::Vec<D32>;
using VF = hn::Vec<DF>;

// Lane i: sum[i] + a[2i] * b[2i] + a[2i + 1] * b[2i + 1], in vectors of any width. Exact while it fits.
template <class Sums, class Pairs>
HWY_INLINE Sums MultiplyPairs(Sums sum, Pairs a, Pairs b) {
#if HWY_TARGET == HWY_AVX3_DL && !HWY_COMPILER_MSVC
  // VNNI does in one instruction what takes two; Highway 1.0 has no name for it.
  asm("vpdpwssd %2, %1, %0" : "+v"(sum.raw) : "v"(a.raw), "vm"(b.raw));
  return sum;
#else
  const hn::DFromV<Sums> d32;
  Sums odd = hn::Zero(d32);
  const Sums even = hn::ReorderWidenMulAccumulate(d32, a, b, hn::Zero(d32), odd);
  return hn::Add(sum, hn::RearrangeToOddPlusEven(even, odd));
#endif
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // FOVEA_KERNELS_CPU_MULTIPLY_PAIRS_INL
