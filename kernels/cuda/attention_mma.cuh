// The instructions that attention is made of, with what replaces them before compute capability 8.0: matrix
// fragments (PTX ISA, "Matrix fragments for mma.m16n8k16"), their products, and asynchronous copies into
// shared memory. Fragment of thread `lane`: rows lane / 4 and lane / 4 + 8, columns 2 * (lane % 4) and the
// next.
#pragma once

#include <cuda_fp16.h>

#include <cstdint>

namespace fovea::kernels::cuda {

struct FragmentA {
  std::uint32_t r[4];  // 16 rows, 16 columns of f16
};
struct FragmentsB {
  std::uint32_t r[4];  // two neighbours of 16 rows, 8 columns each: r[0], r[1] and r[2], r[3]
};
struct FragmentC {
  float r[4];  // 16 rows, 8 columns: r[0], r[1] of row lane / 4, r[2], r[3] of the row 8 below
};

__device__ inline std::uint32_t shared_address(const void* p) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(p));
}

// Four 8 x 8 matrices of f16, rows of 16 bytes; lane i says where row i % 8 of matrix i / 8 lies.
template <typename Fragment>
__device__ inline Fragment load_matrices(std::uint32_t address) {
  Fragment f;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(f.r[0]), "=r"(f.r[1]), "=r"(f.r[2]), "=r"(f.r[3])
               : "r"(address)
               : "memory");
  return f;
}

template <typename Fragment>
__device__ inline Fragment load_matrices_transposed(std::uint32_t address) {
  Fragment f;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(f.r[0]), "=r"(f.r[1]), "=r"(f.r[2]), "=r"(f.r[3])
               : "r"(address)
               : "memory");
  return f;
}

// c += a * b, with b one of the two neighbours in `b`.
__device__ inline void multiply_add(FragmentC& c, const FragmentA& a, const FragmentsB& b, int neighbour) {
  const std::uint32_t b0 = b.r[2 * neighbour];
  const std::uint32_t b1 = b.r[2 * neighbour + 1];
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(c.r[0]), "+f"(c.r[1]), "+f"(c.r[2]), "+f"(c.r[3])
      : "r"(a.r[0]), "r"(a.r[1]), "r"(a.r[2]), "r"(a.r[3]), "r"(b0), "r"(b1));
#else
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+f"(c.r[0]), "+f"(c.r[1]), "+f"(c.r[2]), "+f"(c.r[3])
      : "r"(a.r[0]), "r"(a.r[1]), "r"(b0));
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+f"(c.r[0]), "+f"(c.r[1]), "+f"(c.r[2]), "+f"(c.r[3])
      : "r"(a.r[2]), "r"(a.r[3]), "r"(b1));
#endif
}

__device__ inline std::uint32_t pack_halves(__half2 h) {
  return static_cast<std::uint32_t>(__half_as_ushort(__low2half(h))) |
         static_cast<std::uint32_t>(__half_as_ushort(__high2half(h))) << 16;
}

// Two floats as halves, and what they lose by it as halves again: 22 bits in all.
__device__ inline void split_halves(float x, float y, std::uint32_t& high, std::uint32_t& low) {
  const __half2 h = __floats2half2_rn(x, y);
  high = pack_halves(h);
  low = pack_halves(__floats2half2_rn(x - __low2float(h), y - __high2float(h)));
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
constexpr bool kCopiesAsynchronously = true;
#else
constexpr bool kCopiesAsynchronously = false;
#endif

// 16 bytes to shared memory; zeros, and nothing read, where not `wanted`.
__device__ inline void copy_16_bytes(std::uint32_t to, const void* from, bool wanted) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" ::"r"(to), "l"(from),
               "r"(wanted ? 16 : 0)
               : "memory");
#else
  const uint4 v = wanted ? *static_cast<const uint4*>(from) : uint4{};
  asm volatile("st.shared.v4.b32 [%0], {%1, %2, %3, %4};" ::"r"(to), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w)
               : "memory");
#endif
}

/// Ends a group of copies.
__device__ inline void commit_copies() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits for this thread's copies, except for those of the last kGroups groups.
template <int kGroups>
__device__ inline void wait_for_copies() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(kGroups) : "memory");
#endif
}

}  // namespace fovea::kernels::cuda
