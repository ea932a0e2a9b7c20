// Packing of weights, and the ways to read packed ones that are no products: rows of a table, tiles of
// halves.
#include <cuda_fp16.h>

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/matmul.h"
#include "kernels/cuda/weight_layout.cuh"
#include "kernels/cuda/weights.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kThreads = 128;

// A thread a lane of a chunk.
template <DType dtype>
__global__ void pack_kernel(std::uint8_t* packed, std::uint16_t* scales, const std::uint8_t* weights,
                            unsigned outputs, unsigned columns, std::size_t lanes) {
  let_next_start();
  wait_for_inputs();
  const std::size_t i = std::size_t{blockIdx.x} * kThreads + threadIdx.x;
  if (i >= lanes) return;
  constexpr unsigned kBlocks = chunk_blocks(dtype);
  constexpr std::size_t kBytes = dtype == DType::kQ8_0 ? 34 : 18;  // block_bytes, which is for the host
  const std::size_t chunks = chunks_of(dtype, columns);
  const unsigned g = i % 32 / 4;
  const unsigned t = i % 4;
  const std::size_t panel = i / 32 / chunks;
  const std::size_t chunk = i / 32 % chunks;
  const std::size_t output = panel * kPanelOutputs + g;
  const std::size_t blocks = columns / 32;
  for (unsigned b = 0; b < kBlocks; ++b) {
    const std::size_t block = chunk * kBlocks + b;
    const bool exists = output < outputs && block < blocks;
    const std::uint8_t* from = weights + (output * blocks + block) * kBytes;
    std::uint8_t* to = packed + i * 16 + b * (16 / kBlocks);
    if constexpr (dtype == DType::kQ8_0) {
      for (unsigned j = 0; j < 8; ++j) to[j] = exists ? from[2 + t * 8 + j] : 0;
    } else {
      // Columns 0 .. 15 are low nibbles, 16 .. 31 high ones; "minus 8" makes of a code its two's complement
      // with the upper bit inverted.
      const unsigned shift = t / 2 * 4;
      for (unsigned j = 0; j < 4; ++j) {
        const unsigned low = exists ? from[2 + t % 2 * 8 + j] >> shift & 15U : 8U;
        const unsigned high = exists ? from[2 + t % 2 * 8 + 4 + j] >> shift & 15U : 8U;
        to[j] = static_cast<std::uint8_t>((low | high << 4) ^ 0x88U);
      }
    }
    if (t == 0) {
      scales[((panel * chunks + chunk) * kBlocks + b) * kPanelOutputs + g] =
          exists ? static_cast<std::uint16_t>(from[0] | from[1] << 8) : 0;
    }
  }
}

/// Columns 8 * octet .. + 7 of a row of a packed matrix, exact.
template <DType dtype>
__device__ void unpack_8(float (&v)[8], const std::uint8_t* packed, unsigned outputs, unsigned columns,
                         std::size_t row, unsigned octet) {
  if constexpr (dtype == DType::kF32) {
    const auto* from = reinterpret_cast<const float*>(packed) + row * columns + octet * 8;
    for (int i = 0; i < 8; ++i) v[i] = from[i];
  } else if constexpr (dtype == DType::kF16 || dtype == DType::kBF16) {
    const uint4 w = *reinterpret_cast<const uint4*>(packed + (row * columns + octet * 8) * 2);
    const unsigned words[4] = {w.x, w.y, w.z, w.w};
    for (int i = 0; i < 4; ++i) {
      if constexpr (dtype == DType::kF16) {
        const float2 pair = __half22float2(*reinterpret_cast<const __half2*>(&words[i]));
        v[2 * i] = pair.x;
        v[2 * i + 1] = pair.y;
      } else {
        v[2 * i] = __uint_as_float(words[i] << 16);
        v[2 * i + 1] = __uint_as_float(words[i] & 0xFFFF0000U);
      }
    }
  } else {
    constexpr unsigned kBlocks = chunk_blocks(dtype);
    const std::size_t chunks = chunks_of(dtype, columns);
    const std::size_t panels = (std::size_t{outputs} + kPanelOutputs - 1) / kPanelOutputs;
    const std::size_t panel = row / kPanelOutputs;
    const unsigned g = row % kPanelOutputs;
    const unsigned block = octet / 4;
    const unsigned t = octet % 4;
    const std::size_t chunk = panel * chunks + block / kBlocks;
    const auto* scales = reinterpret_cast<const __half*>(packed + panels * chunks * kChunkBytes);
    const float scale = __half2float(scales[(chunk * kBlocks + block % kBlocks) * kPanelOutputs + g]);
    const auto* from = reinterpret_cast<const signed char*>(packed) + chunk * kChunkBytes + (g * 4 + t) * 16 +
                       block % kBlocks * (16 / kBlocks);
    if constexpr (dtype == DType::kQ8_0) {
      for (int i = 0; i < 8; ++i) v[i] = scale * static_cast<float>(from[i]);
    } else {
      for (int i = 0; i < 4; ++i) {
        const auto low = static_cast<signed char>(static_cast<unsigned char>(from[i]) << 4);
        v[i] = scale * static_cast<float>(low >> 4);
        v[i + 4] = scale * static_cast<float>(from[i] >> 4);
      }
    }
  }
}

template <DType dtype>
__global__ void embed_kernel(float* out, const std::uint8_t* table, unsigned outputs, unsigned columns,
                             const std::int32_t* ids, const std::int32_t* first) {
  let_next_start();
  wait_for_inputs();
  const unsigned octet = blockIdx.x * kThreads + threadIdx.x;
  if (octet * 8 >= columns) return;
  const auto id = static_cast<std::size_t>(ids[*first + static_cast<int>(blockIdx.y)]);
  float v[8];
  unpack_8<dtype>(v, table, outputs, columns, id, octet);
  auto* to = reinterpret_cast<float4*>(out + std::size_t{blockIdx.y} * columns + octet * 8);
  to[0] = {v[0], v[1], v[2], v[3]};
  to[1] = {v[4], v[5], v[6], v[7]};
}

// Grid: (octets of a row, rows of the tile).
template <DType dtype>
__global__ void unpack_kernel(std::uint16_t* out, const std::uint8_t* packed, unsigned outputs,
                              unsigned columns, unsigned first_row) {
  let_next_start();
  wait_for_inputs();
  const unsigned octet = blockIdx.x * kThreads + threadIdx.x;
  if (octet * 8 >= columns) return;
  float v[8];
  unpack_8<dtype>(v, packed, outputs, columns, std::size_t{first_row} + blockIdx.y, octet);
  uint4 halves;
  auto* h = reinterpret_cast<__half2*>(&halves);
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float a = fminf(fmaxf(v[2 * i], -65504.0F), 65504.0F);
    const float b = fminf(fmaxf(v[2 * i + 1], -65504.0F), 65504.0F);
    h[i] = __floats2half2_rn(a, b);
  }
  *reinterpret_cast<uint4*>(out + std::size_t{blockIdx.y} * columns + octet * 8) = halves;
}

/// call.template operator()<dtype>(), the run-time value as a compile-time one.
template <typename Call>
cudaError_t with_dtype(DType dtype, const Call& call) {
  switch (dtype) {
    case DType::kF32:
      return call.template operator()<DType::kF32>();
    case DType::kF16:
      return call.template operator()<DType::kF16>();
    case DType::kBF16:
      return call.template operator()<DType::kBF16>();
    case DType::kQ8_0:
      return call.template operator()<DType::kQ8_0>();
    case DType::kQ4_0:
      return call.template operator()<DType::kQ4_0>();
  }
  return cudaErrorInvalidValue;
}

dim3 octet_grid(std::size_t rows, std::size_t columns) {
  return {static_cast<unsigned>((columns / 8 + kThreads - 1) / kThreads), static_cast<unsigned>(rows)};
}

}  // namespace

std::size_t packed_bytes(DType dtype, std::size_t outputs, std::size_t columns) {
  if (packed_is_gguf(dtype)) return outputs * row_bytes(dtype, columns);
  const std::size_t chunk_scales = chunk_blocks(dtype) * kPanelOutputs * sizeof(std::uint16_t);
  return scales_offset(dtype, outputs, columns) +
         panels_of(outputs) * chunks_of(dtype, columns) * chunk_scales;
}

cudaError_t pack(void* packed, const void* weights, DType dtype, std::size_t outputs, std::size_t columns,
                 cudaStream_t stream) {
  if (columns % 32 != 0) return cudaErrorInvalidValue;
  if (packed_is_gguf(dtype)) {
    return cudaMemcpyAsync(packed, weights, packed_bytes(dtype, outputs, columns), cudaMemcpyDeviceToDevice,
                           stream);
  }
  auto* to = static_cast<std::uint8_t*>(packed);
  auto* scales = reinterpret_cast<std::uint16_t*>(to + scales_offset(dtype, outputs, columns));
  const std::size_t lanes = panels_of(outputs) * chunks_of(dtype, columns) * 32;
  const auto blocks = static_cast<unsigned>((lanes + kThreads - 1) / kThreads);
  return launch(dtype == DType::kQ8_0 ? pack_kernel<DType::kQ8_0> : pack_kernel<DType::kQ4_0>, blocks,
                kThreads, 0, stream, to, scales, static_cast<const std::uint8_t*>(weights),
                static_cast<unsigned>(outputs), static_cast<unsigned>(columns), lanes);
}

cudaError_t embed(float* out, const void* table, DType dtype, std::size_t outputs, std::size_t columns,
                  const std::int32_t* ids, const std::int32_t* first, std::size_t rows, cudaStream_t stream) {
  return with_dtype(dtype, [&]<DType kDType>() {
    return launch(embed_kernel<kDType>, octet_grid(rows, columns), kThreads, 0, stream, out,
                  static_cast<const std::uint8_t*>(table), static_cast<unsigned>(outputs),
                  static_cast<unsigned>(columns), ids, first);
  });
}

cudaError_t unpack_halves(std::uint16_t* out, const void* packed, DType dtype, std::size_t outputs,
                          std::size_t columns, std::size_t first_row, std::size_t rows, cudaStream_t stream) {
  return with_dtype(dtype, [&]<DType kDType>() {
    return launch(unpack_kernel<kDType>, octet_grid(rows, columns), kThreads, 0, stream, out,
                  static_cast<const std::uint8_t*>(packed), static_cast<unsigned>(outputs),
                  static_cast<unsigned>(columns), static_cast<unsigned>(first_row));
  });
}

}  // namespace fovea::kernels::cuda
