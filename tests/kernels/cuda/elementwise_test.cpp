#include "kernels/cuda/elementwise.h"

#include <cmath>

#include "tests/kernels/cuda/cuda_test.h"

namespace fovea::kernels {
namespace {

using testing::DeviceArray;

class CudaElementwiseTest : public testing::CudaTest {};

// Angles in double, turned in float: each element errs by a few roundings of its pair's length.
TEST_F(CudaElementwiseTest, AppendTurnsAndStoresLikeTheReference) {
  struct Shape {
    std::size_t rows, heads, kv_heads, head_dim, first;
  };
  for (const Shape s : {Shape{1, 8, 4, 64, 0}, Shape{6, 32, 8, 128, 1000}, Shape{3, 3, 1, 36, 17}}) {
    const std::size_t positions = s.first + s.rows + 2;
    const std::size_t entry = s.kv_heads * s.head_dim;
    const std::vector<float> query = random.normals(s.rows * s.heads * s.head_dim);
    std::vector<float> key = random.normals(s.rows * entry);
    std::vector<float> value = random.normals(s.rows * entry);
    value[0] = 1e6F;  // saturates

    DeviceArray<float> table(positions * s.head_dim);
    DeviceArray<float> q(query);
    DeviceArray<float> k(key);
    DeviceArray<float> v(value);
    DeviceArray<std::int32_t> first(std::vector<std::int32_t>{static_cast<std::int32_t>(s.first)});
    DeviceArray<std::uint16_t> keys(positions * entry);
    DeviceArray<std::uint16_t> values(positions * entry);
    DeviceArray<float> norms(positions);
    FOVEA_CUDA_OK(cuda::rope_table(table.get(), positions, s.head_dim, 10000.0F, nullptr));
    FOVEA_CUDA_OK(cuda::append({keys.get(), values.get(), norms.get()}, q.get(), k.get(), v.get(),
                               table.get(), first.get(), s.rows, s.heads, s.kv_heads, s.head_dim, nullptr));

    std::vector<std::int32_t> at(s.rows);
    for (std::size_t r = 0; r < s.rows; ++r) at[r] = static_cast<std::int32_t>(s.first + r);
    std::vector<float> expected_query = query;
    reference::rope(expected_query.data(), s.rows, s.heads, s.head_dim, at.data(), 10000.0F);
    reference::rope(key.data(), s.rows, s.kv_heads, s.head_dim, at.data(), 10000.0F);
    const std::vector<float> got_query = q.host();
    for (std::size_t i = 0; i < query.size(); ++i) ASSERT_NEAR(got_query[i], expected_query[i], 4e-6);

    const std::vector<std::uint16_t> got_keys = keys.host();
    const std::vector<std::uint16_t> got_values = values.host();
    const std::vector<float> got_norms = norms.host();
    std::vector<float> expected_norms(s.rows);
    reference::row_norms(expected_norms.data(), value.data(), s.rows, entry);
    for (std::size_t i = 0; i < s.rows * entry; ++i) {
      const std::size_t there = s.first * entry + i;
      ASSERT_NEAR(reference::half_to_float(got_keys[there]), key[i], std::abs(key[i]) * 0x1p-11 + 5e-6);
      const float stored = std::min(value[i], 65504.0F);
      ASSERT_EQ(got_values[there], reference::float_to_half(stored));
    }
    for (std::size_t r = 0; r < s.rows; ++r) {
      ASSERT_NEAR(got_norms[s.first + r], expected_norms[r], 1e-5 * expected_norms[r]);
    }
    // Nothing beside the rows of the pass was written.
    for (std::size_t p = 0; p < positions; ++p) {
      if (p >= s.first && p < s.first + s.rows) continue;
      ASSERT_TRUE(std::isnan(got_norms[p])) << p;
      ASSERT_EQ(got_keys[p * entry], 0xFFFF);
      ASSERT_EQ(got_values[p * entry + entry - 1], 0xFFFF);
    }
  }
}

}  // namespace
}  // namespace fovea::kernels
