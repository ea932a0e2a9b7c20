// The production engine of GenerationWorker. In a file of its own, so that tests with a scripted engine link
// no models.
#include <QFile>
#include <QFileInfo>
#include <utility>

#include "app/generation_worker.h"
#include "app/paths.h"
#include "app/turn_engine.h"
#include "engine/tokenizer.h"

namespace fovea::app {
namespace {

class SessionEngine final : public TurnEngine {
 public:
  explicit SessionEngine(std::unique_ptr<Session> session) : m_session(std::move(session)) {}

  const SessionInfo& info() const override { return m_session->info(); }
  Result<TurnResult> chat(std::span<const ChatMessage> messages, const GenerationOptions& options,
                          const TurnObserver& observer, std::stop_token stop) override {
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
  std::string tokenText(TokenId token) const override {
    const Tokenizer& tokenizer = m_session->tokenizer();
    return tokenizer.is_control(token) ? tokenizer.piece(token) : tokenizer.token_bytes(token);
  }

 private:
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
