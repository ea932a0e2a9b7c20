#include "engine/content_hash.h"

#include <xxhash.h>

#include <string_view>

namespace fovea {

std::string content_hash(std::span<const std::byte> bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, XXH3_128bits(bytes.data(), bytes.size()));
  std::string text;
  for (const unsigned char byte : digest.digest) {
    text += kHex[byte >> 4];
    text += kHex[byte & 0xF];
  }
  return text;
}

}  // namespace fovea
