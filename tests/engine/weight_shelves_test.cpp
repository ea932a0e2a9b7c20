#include "engine/weight_shelves.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace fovea {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(WeightShelves, PiecesAreAlignedAndApart) {
  WeightShelves shelves;
  const std::vector<std::size_t> sizes = {1, 0, 100, 3 * kMiB, 64, 40 * kMiB, 31 * kMiB, 65};
  std::vector<std::byte*> pieces;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    pieces.push_back(shelves.take(sizes[i]));
    ASSERT_NE(pieces.back(), nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pieces.back()) % 64, 0U);
    std::memset(pieces.back(), static_cast<int>(i), sizes[i]);
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    for (std::size_t k = 0; k < sizes[i]; k += 4093) ASSERT_EQ(pieces[i][k], static_cast<std::byte>(i));
    EXPECT_TRUE(shelves.give_back(pieces[i]));
  }
  EXPECT_EQ(shelves.bytes(), 0U);
}

TEST(WeightShelves, SmallPiecesShareAShelfThatGoesWithTheLast) {
  WeightShelves shelves;
  std::byte* first = shelves.take(kMiB);
  const std::size_t one_shelf = shelves.bytes();
  std::byte* second = shelves.take(kMiB);
  EXPECT_EQ(shelves.bytes(), one_shelf);
  EXPECT_TRUE(shelves.give_back(first));
  EXPECT_EQ(shelves.bytes(), one_shelf);
  EXPECT_TRUE(shelves.give_back(second));
  EXPECT_EQ(shelves.bytes(), 0U);
}

TEST(WeightShelves, AWholeShelfIsNobodyElses) {
  WeightShelves shelves;
  std::byte* cache = shelves.take_whole(3 * kMiB + 1);
  ASSERT_NE(cache, nullptr);
  std::memset(cache, 1, 3 * kMiB + 1);
  const std::size_t alone = shelves.bytes();
  std::byte* weights = shelves.take(64);
  EXPECT_GT(shelves.bytes(), alone) << "it got a shelf of its own";
  EXPECT_TRUE(shelves.give_back(cache));
  EXPECT_TRUE(shelves.give_back(weights));
  EXPECT_EQ(shelves.bytes(), 0U);
}

TEST(WeightShelves, KnowWhatIsNotTheirs) {
  WeightShelves shelves;
  std::byte* piece = shelves.take(kMiB);
  const std::byte other{};
  EXPECT_FALSE(shelves.give_back(&other));
  EXPECT_TRUE(shelves.give_back(piece));
  EXPECT_FALSE(shelves.give_back(piece));
}

TEST(WeightShelves, SayWhenThereIsNoMemory) {
  if (FOVEA_SANITIZED) GTEST_SKIP() << "sanitizers end the program instead";
  WeightShelves shelves;
  EXPECT_EQ(shelves.take(std::size_t{1} << 62), nullptr);
  EXPECT_EQ(shelves.bytes(), 0U);
}

}  // namespace
}  // namespace fovea
