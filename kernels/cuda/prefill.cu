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

// out = epilogue(product * power of the row), for a tile of `width` outputs; kAtOnce of them a thread, a
// divisor of width and outputs.
template <unsigned kAtOnce>
__global__ void finish_kernel(float* out, const float* product, const float* up, const float* powers,
                              unsigned width, unsigned outputs, Epilogue epilogue) {
  let_next_start();
  wait_for_inputs();
  struct __align__(4 * kAtOnce) Values {
    float v[kAtOnce];
  };
  const unsigned o = (blockIdx.x * kThreads + threadIdx.x) * kAtOnce;
  const unsigned row = blockIdx.y;
  if (o >= width) return;
  const std::size_t from = std::size_t{row} * width + o;
  auto* to = reinterpret_cast<Values*>(out + std::size_t{row} * outputs + o);
  const float power = powers[row];
  Values result = *reinterpret_cast<const Values*>(product + from);
  Values other = {};
  if (epilogue == Epilogue::kSiluGate) other = *reinterpret_cast<const Values*>(up + from);
  if (epilogue == Epilogue::kAdd) other = *to;
#pragma unroll
  for (unsigned i = 0; i < kAtOnce; ++i) {
    const float value = result.v[i] * power;
    result.v[i] = epilogue == Epilogue::kSiluGate ? silu(value) * (other.v[i] * power) : value + other.v[i];
  }
  *to = result;
}

struct Workspace {
  void* library;
  std::uint16_t* weights;  // [tile_outputs, columns]
  float* products[2];      // [rows, tile outputs]
};

}  // namespace

struct Prefill::Library {
  std::unique_ptr<CublasLt> cublas;

  [[nodiscard]] bool takes(std::size_t rows, std::size_t outputs, std::size_t columns,
                           std::size_t x_stride) const {
    return cublas->takes(rows, outputs, columns, x_stride);
  }

  // product[rows, width] = x times outputs first .. first + width - 1 of a matrix.
  cudaError_t multiply(float* product, const Product& of, std::size_t first, std::size_t width,
                       const Activations& x, std::size_t rows, std::size_t columns,
                       const Workspace& workspace, cudaStream_t stream) {
    const cudaError_t status =
        unpack_halves(workspace.weights, of.weight, of.dtype, of.outputs, columns, first, width, stream);
    if (status != cudaSuccess) return status;
    const bool done = cublas->multiply(product, workspace.weights, x.high, rows, width, columns, x.stride,
                                       workspace.library, stream);
    return done ? cudaSuccess : cudaErrorUnknown;
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
  return CublasLt::kWorkspaceBytes + tile * columns * sizeof(std::uint16_t) + 2 * rows * tile * sizeof(float);
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
  parts.products[1] = parts.products[0] + rows * tile;
  for (std::size_t p = 0; p < count; p += gate ? 2 : 1) {
    const std::size_t outputs = products[p].outputs;
    const std::size_t of_library = gate ? 2 : 1;
    if (!m_library->takes(rows, std::min(tile, outputs), columns, x.stride) ||
        !m_library->takes(rows, (outputs - 1) % tile + 1, columns, x.stride)) {
      const cudaError_t status = by_groups(products + p, of_library);
      if (status != cudaSuccess) return status;
      continue;
    }
    for (std::size_t first = 0; first < outputs; first += tile) {
      const std::size_t width = std::min(tile, outputs - first);
      for (std::size_t i = 0; i < of_library; ++i) {
        const cudaError_t status = m_library->multiply(parts.products[i], products[p + i], first, width, x,
                                                       rows, columns, parts, stream);
        if (status != cudaSuccess) return status;
      }
      const unsigned at_once = outputs % 4 == 0 ? 4 : 1;
      const unsigned of_block = kThreads * at_once;
      const dim3 grid((static_cast<unsigned>(width) + of_block - 1) / of_block, static_cast<unsigned>(rows));
      const cudaError_t status =
          launch(at_once == 4 ? finish_kernel<4> : finish_kernel<1>, grid, kThreads, 0, stream,
                 products[p].out + first, parts.products[0], parts.products[1], x.powers,
                 static_cast<unsigned>(width), static_cast<unsigned>(outputs), epilogue);
      if (status != cudaSuccess) return status;
    }
  }
  return cudaSuccess;
}

}  // namespace fovea::kernels::cuda
