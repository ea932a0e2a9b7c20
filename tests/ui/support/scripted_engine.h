// An engine that says what a test tells it to, at the pace the test asks for. The script is shared with the
// worker's thread and guarded; the test changes it between turns and waits on the window's side, never on the
// engine's.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "app/turn_engine.h"
#include "tests/ui/support/sample_trace.h"

namespace fovea::test {

class Script {
 public:
  /// The pieces of every answer to come.
  void setPieces(std::vector<std::string> pieces) {
    const std::lock_guard lock(m_mutex);
    m_pieces = std::move(pieces);
  }
  /// How many pieces may be said before the engine holds its breath; -1: all.
  void allow(int pieces) {
    const std::lock_guard lock(m_mutex);
    m_allowed = pieces;
    m_changed.notify_all();
  }
  void setLoadError(std::optional<Error> error) {
    const std::lock_guard lock(m_mutex);
    m_loadError = std::move(error);
  }
  void setTurnError(std::optional<Error> error) {
    const std::lock_guard lock(m_mutex);
    m_turnError = std::move(error);
  }
  void setDroppedMessages(int count) { m_dropped = count; }
  void setReason(FinishReason reason) { m_reason = reason; }
  /// Progress of the prompt, done and total, each after a pause.
  void setPrefill(std::vector<std::pair<int, int>> progress, int pauseMs) {
    const std::lock_guard lock(m_mutex);
    m_prefill = std::move(progress);
    m_prefillPauseMs = pauseMs;
  }
  void setPromptTokens(std::size_t count) { m_promptTokens = count; }
  /// While held, a load reports half of its progress and waits; one that is stopped lets go of the next.
  void holdLoad(bool hold) {
    const std::lock_guard lock(m_mutex);
    m_holdLoad = hold;
    m_changed.notify_all();
  }
  /// While held, aligning reports half of its progress and waits.
  void holdAlign(bool hold) {
    const std::lock_guard lock(m_mutex);
    m_holdAlign = hold;
    m_changed.notify_all();
  }
  /// While held, a replay reports half of its progress and waits.
  void holdReplay(bool hold) {
    const std::lock_guard lock(m_mutex);
    m_holdReplay = hold;
    m_changed.notify_all();
  }
  /// What replays draw in these places of the answer; everywhere else, the answer.
  void setDifferences(std::map<std::size_t, ReplayedToken> differences) {
    const std::lock_guard lock(m_mutex);
    m_differences = std::move(differences);
  }
  void setAlignment(Alignment alignment) {
    const std::lock_guard lock(m_mutex);
    m_alignment = std::move(alignment);
  }
  /// Without a draft in the pairs to come.
  void setDraft(bool draft) { m_draft = draft; }
  /// Of the pairs to come.
  void setWeightsBytes(std::int64_t bytes) { m_weightsBytes = bytes; }
  /// What it answers to a wish for a title.
  void setTitle(std::string title) {
    const std::lock_guard lock(m_mutex);
    m_title = std::move(title);
  }
  [[nodiscard]] GenerationOptions lastOptions() const {
    const std::lock_guard lock(m_mutex);
    return m_lastOptions;
  }
  [[nodiscard]] ReplayRequest lastReplay() const {
    const std::lock_guard lock(m_mutex);
    return m_lastReplay;
  }
  [[nodiscard]] int loads() const {
    const std::lock_guard lock(m_mutex);
    return m_loads;
  }
  /// What the last load was asked for.
  [[nodiscard]] SessionOptions lastLoad() const {
    const std::lock_guard lock(m_mutex);
    return m_lastLoad;
  }
  [[nodiscard]] std::vector<ChatMessage> lastPrompt() const {
    const std::lock_guard lock(m_mutex);
    return m_lastPrompt;
  }

  [[nodiscard]] std::vector<ChatMessage> titlePrompt() const {
    const std::lock_guard lock(m_mutex);
    return m_titlePrompt;
  }

  [[nodiscard]] app::EngineFactory factory() {
    return
        [this](const SessionOptions& options, const std::function<void(double, std::string_view)>& onProgress,
               std::stop_token stop) -> Result<std::unique_ptr<app::TurnEngine>> {
          onProgress(0.5, "weights");
          std::unique_lock lock(m_mutex);
          m_lastLoad = options;
          ++m_loads;
          m_changed.wait(lock, stop, [this] { return !m_holdLoad; });
          if (stop.stop_requested()) {
            m_holdLoad = false;
            return Error{ErrorCode::kCancelled, "Stopped.", ""};
          }
          if (m_loadError) return *m_loadError;
          return std::unique_ptr<app::TurnEngine>(std::make_unique<Engine>(*this));
        };
  }

 private:
  class Engine : public app::TurnEngine {
   public:
    explicit Engine(Script& script) : m_script(script), m_info(scriptedInfo()) {
      if (!script.m_draft) m_info.draft_name.clear();
      if (script.m_weightsBytes > 0) m_info.verifier_weights_bytes = script.m_weightsBytes;
    }
    [[nodiscard]] int countTokens(std::string_view text) const override {
      return static_cast<int>(text.size() / 4);
    }
    [[nodiscard]] const SessionInfo& info() const override { return m_info; }
    Result<TurnResult> chat(std::span<const ChatMessage> messages, const GenerationOptions& options,
                            const TurnObserver& observer, std::stop_token stop) override {
      return m_script.answer(messages, options, observer, stop);
    }
    Result<Alignment> align(const std::function<void(double)>& onProgress, std::stop_token stop) override {
      onProgress(0.5);
      return m_script.alignment(stop);
    }
    Result<Replay> replay(const ReplayRequest& request, const std::function<void(double)>& onProgress,
                          std::stop_token stop) override {
      onProgress(0.5);
      return m_script.replay(request, stop);
    }
    [[nodiscard]] std::string tokenText(TokenId token) const override { return scriptedToken(token); }

   private:
    Script& m_script;
    SessionInfo m_info;
  };

  Result<Alignment> alignment(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, stop, [this] { return !m_holdAlign; });
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "Stopped.", ""};
    return m_alignment;
  }

  Result<Replay> replay(const ReplayRequest& request, const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    m_lastReplay = request;
    m_changed.wait(lock, stop, [this] { return !m_holdReplay; });
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "Stopped.", ""};
    Replay replay;
    replay.end = kEnd;
    for (std::size_t place = 0; place <= request.answer.size(); ++place) {
      const auto found = m_differences.find(place);
      const TokenId answer = place < request.answer.size() ? request.answer[place] : kEnd;
      replay.tokens.push_back(found != m_differences.end() ? found->second
                                                           : ReplayedToken{answer, 0.625F, 0.625F});
      if (place < request.refused.size() && request.refused[place] != ReplayRequest::kNothing) {
        replay.tokens.back().refused_probability = 0.125F;
        replay.tokens.back().draft_probability = 0.375F;
      }
    }
    return replay;
  }

  static constexpr TokenId kEnd = 100'000;

  Result<TurnResult> answer(std::span<const ChatMessage> messages, const GenerationOptions& options,
                            const TurnObserver& observer, const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    if (!observer.on_text) {  // nobody reads along: a wish for a title
      m_titlePrompt.assign(messages.begin(), messages.end());
      TurnResult title;
      title.text = m_title;
      return title;
    }
    m_lastOptions = options;
    m_lastPrompt.assign(messages.begin(), messages.end());
    if (m_turnError) return *m_turnError;
    TurnResult result;
    result.dropped_messages = m_dropped;
    result.reason = m_reason;
    if (m_dropped > 0 && observer.on_context_dropped) observer.on_context_dropped(m_dropped);
    for (const auto& [done, total] : std::vector<std::pair<int, int>>(m_prefill)) {
      m_changed.wait_for(lock, stop, std::chrono::milliseconds(m_prefillPauseMs), [] { return false; });
      if (observer.on_prefill) observer.on_prefill(done, total);
    }
    TurnScript turn(m_promptTokens);
    if (observer.on_prompt) observer.on_prompt(turn.prompt());
    TurnStatistics& statistics = result.statistics;
    int said = 0;
    for (const std::string& piece : std::vector<std::string>(m_pieces)) {
      const bool mayGoOn = m_changed.wait(lock, stop, [&] { return m_allowed < 0 || said < m_allowed; }) &&
                           !stop.stop_requested();
      if (!mayGoOn) {
        result.reason = FinishReason::kCancelled;
        break;
      }
      ++said;
      result.text += piece;
      lock.unlock();
      const StepTelemetry step = turn.step(statistics.read_map);
      statistics.add(step);
      result.token_ids.insert(result.token_ids.end(), step.tokens.begin(), step.tokens.end());
      if (observer.on_step) observer.on_step(step);
      if (observer.on_reads) observer.on_reads(statistics.read_map);
      if (observer.on_text) observer.on_text(piece);
      lock.lock();
    }
    statistics.prompt_tokens = static_cast<int>(turn.prompt().size());
    statistics.decode_seconds = 0.05 * said;
    statistics.time_to_first_token_seconds = 0.35;
    result.seed = 4711;
    return result;
  }

  mutable std::mutex m_mutex;
  std::condition_variable_any m_changed;
  std::vector<std::string> m_pieces{"Once", " upon", " a", " time."};
  int m_allowed = -1;
  std::vector<std::pair<int, int>> m_prefill{{64, 128}};
  int m_prefillPauseMs = 0;
  bool m_holdLoad = false;
  std::atomic<std::size_t> m_promptTokens = 128;
  std::optional<Error> m_loadError;
  std::optional<Error> m_turnError;
  std::atomic<int> m_dropped = 0;
  std::atomic<FinishReason> m_reason = FinishReason::kEndOfText;
  std::vector<ChatMessage> m_lastPrompt;
  GenerationOptions m_lastOptions;
  SessionOptions m_lastLoad;
  int m_loads = 0;
  Alignment m_alignment;
  bool m_holdAlign = false;
  bool m_holdReplay = false;
  ReplayRequest m_lastReplay;
  std::map<std::size_t, ReplayedToken> m_differences;
  std::atomic<bool> m_draft = true;
  std::atomic<std::int64_t> m_weightsBytes = 0;
  std::string m_title = "A Lamp in the Storm";
  std::vector<ChatMessage> m_titlePrompt;
};

}  // namespace fovea::test
