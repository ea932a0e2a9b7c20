#include "kernels/cpu/kv_numbers.h"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/kv_numbers.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include "kernels/cpu/quantize-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {

void QuantizeHeads(std::int16_t* out, float* scales, const float* x, std::size_t heads,
                   std::size_t head_dim) {
  for (std::size_t h = 0; h < heads; ++h) {
    scales[2 * h] = QuantizeRow(out + h * head_dim, x + h * head_dim, head_dim, kLargestKvNumber);
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::kernels::cpu {

HWY_EXPORT(QuantizeHeads);

void to_kv_numbers(std::int16_t* out, float* scales, const float* x, std::size_t rows, std::size_t kv_heads,
                   std::size_t head_dim, ThreadPool& pool) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(QuantizeHeads);
  const std::size_t entry = kv_heads * head_dim;
  const auto one_row = [&](std::size_t row) {
    kernel(out + row * entry, scales + row * kv_heads * 2, x + row * entry, kv_heads, head_dim);
  };
  // A few rows take less time than waking the pool.
  if (rows * entry < 32768) {
    for (std::size_t row = 0; row < rows; ++row) one_row(row);
  } else {
    pool.run(rows, one_row);
  }
}

}  // namespace fovea::kernels::cpu
#endif  // HWY_ONCE
