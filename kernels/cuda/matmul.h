// Matrix products on the device: out[r][o] = sum over c of weight[o][c] * x[r][c], for 1 .. 64 rows of x;
// what a prompt needs is in prefill.h. Launchers as in elementwise.h.
//
// prepare() brings rows of x (normalised on the way, if asked) into the forms that the tensor cores take,
// with one scale a row: two halves (22 bits of the largest element's precision) for F32, F16 and BF16
// weights, a 16-bit integer for Q8_0 and Q4_0, whose sum inside a block of 32 is then exact, as on the CPU.
// Any number of products may read one prepared input.
//
// Guarantee: an element of `out` depends on its row of x and its row of weights alone, never on `rows`, on
// the row's place or on what else is computed in the call, bit for bit over 1 .. 64 rows.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "kernels/dtype.h"

namespace fovea::kernels::cuda {

// --- Weights ---

/// Bytes of a packed [outputs, columns] matrix; columns is a multiple of 32.
[[nodiscard]] std::size_t packed_bytes(DType dtype, std::size_t outputs, std::size_t columns);

/// Whether the packed form is the GGUF one, so that weights can be used where they were loaded (aligned to
/// 16).
[[nodiscard]] constexpr bool packed_is_gguf(DType dtype) {
  return dtype == DType::kF32;
}

/// Rearranges `weights` as GGUF stores them (on the device, any alignment) into what the products read.
/// `packed` is aligned to 16 and does not overlap `weights`. Once a matrix.
cudaError_t pack(void* packed, const void* weights, DType dtype, std::size_t outputs, std::size_t columns,
                 cudaStream_t stream);

/// out[r] = row ids[*first + r] of the packed table, as float, exact. out: [rows, columns]; table: [outputs,
/// columns]; ids, first: on the device.
cudaError_t embed(float* out, const void* table, DType dtype, std::size_t outputs, std::size_t columns,
                  const std::int32_t* ids, const std::int32_t* first, std::size_t rows, cudaStream_t stream);

// --- Products ---

/// Bytes that prepare() fills for `rows` rows; align to 256.
[[nodiscard]] std::size_t activation_bytes(std::size_t rows, std::size_t columns);

/// activations = x [rows, columns], or x / sqrt(mean(x^2) + epsilon) * norm_weight where norm_weight
/// [columns] is not null. A row that holds a NaN or an infinity makes its outputs NaN.
cudaError_t prepare(void* activations, const float* x, const float* norm_weight, float epsilon,
                    std::size_t rows, std::size_t columns, cudaStream_t stream);

constexpr std::size_t kMaxProducts = 4;
constexpr std::size_t kMaxProductRows = 64;

/// One product of a prepared input.
struct Product {
  float* out = nullptr;          // [rows, outputs]
  const void* weight = nullptr;  // packed [outputs, columns]
  DType dtype = DType::kF32;
  std::size_t outputs = 0;
};

enum class Epilogue {
  kStore,     // out = product
  kAdd,       // out += product
  kSiluGate,  // two products of one dtype and size: products[0].out = silu(products[0]) * products[1]
};

/// Up to kMaxProducts products of one prepared input of 1 .. kMaxProductRows rows: one launch for all of one
/// dtype.
cudaError_t matmul(const Product* products, std::size_t count, Epilogue epilogue, const void* activations,
                   std::size_t rows, std::size_t columns, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
