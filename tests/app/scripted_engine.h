// An engine whose answers are scripted, in the place of a Session. Header only. The script runs on the
// worker's thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "app/turn_engine.h"

namespace fovea::app {

/// What a script sees of one turn.
struct Scene {
  std::span<const ChatMessage> messages;
  const GenerationOptions& options;
  const TurnObserver& observer;
  std::stop_token stop;
  TurnResult result;

  /// Emits one token's text, with its step.
  void say(const std::string& text) {
    StepTelemetry step;
    step.proposed = 2;
    step.accepted = 1;
    step.emitted = 1;
    step.tokens = {static_cast<TokenId>(result.token_ids.size())};
    result.token_ids.push_back(step.tokens.front());
    result.statistics.add(step);
    result.statistics.read_map.add_range(0, 0, 5 + result.token_ids.size());
    result.text += text;
    observer.on_step(step);
    observer.on_reads(result.statistics.read_map);
    observer.on_text(text);
  }
};
using Script = std::function<Result<TurnResult>(Scene& scene)>;

class ScriptedEngine final : public TurnEngine {
 public:
  explicit ScriptedEngine(Script script) : m_script(std::move(script)) {
    m_info.verifier_name = "scripted";
    m_info.backend = "cpu";
  }

  [[nodiscard]] int countTokens(std::string_view text) const override {
    return static_cast<int>(text.size() / 4);
  }
  const SessionInfo& info() const override { return m_info; }
  Result<TurnResult> chat(std::span<const ChatMessage> messages, const GenerationOptions& options,
                          const TurnObserver& observer, std::stop_token stop) override {
    Scene scene{messages, options, observer, std::move(stop), {}};
    scene.result.statistics.prompt_tokens = 5;
    return m_script(scene);
  }
  Result<Alignment> align(const std::function<void(double)>& onProgress, std::stop_token stop) override {
    onProgress(0.5);
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "Stopped.", ""};
    Alignment alignment;
    alignment.verifier_name = m_info.verifier_name;
    return alignment;
  }
  /// Draws the answer again, but for its second token.
  Result<Replay> replay(const ReplayRequest& request, const std::function<void(double)>& onProgress,
                        std::stop_token stop) override {
    onProgress(0.5);
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "Stopped.", ""};
    Replay replay;
    for (const TokenId token : request.answer) replay.tokens.push_back({token, 0.5F, 0.5F});
    if (replay.tokens.size() > 1) replay.tokens[1] = {777, 0.75F, 0.25F};
    return replay;
  }
  std::string tokenText(TokenId token) const override { return "t" + std::to_string(token); }

 private:
  Script m_script;
  SessionInfo m_info;
};

inline EngineFactory scriptedFactory(Script script) {
  return [script = std::move(script)](const SessionOptions&,
                                      const std::function<void(double, std::string_view)>&,
                                      const std::stop_token&) -> Result<std::unique_ptr<TurnEngine>> {
    return std::unique_ptr<TurnEngine>(std::make_unique<ScriptedEngine>(script));
  };
}

/// Says "w0 w1 w2 ..." with a pause after each, `count` words or until it is stopped.
inline Script wordScript(int count, std::chrono::microseconds pause) {
  return [=](Scene& scene) -> Result<TurnResult> {
    scene.observer.on_prompt(std::vector<TokenId>{90, 91, 92, 93, 94});
    scene.observer.on_prefill(5, 5);
    for (int i = 0; i < count; ++i) {
      if (scene.stop.stop_requested()) {
        scene.result.reason = FinishReason::kCancelled;
        return scene.result;
      }
      scene.say("w" + std::to_string(i) + " ");
      if (pause.count() > 0) std::this_thread::sleep_for(pause);
    }
    return scene.result;
  };
}

}  // namespace fovea::app
