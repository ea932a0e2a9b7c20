// What a made-up turn reads, with the patterns of a real one: sinks and the newest tokens always, some
// stretches of the prompt in some layers, the rest hardly ever. For the scripted engine, pictures and view
// models.
#pragma once

#include <string>
#include <vector>

#include "app/turn_trace.h"

namespace fovea::test {

/// Token i is a word of sampleStory().
[[nodiscard]] std::string scriptedToken(TokenId token);
[[nodiscard]] SessionInfo scriptedInfo();

class TurnScript {
 public:
  static constexpr std::size_t kLayers = 16;

  explicit TurnScript(std::size_t promptTokens);

  [[nodiscard]] const std::vector<TokenId>& prompt() const { return m_prompt; }
  /// The next sparse pass of five rows, with what it read added to `reads`.
  [[nodiscard]] StepTelemetry step(ReadMap& reads);

 private:
  std::vector<TokenId> m_prompt;
  std::size_t m_answerTokens = 0;
  std::size_t m_steps = 0;
};

/// A whole answer.
[[nodiscard]] app::TurnTrace sampleTrace(std::size_t promptTokens, int steps);

}  // namespace fovea::test
