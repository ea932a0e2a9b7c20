// What prepare() leaves for the products. A row of x is scaled by a power of two so that its largest
// magnitude lies in [1, 2), and stored three times over, all row after row with columns padded by zeros to
// `stride`:
//   high  f16: x rounded;
//   low   f16: 2^11 times what that lost, so the pair keeps 22 bits and its small elements are no denormals;
//   fixed int16 steps of 1/32639 of the largest magnitude, each as a signed high and low byte (256 * high +
//   low): of
//         every 8 columns first the high bytes, then the low ones.
// 32,639 is the largest integer whose two bytes are both signed ones (127 * 256 + 127).
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea::kernels::cuda {

constexpr float kLowScale = 0x1p-11F;
constexpr float kLargestFixed = 32639.0F;

struct Activations {
  std::uint16_t* high;   // [rows, stride]
  std::uint16_t* low;    // [rows, stride]
  std::uint16_t* fixed;  // [rows, stride]
  float* powers;         // [rows]: x = (high + low * 2^-11) * power
  float* steps;          // [rows]: x ~ (256 * high byte + low byte) * step
  unsigned stride;       // a multiple of 128
};

constexpr std::size_t activation_stride(std::size_t columns) {
  return (columns + 127) / 128 * 128;
}

/// The layout of activation_bytes(rows, columns) at `memory`. Rows of a multiple of 256 bytes come first, so
/// all is aligned.
inline Activations activations_at(const void* memory, std::size_t rows, std::size_t columns) {
  const std::size_t stride = activation_stride(columns);
  auto* halves = static_cast<std::uint16_t*>(const_cast<void*>(memory));
  auto* scales = reinterpret_cast<float*>(halves + 3 * rows * stride);
  return {halves, halves + rows * stride, halves + 2 * rows * stride,
          scales, scales + rows,          static_cast<unsigned>(stride)};
}

}  // namespace fovea::kernels::cuda
