// Makes the trace of a turn from what the engine's observer is told. Lives on the worker's thread for one
// turn; keeps the whole, and hands out what is new as often as the window asks.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>

#include "app/turn_trace.h"

namespace fovea {
class Tokenizer;
}

namespace fovea::app {

/// The bytes that a token adds to a text; a control token's name.
[[nodiscard]] std::string tokenText(const Tokenizer& tokenizer, TokenId token);

class TraceRecorder {
 public:
  /// `text`: the bytes of a token. It must outlive this.
  TraceRecorder(const GenerationOptions& options, const SessionInfo& info,
                std::function<std::string(TokenId)> text);

  // As TurnObserver: a step's reads follow it.
  void prompt(std::span<const TokenId> tokens);
  void step(const StepTelemetry& step);
  void reads(const ReadMap& reads);

  /// The map of reads is large: it comes along ten times a second, and at the end.
  enum class Map { kWhenDue, kAlways };
  /// What came since the last call.
  [[nodiscard]] TurnTrace takeNews(Map map);
  /// The same at the end of the turn, with what only its result knows: the seed, and why it ended.
  [[nodiscard]] TurnTrace takeLastNews(const TurnResult& result);
  /// All of it.
  [[nodiscard]] TurnTrace finish(const TurnResult& result);

  static constexpr std::chrono::milliseconds kReadsInterval{100};
  /// Numbers kept of where each step read, so that a very long answer stays small; the steps after have none.
  static constexpr std::size_t kStepReadsMax = std::size_t{1} << 20;

 private:
  [[nodiscard]] TurnTrace withoutContent() const;
  void learnText(TokenId token);
  void learnTexts(std::span<const TokenId> tokens);

  std::function<std::string(TokenId)> m_text;
  TurnTrace m_whole;
  std::vector<std::int64_t> m_readBefore;  // [bucket]: of all layers, before the step in hand
  std::size_t m_stepReads = 0;
  // Of m_whole, not handed out yet:
  std::size_t m_newSteps = 0;
  bool m_promptIsNew = false;
  std::map<TokenId, std::string> m_newTexts;
  std::chrono::steady_clock::time_point m_lastReads;
};

}  // namespace fovea::app
