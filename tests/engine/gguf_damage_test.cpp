// Damages the real draft model in every way that a disk or a download would, and loads what results as a
// program would: open, configuration, weights, tokenizer. Each may succeed or give an Error; none may crash,
// hang or read outside the bytes (sanitizers watch that).
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/gguf.h"
#include "engine/mapped_file.h"
#include "engine/model_config.h"
#include "engine/tokenizer.h"
#include "engine/weights.h"

namespace fovea {
namespace {

constexpr std::size_t kHeaderBytes = 193141;  // metadata and tensor list of the draft

class GgufDamage : public ::testing::Test {
 protected:
  void SetUp() override {
    auto file = MappedFile::open(std::string(FOVEA_EMBEDDED_MODELS) + "/fovea-draft-q8_0.gguf");
    ASSERT_TRUE(file.ok()) << file.error().message;
    m_bytes.assign(file->bytes().begin(), file->bytes().end());
    ASSERT_GT(m_bytes.size(), kHeaderBytes);
  }

  /// How far loading got: 0 not opened .. 4 everything.
  static int load(std::span<const std::byte> bytes, bool with_tokenizer) {
    const auto gguf = Gguf::from_bytes(bytes, "draft.gguf");
    if (!gguf) {
      EXPECT_TRUE(gguf.error().code == ErrorCode::kDamaged || gguf.error().code == ErrorCode::kUnsupported);
      EXPECT_FALSE(gguf.error().message.empty());
      return 0;
    }
    const auto config = load_model_config(*gguf);
    if (!config) return 1;
    if (!load_weights(*gguf, *config)) return 2;
    if (!with_tokenizer) return 3;
    const auto tokenizer = Tokenizer::from_gguf(*gguf);
    if (!tokenizer) return 3;
    static_cast<void>(tokenizer->decode(tokenizer->encode("Hello, <|user|> world\n")));
    return 4;
  }

  std::vector<std::byte> m_bytes;
};

TEST_F(GgufDamage, TheWholeFileLoads) {
  EXPECT_EQ(load(m_bytes, true), 4);
}

TEST_F(GgufDamage, EveryTruncationIsRefused) {
  const auto refused = [this](std::size_t length) {
    // A right-sized copy of the header costs little, and lets a sanitizer see a read past its end.
    if (length <= 8192) {
      const std::vector<std::byte> cut(m_bytes.begin(),
                                       m_bytes.begin() + static_cast<std::ptrdiff_t>(length));
      return load(cut, false) == 0;
    }
    return load(std::span(m_bytes).first(length), false) == 0;
  };
  for (std::size_t length = 0; length < 4096; ++length) ASSERT_TRUE(refused(length)) << length;
  std::mt19937 random(7);
  for (int sample = 0; sample < 200; ++sample) {
    const std::size_t length = std::uniform_int_distribution<std::size_t>(4096, kHeaderBytes)(random);
    ASSERT_TRUE(refused(length)) << length;
  }
  for (int sample = 0; sample < 50; ++sample) {
    const std::size_t length =
        std::uniform_int_distribution<std::size_t>(kHeaderBytes, m_bytes.size() - 1)(random);
    ASSERT_TRUE(refused(length)) << length;
  }
  ASSERT_TRUE(refused(m_bytes.size() - 1));
}

/// The interesting bytes: keys and scalars before the token list, and the tensor list after the token types.
std::size_t structural_byte(std::mt19937& random) {
  constexpr std::size_t kTokenListStart = 1200;
  constexpr std::size_t kTensorListStart = 189360;
  const bool front = std::bernoulli_distribution(0.5)(random);
  return front ? std::uniform_int_distribution<std::size_t>(0, kTokenListStart)(random)
               : std::uniform_int_distribution<std::size_t>(kTensorListStart, kHeaderBytes)(random);
}

TEST_F(GgufDamage, FlippedBitsNeverCrash) {
  std::mt19937 random(20240607);
  int opened = 0;
  for (int round = 0; round < 4000; ++round) {
    std::vector<std::pair<std::size_t, std::byte>> before;
    const int flips = std::uniform_int_distribution<int>(1, 4)(random);
    for (int flip = 0; flip < flips; ++flip) {
      const std::size_t index = structural_byte(random);
      before.emplace_back(index, m_bytes[index]);
      m_bytes[index] ^= std::byte{1} << std::uniform_int_distribution<int>(0, 7)(random);
    }
    opened += load(m_bytes, round % 16 == 0) > 0 ? 1 : 0;
    // In reverse, because one byte may have been flipped twice.
    for (auto entry = before.rbegin(); entry != before.rend(); ++entry) m_bytes[entry->first] = entry->second;
  }
  EXPECT_GT(opened, 0) << "some flips hit plain values";
  EXPECT_LT(opened, 4000) << "some flips hit structure";
}

TEST_F(GgufDamage, DamagedTokensNeverCrash) {
  std::mt19937 random(99);
  for (int round = 0; round < 150; ++round) {
    std::vector<std::pair<std::size_t, std::byte>> before;
    const int flips = std::uniform_int_distribution<int>(1, 40)(random);
    for (int flip = 0; flip < flips; ++flip) {
      const std::size_t index = std::uniform_int_distribution<std::size_t>(700, 189500)(random);
      before.emplace_back(index, m_bytes[index]);
      m_bytes[index] = static_cast<std::byte>(std::uniform_int_distribution<int>(0, 255)(random));
    }
    load(m_bytes, true);
    for (auto entry = before.rbegin(); entry != before.rend(); ++entry) m_bytes[entry->first] = entry->second;
  }
}

}  // namespace
}  // namespace fovea
