// The part of cuBLASLt that prefill needs, loaded at run time: no program of ours is linked with it.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace fovea::kernels::cuda {

/// One library handle and the algorithms that it chose. One thread at a time.
class CublasLt {
 public:
  static constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;  // what NVIDIA recommends for Hopper

  /// Null where there is no such library or it does not start.
  static std::unique_ptr<CublasLt> load();
  ~CublasLt();
  CublasLt(const CublasLt&) = delete;
  CublasLt& operator=(const CublasLt&) = delete;

  /// Whether multiply() will take a shape.
  [[nodiscard]] bool takes(std::size_t rows, std::size_t outputs, std::size_t columns, std::size_t x_stride);

  /// out[r][o] = sum over c of weight[o][c] * x[r][c]; f16 inputs, f32 sums and output. out: [rows, outputs];
  /// weight: [outputs, columns]; x: [rows, x_stride]. workspace: kWorkspaceBytes, aligned to 256. False where
  /// the library refuses or fails.
  bool multiply(float* out, const std::uint16_t* weight, const std::uint16_t* x, std::size_t rows,
                std::size_t outputs, std::size_t columns, std::size_t x_stride, void* workspace,
                cudaStream_t stream);

 private:
  CublasLt();
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace fovea::kernels::cuda
