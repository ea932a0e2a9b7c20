// The conversation store behind a thread of its own: the GUI thread sends values and never waits. Owns the
// thread and, on it, the ConversationStore; the destructor finishes every write that was asked for, then
// stops. Methods may be called from the thread that owns the object (the GUI's); answers arrive there as
// signals, in the order of the calls.
#pragma once

#include <QByteArray>
#include <QList>
#include <QObject>
#include <QString>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/conversation_search.h"
#include "app/mailbox.h"
#include "app/records.h"
#include "app/task_thread.h"
#include "engine/result.h"

namespace fovea::app {

class ConversationStore;

class StoreThread : public QObject {
  Q_OBJECT
 public:
  explicit StoreThread(QString databasePath, QObject* parent = nullptr);
  ~StoreThread() override;

  /// Opens (creates, backs up, migrates). Answers with opened() or failed().
  void open();
  /// Answers with conversationsLoaded(): all that are not deleted, newest first.
  void loadConversations();
  /// Answers with messagesLoaded(): every message of the conversation's tree, by id.
  void loadMessages(RecordId conversationId);

  /// Answers with searched().
  void search(const QString& typed);

  /// Writes one conversation or all of them (`conversationId` 0) to a file: Markdown where its name ends in
  /// .md, JSON otherwise. Answers with exported() or transferFailed().
  void exportTo(const QString& path, RecordId conversationId);
  /// Answers with imported() or transferFailed().
  void importFrom(const QString& path);
  /// Answers with traceLoaded(), also where there is none.
  void loadTrace(RecordId messageId);
  /// Answers with tracesLoaded(): those of the conversation's answers that have one, by id.
  void loadTraces(RecordId conversationId);

  // Writes: committed one by one, in order; a failure answers with failed() and loses nothing that was
  // committed. Without an open store the first write answers with failed() and the others stay silent; so do
  // repetitions of one failure, since a full disk would otherwise complain twice a second.
  void insertConversation(const Conversation& conversation);
  /// With its messages, parents first, in one transaction.
  void insertConversation(const Conversation& conversation, const QList<Message>& messages);
  void renameConversation(RecordId conversationId, const QString& title, bool manual);
  void setHead(RecordId conversationId, RecordId messageId);
  /// Hides the conversation; restoreConversation() brings it back until purgeDeleted() or the next start.
  void deleteConversation(RecordId conversationId);
  void restoreConversation(RecordId conversationId);
  void purgeDeleted();
  void setPinned(RecordId conversationId, bool pinned);
  void setArchived(RecordId conversationId, bool archived);
  void setSystemPrompt(RecordId conversationId, const std::optional<QString>& systemPrompt);
  /// Hides a message and all below it; restoreBranch() brings them back, likewise.
  void deleteBranch(RecordId messageId);
  void restoreBranch(RecordId messageId);
  /// A question and its pending answer, in one transaction; the answer becomes the conversation's head.
  void insertTurn(const Message& question, const Message& answer);
  /// A pending answer to a question that is stored already; it becomes the conversation's head.
  void insertAnswer(const Message& answer);
  /// A finished answer is written on.
  void resumeAnswer(const Message& answer);
  /// The text so far of a streaming answer (at least once a second).
  void savePartial(RecordId messageId, const QString& text);
  /// The finished answer: text, state, error, statistics.
  void finishMessage(const Message& answer);
  /// What the answer read, as encodeTrace() made it.
  void saveTrace(RecordId messageId, const QByteArray& blob);

 signals:
  void opened(const QString& notice);  // `notice`: empty, or e.g. where the backup before a migration lies
  void conversationsLoaded(const QList<fovea::app::Conversation>& conversations);
  void messagesLoaded(fovea::app::RecordId conversationId, const QList<fovea::app::Message>& messages);
  void searched(const QString& typed, const QList<fovea::app::SearchHit>& hits);
  void exported(const QString& path);
  void imported(int conversations);
  void transferFailed(const QString& message, const QString& remedy);
  void traceLoaded(const fovea::app::StoredTrace& trace);
  void tracesLoaded(fovea::app::RecordId conversationId, const QList<fovea::app::StoredTrace>& traces);
  void failed(const QString& message, const QString& remedy);

 private:
  // On the store's thread.
  void runOpen();
  void runWrite(const std::function<Result<void>(ConversationStore&)>& write);
  void report(const Error& error);
  void reportTransfer(const Error& error);
  void reportOnce(const Error& error);

  void post(std::function<void()> task);
  void write(std::function<Result<void>(ConversationStore&)> write);

  const QString m_databasePath;
  Mailbox m_mailbox;

  // Touched on the store's thread only, until it is joined.
  std::unique_ptr<ConversationStore> m_store;
  std::string m_lastFailure;  // of a write; empty after one that succeeded

  TaskThread m_thread;  // last: joined before anything it uses goes
};

}  // namespace fovea::app
