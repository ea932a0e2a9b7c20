#include "engine/utf8.h"

namespace fovea {
namespace {

/// What may follow a leading byte (Unicode Standard, table 3-7): how many bytes, and the range of the first.
struct Lead {
  std::size_t following = 0;
  unsigned char first_min = 0x80;
  unsigned char first_max = 0xBF;
};

/// Lead of a byte >= 0x80; following is 0 for bytes that never lead.
Lead classify(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};  // shorter forms exist below
  if (byte == 0xED) return {2, 0x80, 0x9F};  // surrogates above
  if (byte >= 0xE1 && byte <= 0xEF) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3};
  if (byte == 0xF4) return {3, 0x80, 0x8F};  // Unicode ends at U+10FFFF
  return {};
}

}  // namespace

Utf8Step next_utf8(std::string_view text) {
  const auto byte_at = [text](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  if (byte_at(0) < 0x80) return {Utf8Step::Kind::kCharacter, 1};
  const Lead lead = classify(byte_at(0));
  if (lead.following == 0) return {Utf8Step::Kind::kInvalid, 1};
  for (std::size_t index = 1; index <= lead.following; ++index) {
    if (index == text.size()) return {Utf8Step::Kind::kIncomplete, index};
    const unsigned char min = index == 1 ? lead.first_min : 0x80;
    const unsigned char max = index == 1 ? lead.first_max : 0xBF;
    if (byte_at(index) < min || byte_at(index) > max) return {Utf8Step::Kind::kInvalid, index};
  }
  return {Utf8Step::Kind::kCharacter, lead.following + 1};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = next_utf8(text);
    if (step.kind != Utf8Step::Kind::kCharacter) return false;
    text.remove_prefix(step.bytes);
  }
  return true;
}

}  // namespace fovea
