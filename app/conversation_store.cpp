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

QVariant promptValue(const std::optional<QString>& prompt) {
  return prompt ? textValue(*prompt) : QVariant(QMetaType::fromType<QString>());
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
    return purge();
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
      *m_connection,
      selectMessages() +
          QStringLiteral("WHERE m.conversation_id = ? AND m.deleted_with IS NULL ORDER BY m.id"),
      {conversationId}, readMessage);
  repairTree(result.rows);
  return result;
}

Result<QList<SearchHit>> ConversationStore::search(const QString& typed) {
  return searchConversations(*m_connection, typed);
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
          "INSERT INTO conversations (id, title, title_is_manual, head_message_id, created_at, updated_at, "
          "pinned, archived, system_prompt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      {conversation.id, textValue(conversation.title), conversation.titleIsManual ? 1 : 0,
       idValue(conversation.headMessageId), timeValue(conversation.createdAt),
       timeValue(conversation.updatedAt), conversation.pinned ? 1 : 0, conversation.archived ? 1 : 0,
       promptValue(conversation.systemPrompt)}));
}

Result<void> ConversationStore::insertConversation(const Conversation& conversation,
                                                   const QList<Message>& messages) {
  return m_connection->transaction([&]() -> Result<void> {
    if (auto inserted = insertConversation(conversation); !inserted) return inserted;
    for (const Message& message : messages) {
      const auto inserted = m_connection->change(insertMessageSql(), messageValues(message));
      if (!inserted) return inserted.error();
      if (!message.statistics) continue;
      const auto measured =
          m_connection->change(insertStatisticsSql(), statisticsValues(message.id, *message.statistics));
      if (!measured) return measured.error();
    }
    return {};
  });
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
  return m_connection->transaction([this] { return purge(); });
}

Result<void> ConversationStore::purge() {
  // Another process may have gone on below a branch that was deleted here: that branch stays.
  const auto kept = m_connection->change(QStringLiteral(
      "WITH RECURSIVE kept (id) AS ("
      "SELECT p.id FROM messages p JOIN messages m "
      "ON m.conversation_id = p.conversation_id AND m.parent_id = p.id "
      "WHERE p.deleted_with IS NOT NULL AND m.deleted_with IS NULL UNION "
      "SELECT p.id FROM kept k JOIN messages m ON m.id = k.id JOIN messages p ON p.id = m.parent_id "
      "WHERE p.deleted_with IS NOT NULL) "
      "UPDATE messages SET deleted_with = NULL WHERE id IN (SELECT id FROM kept)"));
  if (!kept) return kept.error();
  const auto branches =
      m_connection->change(QStringLiteral("DELETE FROM messages WHERE deleted_with IS NOT NULL"));
  if (!branches) return branches.error();
  return withoutRows(
      m_connection->change(QStringLiteral("DELETE FROM conversations WHERE deleted_at IS NOT NULL")));
}

Result<void> ConversationStore::setPinned(RecordId conversationId, bool pinned) {
  return changeConversation(QStringLiteral("UPDATE conversations SET pinned = ? WHERE id = ?"),
                            {pinned ? 1 : 0, conversationId});
}

Result<void> ConversationStore::setArchived(RecordId conversationId, bool archived) {
  return changeConversation(QStringLiteral("UPDATE conversations SET archived = ? WHERE id = ?"),
                            {archived ? 1 : 0, conversationId});
}

Result<void> ConversationStore::setSystemPrompt(RecordId conversationId,
                                                const std::optional<QString>& systemPrompt) {
  return changeConversation(QStringLiteral("UPDATE conversations SET system_prompt = ? WHERE id = ?"),
                            {promptValue(systemPrompt), conversationId});
}

Result<void> ConversationStore::deleteBranch(RecordId messageId) {
  // What was deleted before keeps its own mark, so that it does not come back with this branch.
  return withoutRows(
      m_connection->change(QStringLiteral("WITH RECURSIVE below (id, conversation_id) AS ("
                                          "SELECT id, conversation_id FROM messages WHERE id = ? UNION "
                                          "SELECT m.id, m.conversation_id FROM messages m JOIN below b "
                                          "ON m.parent_id = b.id AND m.conversation_id = b.conversation_id) "
                                          "UPDATE messages SET deleted_with = ? "
                                          "WHERE id IN (SELECT id FROM below) AND deleted_with IS NULL"),
                           {messageId, messageId}));
}

Result<void> ConversationStore::restoreBranch(RecordId messageId) {
  return withoutRows(m_connection->change(
      QStringLiteral("UPDATE messages SET deleted_with = NULL WHERE deleted_with = ?"), {messageId}));
}

Result<void> ConversationStore::insertAsHead(const Message& message) {
  const auto inserted = m_connection->change(insertMessageSql(), messageValues(message));
  if (!inserted) return inserted.error();
  return makeHead(message);
}

Result<void> ConversationStore::makeHead(const Message& message) {
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

Result<void> ConversationStore::resumeAnswer(const Message& answer) {
  return m_connection->transaction([&]() -> Result<void> {
    const auto resumed = m_connection->change(
        QStringLiteral("UPDATE messages SET state = 'streaming' WHERE id = ?"), {answer.id});
    if (!resumed) return resumed.error();
    return makeHead(answer);
  });
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
                       "dropped_messages = ?, cut_at_limit = ? WHERE id = ?"),
        {textValue(answer.text), stateName(answer.state), textValue(answer.error),
         textValue(answer.modelName), textValue(answer.mode), answer.droppedMessages,
         answer.cutAtLimit ? 1 : 0, answer.id});
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
