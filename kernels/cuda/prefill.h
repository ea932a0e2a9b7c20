// Matrix products of many rows at once: a prompt's. cuBLASLt multiplies in f16 with f32 sums; weights that
// are no halves are unpacked into the workspace tile by tile. The library is loaded at run time, the first
// time that it is needed; where it cannot be, the kernels of matmul.h do the work, 64 rows at a time.
//
// Error: x and the unpacked weights are rounded to f16, each by at most 2^-11 of itself or 2^-25 (in units of
// a power of two at most the row's largest magnitude, for x): of sum |w x|, about 2^-11 in the mean square
// and 2^-10 at worst. Rows are not bit for bit those of matmul().
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>

#include "kernels/cuda/matmul.h"

namespace fovea::kernels::cuda {

/// Holds the library's handle and its choices of algorithm, for one device (current at the first call) and
/// one thread at a time. Destroy it when its work is done.
class Prefill {
 public:
  Prefill();
  ~Prefill();
  Prefill(const Prefill&) = delete;
  Prefill& operator=(const Prefill&) = delete;

  /// Bytes of workspace for products of `rows` rows.
  [[nodiscard]] static std::size_t workspace_bytes(std::size_t rows, std::size_t columns);

  /// As cuda::matmul, for any number of rows. workspace: workspace_bytes(rows, columns), aligned to 256.
  cudaError_t matmul(const Product* products, std::size_t count, Epilogue epilogue, const void* activations,
                     std::size_t rows, std::size_t columns, void* workspace, cudaStream_t stream);

  /// Whether cuBLASLt serves; loads it.
  [[nodiscard]] bool has_library();

 private:
  struct Library;
  std::unique_ptr<Library> m_library;
  bool m_sought = false;
};

}  // namespace fovea::kernels::cuda
