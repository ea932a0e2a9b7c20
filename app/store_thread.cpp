#include "app/store_thread.h"

#include <exception>
#include <utility>

#include "app/conversation_store.h"
#include "app/conversation_transfer.h"

namespace fovea::app {
namespace {

Error notOpenError() {
  return {ErrorCode::kInvalidArgument, "The conversation store is not open: nothing is kept in this session.",
          "Mend what the first message named, then start again."};
}

}  // namespace

StoreThread::StoreThread(QString databasePath, QObject* parent)
    : QObject(parent), m_databasePath(std::move(databasePath)) {
  qRegisterMetaType<QList<Conversation>>();
  qRegisterMetaType<QList<Message>>();
  qRegisterMetaType<QList<SearchHit>>();
  qRegisterMetaType<QList<StoredTrace>>();
}

StoreThread::~StoreThread() {
  // The connection belongs to the store's thread, so it closes there, after the last write.
  post([this] { m_store.reset(); });
  m_thread.finish();
}

void StoreThread::post(std::function<void()> task) {
  m_thread.post([this, task = std::move(task)] {
    try {
      task();
    } catch (const std::exception& exception) {
      reportOnce({ErrorCode::kOutOfMemory,
                  std::string("The conversation store failed: ") + exception.what() + ".",
                  "Close other programs and try again."});
    }
  });
}

void StoreThread::report(const Error& error) {
  m_mailbox.post([this, error] {
    emit failed(QString::fromStdString(error.message), QString::fromStdString(error.remedy));
  });
}

void StoreThread::reportOnce(const Error& error) {
  if (std::exchange(m_lastFailure, error.message) != error.message) report(error);
}

void StoreThread::open() {
  post([this] { runOpen(); });
}

void StoreThread::runOpen() {
  m_store.reset();
  m_lastFailure.clear();
  auto store = ConversationStore::open(m_databasePath);
  if (!store) return report(store.error());
  m_store = std::move(store).value();
  const QString backup = m_store->backupPath();
  const QString notice =
      backup.isEmpty() ? QString()
                       : tr("The conversations moved to a new format. A backup lies at %1.").arg(backup);
  m_mailbox.post([this, notice] { emit opened(notice); });
}

void StoreThread::loadConversations() {
  post([this] {
    if (!m_store) return report(notOpenError());
    const auto loaded = m_store->conversations();
    m_mailbox.post([this, rows = loaded.rows] { emit conversationsLoaded(rows); });
    if (loaded.damage) report(*loaded.damage);
  });
}

void StoreThread::loadMessages(RecordId conversationId) {
  post([this, conversationId] {
    if (!m_store) return report(notOpenError());
    const auto loaded = m_store->messages(conversationId);
    m_mailbox.post([this, conversationId, rows = loaded.rows] { emit messagesLoaded(conversationId, rows); });
    if (loaded.damage) report(*loaded.damage);
  });
}

void StoreThread::search(const QString& typed) {
  post([this, typed] {
    if (!m_store) return report(notOpenError());
    const auto found = m_store->search(typed);
    if (!found) report(found.error());
    m_mailbox.post(
        [this, typed, hits = found ? found.value() : QList<SearchHit>()] { emit searched(typed, hits); });
  });
}

void StoreThread::exportTo(const QString& path, RecordId conversationId) {
  post([this, path, conversationId] {
    if (!m_store) return reportTransfer(notOpenError());
    const auto which = conversationId != 0 ? std::optional<RecordId>(conversationId) : std::nullopt;
    const bool markdown = path.endsWith(QStringLiteral(".md"), Qt::CaseInsensitive);
    const auto written =
        exportConversations(*m_store, which, markdown ? ExportFormat::Markdown : ExportFormat::Json, path);
    if (!written) return reportTransfer(written.error());
    m_mailbox.post([this, path] { emit exported(path); });
  });
}

void StoreThread::importFrom(const QString& path) {
  post([this, path] {
    if (!m_store) return reportTransfer(notOpenError());
    const auto count = importConversations(*m_store, path);
    if (!count) return reportTransfer(count.error());
    m_mailbox.post([this, found = count.value()] { emit imported(found); });
  });
}

void StoreThread::reportTransfer(const Error& error) {
  m_mailbox.post([this, error] {
    emit transferFailed(QString::fromStdString(error.message), QString::fromStdString(error.remedy));
  });
}

void StoreThread::loadTrace(RecordId messageId) {
  post([this, messageId] {
    const auto loaded = m_store ? m_store->trace(messageId) : Result<StoredTrace>(notOpenError());
    StoredTrace trace{messageId, nullptr, {}};
    if (loaded) {
      trace = loaded.value();
    } else {
      trace.error = QString::fromStdString(loaded.error().to_string());
    }
    m_mailbox.post([this, trace] { emit traceLoaded(trace); });
  });
}

void StoreThread::loadTraces(RecordId conversationId) {
  post([this, conversationId] {
    const auto loaded = m_store ? m_store->traces(conversationId) : Rows<StoredTrace>{{}, notOpenError()};
    m_mailbox.post([this, conversationId, rows = loaded.rows] { emit tracesLoaded(conversationId, rows); });
    if (loaded.damage) report(*loaded.damage);
  });
}

void StoreThread::write(std::function<Result<void>(ConversationStore&)> write) {
  post([this, write = std::move(write)] { runWrite(write); });
}

void StoreThread::runWrite(const std::function<Result<void>(ConversationStore&)>& write) {
  const Result<void> written = m_store ? write(*m_store) : Result<void>(notOpenError());
  if (written) {
    m_lastFailure.clear();
  } else {
    reportOnce(written.error());
  }
}

void StoreThread::insertConversation(const Conversation& conversation) {
  write([conversation](ConversationStore& store) { return store.insertConversation(conversation); });
}

void StoreThread::insertConversation(const Conversation& conversation, const QList<Message>& messages) {
  write([=](ConversationStore& store) { return store.insertConversation(conversation, messages); });
}

void StoreThread::renameConversation(RecordId conversationId, const QString& title, bool manual) {
  write([=](ConversationStore& store) { return store.renameConversation(conversationId, title, manual); });
}

void StoreThread::setHead(RecordId conversationId, RecordId messageId) {
  write([=](ConversationStore& store) { return store.setHead(conversationId, messageId); });
}

void StoreThread::deleteConversation(RecordId conversationId) {
  write([=](ConversationStore& store) { return store.deleteConversation(conversationId); });
}

void StoreThread::restoreConversation(RecordId conversationId) {
  write([=](ConversationStore& store) { return store.restoreConversation(conversationId); });
}

void StoreThread::purgeDeleted() {
  write([](ConversationStore& store) { return store.purgeDeleted(); });
}

void StoreThread::setPinned(RecordId conversationId, bool pinned) {
  write([=](ConversationStore& store) { return store.setPinned(conversationId, pinned); });
}

void StoreThread::setArchived(RecordId conversationId, bool archived) {
  write([=](ConversationStore& store) { return store.setArchived(conversationId, archived); });
}

void StoreThread::setSystemPrompt(RecordId conversationId, const std::optional<QString>& systemPrompt) {
  write([=](ConversationStore& store) { return store.setSystemPrompt(conversationId, systemPrompt); });
}

void StoreThread::deleteBranch(RecordId messageId) {
  write([=](ConversationStore& store) { return store.deleteBranch(messageId); });
}

void StoreThread::restoreBranch(RecordId messageId) {
  write([=](ConversationStore& store) { return store.restoreBranch(messageId); });
}

void StoreThread::insertTurn(const Message& question, const Message& answer) {
  write([question, answer](ConversationStore& store) { return store.insertTurn(question, answer); });
}

void StoreThread::insertAnswer(const Message& answer) {
  write([answer](ConversationStore& store) { return store.insertAnswer(answer); });
}

void StoreThread::resumeAnswer(const Message& answer) {
  write([answer](ConversationStore& store) { return store.resumeAnswer(answer); });
}

void StoreThread::savePartial(RecordId messageId, const QString& text) {
  write([=](ConversationStore& store) { return store.savePartial(messageId, text); });
}

void StoreThread::finishMessage(const Message& answer) {
  write([answer](ConversationStore& store) { return store.finishMessage(answer); });
}

void StoreThread::saveTrace(RecordId messageId, const QByteArray& blob) {
  write([=](ConversationStore& store) { return store.saveTrace(messageId, blob); });
}

}  // namespace fovea::app
