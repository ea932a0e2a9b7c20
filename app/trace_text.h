// The context of a traced answer as text that can be shown: the prompt, then the answer, and where each token
// stands in it. Pure; any thread.
#pragma once

#include <QString>
#include <cstddef>
#include <vector>

#include "app/turn_trace.h"

namespace fovea::app {

struct TraceText {
  QString text;                  // control tokens by their name; no line break but \n
  std::vector<int> ends;         // [token]: the first character after it
  std::size_t promptTokens = 0;  // the tokens behind them are the answer's

  [[nodiscard]] std::size_t tokens() const { return ends.size(); }
  [[nodiscard]] int begin(std::size_t token) const { return token == 0 ? 0 : ends[token - 1]; }
  [[nodiscard]] QString at(std::size_t token) const {
    return text.mid(begin(token), ends[token] - begin(token));
  }
  /// The token that a character belongs to; tokens() behind the end.
  [[nodiscard]] std::size_t tokenAt(int character) const;
};

/// A character whose bytes are spread over tokens belongs to the last of them; the others have no characters.
[[nodiscard]] TraceText traceText(const TurnTrace& trace);

}  // namespace fovea::app
