// Steps through UTF-8, valid or not, the way the Unicode Standard recommends (chapter 3, "maximal subparts"):
// each ill-formed stretch that could have begun a character becomes one U+FFFD. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace fovea {

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

struct Utf8Step {
  enum class Kind {
    kCharacter,   // a whole, well-formed character
    kInvalid,     // ill-formed, whatever may follow
    kIncomplete,  // the bytes end inside what may become a character
  };
  Kind kind = Kind::kCharacter;
  std::size_t bytes = 0;  // how many bytes it covers; at least 1
};

/// What `text` begins with. `text` must not be empty.
[[nodiscard]] Utf8Step next_utf8(std::string_view text);

/// True when every byte of `text` belongs to a well-formed character.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace fovea
