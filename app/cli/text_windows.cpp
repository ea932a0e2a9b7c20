#include "app/cli/text_windows.h"

#include <algorithm>
#include <utility>

namespace fovea::app::cli {

std::vector<std::vector<TokenId>> cutWindows(std::span<const TokenId> text, TokenId begin,
                                             std::size_t windowTokens, std::size_t tokensMax) {
  std::vector<std::vector<TokenId>> windows;
  const std::size_t beginTokens = begin >= 0 ? 1 : 0;
  while (!text.empty() && tokensMax > beginTokens) {
    const std::size_t length = std::min({windowTokens, tokensMax, text.size() + beginTokens});
    const auto body = text.first(length - beginTokens);
    std::vector<TokenId> window;
    if (begin >= 0) window.push_back(begin);
    window.insert(window.end(), body.begin(), body.end());
    if (window.size() >= kWindowTokensMin) windows.push_back(std::move(window));
    text = text.subspan(body.size());
    tokensMax -= length;
  }
  return windows;
}

int scoredFrom(const std::vector<TokenId>& window) {
  return static_cast<int>(std::max<std::size_t>(1, window.size() / 10));
}

}  // namespace fovea::app::cli
