// Products of packed weights (kernels/cpu/packed_weights.h) with rows of 16-bit numbers. Included once per
// instruction set by matmul.cpp.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <hwy/cache_control.h>

#include "kernels/cpu/packed_weights.h"
#include "kernels/cpu/quantize-inl.h"

#ifndef FOVEA_KERNELS_CPU_PACKED_INPUT
#define FOVEA_KERNELS_CPU_PACKED_INPUT
namespace fovea::kernels::cpu {

constexpr std::size_t kBlock = 32;   // columns that share a scale
constexpr std::size_t kMaxTile = 8;  // rows of x that share one pass over the weights

// x as packed products read it: x ~ number * scale.
struct PackedInput {
  // Groups of kMaxTile rows (the last may have fewer) follow each other; in a group lie
  // [columns / kBlock][rows of the group][kBlock]: then one pointer serves all its rows.
  std::int16_t* numbers;
  float* scales;  // [rows]
};

}  // namespace fovea::kernels::cpu
#endif

#if defined(FOVEA_KERNELS_CPU_PACKED_PRODUCT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_KERNELS_CPU_PACKED_PRODUCT_INL
#undef FOVEA_KERNELS_CPU_PACKED_PRODUCT_INL
#else
#define FOVEA_KERNELS_CPU_PACKED_PRODUCT_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::kernels::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Outputs lie in lanes, so the width of vectors does not show in the results.
using DOutputs = hn::CappedTag<std::int32_t, kTileOutputs>;
using DSums = hn::Repartition<float, DOutputs>;
using DPairs = hn::Repartition<std::int16_t, DOutputs>;
using VOutputs = hn::Vec<DOutputs>;
using VSums = hn::Vec<DSums>;
using VPairs = hn::Vec<DPairs>;
constexpr std::size_t kOutputLanes = hn::MaxLanes(DOutputs());  // a power of two, at most kTileOutputs

// sums[r] += the products of w with two numbers of each row r at x, in every lane.
template <std::size_t kRows>
HWY_INLINE void AddPairs(VOutputs (&sums)[kRows], VPairs w, const std::int16_t* x) {
  const DOutputs d32;
  const DPairs d16;
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kRows; ++r) {
    std::int32_t pair;
    __builtin_memcpy(&pair, x + r * kBlock, sizeof(pair));
    sums[r] = MultiplyPairs(sums[r], w, hn::BitCast(d16, hn::Set(d32, pair)));
  }
}

// sums[r] += the products of a block's weights with row r's numbers x. Exact.
template <DType dtype, std::size_t kRows>
HWY_INLINE void AddBlock(VOutputs (&sums)[kRows], const std::uint8_t* chunk, const std::int16_t* x) {
  const DOutputs d32;
  const DPairs d16;
  constexpr std::size_t kChunks = block_chunks(dtype);
  // Unrolled, GCC puts off all additions to the end and spills what they wait for.
#pragma GCC unroll 1
  for (std::size_t i = 0; i < kChunks; ++i, x += kChunkBytes) {
    const VPairs w = hn::BitCast(d16, hn::Load(d32, reinterpret_cast<const std::int32_t*>(chunk)));
    chunk += kTileOutputs * kChunkBytes;
    if constexpr (dtype == DType::kQ8_0) {
      AddPairs(sums, hn::ShiftRight<8>(hn::ShiftLeft<8>(w)), x);
      AddPairs(sums, hn::ShiftRight<8>(w), x + 2);
    } else {
      AddPairs(sums, hn::ShiftRight<12>(hn::ShiftLeft<12>(w)), x);
      AddPairs(sums, hn::ShiftRight<12>(hn::ShiftLeft<4>(w)), x + 2);
      AddPairs(sums, hn::ShiftRight<12>(hn::ShiftLeft<8>(w)), x + kBlock / 2);
      AddPairs(sums, hn::ShiftRight<12>(w), x + kBlock / 2 + 2);
    }
  }
}

// Asks for what is read soon after a block: tiles follow each other in the order of memory. Far enough ahead
// for its latency, near enough to stay in the first cache.
template <DType dtype>
HWY_INLINE void PrefetchAfter(const std::uint8_t* block) {
  constexpr std::size_t kAhead = 8192;
  constexpr std::size_t kBytes = tile_pair_bytes(dtype) / 2;
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kBytes; i += 64) hwy::Prefetch(block + kAhead + i);
}

HWY_INLINE void StoreSome(VSums v, float* to, std::size_t count) {
  const DSums df;
  if (count == kOutputLanes) return hn::StoreU(v, df, to);
  HWY_ALIGN float lanes[kOutputLanes];
  hn::Store(v, df, lanes);
  std::copy_n(lanes, count, to);
}

// The first `outputs` of a tile's lanes [lane, lane + kOutputLanes) for a group of kRows rows of x. Every
// (output, row) pair keeps one accumulator and walks the blocks in order: that is the guarantee in matmul.h.
template <DType dtype, std::size_t kRows>
HWY_INLINE void PackedLanes(float* HWY_RESTRICT out, std::size_t out_stride, std::size_t outputs,
                            const std::uint8_t* tile, std::size_t lane, const PackedInput& x,
                            std::size_t columns) {
  const DOutputs d32;
  const DSums df;
  const hn::Rebind<hwy::float16_t, DSums> dh;
  const std::int16_t* numbers = x.numbers;
  VSums sums[kRows];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kRows; ++r) sums[r] = hn::Zero(df);
  for (std::size_t b = 0; b < columns / kBlock; ++b) {
    const std::uint8_t* chunks = tile + tile_chunks(dtype, b) + lane * kChunkBytes;
    if (lane == 0) PrefetchAfter<dtype>(chunks);
    VOutputs products[kRows];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r) products[r] = hn::Zero(d32);
    AddBlock<dtype, kRows>(products, chunks, numbers);
    numbers += kRows * kBlock;
    const auto* scales = reinterpret_cast<const hwy::float16_t*>(tile + tile_scales(dtype, b));
    const VSums scale = hn::PromoteTo(df, hn::Load(dh, scales + lane));
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r) {
      sums[r] = hn::MulAdd(hn::ConvertTo(df, products[r]), scale, sums[r]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kRows; ++r) {
    StoreSome(hn::Mul(sums[r], hn::Set(df, x.scales[r])), out + r * out_stride, outputs);
  }
}

// All outputs of a task, whose weights begin at a tile, for a group of kRows rows of x.
template <DType dtype, std::size_t kRows>
HWY_INLINE void PackedTiles(float* out, std::size_t out_stride, const std::uint8_t* weight,
                            std::size_t outputs, const PackedInput& x, std::size_t columns) {
  for (std::size_t o = 0; o < outputs; o += kOutputLanes) {
    PackedLanes<dtype, kRows>(out + o, out_stride, std::min(kOutputLanes, outputs - o),
                              weight + o / kTileOutputs * tile_bytes(dtype, columns), o % kTileOutputs, x,
                              columns);
  }
}

// The group of rows that begins at row r.
HWY_INLINE PackedInput GroupAt(const PackedInput& x, std::size_t r, std::size_t columns) {
  return {x.numbers + r * columns, x.scales + r};
}

// Row r of x [rows, columns] to 16 bits. With one scale a row the relative error of the row (in the 2-norm)
// is at most sqrt(columns) / (2 * 32,767 * sqrt(3)), since its norm is at least its largest element.
void PackInput(const PackedInput& out, const float* x, std::size_t r, std::size_t rows, std::size_t columns) {
  const float* row = x + r * columns;
  const RowScale scale = ScaleOfRow(row, columns, 32767.0F);
  out.scales[r] = scale.scale;
  const std::size_t first = r / kMaxTile * kMaxTile;
  const std::size_t group_rows = std::min(kMaxTile, rows - first);
  std::int16_t* numbers = GroupAt(out, first, columns).numbers + (r - first) * kBlock;
  for (std::size_t c = 0; c < columns; c += kBlock, numbers += group_rows * kBlock) {
    QuantizeNumbers(numbers, row + c, kBlock, scale.inverse);
  }
}

}  // namespace fovea::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // FOVEA_KERNELS_CPU_PACKED_PRODUCT_INL
