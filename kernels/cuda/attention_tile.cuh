// How attention keeps its operands in shared memory: tiles of kTileRows rows (entries of the cache, or
// queries) of kDim f16 numbers, kDim = head_dim rounded up to 64, 128 or 256 with zeros. The pieces of 16
// bytes of a row are exchanged by exclusive or with the row's number, so that the eight rows of a matrix lie
// in different banks.
//
// How a cache is stored is known to KvReader alone.
#pragma once

#include <cuda_fp16.h>

#include <cstdint>

#include "kernels/cuda/attention_mma.cuh"

namespace fovea::kernels::cuda {

constexpr int kTileRows = 16;

template <int kDim>
constexpr int kTileBytes = kTileRows* kDim * 2;

/// Where piece `piece` of row `row` lies in a tile.
template <int kDim>
__device__ inline std::uint32_t piece_offset(unsigned row, unsigned piece) {
  return row * kDim * 2 + ((piece ^ (row & 7)) << 4);
}

/// Offset of the lane's row for load_matrices, of the tile's columns 0 .. 15. `columns_first`: the second
/// matrix holds the next eight columns (operand B of a product with rows as its columns), not the next eight
/// rows (operand A, and B read transposed).
template <int kDim, bool columns_first>
__device__ inline std::uint32_t matrix_offset(unsigned lane) {
  const unsigned second = (lane >> 3) & 1;
  const unsigned third = lane >> 4;
  return piece_offset<kDim>((columns_first ? third : second) * 8 + (lane & 7),
                            columns_first ? second : third);
}

/// The same for columns 16 * step and on, from the tile's own address plus matrix_offset.
__device__ inline std::uint32_t matrix_step(std::uint32_t address, int step) {
  return (address ^ static_cast<std::uint32_t>((step & 3) << 5)) +
         static_cast<std::uint32_t>(step >> 2) * 128;
}

/// Keys or values of one KV head, as f16 [position][kv_head][head_dim].
struct KvReader {
  const std::uint16_t* numbers = nullptr;  // of the KV head at position 0
  std::size_t entry_stride = 0;
  unsigned head_dim = 0;

  /// Starts to copy the entries at 16 positions to a tile. A whole warp calls it, lane i and lane i + 16 with
  /// position i; negative: zeros.
  template <int kDim>
  __device__ __forceinline__ void copy_tile(std::uint32_t tile, std::int32_t position, unsigned lane) const {
    constexpr unsigned kPieces = kDim / 8;
    if (head_dim % 8 == 0) {
#pragma unroll
      for (unsigned i = 0; i < kTileRows * kPieces / 32; ++i) {
        const unsigned row = (i * 32 + lane) / kPieces;
        const unsigned piece = (i * 32 + lane) % kPieces;
        const std::int32_t at = __shfl_sync(0xFFFFFFFFU, position, row);
        const bool wanted = at >= 0 && piece * 8 < head_dim;
        copy_16_bytes(tile + piece_offset<kDim>(row, piece), address(wanted ? at : 0, wanted ? piece : 0),
                      wanted);
      }
      return;
    }
#pragma unroll 1
    for (unsigned i = 0; i < kTileRows * kPieces / 32; ++i) {
      const unsigned row = (i * 32 + lane) / kPieces;
      const unsigned piece = (i * 32 + lane) % kPieces;
      const std::int32_t at = __shfl_sync(0xFFFFFFFFU, position, row);
      std::uint32_t words[4] = {};
#pragma unroll
      for (unsigned n = 0; n < 8; ++n) {
        if (at < 0 || piece * 8 + n >= head_dim) continue;
        words[n / 2] |= static_cast<std::uint32_t>(address(at, piece)[n]) << (n % 2 * 16);
      }
      asm volatile("st.shared.v4.b32 [%0], {%1, %2, %3, %4};" ::"r"(tile + piece_offset<kDim>(row, piece)),
                   "r"(words[0]), "r"(words[1]), "r"(words[2]), "r"(words[3])
                   : "memory");
    }
  }

  __device__ const std::uint16_t* address(std::int32_t position, unsigned piece) const {
    return numbers + static_cast<std::size_t>(position) * entry_stride + piece * 8;
  }
};

/// One query in the registers of a warp: lane i has numbers 2 * i, 2 * i + 1 of every 64.
template <int kDim>
struct QueryNumbers {
  float2 numbers[kDim / 64];

  /// query null: zeros.
  __device__ __forceinline__ void load(const float* query, unsigned head_dim, unsigned lane) {
#pragma unroll
    for (int i = 0; i < kDim / 64; ++i) {
      const unsigned d = (i * 32 + lane) * 2;
      numbers[i].x = query != nullptr && d < head_dim ? query[d] : 0.0F;
      numbers[i].y = query != nullptr && d + 1 < head_dim ? query[d + 1] : 0.0F;
    }
  }

  /// Stores it, scaled by `scale` and a power of two that brings its largest number to [2^13, 2^14), as row
  /// `row` of tiles of halves and, where `low` is not null, of what the halves lose. Returns the factor that
  /// takes products with it back.
  __device__ __forceinline__ float store(unsigned char* high, unsigned char* low, unsigned row, float scale,
                                         unsigned lane) const {
    float largest = 0;
#pragma unroll
    for (const float2& n : numbers) largest = fmaxf(largest, fmaxf(fabsf(n.x * scale), fabsf(n.y * scale)));
#pragma unroll
    for (int step = 16; step > 0; step /= 2) {
      largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFFU, largest, step));
    }
    const int exponent = min(max((__float_as_int(largest) >> 23) - 127, -100), 100);
    const float grow = __int_as_float((13 - exponent + 127) << 23);
#pragma unroll
    for (int i = 0; i < kDim / 64; ++i) {
      const unsigned d = (i * 32 + lane) * 2;
      std::uint32_t halves = 0;
      std::uint32_t rest = 0;
      split_halves(numbers[i].x * scale * grow, numbers[i].y * scale * grow, halves, rest);
      const std::uint32_t at =
          row / kTileRows * kTileBytes<kDim> + piece_offset<kDim>(row % kTileRows, d / 8) + d % 8 * 2;
      *reinterpret_cast<std::uint32_t*>(high + at) = halves;
      if (low != nullptr) *reinterpret_cast<std::uint32_t*>(low + at) = rest;
    }
    return __int_as_float((exponent - 13 + 127) << 23);
  }
};

}  // namespace fovea::kernels::cuda
