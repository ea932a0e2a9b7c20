// Number formats: f16, bf16 and GGML's block quantisation, by bit logic alone. Pure functions, any thread.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "kernels/reference/reference.h"

namespace fovea::kernels::reference {

namespace {

constexpr std::size_t kBlock = block_elements(DType::kQ8_0);

// Rows of quantised blocks start at any even byte, so every 16-bit field is copied rather than dereferenced.
std::uint16_t load16(const std::byte* bytes) {
  std::uint16_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

void store16(std::byte* bytes, std::uint16_t value) {
  std::memcpy(bytes, &value, sizeof value);
}

/// value / 2^shift, rounded to the nearest integer, ties to even. 1 <= shift <= 31.
std::uint32_t shift_right_to_even(std::uint32_t value, int shift) {
  const std::uint32_t half = 1U << (shift - 1);
  const std::uint32_t odd = (value >> shift) & 1U;
  return (value + half - 1 + odd) >> shift;
}

void quantize_q8_0(std::byte* block, const float* x) {
  float largest = 0;
  for (std::size_t i = 0; i < kBlock; ++i) largest = std::max(largest, std::fabs(x[i]));
  const float scale = largest / 127.0F;
  const float inverse = scale != 0 ? 1.0F / scale : 0.0F;
  store16(block, float_to_half(scale));
  for (std::size_t i = 0; i < kBlock; ++i) {
    block[2 + i] = static_cast<std::byte>(static_cast<std::int8_t>(std::round(x[i] * inverse)));
  }
}

void quantize_q4_0(std::byte* block, const float* x) {
  // GGML maps the entry of largest magnitude, with its sign, to -8: the one code without an opposite.
  float extreme = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    if (std::fabs(x[i]) > std::fabs(extreme)) extreme = x[i];
  }
  const float scale = extreme / -8.0F;
  const float inverse = scale != 0 ? 1.0F / scale : 0.0F;
  store16(block, float_to_half(scale));
  const auto code = [&](float value) { return std::min(15, static_cast<int>((value * inverse) + 8.5F)); };
  for (std::size_t i = 0; i < kBlock / 2; ++i) {
    block[2 + i] = static_cast<std::byte>(code(x[i]) | (code(x[i + (kBlock / 2)]) << 4));
  }
}

void dequantize_q8_0(float* out, const std::byte* block) {
  const float scale = half_to_float(load16(block));
  for (std::size_t i = 0; i < kBlock; ++i) {
    out[i] = scale * static_cast<float>(static_cast<std::int8_t>(block[2 + i]));
  }
}

void dequantize_q4_0(float* out, const std::byte* block) {
  const float scale = half_to_float(load16(block));
  for (std::size_t i = 0; i < kBlock / 2; ++i) {
    const int codes = std::to_integer<int>(block[2 + i]);
    out[i] = scale * static_cast<float>((codes & 15) - 8);
    out[i + (kBlock / 2)] = scale * static_cast<float>((codes >> 4) - 8);
  }
}

}  // namespace

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 31U;
  const std::uint32_t mantissa = half & 1023U;
  if (exponent == 0) {  // zero and denormals: mantissa * 2^-24, which a float holds exactly
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(static_cast<float>(mantissa) * 0x1p-24F));
  }
  if (exponent == 31) {
    const std::uint32_t quiet = mantissa != 0 ? 0x400000U : 0U;
    return std::bit_cast<float>(sign | 0x7F800000U | quiet | (mantissa << 13));
  }
  return std::bit_cast<float>(sign | ((exponent + 127 - 15) << 23) | (mantissa << 13));
}

std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  std::uint32_t half = 0;
  if (magnitude > 0x7F800000U) {
    half = 0x7E00U | ((magnitude >> 13) & 0x3FFU);
  } else if (magnitude >= 0x47800000U) {  // 65536 and above, infinity included
    half = 0x7C00U;
  } else if (magnitude >=
             0x38800000U) {  // 2^-14 and above: normal. A carry out of the mantissa raises the exponent,
    half =
        shift_right_to_even(magnitude - ((127U - 15U) << 23), 13);  // and beyond 65504 that makes infinity.
  } else if (magnitude >=
             0x33000000U) {  // 2^-25 and above: the implicit one becomes visible, in units of 2^-24
    const int exponent = static_cast<int>(magnitude >> 23);
    half = shift_right_to_even((magnitude & 0x7FFFFFU) | 0x800000U, 126 - exponent);
  }
  return static_cast<std::uint16_t>(sign | half);
}

float bf16_to_float(std::uint16_t bf16) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bf16) << 16);
}

std::uint16_t float_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);
  return static_cast<std::uint16_t>(shift_right_to_even(bits, 16));
}

void dequantize_row(float* out, const void* row, DType dtype, std::size_t columns) {
  const auto* bytes = static_cast<const std::byte*>(row);
  if (dtype == DType::kF32) {
    std::copy_n(bytes, columns * sizeof(float), reinterpret_cast<std::byte*>(out));
    return;
  }
  for (std::size_t i = 0; i < columns; i += block_elements(dtype)) {
    switch (dtype) {
      case DType::kF32:
        break;
      case DType::kF16:
        out[i] = half_to_float(load16(bytes));
        break;
      case DType::kBF16:
        out[i] = bf16_to_float(load16(bytes));
        break;
      case DType::kQ8_0:
        dequantize_q8_0(out + i, bytes);
        break;
      case DType::kQ4_0:
        dequantize_q4_0(out + i, bytes);
        break;
    }
    bytes += block_bytes(dtype);
  }
}

void quantize_row(void* out, const float* x, DType dtype, std::size_t columns) {
  auto* bytes = static_cast<std::byte*>(out);
  if (dtype == DType::kF32) {
    std::copy_n(reinterpret_cast<const std::byte*>(x), columns * sizeof(float), bytes);
    return;
  }
  for (std::size_t i = 0; i < columns; i += block_elements(dtype)) {
    switch (dtype) {
      case DType::kF32:
        break;
      case DType::kF16:
        store16(bytes, float_to_half(x[i]));
        break;
      case DType::kBF16:
        store16(bytes, float_to_bf16(x[i]));
        break;
      case DType::kQ8_0:
        quantize_q8_0(bytes, x + i);
        break;
      case DType::kQ4_0:
        quantize_q4_0(bytes, x + i);
        break;
    }
    bytes += block_bytes(dtype);
  }
}

}  // namespace fovea::kernels::reference
