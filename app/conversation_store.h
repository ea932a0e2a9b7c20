// Conversations and their messages in one SQLite database (WAL mode, foreign keys on). Synchronous: every
// call blocks on the disk, so it belongs on a thread of its own (StoreThread). Opened, used and destroyed on
// one thread. Every write is one transaction: after a kill of the process nothing that was committed is lost
// (a power failure may cost the last transactions, never the file). Several processes may have one database
// open.
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>
#include <memory>
#include <optional>
#include <vector>

#include "app/conversation_search.h"
#include "app/records.h"
#include "app/sql_connection.h"
#include "app/store_schema.h"
#include "engine/result.h"

namespace fovea::app {

/// What could be read, and what stopped the reading if the file is damaged further on.
template <typename Row>
struct Rows {
  QList<Row> rows;
  std::optional<Error> damage;
};

class ConversationStore {
 public:
  /// Opens or creates the database; backs up and migrates an older one; turns messages that a dead program
  /// was still writing into Interrupted ones; purges deleted conversations. Fails, leaving the file as it
  /// was, when it is damaged, another program's, a newer version's, or cannot be written.
  static Result<std::unique_ptr<ConversationStore>> open(
      const QString& path, const std::vector<Migration>& migrations = embeddedMigrations());

  /// Path of the backup that open() made before a migration; empty without one.
  [[nodiscard]] const QString& backupPath() const { return m_backupPath; }

  /// All that are not deleted, newest first.
  [[nodiscard]] Rows<Conversation> conversations();
  /// The whole tree of a conversation, by id. Always a tree: see repairTree().
  [[nodiscard]] Rows<Message> messages(RecordId conversationId);

  /// See searchConversations().
  [[nodiscard]] Result<QList<SearchHit>> search(const QString& typed);
  /// The trace of one answer; without one, a value without a trace.
  [[nodiscard]] Result<StoredTrace> trace(RecordId messageId);
  /// Those of a conversation's answers that have one, by id.
  [[nodiscard]] Rows<StoredTrace> traces(RecordId conversationId);

  // Writes. kNotFound when the record is gone (another process may have deleted it); the errors of the disk
  // otherwise.
  Result<void> insertConversation(const Conversation& conversation);
  Result<void> renameConversation(RecordId conversationId, const QString& title, bool manual);
  Result<void> setHead(RecordId conversationId, RecordId messageId);
  Result<void> deleteConversation(RecordId conversationId);   // hides
  Result<void> restoreConversation(RecordId conversationId);  // until purged
  Result<void> purgeDeleted();
  Result<void> setPinned(RecordId conversationId, bool pinned);
  Result<void> setArchived(RecordId conversationId, bool archived);
  Result<void> setSystemPrompt(RecordId conversationId, const std::optional<QString>& systemPrompt);
  /// A message and everything below it, hidden and restored likewise.
  Result<void> deleteBranch(RecordId messageId);
  Result<void> restoreBranch(RecordId messageId);
  /// A conversation with its messages, parents first, in one transaction.
  Result<void> insertConversation(const Conversation& conversation, const QList<Message>& messages);
  /// Both messages, and the answer as the conversation's head.
  Result<void> insertTurn(const Message& question, const Message& answer);
  Result<void> insertAnswer(const Message& answer);
  /// A finished answer is written on; it becomes the head.
  Result<void> resumeAnswer(const Message& answer);
  /// Text so far. Nothing happens to a message that is finished or gone.
  Result<void> savePartial(RecordId messageId, const QString& text);
  /// Text, state, error, model, mode, whether it was cut, statistics. Nothing happens when the message is
  /// gone.
  Result<void> finishMessage(const Message& answer);
  /// `blob`: of encodeTrace(). Nothing happens when the message is gone.
  Result<void> saveTrace(RecordId messageId, const QByteArray& blob);

 private:
  explicit ConversationStore(std::unique_ptr<SqlConnection> connection)
      : m_connection(std::move(connection)) {}
  Result<void> prepare(const std::vector<Migration>& migrations);
  Result<void> clean();
  Result<void> purge();
  Result<void> insertAsHead(const Message& message);
  Result<void> makeHead(const Message& message);
  Result<void> changeConversation(const QString& sql, const QVariantList& values);

  std::unique_ptr<SqlConnection> m_connection;
  QString m_backupPath;
};

}  // namespace fovea::app
