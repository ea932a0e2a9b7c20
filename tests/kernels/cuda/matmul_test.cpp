#include "kernels/cuda/matmul.h"

#include <algorithm>
#include <cmath>

#include "kernels/cuda/prefill.h"
#include "tests/kernels/cuda/cuda_test.h"

namespace fovea::kernels {
namespace {

using cuda::Epilogue;
using testing::DeviceArray;

constexpr DType kAllTypes[] = {DType::kF32, DType::kF16, DType::kBF16, DType::kQ8_0, DType::kQ4_0};

bool is_integer(DType dtype) {
  return dtype == DType::kQ8_0 || dtype == DType::kQ4_0;
}

struct Matrix {
  DType dtype;
  std::size_t outputs;
  std::size_t columns;
  std::vector<std::byte> gguf;
  DeviceArray<std::byte> packed;

  [[nodiscard]] cuda::Product product(float* out) const { return {out, packed.get(), dtype, outputs}; }
};

class CudaMatmulTest : public testing::CudaTest {
 protected:
  Matrix matrix(DType dtype, std::size_t outputs, std::size_t columns) {
    Matrix m{dtype, outputs, columns, testing::random_weights(random, dtype, outputs, columns),
             DeviceArray<std::byte>(cuda::packed_bytes(dtype, outputs, columns))};
    const DeviceArray<std::byte> gguf(m.gguf);
    EXPECT_EQ(cuda::pack(m.packed.get(), gguf.get(), dtype, outputs, columns, nullptr), cudaSuccess);
    EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    return m;
  }

  static DeviceArray<std::byte> prepared(const float* x, std::size_t rows, std::size_t columns,
                                         const float* norm_weight = nullptr) {
    DeviceArray<std::byte> activations(cuda::activation_bytes(rows, columns));
    const DeviceArray<float> on_device(std::vector<float>(x, x + rows * columns));
    EXPECT_EQ(cuda::prepare(activations.get(), on_device.get(), norm_weight, 1e-5F, rows, columns, nullptr),
              cudaSuccess);
    EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    return activations;
  }

  // One product, with a guard behind it that must stay as it was.
  static std::vector<float> run(const Matrix& m, const float* x, std::size_t rows) {
    const DeviceArray<std::byte> activations = prepared(x, rows, m.columns);
    DeviceArray<float> out(rows * m.outputs + 64);
    const cuda::Product product = m.product(out.get());
    EXPECT_EQ(cuda::matmul(&product, 1, Epilogue::kStore, activations.get(), rows, m.columns, nullptr),
              cudaSuccess);
    std::vector<float> got = out.host();
    for (std::size_t i = rows * m.outputs; i < got.size(); ++i) EXPECT_TRUE(std::isnan(got[i]));
    got.resize(rows * m.outputs);
    return got;
  }

  // Bounds of |error|, relative to sum |w x|.
  // x as two halves errs by 2^-22 of itself, or by 2^-36 of the row's largest where the low half is a
  // denormal; as a 16-bit integer by half a step. One instruction of the tensor cores adds up to 16 products
  // to a sum, each cut off 25 bits below the largest (what the hardware does is not documented; Fasi et al.
  // 2021, PeerJ CS 7:e330, found at least 24): below 2^-20 of sum |w x|, and a warp does 4 for each 64
  // columns that are its own, an eighth. Sums of rounded floats: 2^-24 for each of a block of 32 of a warp's
  // columns, twice (the block's integer is rounded too), and for the eight warps. F32 adds 8 columns of 256 a
  // lane.
  static void expect_close(const std::vector<float>& out, const Matrix& m, const float* x, std::size_t rows,
                           double extra = 0) {
    std::vector<float> expected(rows * m.outputs);
    reference::matmul(expected.data(), m.gguf.data(), m.dtype, m.outputs, m.columns, x, rows);
    std::vector<float> weight(m.columns);
    double error_norm = 0;
    double norm = 0;
    for (std::size_t o = 0; o < m.outputs; ++o) {
      reference::dequantize_row(weight.data(), m.gguf.data() + o * row_bytes(m.dtype, m.columns), m.dtype,
                                m.columns);
      for (std::size_t r = 0; r < rows; ++r) {
        double magnitude = 0;
        double weight_sum = 0;
        double largest = 0;
        for (std::size_t c = 0; c < m.columns; ++c) {
          magnitude += std::abs(double{weight[c]} * x[r * m.columns + c]);
          weight_sum += std::abs(double{weight[c]});
          largest = std::max(largest, std::abs(double{x[r * m.columns + c]}));
        }
        const auto chunks = static_cast<double>((m.columns + 511) / 512);
        double bound = (0x1p-22 + extra) * magnitude + 1e-37;
        if (is_integer(m.dtype)) {
          bound += 0.5 * largest / 32639 * weight_sum * 1.0001 + (chunks * 4 + 12) * 0x1p-24 * magnitude;
        } else if (m.dtype == DType::kF32) {
          bound += 0x1p-36 * largest * weight_sum + (chunks * 16 + 12) * 0x1p-24 * magnitude;
        } else {
          bound += 0x1p-36 * largest * weight_sum +
                   (chunks * (m.dtype == DType::kF16 ? 4 : 8) * 0x1p-20 + 12 * 0x1p-24) * magnitude;
        }
        const double error = double{out[r * m.outputs + o]} - expected[r * m.outputs + o];
        error_norm += error * error;
        norm += magnitude * magnitude;
        ASSERT_LE(std::abs(error), bound)  // false for a NaN
            << to_string(m.dtype) << " output " << o << " row " << r << " of " << rows << "x" << m.columns
            << " expected " << expected[r * m.outputs + o];
      }
    }
    // Errors of many signs: as a whole far below the bounds. Half a step of 32639 is 1.5e-5 of a largest
    // element that is two to four times the mean one, and n of them add up to sqrt(n) while sum |w x| is n.
    const double relative = std::sqrt(error_norm / (norm + 1e-300));
    ASSERT_LE(relative, (is_integer(m.dtype) ? 2e-5 : 1e-6) + extra)
        << to_string(m.dtype) << " " << m.outputs << "x" << m.columns;
  }
};

TEST_F(CudaMatmulTest, MatchesReferenceAtOddSizes) {
  for (const DType dtype : kAllTypes) {
    for (const std::size_t columns : {32UL, 96UL, 512UL, 1408UL}) {
      for (const std::size_t outputs : {1UL, 7UL, 65UL}) {
        const Matrix m = matrix(dtype, outputs, columns);
        for (const std::size_t rows : {1UL, 2UL, 6UL, 7UL, 8UL, 9UL, 19UL, 64UL}) {
          const std::vector<float> x = random.normals(rows * columns);
          expect_close(run(m, x.data(), rows), m, x.data(), rows);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

// Enough outputs and columns that every warp walks its ring around and blocks are cut the other way.
TEST_F(CudaMatmulTest, MatchesReferenceAtRealSizes) {
  for (const DType dtype : kAllTypes) {
    const Matrix m = matrix(dtype, 3101, 4512);
    const std::vector<float> x = random.normals(3 * m.columns);
    expect_close(run(m, x.data(), 3), m, x.data(), 3);
    if (HasFatalFailure()) return;
  }
}

// What speculative decoding rests on: a row's result has the same bits alone and in a batch, anywhere in it.
TEST_F(CudaMatmulTest, RowsAreBitIdenticalWhateverTheBatch) {
  const std::size_t rows = cuda::kMaxProductRows;
  for (const DType dtype : kAllTypes) {
    for (const std::size_t outputs : {129UL, 3101UL}) {
      const Matrix m = matrix(dtype, outputs, outputs == 129 ? 4512 : 736);
      const std::vector<float> x = random.normals(rows * m.columns);
      const std::vector<float> all = run(m, x.data(), rows);
      for (std::size_t begin = 0; begin < rows;) {
        const std::size_t limit = random.below(2) == 0 ? 8 : 33;
        const std::size_t count = std::min(1 + random.below(limit), rows - begin);
        const std::vector<float> part = run(m, x.data() + begin * m.columns, count);
        ASSERT_EQ(0, std::memcmp(part.data(), all.data() + begin * outputs, part.size() * sizeof(float)))
            << to_string(dtype) << " rows " << begin << " + " << count;
        begin += count;
      }
    }
  }
}

TEST_F(CudaMatmulTest, SeveralProductsShareAnInput) {
  const std::size_t columns = 512;
  for (const std::size_t rows : {1UL, 5UL, 30UL}) {
    const std::vector<float> x = random.normals(rows * columns);
    const DeviceArray<std::byte> activations = prepared(x.data(), rows, columns);
    const Matrix matrices[] = {matrix(DType::kQ8_0, 70, columns), matrix(DType::kF16, 33, columns),
                               matrix(DType::kQ8_0, 190, columns), matrix(DType::kQ8_0, 9, columns)};
    std::vector<DeviceArray<float>> outs;
    std::vector<cuda::Product> products;
    for (const Matrix& m : matrices) {
      products.push_back(m.product(outs.emplace_back(rows * m.outputs).get()));
    }
    FOVEA_CUDA_OK(
        cuda::matmul(products.data(), 4, Epilogue::kStore, activations.get(), rows, columns, nullptr));
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(outs[i].host(), run(matrices[i], x.data(), rows)) << i;
  }
}

TEST_F(CudaMatmulTest, AddsToWhatIsThere) {
  for (const DType dtype : kAllTypes) {
    for (const std::size_t rows : {1UL, 6UL, 40UL}) {
      const Matrix m = matrix(dtype, 75, 256);
      const std::vector<float> x = random.normals(rows * m.columns);
      const std::vector<float> before = random.normals(rows * m.outputs);
      const DeviceArray<std::byte> activations = prepared(x.data(), rows, m.columns);
      const DeviceArray<float> out(before);
      const cuda::Product product = m.product(out.get());
      FOVEA_CUDA_OK(cuda::matmul(&product, 1, Epilogue::kAdd, activations.get(), rows, m.columns, nullptr));
      std::vector<float> expected = run(m, x.data(), rows);
      for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += before[i];
      EXPECT_EQ(out.host(), expected) << to_string(dtype);
    }
  }
}

// The gate's exponential errs by 2 units in the last place and its quotient by a half: 2^-21 is ample.
TEST_F(CudaMatmulTest, SiluGateComesFromBothProducts) {
  for (const DType dtype : kAllTypes) {
    for (const std::size_t outputs : {41UL, 1700UL}) {
      const std::size_t columns = 416;
      const std::size_t rows = outputs == 41 ? 19 : 7;
      const Matrix gate = matrix(dtype, outputs, columns);
      const Matrix up = matrix(dtype, outputs, columns);
      const std::vector<float> x = random.normals(rows * columns, 3.0F);
      const DeviceArray<std::byte> activations = prepared(x.data(), rows, columns);
      DeviceArray<float> out(rows * outputs);
      const cuda::Product products[] = {gate.product(out.get()), up.product(nullptr)};
      FOVEA_CUDA_OK(
          cuda::matmul(products, 2, Epilogue::kSiluGate, activations.get(), rows, columns, nullptr));
      const std::vector<float> got = out.host();
      const std::vector<float> g = run(gate, x.data(), rows);
      const std::vector<float> u = run(up, x.data(), rows);
      for (std::size_t i = 0; i < got.size(); ++i) {
        const double expected = double{g[i]} / (1 + std::exp(-double{g[i]})) * u[i];
        ASSERT_NEAR(got[i], expected, std::abs(expected) * 0x1p-21 + 1e-37) << to_string(dtype) << " " << i;
      }
    }
  }
}

// The norm's factor and products are rounded three times: 2^-22 of each x more.
TEST_F(CudaMatmulTest, PrepareNormalises) {
  for (const std::size_t columns : {96UL, 4096UL, 14336UL}) {
    for (const DType dtype : {DType::kF16, DType::kQ8_0}) {
      const std::size_t rows = 3;
      const Matrix m = matrix(dtype, 20, columns);
      std::vector<float> x = random.normals(rows * columns, 20.0F);
      const std::vector<float> norm = random.normals(columns);
      const DeviceArray<float> norm_weight(norm);
      const DeviceArray<std::byte> activations = prepared(x.data(), rows, columns, norm_weight.get());
      const DeviceArray<float> out(rows * m.outputs);
      const cuda::Product product = m.product(out.get());
      FOVEA_CUDA_OK(cuda::matmul(&product, 1, Epilogue::kStore, activations.get(), rows, columns, nullptr));
      reference::rms_norm(x.data(), x.data(), norm.data(), rows, columns, 1e-5F);
      expect_close(out.host(), m, x.data(), rows, 0x1p-21);
    }
  }
}

TEST_F(CudaMatmulTest, ZeroHugeTinyAndBrokenRows) {
  const std::size_t columns = 64;
  for (const DType dtype : kAllTypes) {
    const Matrix m = matrix(dtype, 9, columns);
    std::vector<float> x(6 * columns, 0.0F);
    for (std::size_t c = 0; c < columns; ++c) {
      const float sign = c % 2 == 0 ? 1.0F : -1.0F;
      x[columns + c] = sign * 1e37F;
      x[2 * columns + c] = sign * 1e-30F;
      x[3 * columns + c] = sign;
      x[4 * columns + c] = sign;
      x[5 * columns + c] = sign;
    }
    x[3 * columns + 5] = std::numeric_limits<float>::quiet_NaN();
    x[4 * columns + 63] = std::numeric_limits<float>::infinity();
    const std::vector<float> out = run(m, x.data(), 6);
    for (std::size_t o = 0; o < 9; ++o) {
      EXPECT_EQ(out[o], 0.0F);
      EXPECT_TRUE(std::isnan(out[3 * 9 + o])) << to_string(dtype);
      EXPECT_TRUE(std::isnan(out[4 * 9 + o])) << to_string(dtype);
    }
    const std::size_t good[] = {1, 2, 5};
    for (const std::size_t r : good) {
      expect_close({out.begin() + static_cast<long>(r * 9), out.begin() + static_cast<long>(r * 9 + 9)}, m,
                   x.data() + r * columns, 1);
    }
  }
}

// The extremes of the formats: sums inside a block must not overflow.
TEST_F(CudaMatmulTest, ExtremeIntegers) {
  const std::size_t columns = 32;
  for (const DType dtype : {DType::kQ8_0, DType::kQ4_0}) {
    std::vector<std::byte> weights(row_bytes(dtype, columns), std::byte{0x80});
    if (dtype == DType::kQ4_0) std::fill(weights.begin(), weights.end(), std::byte{0x00});
    const std::uint16_t one = reference::float_to_half(1.0F);
    std::memcpy(weights.data(), &one, sizeof(one));
    const DeviceArray<std::byte> gguf(weights);
    const Matrix m{dtype, 1, columns, weights, DeviceArray<std::byte>(cuda::packed_bytes(dtype, 1, columns))};
    FOVEA_CUDA_OK(cuda::pack(m.packed.get(), gguf.get(), dtype, 1, columns, nullptr));
    for (const float value : {3.0F, -3.0F}) {
      const std::vector<float> x(columns, value);
      const float expected = value * 32 * (dtype == DType::kQ8_0 ? -128.0F : -8.0F);
      EXPECT_NEAR(run(m, x.data(), 1)[0], expected, std::abs(expected) * 1e-6F);
    }
  }
}

TEST_F(CudaMatmulTest, EmbedsExactly) {
  const std::size_t vocabulary = 77;
  for (const DType dtype : kAllTypes) {
    for (const std::size_t columns : {32UL, 224UL, 1408UL}) {
      const Matrix table = matrix(dtype, vocabulary, columns);
      std::vector<std::int32_t> ids(12);
      for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random.below(vocabulary));
      const DeviceArray<std::int32_t> on_device(ids);
      const DeviceArray<std::int32_t> first(std::vector<std::int32_t>{4});
      const std::size_t rows = 7;
      const DeviceArray<float> out(rows * columns);
      FOVEA_CUDA_OK(cuda::embed(out.get(), table.packed.get(), dtype, vocabulary, columns, on_device.get(),
                                first.get(), rows, nullptr));
      std::vector<float> expected(rows * columns);
      reference::embed(expected.data(), table.gguf.data(), dtype, columns, ids.data() + 4, rows);
      EXPECT_EQ(out.host(), expected) << to_string(dtype) << " " << columns;
    }
  }
}

// Kernels start before those in front of them end: a chain of them in a graph, replayed, must give what they
// give one by one.
TEST_F(CudaMatmulTest, AGraphReplaysAChain) {
  const std::size_t columns = 512;
  const std::size_t rows = 5;
  for (const DType dtype : {DType::kF16, DType::kQ4_0}) {
    const Matrix up = matrix(dtype, 3200, columns);
    const Matrix down = matrix(dtype, columns, 3200);
    const std::vector<float> input = random.normals(rows * columns);
    const DeviceArray<float> norm_weight(random.normals(columns));
    const DeviceArray<float> x(input);
    const DeviceArray<float> wide(rows * 3200);
    const DeviceArray<std::byte> narrow_input(cuda::activation_bytes(rows, columns));
    const DeviceArray<std::byte> wide_input(cuda::activation_bytes(rows, 3200));
    cudaStream_t stream = nullptr;
    FOVEA_CUDA_OK(cudaStreamCreate(&stream));
    const auto step = [&](bool wait) {
      const cuda::Product first = up.product(wide.get());
      const cuda::Product second = down.product(x.get());
      const auto then = [&](cudaError_t status) {
        EXPECT_EQ(status, cudaSuccess);
        if (wait) {
          EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
        }
      };
      then(cuda::prepare(narrow_input.get(), x.get(), norm_weight.get(), 1e-5F, rows, columns, stream));
      then(cuda::matmul(&first, 1, Epilogue::kStore, narrow_input.get(), rows, columns, stream));
      then(cuda::prepare(wide_input.get(), wide.get(), nullptr, 0, rows, 3200, stream));
      then(cuda::matmul(&second, 1, Epilogue::kAdd, wide_input.get(), rows, 3200, stream));
    };
    for (int i = 0; i < 12; ++i) step(true);
    const std::vector<float> expected = x.host();

    cudaGraph_t graph = nullptr;
    cudaGraphExec_t exec = nullptr;
    FOVEA_CUDA_OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    for (int i = 0; i < 4; ++i) step(false);
    FOVEA_CUDA_OK(cudaStreamEndCapture(stream, &graph));
    FOVEA_CUDA_OK(cudaGraphInstantiate(&exec, graph, 0));
    for (int repeat = 0; repeat < 5; ++repeat) {
      FOVEA_CUDA_OK(cudaMemcpyAsync(x.get(), input.data(), input.size() * sizeof(float),
                                    cudaMemcpyHostToDevice, stream));
      for (int i = 0; i < 3; ++i) FOVEA_CUDA_OK(cudaGraphLaunch(exec, stream));
      FOVEA_CUDA_OK(cudaStreamSynchronize(stream));
      ASSERT_EQ(x.host(), expected) << to_string(dtype);
    }
    cudaGraphExecDestroy(exec);
    cudaGraphDestroy(graph);
    cudaStreamDestroy(stream);
  }
}

TEST_F(CudaMatmulTest, RefusesWhatItCannotDo) {
  const Matrix m = matrix(DType::kF16, 8, 32);
  const Matrix other = matrix(DType::kF16, 16, 32);
  const std::vector<float> x(32, 1.0F);
  const DeviceArray<std::byte> activations = prepared(x.data(), 1, 32);
  const DeviceArray<float> out(16);
  const cuda::Product products[] = {m.product(out.get()), other.product(out.get())};
  const auto status = [&](std::size_t count, Epilogue epilogue, std::size_t rows, std::size_t columns) {
    return cuda::matmul(products, count, epilogue, activations.get(), rows, columns, nullptr);
  };
  EXPECT_EQ(status(0, Epilogue::kStore, 1, 32), cudaErrorInvalidValue);
  EXPECT_EQ(status(1, Epilogue::kStore, 0, 32), cudaErrorInvalidValue);
  EXPECT_EQ(status(1, Epilogue::kStore, 65, 32), cudaErrorInvalidValue);
  EXPECT_EQ(status(1, Epilogue::kStore, 1, 31), cudaErrorInvalidValue);
  EXPECT_EQ(status(1, Epilogue::kSiluGate, 1, 32), cudaErrorInvalidValue);
  EXPECT_EQ(status(2, Epilogue::kSiluGate, 1, 32), cudaErrorInvalidValue);
}

// --- Prefill: x and w rounded to f16, 2^-11 each. ---

class CudaPrefillTest : public CudaMatmulTest {
 protected:
  void check(const Matrix& m, std::size_t rows, float deviation) {
    const std::vector<float> x = random.normals(rows * m.columns, deviation);
    const DeviceArray<std::byte> activations = prepared(x.data(), rows, m.columns);
    const std::vector<float> before = random.normals(rows * m.outputs, deviation);
    DeviceArray<float> out(before);
    const DeviceArray<std::byte> workspace(cuda::Prefill::workspace_bytes(rows, m.columns));
    const cuda::Product product = m.product(out.get());
    FOVEA_CUDA_OK(prefill.matmul(&product, 1, Epilogue::kStore, activations.get(), rows, m.columns,
                                 workspace.get(), nullptr));
    const std::vector<float> stored = out.host();
    expect_close(stored, m, x.data(), rows, 0x1p-10);
    out.set(before);
    FOVEA_CUDA_OK(prefill.matmul(&product, 1, Epilogue::kAdd, activations.get(), rows, m.columns,
                                 workspace.get(), nullptr));
    const std::vector<float> added = out.host();
    for (std::size_t i = 0; i < added.size(); ++i) ASSERT_EQ(added[i], stored[i] + before[i]);
  }
  cuda::Prefill prefill;
};

TEST_F(CudaPrefillTest, MatchesReference) {
  std::printf("cuBLASLt %s\n", prefill.has_library() ? "serves" : "is not there");
  for (const DType dtype : kAllTypes) {
    check(matrix(dtype, 65, 96), 65, 1.0F);
    check(matrix(dtype, 256, 1408), 200, 1e6F);
    if (HasFatalFailure()) return;
  }
}

// More outputs than a tile holds.
TEST_F(CudaPrefillTest, WalksTiles) {
  for (const DType dtype : {DType::kF16, DType::kQ4_0}) {
    check(matrix(dtype, 8192 + 72, 64), 66, 1.0F);
  }
}

TEST_F(CudaPrefillTest, Gates) {
  const std::size_t rows = 70;
  const std::size_t columns = 128;
  for (const DType dtype : kAllTypes) {
    const Matrix gate = matrix(dtype, 200, columns);
    const Matrix up = matrix(dtype, 200, columns);
    const std::vector<float> x = random.normals(rows * columns);
    const DeviceArray<std::byte> activations = prepared(x.data(), rows, columns);
    const DeviceArray<std::byte> workspace(cuda::Prefill::workspace_bytes(rows, columns));
    const DeviceArray<float> g(rows * 200);
    const DeviceArray<float> u(rows * 200);
    const DeviceArray<float> both(rows * 200);
    const cuda::Product apart[] = {gate.product(g.get()), up.product(u.get())};
    const cuda::Product gated[] = {gate.product(both.get()), up.product(nullptr)};
    FOVEA_CUDA_OK(prefill.matmul(apart, 2, Epilogue::kStore, activations.get(), rows, columns,
                                 workspace.get(), nullptr));
    FOVEA_CUDA_OK(prefill.matmul(gated, 2, Epilogue::kSiluGate, activations.get(), rows, columns,
                                 workspace.get(), nullptr));
    const std::vector<float> a = g.host();
    const std::vector<float> b = u.host();
    const std::vector<float> got = both.host();
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double expected = double{a[i]} / (1 + std::exp(-double{a[i]})) * b[i];
      ASSERT_NEAR(got[i], expected, std::abs(expected) * 0x1p-21 + 1e-37);
    }
  }
}

}  // namespace
}  // namespace fovea::kernels
