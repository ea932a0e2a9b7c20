// A row of floats to integers with one scale. Included once per instruction set.
#include <algorithm>
#include <cmath>
#include <limits>

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

// A row's scale, and what its elements are multiplied with: 0 where all numbers shall be 0.
struct RowScale {
  float scale;
  float inverse;
};

// The scale that makes the largest magnitude of x[n] `largest` <= 32,767: an element then errs by at most
// half a scale. A row of next to nothing (below 1e-30) becomes zeros with scale 0; one that holds an infinity
// or NaN zeros with scale NaN.
HWY_INLINE RowScale ScaleOfRow(const float* HWY_RESTRICT x, std::size_t n, float largest) {
  const DF df;
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
  if (!finite) return {std::numeric_limits<float>::quiet_NaN(), 0.0F};
  return magnitude > 1.0e-30F ? RowScale{magnitude / largest, largest / magnitude} : RowScale{0.0F, 0.0F};
}

// out[n] = x[n] * inverse, rounded.
HWY_INLINE void QuantizeNumbers(std::int16_t* HWY_RESTRICT out, const float* HWY_RESTRICT x, std::size_t n,
                                float inverse) {
  const DF df;
  const hn::Rebind<std::int16_t, DF> dh;
  constexpr std::size_t kLanes = hn::MaxLanes(DF());
  const std::size_t whole = n / kLanes * kLanes;
  const bool usable = inverse != 0.0F;  // x may be infinite otherwise
  for (std::size_t i = 0; i < whole; i += kLanes) {
    const VF scaled = usable ? hn::Mul(hn::LoadU(df, x + i), hn::Set(df, inverse)) : hn::Zero(df);
    hn::StoreU(hn::DemoteTo(dh, hn::NearestInt(scaled)), dh, out + i);
  }
  for (std::size_t i = whole; i < n; ++i) {
    out[i] = usable ? static_cast<std::int16_t>(std::nearbyint(x[i] * inverse)) : std::int16_t{0};
  }
}

// Both; returns the scale.
HWY_INLINE float QuantizeRow(std::int16_t* HWY_RESTRICT out, const float* HWY_RESTRICT x, std::size_t n,
                             float largest) {
  const RowScale row = ScaleOfRow(x, n, largest);
  QuantizeNumbers(out, x, n, row.inverse);
  return row.scale;
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // FOVEA_KERNELS_CPU_QUANTIZE_INL
