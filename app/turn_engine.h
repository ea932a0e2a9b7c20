// The narrow view that GenerationWorker has of the engine: load a model pair, answer a conversation. The real
// one wraps a Session (session_engine.cpp); tests script their own. Created, used and destroyed by the
// worker; one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/session.h"

namespace fovea::app {

class TurnEngine {
 public:
  TurnEngine() = default;
  virtual ~TurnEngine() = default;
  TurnEngine(const TurnEngine&) = delete;
  TurnEngine& operator=(const TurnEngine&) = delete;

  [[nodiscard]] virtual const SessionInfo& info() const = 0;
  /// How many tokens a text takes.
  [[nodiscard]] virtual int countTokens(std::string_view text) const = 0;
  /// As Session::chat; a conversation that ends with an answer has that answer written on.
  virtual Result<TurnResult> chat(std::span<const ChatMessage> messages, const GenerationOptions& options,
                                  const TurnObserver& observer, std::stop_token stop) = 0;
  /// Computes the alignment of the pair anew, from the calibration text, and keeps it. As Session::align.
  virtual Result<Alignment> align(const std::function<void(double)>& onProgress, std::stop_token stop) = 0;
  /// As Session::replay.
  virtual Result<Replay> replay(const ReplayRequest& request, const std::function<void(double)>& onProgress,
                                std::stop_token stop) = 0;
  /// The bytes that a token adds to a text; a control token's name.
  [[nodiscard]] virtual std::string tokenText(TokenId token) const = 0;
};

/// As Session::create. Called on the worker's thread.
using EngineFactory = std::function<Result<std::unique_ptr<TurnEngine>>(
    const SessionOptions& options, const std::function<void(double, std::string_view)>& onProgress,
    std::stop_token stop)>;

/// Makes the real engine: a Session.
[[nodiscard]] EngineFactory sessionEngineFactory();

}  // namespace fovea::app
