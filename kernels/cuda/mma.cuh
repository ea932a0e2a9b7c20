// Products of small tiles on the tensor cores: d[16 x 8] += a[16 x k] * b[k x 8] over a warp (PTX ISA,
// "Matrix fragments for mma"). With g = lane / 4 and t = lane % 4, a0 and a2 belong to row g of a, a1 and a3
// to row g + 8, b to column g, d0 and d1 to row g and columns 2t and 2t + 1, d2 and d3 to row g + 8. a0, a1
// meet b0 and a2, a3 meet b1: which of the k a lane holds is the caller's choice, if it is the same for a and
// b.
#pragma once

#include <cuda_runtime.h>

namespace fovea::kernels::cuda {

struct MmaA {
  unsigned a0, a1, a2, a3;
};

/// k = 16, pairs of halves; sums in f32.
__device__ inline void mma_f16(float (&d)[4], const MmaA& a, unsigned b0, unsigned b1) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a.a0), "r"(a.a1), "r"(a.a2), "r"(a.a3), "r"(b0), "r"(b1));
#else
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a.a0), "r"(a.a1), "r"(b0));
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a.a2), "r"(a.a3), "r"(b1));
#endif
}

/// k = 8, floats of which the upper 19 bits count: halves and bf16 fit exactly.
__device__ inline void mma_tf32(float (&d)[4], const MmaA& a, unsigned b0, unsigned b1) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a.a0), "r"(a.a1), "r"(a.a2), "r"(a.a3), "r"(b0), "r"(b1));
#else
  // Turing has no such instruction: lanes ask each other for their operands.
  const int lane = static_cast<int>(threadIdx.x % 32);
#pragma unroll 1
  for (int k = 0; k < 4; ++k) {
    const int of_row = lane / 4 * 4 + k;
    const int of_column = lane % 4 * 8 + k;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const float upper = __uint_as_float(__shfl_sync(~0U, half == 0 ? a.a0 : a.a2, of_row));
      const float lower = __uint_as_float(__shfl_sync(~0U, half == 0 ? a.a1 : a.a3, of_row));
      const float left = __uint_as_float(__shfl_sync(~0U, half == 0 ? b0 : b1, of_column));
      const float right = __uint_as_float(__shfl_sync(~0U, half == 0 ? b0 : b1, of_column + 4));
      d[0] = fmaf(upper, left, d[0]);
      d[1] = fmaf(upper, right, d[1]);
      d[2] = fmaf(lower, left, d[2]);
      d[3] = fmaf(lower, right, d[3]);
    }
  }
#endif
}

/// k = 32, four signed bytes in a word; d = a * b, exact.
__device__ inline void mma_s8(int (&d)[4], const MmaA& a, unsigned b0, unsigned b1) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%10, %10, %10, %10};"
      : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
      : "r"(a.a0), "r"(a.a1), "r"(a.a2), "r"(a.a3), "r"(b0), "r"(b1), "r"(0));
#else
  const auto add = [](int& d0, int& d1, unsigned a_, unsigned b) {
    asm("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};"
        : "+r"(d0), "+r"(d1)
        : "r"(a_), "r"(b));
  };
  d[0] = d[1] = d[2] = d[3] = 0;
  add(d[0], d[1], a.a0, b0);
  add(d[0], d[1], a.a2, b1);
  add(d[2], d[3], a.a1, b0);
  add(d[2], d[3], a.a3, b1);
#endif
}

}  // namespace fovea::kernels::cuda
