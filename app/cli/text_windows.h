// Cuts a text's tokens into the windows that scoring works on, and says where in one scoring begins. Pure
// functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/options.h"

namespace fovea::app::cli {

inline constexpr std::size_t kWindowTokensMin = 10;

/// The windows' ids, one after the other, each of `windowTokens` at most and all of them of `tokensMax`: each
/// begins with `begin` where the vocabulary has one (>= 0), which counts. One of fewer than kWindowTokensMin
/// is left out.
[[nodiscard]] std::vector<std::vector<TokenId>> cutWindows(std::span<const TokenId> text, TokenId begin,
                                                           std::size_t windowTokens, std::size_t tokensMax);

/// The first tenth is only read; never nothing.
[[nodiscard]] int scoredFrom(const std::vector<TokenId>& window);

}  // namespace fovea::app::cli
