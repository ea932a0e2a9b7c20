// The production engine of GenerationWorker. In a file of its own, so that tests with a scripted engine link
// no models.
#include <QFile>
#include <QFileInfo>
#include <algorithm>
#include <utility>
#include <vector>

#include "app/generation_worker.h"
#include "app/paths.h"
#include "app/trace_recorder.h"
#include "app/turn_engine.h"
#include "engine/chat_template.h"
#include "engine/context_window.h"
#include "engine/tokenizer.h"

namespace fovea::app {
namespace {

class SessionEngine final : public TurnEngine {
 public:
  explicit SessionEngine(std::unique_ptr<Session> session) : m_session(std::move(session)) {}

  const SessionInfo& info() const override { return m_session->info(); }
  int countTokens(std::string_view text) const override {
    return static_cast<int>(m_session->tokenizer().encode(text).size());
  }
  Result<TurnResult> chat(std::span<const ChatMessage> messages, const GenerationOptions& options,
                          const TurnObserver& observer, std::stop_token stop) override {
    if (!messages.empty() && messages.back().role == Role::kAssistant) {
      return continueAnswer(messages, options, observer, std::move(stop));
    }
    return m_session->chat(messages, options, observer, std::move(stop));
  }
  Result<Alignment> align(const std::function<void(double)>& onProgress, std::stop_token stop) override {
    const Result<QString> path = calibrationTextPath();
    if (!path) return path.error();
    QFile file(*path);
    if (!file.open(QIODevice::ReadOnly)) {
      return Error{ErrorCode::kUnreadable, "The calibration text " + path->toStdString() + " cannot be read.",
                   "Install Fovea again."};
    }
    const Tokenizer& tokenizer = m_session->tokenizer();
    std::vector<TokenId> ids = tokenizer.encode(file.readAll().toStdString());
    if (tokenizer.begin_id() >= 0) ids.insert(ids.begin(), tokenizer.begin_id());
    return m_session->align(ids, QFileInfo(*path).fileName().toStdString(), onProgress, std::move(stop));
  }
  Result<Replay> replay(const ReplayRequest& request, const std::function<void(double)>& onProgress,
                        std::stop_token stop) override {
    return m_session->replay(request, onProgress, std::move(stop));
  }
  std::string tokenText(TokenId token) const override {
    return app::tokenText(m_session->tokenizer(), token);
  }

 private:
  /// The prompt of the question, with the answer so far behind its opening.
  Result<TurnResult> continueAnswer(std::span<const ChatMessage> messages, const GenerationOptions& options,
                                    const TurnObserver& observer, std::stop_token stop) {
    const Tokenizer& tokenizer = m_session->tokenizer();
    const auto chatTemplate = ChatTemplate::create(tokenizer);
    if (!chatTemplate) return chatTemplate.error();
    const std::vector<TokenId> answer = tokenizer.encode(messages.back().content);
    const int capacity = m_session->info().context_tokens;
    const int room = capacity - std::min(options.max_tokens, capacity / 4) - static_cast<int>(answer.size());
    auto prompt = fit_prompt(*chatTemplate, tokenizer, messages.first(messages.size() - 1),
                             static_cast<std::size_t>(std::max(room, 0)), 0);
    if (!prompt) {
      return Error{ErrorCode::kInvalidArgument, "The answer fills the context: there is no room to write on.",
                   "Ask for the rest in a new question."};
    }
    if (prompt->dropped > 0 && observer.on_context_dropped) observer.on_context_dropped(prompt->dropped);
    prompt->ids.insert(prompt->ids.end(), answer.begin(), answer.end());
    auto result = m_session->generate(prompt->ids, options, observer, std::move(stop));
    if (result) result->dropped_messages = prompt->dropped;
    return result;
  }

  std::unique_ptr<Session> m_session;
};

}  // namespace

EngineFactory sessionEngineFactory() {
  return [](const SessionOptions& options, const std::function<void(double, std::string_view)>& onProgress,
            std::stop_token stop) -> Result<std::unique_ptr<TurnEngine>> {
    auto session = Session::create(options, onProgress, std::move(stop));
    if (!session) return std::move(session).error();
    return std::unique_ptr<TurnEngine>(std::make_unique<SessionEngine>(std::move(session).value()));
  };
}

GenerationWorker::GenerationWorker(QObject* parent) : GenerationWorker(sessionEngineFactory(), parent) {}

}  // namespace fovea::app
