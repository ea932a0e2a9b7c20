#include "engine/content_hash.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/mapped_file.h"

namespace fovea {
namespace {

std::string hash_of(std::string_view text) {
  return content_hash(std::as_bytes(std::span(text)));
}

// Values of xxhsum -H2 0.8.1.
TEST(ContentHash, KnownVectors) {
  EXPECT_EQ(content_hash({}), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(hash_of("a"), "a96faf705af16834e6c632b61e964e1f");
  EXPECT_EQ(hash_of("Fovea"), "28c11c4fdbcdb4f1a4589e204038ad4d");
  EXPECT_EQ(hash_of(std::string(1000, 'x')), "50a1af5a5f2dcf01c0a4877b962cba82");
}

TEST(ContentHash, EveryByteCounts) {
  std::vector<std::byte> bytes(5000, std::byte{7});
  const std::string before = content_hash(bytes);
  for (const std::size_t place : {std::size_t{0}, std::size_t{2500}, bytes.size() - 1}) {
    bytes[place] = std::byte{8};
    EXPECT_NE(content_hash(bytes), before) << place;
    bytes[place] = std::byte{7};
  }
  EXPECT_EQ(content_hash(bytes), before);
  EXPECT_NE(content_hash(std::span(bytes).first(4999)), before);
}

TEST(ContentHash, TellsTheEmbeddedModelsApart) {
  const auto verifier = MappedFile::open(FOVEA_EMBEDDED_MODELS "/fovea-verifier-q4_0.gguf");
  const auto draft = MappedFile::open(FOVEA_EMBEDDED_MODELS "/fovea-draft-q8_0.gguf");
  ASSERT_TRUE(verifier.ok() && draft.ok());
  EXPECT_NE(content_hash(verifier->bytes()), content_hash(draft->bytes()));
}

}  // namespace
}  // namespace fovea
