#include "app/conversation_store.h"

#include <utility>

#include "app/message_rows.h"
#include "app/trace_blob.h"

namespace fovea::app {
namespace {

template <typename Row, typename Read>
Rows<Row> readAll(SqlConnection& connection, const QString& sql, const QVariantList& values, Read read) {
  Rows<Row> result;
  auto query = connection.query(sql, values);
  if (!query) {
    result.damage = query.error();
    return result;
  }
  while (query->next()) result.rows.append(read(*query));
  if (query->lastError().isValid()) result.damage = connection.error(query->lastError());
  return result;
}

StoredTrace storedTrace(RecordId messageId, const QByteArray& blob) {
  auto decoded = decodeTrace(blob);
  if (!decoded) return {messageId, nullptr, QString::fromStdString(decoded.error().to_string())};
  return {messageId, std::make_shared<const TurnTrace>(std::move(decoded).value()), {}};
}

Result<void> withoutRows(const Result<int>& changed) {
  if (!changed) return changed.error();
  return {};
}

}  // namespace

Result<std::unique_ptr<ConversationStore>> ConversationStore::open(const QString& path,
                                                                   const std::vector<Migration>& migrations) {
  if (const auto header = checkFileHeader(path, migrations); !header) return header.error();
  auto connection = SqlConnection::open(path);
  if (!connection) return connection.error();
  std::unique_ptr<ConversationStore> store(new ConversationStore(std::move(connection).value()));
  if (const auto prepared = store->prepare(migrations); !prepared) return prepared.error();
  return store;
}

Result<void> ConversationStore::prepare(const std::vector<Migration>& migrations) {
  // The first two make SQLite doubt what the file says: no functions with side effects from its schema, and
  // cells checked before use.
  for (const char* pragma : {"trusted_schema = OFF", "cell_size_check = ON", "foreign_keys = ON"}) {
    const auto set = m_connection->query(QStringLiteral("PRAGMA ") + QLatin1String(pragma));
    if (!set) return set.error();
  }
  const auto version = checkSchema(*m_connection, migrations);
  if (!version) return version.error();
  // Our own triggers write the text index, which SQLite counts among the side effects.
  if (const auto trusted = m_connection->query(QStringLiteral("PRAGMA trusted_schema = ON")); !trusted) {
    return trusted.error();
  }
  const auto wal = m_connection->enterWal();
  if (!wal) return wal.error();
  // In WAL mode NORMAL survives a kill and never damages the file; with the rollback journal only FULL does.
  const auto synchronous = m_connection->query(wal.value() ? QStringLiteral("PRAGMA synchronous = NORMAL")
                                                           : QStringLiteral("PRAGMA synchronous = FULL"));
  if (!synchronous) return synchronous.error();
  auto backup = migrate(*m_connection, version.value(), migrations);
  if (!backup) return backup.error();
  m_backupPath = std::move(backup).value();
  return clean();
}

Result<void> ConversationStore::clean() {
  return m_connection->transaction([this]() -> Result<void> {
    const auto interrupted = m_connection->change(
        QStringLiteral("UPDATE messages SET state = 'interrupted' WHERE state = 'streaming'"));
    if (!interrupted) return interrupted.error();
    return withoutRows(
        m_connection->change(QStringLiteral("DELETE FROM conversations WHERE deleted_at IS NOT NULL")));
  });
}

Rows<Conversation> ConversationStore::conversations() {
  return readAll<Conversation>(
      *m_connection,
      selectConversations() +
          QStringLiteral("WHERE c.deleted_at IS NULL ORDER BY c.updated_at DESC, c.id DESC"),
      {}, readConversation);
}

Rows<Message> ConversationStore::messages(RecordId conversationId) {
  auto result = readAll<Message>(
      *m_connection, selectMessages() + QStringLiteral("WHERE m.conversation_id = ? ORDER BY m.id"),
      {conversationId}, readMessage);
  repairTree(result.rows);
  return result;
}

Result<StoredTrace> ConversationStore::trace(RecordId messageId) {
  const auto blob = m_connection->scalar(
      QStringLiteral("SELECT trace FROM message_traces WHERE message_id = ?"), {messageId});
  if (!blob) return blob.error();
  if (!blob->isValid()) return StoredTrace{messageId, nullptr, {}};
  return storedTrace(messageId, blob->toByteArray());
}

Rows<StoredTrace> ConversationStore::traces(RecordId conversationId) {
  return readAll<StoredTrace>(
      *m_connection,
      QStringLiteral("SELECT t.message_id, t.trace FROM message_traces t JOIN messages m ON m.id = "
                     "t.message_id WHERE m.conversation_id = ? ORDER BY t.message_id"),
      {conversationId}, [](const QSqlQuery& row) {
        return storedTrace(row.value(0).toLongLong(), row.value(1).toByteArray());
      });
}

Result<void> ConversationStore::insertConversation(const Conversation& conversation) {
  return withoutRows(m_connection->change(
      QStringLiteral(
          "INSERT INTO conversations (id, title, title_is_manual, head_message_id, created_at, updated_at) "
          "VALUES (?, ?, ?, ?, ?, ?)"),
      {conversation.id, textValue(conversation.title), conversation.titleIsManual ? 1 : 0,
       idValue(conversation.headMessageId), timeValue(conversation.createdAt),
       timeValue(conversation.updatedAt)}));
}

Result<void> ConversationStore::changeConversation(const QString& sql, const QVariantList& values) {
  const auto changed = m_connection->change(sql, values);
  if (!changed) return changed.error();
  if (changed.value() > 0) return {};
  return Error{ErrorCode::kNotFound, "The conversation no longer exists.", ""};
}

Result<void> ConversationStore::renameConversation(RecordId conversationId, const QString& title,
                                                   bool manual) {
  return changeConversation(
      QStringLiteral("UPDATE conversations SET title = ?, title_is_manual = ? WHERE id = ?"),
      {textValue(title), manual ? 1 : 0, conversationId});
}

Result<void> ConversationStore::setHead(RecordId conversationId, RecordId messageId) {
  return changeConversation(
      QStringLiteral("UPDATE conversations SET head_message_id = ? WHERE id = ? AND EXISTS "
                     "(SELECT 1 FROM messages WHERE id = ? AND conversation_id = conversations.id)"),
      {messageId, conversationId, messageId});
}

Result<void> ConversationStore::deleteConversation(RecordId conversationId) {
  return changeConversation(QStringLiteral("UPDATE conversations SET deleted_at = ? WHERE id = ?"),
                            {QDateTime::currentMSecsSinceEpoch(), conversationId});
}

Result<void> ConversationStore::restoreConversation(RecordId conversationId) {
  return changeConversation(QStringLiteral("UPDATE conversations SET deleted_at = NULL WHERE id = ?"),
                            {conversationId});
}

Result<void> ConversationStore::purgeDeleted() {
  return withoutRows(
      m_connection->change(QStringLiteral("DELETE FROM conversations WHERE deleted_at IS NOT NULL")));
}

Result<void> ConversationStore::insertAsHead(const Message& message) {
  const auto inserted = m_connection->change(insertMessageSql(), messageValues(message));
  if (!inserted) return inserted.error();
  return changeConversation(
      QStringLiteral(
          "UPDATE conversations SET head_message_id = ?, updated_at = max(updated_at, ?) WHERE id = ?"),
      {message.id, timeValue(message.createdAt), message.conversationId});
}

Result<void> ConversationStore::insertTurn(const Message& question, const Message& answer) {
  return m_connection->transaction([&]() -> Result<void> {
    if (auto asked = insertAsHead(question); !asked) return asked;
    return insertAsHead(answer);
  });
}

Result<void> ConversationStore::insertAnswer(const Message& answer) {
  return m_connection->transaction([&] { return insertAsHead(answer); });
}

Result<void> ConversationStore::savePartial(RecordId messageId, const QString& text) {
  // Interrupted too: a second process that started meanwhile took this answer for a dead program's.
  return withoutRows(m_connection->change(
      QStringLiteral("UPDATE messages SET text = ? WHERE id = ? AND state IN ('streaming', 'interrupted')"),
      {textValue(text), messageId}));
}

Result<void> ConversationStore::finishMessage(const Message& answer) {
  return m_connection->transaction([&]() -> Result<void> {
    const auto changed = m_connection->change(
        QStringLiteral("UPDATE messages SET text = ?, state = ?, error = ?, model_name = ?, mode = ?, "
                       "dropped_messages = ? WHERE id = ?"),
        {textValue(answer.text), stateName(answer.state), textValue(answer.error),
         textValue(answer.modelName), textValue(answer.mode), answer.droppedMessages, answer.id});
    if (!changed) return changed.error();
    if (changed.value() == 0 || !answer.statistics) return {};
    return withoutRows(
        m_connection->change(insertStatisticsSql(), statisticsValues(answer.id, *answer.statistics)));
  });
}

Result<void> ConversationStore::saveTrace(RecordId messageId, const QByteArray& blob) {
  return withoutRows(m_connection->change(
      QStringLiteral("INSERT OR REPLACE INTO message_traces (message_id, trace) SELECT id, ? FROM messages "
                     "WHERE id = ?"),
      {blob, messageId}));
}

}  // namespace fovea::app
