// What the kernel tests share: random inputs with a fresh, printed seed, poisoned outputs, and a run of every
// test on every instruction set that this processor has.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernels/cpu/packed_weights.h"
#include "kernels/cpu/simd_target.h"
#include "kernels/cpu/thread_pool.h"
#include "kernels/dtype.h"
#include "kernels/reference/reference.h"

namespace fovea::kernels::testing {

/// A fresh seed for this run of the program; FOVEA_TEST_SEED repeats an old one. Every failure prints it.
inline std::uint32_t seed() {
  static const std::uint32_t value = [] {
    const char* fixed = std::getenv("FOVEA_TEST_SEED");
    return fixed != nullptr ? static_cast<std::uint32_t>(std::strtoul(fixed, nullptr, 10))
                            : std::random_device{}();
  }();
  return value;
}

class Random {
 public:
  Random() : m_engine(seed()) {}
  float normal(float deviation = 1.0F) { return std::normal_distribution<float>(0.0F, deviation)(m_engine); }
  std::vector<float> normals(std::size_t n, float deviation = 1.0F) {
    std::vector<float> values(n);
    for (float& v : values) v = normal(deviation);
    return values;
  }
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(m_engine); }

 private:
  std::mt19937 m_engine;
};

/// n outputs that nobody has written.
inline std::vector<float> poisoned(std::size_t n) {
  return std::vector<float>(n, std::numeric_limits<float>::quiet_NaN());
}

/// A weight matrix of `dtype` made from normal numbers.
inline std::vector<std::byte> random_weights(Random& random, DType dtype, std::size_t rows,
                                             std::size_t columns) {
  std::vector<std::byte> weights(rows * row_bytes(dtype, columns));
  for (std::size_t r = 0; r < rows; ++r) {
    const std::vector<float> row = random.normals(columns, 0.05F);
    reference::quantize_row(weights.data() + r * row_bytes(dtype, columns), row.data(), dtype, columns);
  }
  return weights;
}

/// Memory aligned to 64, poisoned with NaNs.
class Workspace {
 public:
  explicit Workspace(std::size_t bytes) : m_memory(bytes + 64, std::byte{0xFF}) {}
  [[nodiscard]] void* get() {
    void* p = m_memory.data();
    std::size_t space = m_memory.size();
    return std::align(64, 1, p, space);
  }

 private:
  std::vector<std::byte> m_memory;
};

/// A weight matrix as products on the CPU read it: packed, or in place as GGUF stores it. `weights` must
/// outlive it.
class Placed {
 public:
  Placed(const std::vector<std::byte>& weights, DType dtype, std::size_t rows, std::size_t columns,
         cpu::ThreadPool& pool)
      : m_packed(cpu::is_packed(dtype) ? cpu::packed_bytes(dtype, rows, columns) : 0),
        m_data(weights.data()) {
    if (!cpu::is_packed(dtype)) return;
    cpu::pack_weights(m_packed.get(), weights.data(), dtype, rows, columns, pool);
    m_data = m_packed.get();
  }
  Placed(const Placed&) = delete;
  Placed& operator=(const Placed&) = delete;
  [[nodiscard]] const void* get() const { return m_data; }

 private:
  Workspace m_packed;
  const void* m_data;
};

/// Runs its tests once per instruction set.
class EveryTarget : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cpu::force_simd_target(GetParam()));
    ASSERT_EQ(cpu::simd_target(), GetParam());  // proves which one runs
    RecordProperty("seed", std::to_string(seed()));
  }
  void TearDown() override {
    if (HasFailure()) std::printf("FOVEA_TEST_SEED=%u repeats this run\n", seed());
    cpu::force_simd_target("");
  }
  Random random;
  cpu::ThreadPool pool{3};  // more than this machine may have: results must not depend on it
};

inline std::string target_name(const ::testing::TestParamInfo<std::string>& info) {
  return info.param;
}

}  // namespace fovea::kernels::testing

#define FOVEA_EVERY_TARGET(Suite)                                                                 \
  INSTANTIATE_TEST_SUITE_P(Simd, Suite, ::testing::ValuesIn(fovea::kernels::cpu::simd_targets()), \
                           fovea::kernels::testing::target_name)
