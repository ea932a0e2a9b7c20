#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer.h"
#include "engine/utf8.h"

namespace fovea {
namespace {

constexpr std::string_view kReplaced = "\xEF\xBF\xBD";

std::string times(std::string_view text, int count) {
  std::string all;
  for (int index = 0; index < count; ++index) all += text;
  return all;
}

std::string in_one_push(std::string_view bytes) {
  Utf8Stream stream;
  std::string text = stream.push(bytes);
  return text + stream.finish();
}

std::string byte_by_byte(std::string_view bytes) {
  Utf8Stream stream;
  std::string text;
  for (const char byte : bytes) {
    const std::string released = stream.push(std::string_view(&byte, 1));
    EXPECT_TRUE(is_utf8(released));
    text += released;
  }
  return text + stream.finish();
}

TEST(Utf8Stream, HoldsBackCutCharacters) {
  Utf8Stream stream;
  EXPECT_EQ(stream.push("a\xF0\x9F"), "a");
  EXPECT_EQ(stream.push("\x99"), "");
  EXPECT_EQ(stream.push("\x82z"), "\xF0\x9F\x99\x82z");
  EXPECT_EQ(stream.push(""), "");
  EXPECT_EQ(stream.finish(), "");
}

TEST(Utf8Stream, ReplacesACutCharacterAtTheEnd) {
  Utf8Stream stream;
  EXPECT_EQ(stream.push("a\xE6\xBC"), "a");
  EXPECT_EQ(stream.finish(), kReplaced);
  EXPECT_EQ(stream.finish(), "") << "nothing is left";
  EXPECT_EQ(stream.push("b"), "b") << "usable again";
}

TEST(Utf8Stream, ReplacesInvalidBytesAtOnce) {
  Utf8Stream stream;
  EXPECT_EQ(stream.push("\xFF"), kReplaced);
  EXPECT_EQ(stream.push("\x80"), kReplaced);
  EXPECT_EQ(stream.push("\xC3"), "");
  EXPECT_EQ(stream.push("("), std::string(kReplaced) + "(");
  EXPECT_EQ(stream.push("\xE0"), "");
  EXPECT_EQ(stream.push("\x80"), times(kReplaced, 2)) << "an overlong form is known at its second byte";
}

/// The examples of the Unicode Standard, section 3.9, and the borders of each range.
TEST(Utf8Stream, FollowsTheUnicodeStandard) {
  struct Case {
    std::string_view bytes;
    std::string expected;
  };
  const std::vector<Case> cases{
      {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", times(kReplaced, 8) + "A"},
      {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", times(kReplaced, 8) + "A"},
      {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", times(kReplaced, 5) + "A" + times(kReplaced, 2) + "B"},
      {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", times(kReplaced, 4) + "A"},
      {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
      {"\xED\x9F\xBF\xEE\x80\x80", "\xED\x9F\xBF\xEE\x80\x80"},
      {"\xC2\x80\xDF\xBF\xE0\xA0\x80\xF0\x90\x80\x80", "\xC2\x80\xDF\xBF\xE0\xA0\x80\xF0\x90\x80\x80"},
      {std::string_view("\0x", 2), std::string("\0x", 2)},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(in_one_push(each.bytes), each.expected);
    EXPECT_EQ(byte_by_byte(each.bytes), each.expected);
  }
}

TEST(Utf8Stream, CutsNeverMatter) {
  std::mt19937 random(11);
  const std::string alphabet("aZ\n\xC3\xA9\xE2\x82\xAC\xF0\x9F\x99\x82\x80\xBF\xFF\xED\xA0\xF4\x90");
  for (int round = 0; round < 5000; ++round) {
    std::string bytes;
    const int count = std::uniform_int_distribution<int>(0, 20)(random);
    for (int index = 0; index < count; ++index) {
      bytes += alphabet[std::uniform_int_distribution<std::size_t>(0, alphabet.size() - 1)(random)];
    }
    const std::string whole = in_one_push(bytes);
    ASSERT_TRUE(is_utf8(whole));
    ASSERT_EQ(byte_by_byte(bytes), whole);
    if (is_utf8(bytes)) {
      ASSERT_EQ(whole, bytes);
    }
  }
}

}  // namespace
}  // namespace fovea
