// Asks the model for the title of a chat after its first answer, where the model is large enough to find a
// good one, in the background: a question that comes meanwhile stops it. Lives on the GUI thread; the worker
// outlives it.
#pragma once

#include <QObject>

#include "app/generation_worker.h"
#include "app/records.h"

namespace fovea::ui {

class TitleSuggester : public QObject {
  Q_OBJECT

 public:
  explicit TitleSuggester(app::GenerationWorker& worker, QObject* parent = nullptr);

  /// `conversation`: what the model read and answered. Nothing happens where the loaded model is too small,
  /// or where the wish might push the conversation out of its context.
  void wish(const app::Message& answer, std::vector<ChatMessage> conversation, GenerationOptions options);

  /// Weights of about 1,000 million parameters at 4 bits: the embedded pair, of 51 million, mostly echoes.
  static constexpr std::int64_t kWeightsBytesMin = 500'000'000;

 signals:
  /// A good title; no signal where the model found none.
  void suggested(fovea::app::RecordId conversationId, const QString& title);

 private:
  void answered(app::RecordId conversationId, const QString& text);

  app::GenerationWorker& m_worker;
  SessionInfo m_info;  // of the loaded pair
  QString m_question;  // of the wish under way
};

}  // namespace fovea::ui
