#include "kernels/cuda/prefill.h"

#include <algorithm>

#include "kernels/cuda/cublaslt.h"
#include "kernels/cuda/product.cuh"
#include "kernels/cuda/weights.cuh"

namespace fovea::kernels::cuda {
namespace {

constexpr unsigned kThreads = 256;
// Outputs of one call to the library: many, so that its own tiles fill the device, and few enough that
// unpacked weights come back from the second-level cache.
constexpr std::size_t kTileBytes = std::size_t{32} << 20;
constexpr std::size_t kTileOutputs = 8192;

std::size_t tile_outputs(std::size_t columns) {
  const std::size_t fit = kTileBytes / (columns * sizeof(std::uint16_t)) / 256 * 256;
  return std::clamp<std::size_t>(fit, 256, kTileOutputs);
}

// out = epilogue(product * power of the row), for a tile of `width` outputs.
__global__ void finish_kernel(float* out, const float* product, const float* up, const float* powers,
                              unsigned width, unsigned outputs, Epilogue epilogue) {
  let_next_start();
  wait_for_inputs();
  const unsigned o = blockIdx.x * kThreads + threadIdx.x;
  const unsigned row = blockIdx.y;
  if (o >= width) return;
  const std::size_t from = std::size_t{row} * width + o;
  float* to = out + std::size_t{row} * outputs + o;
  const float power = powers[row];
  const float value = product[from] * power;
  *to = epilogue == Epilogue::kSiluGate ? silu(value) * (up[from] * power)
                                        : read_previous(to, epilogue) + value;
}

struct Workspace {
  void* library;
  std::uint16_t* weights;  // [tile_outputs, columns]
  float* products[2];      // [rows, tile outputs]
};

}  // namespace

struct Prefill::Library {
  std::unique_ptr<CublasLt> cublas;

  // product[rows, width] = x times outputs first .. first + width - 1 of a matrix.
  cudaError_t multiply(float* product, const Product& of, std::size_t first, std::size_t width,
                       const Activations& x, std::size_t rows, std::size_t columns,
                       const Workspace& workspace, cudaStream_t stream, bool& refused) {
    const std::uint16_t* weights = static_cast<const std::uint16_t*>(of.weight) + first * columns;
    if (of.dtype != DType::kF16) {
      const cudaError_t status =
          unpack_halves(workspace.weights, of.weight, of.dtype, of.outputs, columns, first, width, stream);
      if (status != cudaSuccess) return status;
      weights = workspace.weights;
    }
    refused = !cublas->multiply(product, weights, x.high, rows, width, columns, x.stride, workspace.library,
                                stream);
    return cudaSuccess;
  }
};

Prefill::Prefill() = default;
Prefill::~Prefill() = default;

bool Prefill::has_library() {
  if (!m_sought) {
    m_sought = true;
    if (auto cublas = CublasLt::load()) {
      m_library = std::make_unique<Library>();
      m_library->cublas = std::move(cublas);
    }
  }
  return m_library != nullptr;
}

std::size_t Prefill::workspace_bytes(std::size_t rows, std::size_t columns) {
  const std::size_t tile = tile_outputs(columns);
  return CublasLt::kWorkspaceBytes + tile * columns * sizeof(std::uint16_t) +
         2 * rows * kTileOutputs * sizeof(float);
}

cudaError_t Prefill::matmul(const Product* products, std::size_t count, Epilogue epilogue,
                            const void* activations, std::size_t rows, std::size_t columns, void* workspace,
                            cudaStream_t stream) {
  const Activations x = activations_at(activations, rows, columns);
  // A few rows again: what a tile of them costs is the weights' way, and the own kernels' is shorter.
  const auto by_groups = [&](const Product* of, std::size_t n) {
    for (std::size_t r = 0; r < rows; r += kMaxProductRows) {
      Product part[kMaxProducts];
      for (std::size_t p = 0; p < n; ++p) {
        part[p] = of[p];
        part[p].out += r * of[p].outputs;
      }
      const std::size_t at = r * x.stride;
      const Activations from{x.high + at, x.low + at, x.fixed + at, x.powers + r, x.steps + r, x.stride};
      const cudaError_t status =
          multiply(part, n, epilogue, from, std::min(rows - r, kMaxProductRows), columns, stream);
      if (status != cudaSuccess) return status;
    }
    return cudaSuccess;
  };
  if (count == 0 || count > kMaxProducts || columns % 32 != 0) return cudaErrorInvalidValue;
  const bool gate = epilogue == Epilogue::kSiluGate;
  if (gate && (count != 2 || products[0].outputs != products[1].outputs)) return cudaErrorInvalidValue;
  if (rows <= kMaxProductRows || !has_library()) return by_groups(products, count);

  auto* memory = static_cast<std::uint8_t*>(workspace);
  Workspace parts{};
  parts.library = memory;
  parts.weights = reinterpret_cast<std::uint16_t*>(memory + CublasLt::kWorkspaceBytes);
  const std::size_t tile = tile_outputs(columns);
  parts.products[0] = reinterpret_cast<float*>(parts.weights + tile * columns);
  parts.products[1] = parts.products[0] + rows * kTileOutputs;
  for (std::size_t p = 0; p < count; p += gate ? 2 : 1) {
    const std::size_t outputs = products[p].outputs;
    const std::size_t step = products[p].dtype == DType::kF16 ? kTileOutputs : tile;
    for (std::size_t first = 0; first < outputs; first += step) {
      const std::size_t width = std::min(step, outputs - first);
      bool refused = false;
      for (std::size_t i = 0; i < (gate ? 2U : 1U) && !refused; ++i) {
        const cudaError_t status = m_library->multiply(parts.products[i], products[p + i], first, width, x,
                                                       rows, columns, parts, stream, refused);
        if (status != cudaSuccess) return status;
      }
      if (refused) {
        if (first != 0) return cudaErrorNotSupported;
        const cudaError_t status = by_groups(products + p, gate ? 2 : 1);
        if (status != cudaSuccess) return status;
        break;
      }
      const dim3 grid(static_cast<unsigned>((width + kThreads - 1) / kThreads), static_cast<unsigned>(rows));
      const cudaError_t status =
          launch(finish_kernel, grid, kThreads, 0, stream, products[p].out + first, parts.products[0],
                 parts.products[1], x.powers, static_cast<unsigned>(width), static_cast<unsigned>(outputs),
                 epilogue);
      if (status != cudaSuccess) return status;
    }
  }
  return cudaSuccess;
}

}  // namespace fovea::kernels::cuda
