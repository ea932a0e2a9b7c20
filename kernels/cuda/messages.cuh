// Small messages between the blocks of a cluster: values that are stored into another block's shared memory
// and counted there by an mbarrier (PTX ISA, st.async and mbarrier; compute capability 9.0 and up). A barrier
// of the whole cluster also waits for device memory and empties the first-level cache (MEMBAR.ALL.GPU and
// CCTL.IVALL in its machine code); it took 1,200 to 1,500 cycles on an H100. Elsewhere a cluster is one
// block, and messages are stores before __syncthreads().
//
// A phase of a mailbox: one thread of the owner says with expect() how many bytes will come, in all;
// everybody sends; every thread of the owner's calls receive() with the number of the phase. Messages of a
// phase must not be sent before the owner has received the phase before, which the sender knows by having
// heard from it since.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace fovea::kernels::cuda {

/// In shared memory, at the same place in every block.
class Mailbox {
 public:
  /// By one thread; all of the cluster must have passed a barrier before the first message.
  __device__ void init() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(address(&m_barrier)) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
#endif
  }
  __device__ void expect([[maybe_unused]] unsigned bytes) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(address(&m_barrier)),
                 "r"(bytes)
                 : "memory");
#endif
  }
  /// slot of block `rank` = value, where slot is the address in this block.
  __device__ void send(std::uint64_t* slot, std::uint64_t value, [[maybe_unused]] unsigned rank) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.b64 [%0], %1, [%2];" ::"r"(
                     address(slot, rank)),
                 "l"(value), "r"(address(&m_barrier, rank))
                 : "memory");
#else
    *slot = value;
#endif
  }
  __device__ void send(std::uint32_t* slot, std::uint32_t value, [[maybe_unused]] unsigned rank) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.b32 [%0], %1, [%2];" ::"r"(
                     address(slot, rank)),
                 "r"(value), "r"(address(&m_barrier, rank))
                 : "memory");
#else
    *slot = value;
#endif
  }
  __device__ void send(double* slot, double value, unsigned rank) {
    send(reinterpret_cast<std::uint64_t*>(slot), static_cast<std::uint64_t>(__double_as_longlong(value)),
         rank);
  }
  /// Returns when all bytes of phase 0, 1, ... are here. By every thread of the block.
  __device__ void receive([[maybe_unused]] unsigned phase) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    unsigned done = 0;
    while (done == 0) {
      asm volatile(
          "{\n"
          ".reg .pred p;\n"
          "mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\n"
          "selp.u32 %0, 1, 0, p;\n"
          "}"
          : "=r"(done)
          : "r"(address(&m_barrier)), "r"(phase % 2)
          : "memory");
    }
    __syncwarp();
#else
    __syncthreads();
#endif
  }

 private:
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  static __device__ unsigned address(const void* shared) {
    return static_cast<unsigned>(__cvta_generic_to_shared(shared));
  }
  static __device__ unsigned address(const void* shared, unsigned rank) {
    unsigned there = 0;
    asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(there) : "r"(address(shared)), "r"(rank));
    return there;
  }
#endif
  std::uint64_t m_barrier;
};

}  // namespace fovea::kernels::cuda
