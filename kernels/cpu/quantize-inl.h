// A row of floats to integers with one scale. Included once per instruction set.
#include <cmath>

#include "kernels/cpu/multiply_pairs-inl.h"

#if defined(FOVEA_KERNELS_CPU_QUANTIZE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_QUANTIZE_INL
#undef FOVEA_KERNELS_CPU_QUANTIZE_INL
#else
#define FOVEA_KERNELS_CPU_QUANTIZE_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// x[n] ~ out * the returned scale, where the largest magnitude becomes `largest` <= 32,767: an element errs
// by at most half a scale. A row of next to nothing (below 1e-30) becomes zeros with scale 0; one that holds
// an infinity or NaN becomes zeros with scale NaN.
HWY_INLINE float QuantizeRow(std::int16_t* HWY_RESTRICT out, const float* HWY_RESTRICT x, std::size_t n,
                             float largest) {
  const DF df;
  const hn::Rebind<std::int16_t, DF> dh;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  const std::size_t whole = n / kLanes * kLanes;
  VF most = hn::Zero(df);
  VF sum = hn::Zero(df);  // a maximum may pass over NaN, a sum does not
  for (std::size_t i = 0; i < whole; i += kLanes) {
    const VF magnitude = hn::Abs(hn::LoadU(df, x + i));
    most = hn::Max(most, magnitude);
    sum = hn::Add(sum, magnitude);
  }
  float magnitude = hn::GetLane(hn::MaxOfLanes(df, most));
  float total = hn::GetLane(hn::SumOfLanes(df, sum));
  for (std::size_t i = whole; i < n; ++i) {
    magnitude = std::max(magnitude, std::abs(x[i]));
    total += std::abs(x[i]);
  }
  const bool finite = magnitude <= 3.0e38F && total == total;
  const bool usable = finite && magnitude > 1.0e-30F;
  const float inverse = usable ? largest / magnitude : 0.0F;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    const VF scaled = usable ? hn::Mul(hn::LoadU(df, x + i), hn::Set(df, inverse)) : hn::Zero(df);
    hn::StoreU(hn::DemoteTo(dh, hn::NearestInt(scaled)), dh, out + i);
  }
  for (std::size_t i = whole; i < n; ++i) {
    out[i] = usable ? static_cast<std::int16_t>(std::nearbyint(x[i] * inverse)) : std::int16_t{0};
  }
  if (!finite) return std::numeric_limits<float>::quiet_NaN();
  return usable ? magnitude / largest : 0.0F;
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // FOVEA_KERNELS_CPU_QUANTIZE_INL
