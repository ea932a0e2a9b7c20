#include "engine/kv_cache.h"

#include <gtest/gtest.h>

#include "engine/backend_cpu.h"

namespace fovea {
namespace {

class KvCacheTest : public ::testing::Test {
 protected:
  static ModelConfig config() {
    ModelConfig c;
    c.layers = 3;
    c.kv_heads = 2;
    c.head_dim = 4;
    return c;
  }
  BackendCpu m_backend{1};
  KvCache m_cache = KvCache::create(m_backend, config(), 10).value();
};

TEST_F(KvCacheTest, PositionsOfALayerAreContiguousAndNothingOverlaps) {
  // Keys and values of 16 bits, two scales for each KV head, and a float for the length of a position's
  // values.
  EXPECT_EQ(KvCache::bytes(m_backend, config(), 10), 3U * 2 * 10 * 8 * 2 + 3U * 10 * 2 * 2 * 4 + 3U * 10 * 4);
  std::uint16_t mark = 0;
  for (std::size_t layer = 0; layer < 3; ++layer) {
    for (std::size_t position = 0; position < 10; ++position) {
      for (std::size_t i = 0; i < 8; ++i) {
        m_cache.entries(layer).keys[position * 8 + i] = mark++;
        m_cache.entries(layer).values[position * 8 + i] = mark++;
      }
      for (std::size_t i = 0; i < 4; ++i) m_cache.entries(layer).scales[position * 4 + i] = mark++;
      m_cache.entries(layer).value_norms[position] = static_cast<float>(layer * 10 + position);
    }
  }
  mark = 0;
  for (std::size_t layer = 0; layer < 3; ++layer) {
    for (std::size_t position = 0; position < 10; ++position) {
      for (std::size_t i = 0; i < 8; ++i) {
        ASSERT_EQ(m_cache.entries(layer).keys[position * 8 + i], mark++);
        ASSERT_EQ(m_cache.entries(layer).values[position * 8 + i], mark++);
      }
      for (std::size_t i = 0; i < 4; ++i) ASSERT_EQ(m_cache.entries(layer).scales[position * 4 + i], mark++);
      ASSERT_EQ(m_cache.entries(layer).value_norms[position], static_cast<float>(layer * 10 + position));
    }
  }
}

TEST_F(KvCacheTest, KnowsWhichEntriesNoSparsePassHadAPartIn) {
  m_cache.append(std::vector<TokenId>{1, 2, 3}, KvCache::Origin::kDense);
  m_cache.append(std::vector<TokenId>{4, 5}, KvCache::Origin::kSparse);
  m_cache.append(std::vector<TokenId>{6}, KvCache::Origin::kDense);  // computed over sparse entries
  EXPECT_EQ(m_cache.size(), 6U);
  EXPECT_EQ(m_cache.dense_size(), 3U);
  m_cache.truncate(2);
  EXPECT_EQ(m_cache.dense_size(), 2U);
  m_cache.append(std::vector<TokenId>{7}, KvCache::Origin::kDense);
  EXPECT_EQ(m_cache.dense_size(), 3U);
}

TEST_F(KvCacheTest, AppendTruncateAndMatch) {
  m_cache.append(std::vector<TokenId>{1, 2, 3}, KvCache::Origin::kDense);
  m_cache.append(std::vector<TokenId>{4}, KvCache::Origin::kDense);
  EXPECT_EQ(m_cache.size(), 4U);
  EXPECT_EQ(m_cache.matching_prefix(std::vector<TokenId>{1, 2, 3, 4, 5}), 4U);
  EXPECT_EQ(m_cache.matching_prefix(std::vector<TokenId>{1, 2, 9, 4}), 2U);
  EXPECT_EQ(m_cache.matching_prefix(std::vector<TokenId>{1}), 1U);
  EXPECT_EQ(m_cache.matching_prefix(std::vector<TokenId>{7}), 0U);
  EXPECT_EQ(m_cache.matching_prefix({}), 0U);
  m_cache.truncate(8);  // longer than it is: nothing to forget
  EXPECT_EQ(m_cache.size(), 4U);
  m_cache.truncate(2);
  EXPECT_EQ(m_cache.matching_prefix(std::vector<TokenId>{1, 2, 3, 4}), 2U);
}

}  // namespace
}  // namespace fovea
