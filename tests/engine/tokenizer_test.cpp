#include "engine/tokenizer.h"

#include <gtest/gtest.h>
#include <sentencepiece_processor.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "engine/gguf.h"
#include "tests/engine/temporary_folder.h"
#include "tests/engine/tiny_model.h"

namespace fovea {
namespace {

using testing::GgufBuilder;
using testing::TinyVocabulary;

std::string embedded(const std::string& name) {
  return std::string(FOVEA_EMBEDDED_MODELS) + "/" + name;
}

Tokenizer from_file() {
  return Tokenizer::from_file(embedded("tokenizer.model")).value();
}

Tokenizer from_gguf(const std::string& name = "fovea-draft-q8_0.gguf") {
  const auto gguf = Gguf::open(embedded(name));
  return Tokenizer::from_gguf(gguf.value()).value();
}

nlohmann::json reference() {
  std::ifstream file(std::string(FOVEA_TEST_DATA) + "/golden/reference.json");
  return nlohmann::json::parse(file);
}

Result<Tokenizer> tokenizer_of(const TinyVocabulary& vocabulary) {
  const auto bytes = testing::tiny_model(vocabulary).build();
  const auto gguf = Gguf::from_bytes(bytes, "tiny.gguf");
  if (!gguf) return gguf.error();
  return Tokenizer::from_gguf(*gguf);
}

void expect_refused(const TinyVocabulary& vocabulary, const std::string& words) {
  const auto tokenizer = tokenizer_of(vocabulary);
  ASSERT_FALSE(tokenizer.ok()) << "expected: " << words;
  EXPECT_EQ(tokenizer.error().code, ErrorCode::kDamaged);
  EXPECT_NE(tokenizer.error().message.find(words), std::string::npos) << tokenizer.error().message;
}

/// Characters of all lengths, spaces, control spellings, and stray bytes.
std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> kFragments{" ",
                                                   "  ",
                                                   "\n",
                                                   "\t",
                                                   "\r\n",
                                                   "<s>",
                                                   "</s>",
                                                   "<|user|>",
                                                   "<|assistant|>",
                                                   "<unk>",
                                                   "<0x0A>",
                                                   "the",
                                                   " and",
                                                   "ing",
                                                   "\xE2\x96\x81",
                                                   "\xC3\xA9",
                                                   "\xE6\xBC\xA2",
                                                   "\xF0\x9F\x99\x82",
                                                   "\xCC\x81",
                                                   "\xFF",
                                                   "\xC3",
                                                   "\xE2\x96",
                                                   "\xED\xA0\x80",
                                                   "\xF4\x90\x80\x80",
                                                   "\xC0\x80",
                                                   std::string(1, '\0')};
  std::string text;
  const int pieces = std::uniform_int_distribution<int>(0, 40)(random);
  for (int index = 0; index < pieces; ++index) {
    if (std::bernoulli_distribution(0.5)(random)) {
      text += kFragments[std::uniform_int_distribution<std::size_t>(0, kFragments.size() - 1)(random)];
    } else {
      text += static_cast<char>(std::uniform_int_distribution<int>(0, 255)(random));
    }
  }
  return text;
}

TEST(Tokenizer, BothConstructionsGiveTheGoldenIds) {
  const auto golden = reference();
  const Tokenizer file = from_file();
  const Tokenizer draft = from_gguf();
  const Tokenizer verifier = from_gguf("fovea-verifier-q4_0.gguf");
  ASSERT_GT(golden["tokenization"].size(), 10U);
  for (const auto& entry : golden["tokenization"]) {
    const auto text = entry["text"].get<std::string>();
    const auto ids = entry["ids"].get<std::vector<TokenId>>();
    EXPECT_EQ(file.encode(text), ids) << text;
    EXPECT_EQ(draft.encode(text), ids) << text;
    EXPECT_EQ(verifier.encode(text), ids) << text;
    EXPECT_EQ(draft.decode(ids), text);
  }
}

/// The library on the original file, with none of our rewriting in between.
TEST(Tokenizer, AgreesWithTheLibraryOnRandomText) {
  sentencepiece::SentencePieceProcessor library;
  ASSERT_TRUE(library.Load(embedded("tokenizer.model")).ok());
  const Tokenizer file = from_file();
  const Tokenizer gguf = from_gguf();
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = random_text(random);
    std::vector<int> expected;
    ASSERT_TRUE(library.Encode(text, &expected).ok());
    ASSERT_EQ(file.encode(text), expected) << round;
    ASSERT_EQ(gguf.encode(text), expected) << round;
    ASSERT_TRUE(
        std::none_of(expected.begin(), expected.end(), [&](TokenId id) { return gguf.is_control(id); }));
  }
}

/// Ours keeps the bytes of a cut character; the library replaces them. On whole characters both must agree.
TEST(Tokenizer, DecodesLikeTheLibrary) {
  sentencepiece::SentencePieceProcessor library;
  ASSERT_TRUE(library.Load(embedded("tokenizer.model")).ok());
  const Tokenizer tokenizer = from_gguf();
  std::mt19937 random(4);
  for (int round = 0; round < 2000; ++round) {
    std::vector<TokenId> ids;
    const int count = std::uniform_int_distribution<int>(0, 12)(random);
    for (int index = 0; index < count; ++index) {
      TokenId id = std::uniform_int_distribution<TokenId>(0, 8191)(random);
      if (id >= 6 + 128 && id < 262) id = 8090;  // no bytes of longer characters, but many lone spaces
      ids.push_back(id);
    }
    std::string expected;
    ASSERT_TRUE(library.Decode(ids, &expected).ok());
    ASSERT_EQ(tokenizer.decode(ids), expected) << round;
  }
}

TEST(Tokenizer, KnowsItsTokens) {
  for (const Tokenizer& tokenizer : {from_file(), from_gguf()}) {
    EXPECT_EQ(tokenizer.vocabulary_size(), 8192);
    EXPECT_EQ(tokenizer.begin_id(), 1);
    EXPECT_EQ(tokenizer.end_id(), 2);
    EXPECT_EQ(tokenizer.control_id("<|system|>"), 3);
    EXPECT_EQ(tokenizer.control_id("<|user|>"), 4);
    EXPECT_EQ(tokenizer.control_id("<|assistant|>"), 5);
    EXPECT_EQ(tokenizer.control_id("<|tool|>"), std::nullopt);
    EXPECT_EQ(tokenizer.control_id("he"), std::nullopt) << "an ordinary token";
    EXPECT_TRUE(tokenizer.is_control(2));
    EXPECT_FALSE(tokenizer.is_control(0));
    EXPECT_FALSE(tokenizer.is_control(266));
    EXPECT_EQ(tokenizer.piece(266), "\xE2\x96\x81the");
    EXPECT_EQ(tokenizer.piece(16), "<0x0A>");
    EXPECT_EQ(tokenizer.token_bytes(266), " the");
    EXPECT_EQ(tokenizer.token_bytes(16), "\n");
    EXPECT_EQ(tokenizer.token_bytes(6), std::string(1, '\0'));
    EXPECT_EQ(tokenizer.token_bytes(4), "");
  }
}

TEST(Tokenizer, IdsOutsideTheVocabularyAreNothing) {
  const Tokenizer tokenizer = from_gguf();
  for (const TokenId id :
       {-1, 8192, std::numeric_limits<TokenId>::max(), std::numeric_limits<TokenId>::min()}) {
    EXPECT_EQ(tokenizer.piece(id), "");
    EXPECT_EQ(tokenizer.token_bytes(id), "");
    EXPECT_FALSE(tokenizer.is_control(id));
    EXPECT_EQ(tokenizer.decode(std::vector<TokenId>{266, id, 266}), "the the");
  }
}

TEST(Tokenizer, DecodesCutCharactersAsTheirBytes) {
  const Tokenizer tokenizer = from_gguf();
  const auto ids = tokenizer.encode("\xF0\x9F\x99\x82");
  ASSERT_EQ(ids.size(), 5U);  // a space and four bytes
  EXPECT_EQ(tokenizer.decode(std::span(ids).first(3)), "\xF0\x9F");
}

TEST(Tokenizer, LoadingIsSilent) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  static_cast<void>(from_file());
  static_cast<void>(from_gguf());
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Tokenizer, FollowsTheFilesTreatmentOfSpaces) {
  const auto encode = [](const GgufBuilder& builder, std::string_view text) {
    const auto bytes = builder.build();
    const auto gguf = Gguf::from_bytes(bytes, "tiny.gguf");
    const Tokenizer tokenizer = Tokenizer::from_gguf(gguf.value()).value();
    std::string pieces;
    for (const TokenId id : tokenizer.encode(text)) pieces += tokenizer.piece(id) + "/";
    return pieces;
  };
  const std::string mark = "\xE2\x96\x81";
  EXPECT_EQ(encode(testing::tiny_model(), "ab  a"), mark + "ab/" + mark + "/" + mark + "/a/");
  EXPECT_EQ(encode(testing::tiny_model().set_bool("tokenizer.ggml.add_space_prefix", false), "ab"), "ab/");
  EXPECT_EQ(
      encode(testing::tiny_model().set_bool("tokenizer.ggml.remove_extra_whitespaces", true), "  ab  a "),
      mark + "ab/" + mark + "/a/");
}

TEST(Tokenizer, TextNeverBecomesAControlToken) {
  TinyVocabulary vocabulary;
  vocabulary.add("<|end|>", 0, 4);  // user-defined, and named as the end token below
  GgufBuilder builder = testing::tiny_model(vocabulary);
  builder.set_uint("tokenizer.ggml.eos_token_id", 271);
  const auto bytes = builder.build();
  const auto gguf = Gguf::from_bytes(bytes, "tiny.gguf");
  const auto tokenizer = Tokenizer::from_gguf(gguf.value());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_EQ(tokenizer->end_id(), 271);
  EXPECT_TRUE(tokenizer->is_control(271));
  for (const TokenId id : tokenizer->encode("<s></s><|user|><|end|>"))
    EXPECT_FALSE(tokenizer->is_control(id)) << id;
}

TEST(Tokenizer, RefusesHostileTokens) {
  const auto with = [](const std::string& token, float score, std::int32_t type) {
    TinyVocabulary vocabulary;
    vocabulary.add(token, score, type);
    return vocabulary;
  };
  ASSERT_TRUE(tokenizer_of({}).ok()) << tokenizer_of({}).error().message;
  expect_refused(with("", 0, 1), "is empty");
  expect_refused(with("ab", 0, 1), "repeats token");
  expect_refused(with("<s>", 0, 1), "repeats token 1");
  expect_refused(with("<|user|>", 0, 4), "repeats token 4");
  expect_refused(with("c", std::numeric_limits<float>::quiet_NaN(), 1), "not finite");
  expect_refused(with("c", std::numeric_limits<float>::infinity(), 1), "not finite");
  expect_refused(with("c", 0, 0), "unknown type 0");
  expect_refused(with("c", 0, -1), "unknown type -1");
  expect_refused(with("c", 0, 7), "unknown type 7");
  expect_refused(with("c", 0, 2), "2 unknown tokens");
  expect_refused(with("c", 0, 3), "control token of one character");
  expect_refused(with("c", 0, 6), "names none");
  expect_refused(with("<0xAG>", 0, 6), "names none");
  expect_refused(with(std::string(2000, 'c'), 0, 1), "longer than 1024");
  expect_refused(with(std::string("c\0d", 3), 0, 4), "zero byte");
  expect_refused(with("\xFF\xFE", 0, 4), "not UTF-8");

  TinyVocabulary without_unknown;
  without_unknown.types[0] = 1;
  expect_refused(without_unknown, "0 unknown tokens");
  TinyVocabulary without_a_byte;
  without_a_byte.types[100] = 1;
  expect_refused(without_a_byte, "255 byte tokens");
}

/// The library keeps the user-defined tokens a text begins with in a fixed array, and writes down all of
/// them.
TEST(Tokenizer, RefusesDeeplyNestedUserDefinedTokens) {
  TinyVocabulary vocabulary;
  for (std::size_t length = 1; length <= 64; ++length) vocabulary.add(std::string(length, 'x'), 0, 4);
  const auto tokenizer = tokenizer_of(vocabulary);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_EQ(tokenizer->encode(std::string(64, 'x')).size(), 2U);
  vocabulary.add(std::string(65, 'x'), 0, 4);
  expect_refused(vocabulary, "begin one another");
}

TEST(Tokenizer, RefusesListsThatDisagree) {
  const auto refused = [](const GgufBuilder& builder, ErrorCode code, const std::string& words) {
    const auto bytes = builder.build();
    const auto gguf = Gguf::from_bytes(bytes, "tiny.gguf");
    const auto tokenizer = Tokenizer::from_gguf(gguf.value());
    ASSERT_FALSE(tokenizer.ok()) << words;
    EXPECT_EQ(tokenizer.error().code, code) << tokenizer.error().message;
    EXPECT_NE(tokenizer.error().message.find(words), std::string::npos) << tokenizer.error().message;
  };
  using testing::tiny_model;
  for (const char* key : {"tokenizer.ggml.model", "tokenizer.ggml.tokens", "tokenizer.ggml.scores",
                          "tokenizer.ggml.token_type"}) {
    refused(tiny_model().remove(key), ErrorCode::kDamaged, key);
    refused(tiny_model().set_uint(key, 1), ErrorCode::kDamaged, key);
  }
  refused(tiny_model().set_array<float>("tokenizer.ggml.scores", GgufType::kFloat32, {1.0F}),
          ErrorCode::kDamaged, "1 entries for 271 tokens");
  refused(tiny_model().set_string("tokenizer.ggml.model", "gpt2"), ErrorCode::kUnsupported, "'gpt2'");
  refused(tiny_model().set_uint("tokenizer.ggml.eos_token_id", 271), ErrorCode::kDamaged, "end token 271");
  refused(tiny_model().set_uint("tokenizer.ggml.bos_token_id", 0xFFFFFFFF), ErrorCode::kDamaged,
          "bos_token_id");
  refused(tiny_model().set_uint("tokenizer.ggml.add_space_prefix", 1), ErrorCode::kDamaged,
          "add_space_prefix");
  refused(
      tiny_model().set_array<std::uint8_t>("tokenizer.ggml.precompiled_charsmap", GgufType::kUint8, {1, 2}),
      ErrorCode::kUnsupported, "normalises");
}

TEST(Tokenizer, RefusesFilesThatAreNoModels) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(Tokenizer::from_file(folder.path("absent")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Tokenizer::from_file(folder.write("empty", {})).error().code, ErrorCode::kDamaged);
  const std::string_view text = "This is no protocol buffer.";
  EXPECT_EQ(Tokenizer::from_file(folder.write("text", std::as_bytes(std::span(text)))).error().code,
            ErrorCode::kDamaged);
  EXPECT_EQ(Tokenizer::from_file(embedded("fovea-draft-q8_0.gguf")).error().code, ErrorCode::kDamaged);
}

TEST(Tokenizer, DamagedModelFilesNeverCrash) {
  std::ifstream file(embedded("tokenizer.model"), std::ios::binary);
  std::string original((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSERT_FALSE(original.empty());
  std::mt19937 random(5);
  for (int round = 0; round < 150; ++round) {
    std::string damaged = original;
    const int flips = std::uniform_int_distribution<int>(1, 10)(random);
    for (int flip = 0; flip < flips; ++flip) {
      const auto index = std::uniform_int_distribution<std::size_t>(0, damaged.size() - 1)(random);
      damaged[index] = static_cast<char>(std::uniform_int_distribution<int>(0, 255)(random));
    }
    if (round % 3 == 0) damaged.resize(std::uniform_int_distribution<std::size_t>(0, damaged.size())(random));
    const auto tokenizer = Tokenizer::from_bytes(std::as_bytes(std::span(damaged)), "damaged.model");
    if (tokenizer.ok()) static_cast<void>(tokenizer->decode(tokenizer->encode("Hello <s> world")));
  }
}

}  // namespace
}  // namespace fovea
