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
__global__ void pack_kernel(std::uint8_t* packed, const std::uint8_t* weights, unsigned outputs,
                            unsigned columns) {
  let_next_start();
  wait_for_inputs();
  constexpr unsigned kBlocks = chunk_blocks(dtype);
  constexpr std::size_t kBytes = dtype == DType::kQ8_0 ? 34 : dtype == DType::kQ4_0 ? 18 : 64;  // of a block
  const std::size_t i = std::size_t{blockIdx.x} * kThreads + threadIdx.x;
  const std::size_t chunks = chunks_of(dtype, columns);
  if (i >= panels_of(outputs) * chunks * 32) return;
  auto* scales = reinterpret_cast<std::uint16_t*>(packed + panels_of(outputs) * chunks * kChunkBytes);
  const unsigned g = i % 32 / 4;
  const unsigned t = i % 4;
  const std::size_t output = i / 32 / chunks * kPanelOutputs + g;
  const std::size_t blocks = columns / 32;
  for (unsigned b = 0; b < kBlocks; ++b) {
    const std::size_t block = i / 32 % chunks * kBlocks + b;
    const bool exists = output < outputs && block < blocks;
    const std::uint8_t* from = weights + (output * blocks + block) * kBytes;
    std::uint8_t* to = packed + i * 16 + b * (16 / kBlocks);
    if constexpr (dtype == DType::kQ4_0) {
      // Columns 0 .. 15 are low nibbles, 16 .. 31 high ones; a code minus 8 is, as two's complement, the code
      // with its upper bit inverted.
      const unsigned shift = t / 2 * 4;
      for (unsigned j = 0; j < 4; ++j) {
        const unsigned low = exists ? from[2 + t % 2 * 8 + j] >> shift & 15U : 8U;
        const unsigned high = exists ? from[2 + t % 2 * 8 + 4 + j] >> shift & 15U : 8U;
        to[j] = static_cast<std::uint8_t>((low | high << 4) ^ 0x88U);
      }
    } else if constexpr (dtype == DType::kQ8_0) {
      for (unsigned j = 0; j < 8; ++j) to[j] = exists ? from[2 + t * 8 + j] : 0;
    } else {
      for (unsigned j = 0; j < 16; ++j) to[j] = exists ? from[t * 16 + j] : 0;
    }
    if constexpr (chunk_scale_bytes(dtype) != 0) {
      if (t == 0) {
        scales[(i / 32 * kBlocks + b) * kPanelOutputs + g] =
            exists ? static_cast<std::uint16_t>(from[0] | from[1] << 8) : 0;
      }
    }
  }
}

/// What a lane of a chunk holds of its block b: 8 columns of an output, exact. words: the lane's 16 bytes;
/// scale: of the output's block, where there is one.
template <DType dtype>
__device__ void decode_8(float (&v)[8], const uint4& words, unsigned b, float scale) {
  const unsigned word[4] = {words.x, words.y, words.z, words.w};
  if constexpr (dtype == DType::kQ4_0) {
#pragma unroll
    for (unsigned i = 0; i < 8; ++i) {
      // The nibble to the top, then down again with its sign.
      const unsigned up = 28 - 8 * (i % 4) - 4 * (i / 4);
      v[i] = scale * static_cast<float>(static_cast<int>(word[b] << up) >> 28);
    }
  } else if constexpr (dtype == DType::kQ8_0) {
#pragma unroll
    for (unsigned i = 0; i < 8; ++i) {
      v[i] = scale * static_cast<float>(static_cast<int>(word[2 * b + i / 4] << (24 - 8 * (i % 4))) >> 24);
    }
  } else {
#pragma unroll
    for (unsigned i = 0; i < 4; ++i) {
      if constexpr (dtype == DType::kF16) {
        const float2 pair = __half22float2(*reinterpret_cast<const __half2*>(&word[i]));
        v[2 * i] = pair.x;
        v[2 * i + 1] = pair.y;
      } else {
        v[2 * i] = __uint_as_float(word[i] << 16);
        v[2 * i + 1] = __uint_as_float(word[i] & 0xFFFF0000U);
      }
    }
  }
}

template <DType dtype>
__device__ float scale_of(const std::uint8_t* packed, unsigned outputs, std::size_t chunks, std::size_t chunk,
                          unsigned b, unsigned g) {
  if constexpr (chunk_scale_bytes(dtype) == 0) {
    return 1;
  } else {
    const auto* scales = reinterpret_cast<const __half*>(packed + panels_of(outputs) * chunks * kChunkBytes);
    return __half2float(scales[(chunk * chunk_blocks(dtype) + b) * kPanelOutputs + g]);
  }
}

/// Columns 8 * octet .. + 7 of a row of a packed matrix, exact.
template <DType dtype>
__device__ void unpack_8(float (&v)[8], const std::uint8_t* packed, unsigned outputs, unsigned columns,
                         std::size_t row, unsigned octet) {
  if constexpr (dtype == DType::kF32) {
    const auto* from = reinterpret_cast<const float*>(packed) + row * columns + octet * 8;
#pragma unroll
    for (int i = 0; i < 8; ++i) v[i] = from[i];
  } else {
    constexpr unsigned kBlocks = chunk_blocks(dtype);
    const std::size_t chunks = chunks_of(dtype, columns);
    const unsigned g = row % kPanelOutputs;
    const std::size_t chunk = row / kPanelOutputs * chunks + octet / 4 / kBlocks;
    const uint4 words =
        *reinterpret_cast<const uint4*>(packed + chunk * kChunkBytes + (g * 4 + octet % 4) * 16);
#pragma unroll
    for (unsigned b = 0; b < kBlocks; ++b) {
      if (octet / 4 % kBlocks != b) continue;
      decode_8<dtype>(v, words, b, scale_of<dtype>(packed, outputs, chunks, chunk, b, g));
    }
  }
}

__device__ void store_halves(std::uint16_t* out, const float (&v)[8]) {
  uint4 halves;
  auto* h = reinterpret_cast<__half2*>(&halves);
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float a = fminf(fmaxf(v[2 * i], -65504.0F), 65504.0F);
    const float b = fminf(fmaxf(v[2 * i + 1], -65504.0F), 65504.0F);
    h[i] = __floats2half2_rn(a, b);
  }
  *reinterpret_cast<uint4*>(out) = halves;
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

// A warp a panel and 128 columns: it reads as the chunks lie and writes 256 bytes of each of 8 rows.
template <DType dtype>
__global__ void unpack_kernel(std::uint16_t* out, const std::uint8_t* packed, unsigned outputs,
                              unsigned columns, unsigned first_row, unsigned rows) {
  let_next_start();
  wait_for_inputs();
  constexpr unsigned kBlocks = chunk_blocks(dtype);
  constexpr unsigned kChunks = 4 / kBlocks;
  const std::size_t chunks = chunks_of(dtype, columns);
  const unsigned g = threadIdx.x % 32 / 4;
  const unsigned t = threadIdx.x % 4;
  const unsigned group = blockIdx.x * (kThreads / 32) + threadIdx.x / 32;  // of 128 columns
  if (group * 128 >= columns || blockIdx.y * kPanelOutputs + g >= rows) return;
  const std::size_t first = (first_row / kPanelOutputs + blockIdx.y) * chunks;
  uint4 words[kChunks] = {};
#pragma unroll
  for (unsigned c = 0; c < kChunks; ++c) {
    const unsigned chunk = group * kChunks + c;
    if (chunk < chunks) {
      words[c] =
          __ldcs(reinterpret_cast<const uint4*>(packed + (first + chunk) * kChunkBytes) + threadIdx.x % 32);
    }
  }
  std::uint16_t* to = out + (std::size_t{blockIdx.y} * kPanelOutputs + g) * columns;
#pragma unroll
  for (unsigned c = 0; c < kChunks; ++c) {
#pragma unroll
    for (unsigned b = 0; b < kBlocks; ++b) {
      const unsigned chunk = group * kChunks + c;
      const unsigned column = (chunk * kBlocks + b) * 32 + t * 8;
      if (column >= columns) continue;
      float v[8];
      decode_8<dtype>(v, words[c], b, scale_of<dtype>(packed, outputs, chunks, first + chunk, b, g));
      store_halves(to + column, v);
    }
  }
}

// F32: a thread 8 columns.
__global__ void round_kernel(std::uint16_t* out, const std::uint8_t* weights, unsigned columns,
                             unsigned first_row) {
  let_next_start();
  wait_for_inputs();
  const unsigned octet = blockIdx.x * kThreads + threadIdx.x;
  if (octet * 8 >= columns) return;
  float v[8];
  unpack_8<DType::kF32>(v, weights, 0, columns, std::size_t{first_row} + blockIdx.y, octet);
  store_halves(out + std::size_t{blockIdx.y} * columns + octet * 8, v);
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
  return panels_of(outputs) * chunks_of(dtype, columns) * (kChunkBytes + chunk_scale_bytes(dtype));
}

cudaError_t pack(void* packed, const void* weights, DType dtype, std::size_t outputs, std::size_t columns,
                 cudaStream_t stream) {
  if (columns % 32 != 0) return cudaErrorInvalidValue;
  return with_dtype(dtype, [&]<DType kDType>() {
    if constexpr (packed_is_gguf(kDType)) {
      return cudaMemcpyAsync(packed, weights, packed_bytes(dtype, outputs, columns), cudaMemcpyDeviceToDevice,
                             stream);
    } else {
      const std::size_t lanes = panels_of(outputs) * chunks_of(dtype, columns) * 32;
      const auto blocks = static_cast<unsigned>((lanes + kThreads - 1) / kThreads);
      return launch(pack_kernel<kDType>, blocks, kThreads, 0, stream, static_cast<std::uint8_t*>(packed),
                    static_cast<const std::uint8_t*>(weights), static_cast<unsigned>(outputs),
                    static_cast<unsigned>(columns));
    }
  });
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
    const auto* from = static_cast<const std::uint8_t*>(packed);
    if constexpr (packed_is_gguf(kDType)) {
      return launch(round_kernel, octet_grid(rows, columns), kThreads, 0, stream, out, from,
                    static_cast<unsigned>(columns), static_cast<unsigned>(first_row));
    } else {
      constexpr std::size_t kColumns = kThreads / 32 * 128;  // of a block
      const dim3 grid(static_cast<unsigned>((columns + kColumns - 1) / kColumns),
                      static_cast<unsigned>(panels_of(rows)));
      return launch(unpack_kernel<kDType>, grid, kThreads, 0, stream, out, from,
                    static_cast<unsigned>(outputs), static_cast<unsigned>(columns),
                    static_cast<unsigned>(first_row), static_cast<unsigned>(rows));
    }
  });
}

}  // namespace fovea::kernels::cuda
