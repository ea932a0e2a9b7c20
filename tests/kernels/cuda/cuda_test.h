// What the CUDA kernel tests share. A machine without a device skips them, saying so; with
// FOVEA_REQUIRE_CUDA set it fails instead, so that a run that was meant for a GPU cannot pass on none.
#pragma once

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "tests/kernels/kernel_test.h"

namespace fovea::kernels::testing {

#define FOVEA_CUDA_OK(call)                                                                    \
  do {                                                                                         \
    const cudaError_t fovea_status = (call);                                                   \
    ASSERT_EQ(fovea_status, cudaSuccess) << #call << ": " << cudaGetErrorString(fovea_status); \
  } while (false)

/// An array on the device. Fresh memory is poisoned: every byte 0xFF, NaN as float and as half.
template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t n) : m_size(n) {
    void* memory = nullptr;
    EXPECT_EQ(cudaMalloc(&memory, std::max<std::size_t>(n, 1) * sizeof(T)), cudaSuccess);
    m_data = static_cast<T*>(memory);
    EXPECT_EQ(cudaMemset(m_data, 0xFF, n * sizeof(T)), cudaSuccess);
  }
  explicit DeviceArray(const std::vector<T>& host) : DeviceArray(host.size()) { set(host); }
  ~DeviceArray() { cudaFree(m_data); }
  DeviceArray(DeviceArray&& other) noexcept
      : m_data(std::exchange(other.m_data, nullptr)), m_size(other.m_size) {}
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  DeviceArray& operator=(DeviceArray&&) = delete;

  void set(const std::vector<T>& host) {
    EXPECT_LE(host.size(), m_size);
    EXPECT_EQ(cudaMemcpy(m_data, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice), cudaSuccess);
  }
  /// Waits for the device.
  [[nodiscard]] std::vector<T> host() const {
    std::vector<T> out(m_size);
    EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    EXPECT_EQ(cudaMemcpy(out.data(), m_data, m_size * sizeof(T), cudaMemcpyDeviceToHost), cudaSuccess);
    return out;
  }
  [[nodiscard]] T* get() const { return m_data; }
  [[nodiscard]] std::size_t size() const { return m_size; }

 private:
  T* m_data = nullptr;
  std::size_t m_size;
};

class CudaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
      if (std::getenv("FOVEA_REQUIRE_CUDA") != nullptr) FAIL() << "no CUDA device answers";
      GTEST_SKIP() << "no CUDA device answers";
    }
    RecordProperty("seed", std::to_string(seed()));
  }
  void TearDown() override {
    if (HasFailure()) std::printf("FOVEA_TEST_SEED=%u repeats this run\n", seed());
  }
  Random random;
};

}  // namespace fovea::kernels::testing
