#include "ui/title_suggester.h"

#include <utility>

#include "app/conversation_title.h"

namespace fovea::ui {

TitleSuggester::TitleSuggester(app::GenerationWorker& worker, QObject* parent)
    : QObject(parent), m_worker(worker) {
  connect(&worker, &app::GenerationWorker::loaded, this, [this](const SessionInfo& info) { m_info = info; });
  connect(&worker, &app::GenerationWorker::suggested, this, &TitleSuggester::answered);
}

void TitleSuggester::wish(const app::Message& answer, std::vector<ChatMessage> conversation,
                          GenerationOptions options) {
  const int tokens =
      answer.statistics ? answer.statistics->prompt_tokens + answer.statistics->generated_tokens : 0;
  if (m_info.verifier_weights_bytes < kWeightsBytesMin || tokens > m_info.context_tokens / 2) return;
  m_question =
      conversation.size() < 2 ? QString() : QString::fromStdString((conversation.end() - 2)->content);
  options.sampling.temperature = 0;
  options.max_tokens = app::kTitleTokensMax;
  m_worker.suggest({answer.conversationId, app::titlePrompt(std::move(conversation)), options});
}

void TitleSuggester::answered(app::RecordId conversationId, const QString& text) {
  if (const auto title = app::titleFromModel(text, m_question)) emit suggested(conversationId, *title);
}

}  // namespace fovea::ui
