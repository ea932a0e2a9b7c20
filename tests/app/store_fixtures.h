// Records and connections for the store's tests. Header only; one thread.
#pragma once

#include <QDateTime>
#include <QString>
#include <QVariant>
#include <QtTest>
#include <memory>

#include "app/conversation_store.h"

namespace fovea::app {

inline QDateTime timeAt(qint64 seconds) {
  return QDateTime::fromSecsSinceEpoch(1'700'000'000 + seconds, Qt::UTC);
}

inline Conversation makeConversation(RecordId id, const QString& title = {}) {
  Conversation conversation;
  conversation.id = id;
  conversation.title = title;
  conversation.createdAt = timeAt(id);
  conversation.updatedAt = timeAt(id);
  return conversation;
}

inline Message makeQuestion(RecordId id, RecordId conversationId, RecordId parentId, const QString& text) {
  Message message;
  message.id = id;
  message.conversationId = conversationId;
  message.parentId = parentId;
  message.text = text;
  message.createdAt = timeAt(id);
  return message;
}

inline Message makeAnswer(RecordId id, RecordId conversationId, RecordId parentId) {
  Message message = makeQuestion(id, conversationId, parentId, {});
  message.role = Role::kAssistant;
  message.state = MessageState::Streaming;
  message.modelName = QStringLiteral("fovea-verifier");
  message.mode = QStringLiteral("speculative");
  return message;
}

/// Every field different, so that a column in the wrong place shows.
inline TurnStatistics makeStatistics() {
  TurnStatistics statistics;
  statistics.prompt_tokens = 101;
  statistics.prefilled_tokens = 102;
  statistics.generated_tokens = 103;
  statistics.prefill_seconds = 0.125;
  statistics.time_to_first_token_seconds = 0.25;
  statistics.decode_seconds = 0.1;
  statistics.steps = 104;
  statistics.proposed = 9'007'199'254'740'993;  // more than a double holds
  statistics.accepted = 106;
  statistics.kv_entries_read = 4'000'000'000'000;
  statistics.kv_entries_dense = 8'000'000'000'000;
  statistics.draft_kv_entries_read = 107;
  statistics.attention_mass_kept = 0.987654321;
  statistics.draft_seconds = 0.5;
  statistics.verify_seconds = 0.75;
  statistics.sample_seconds = 1e-9;
  statistics.proposed_at = {5, 4, 3, 9'007'199'254'740'992};
  statistics.accepted_at = {5, 3, 1, 0};
  return statistics;
}

inline bool sameStatistics(const TurnStatistics& a, const TurnStatistics& b) {
  return a.prompt_tokens == b.prompt_tokens && a.prefilled_tokens == b.prefilled_tokens &&
         a.generated_tokens == b.generated_tokens && a.prefill_seconds == b.prefill_seconds &&
         a.time_to_first_token_seconds == b.time_to_first_token_seconds &&
         a.decode_seconds == b.decode_seconds && a.steps == b.steps && a.proposed == b.proposed &&
         a.accepted == b.accepted && a.kv_entries_read == b.kv_entries_read &&
         a.kv_entries_dense == b.kv_entries_dense && a.draft_kv_entries_read == b.draft_kv_entries_read &&
         a.attention_mass_kept == b.attention_mass_kept && a.draft_seconds == b.draft_seconds &&
         a.verify_seconds == b.verify_seconds && a.sample_seconds == b.sample_seconds &&
         a.proposed_at == b.proposed_at && a.accepted_at == b.accepted_at;
}

/// Null, with a failed test, where the result is an error.
template <typename T>
std::unique_ptr<T> valueOrFail(Result<std::unique_ptr<T>> result) {
  if (result) return std::move(result).value();
  QTest::qFail(result.error().to_string().c_str(), __FILE__, __LINE__);
  return nullptr;
}

inline std::unique_ptr<ConversationStore> openStore(const QString& path) {
  return valueOrFail(ConversationStore::open(path));
}

/// A second look at the database, beside the store.
inline QVariant ask(const QString& path, const QString& sql, const QVariantList& values = {}) {
  const auto connection = SqlConnection::open(path);
  if (!connection) return QString::fromStdString(connection.error().to_string());
  const auto answer = connection.value()->scalar(sql, values);
  return answer ? answer.value() : QVariant(QString::fromStdString(answer.error().to_string()));
}

inline qint64 matchCount(const QString& path, const QString& words) {
  return ask(path, QStringLiteral("SELECT count(*) FROM messages_fts WHERE messages_fts MATCH ?"), {words})
      .toLongLong();
}

}  // namespace fovea::app

/// For Result<void>: shows the error's words when it is one.
#define FOVEA_VERIFY_OK(expression)                                                              \
  do {                                                                                           \
    const auto foveaResult = (expression);                                                       \
    QVERIFY2(foveaResult.ok(), foveaResult.ok() ? "" : foveaResult.error().to_string().c_str()); \
  } while (false)
