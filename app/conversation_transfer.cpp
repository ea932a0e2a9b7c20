#include "app/conversation_transfer.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSaveFile>

#include "app/conversation_files.h"

namespace fovea::app {
namespace {

Error fileError(const QString& what, const QString& path, const QString& why) {
  return {ErrorCode::kUnreadable,
          QStringLiteral("%1 %2: %3.").arg(QDir::toNativeSeparators(path), what, why).toStdString(),
          "Choose another file or folder."};
}

Result<QList<StoredConversation>> load(ConversationStore& store, std::optional<RecordId> conversationId) {
  const auto conversations = store.conversations();
  if (conversations.damage) return *conversations.damage;
  QList<StoredConversation> all;
  for (const Conversation& conversation : conversations.rows) {
    if (conversationId && conversation.id != *conversationId) continue;
    const auto messages = store.messages(conversation.id);
    if (messages.damage) return *messages.damage;
    all.append({conversation, messages.rows});
  }
  if (conversationId && all.isEmpty()) {
    return Error{ErrorCode::kNotFound, "There is no such conversation.", ""};
  }
  return all;
}

}  // namespace

Result<QByteArray> exportConversations(ConversationStore& store, std::optional<RecordId> conversationId,
                                       ExportFormat format) {
  const auto all = load(store, conversationId);
  if (!all) return all.error();
  if (format == ExportFormat::Markdown) {
    QStringList texts;
    for (const StoredConversation& stored : all.value()) texts << conversationMarkdown(stored);
    return texts.join(QStringLiteral("\n---\n\n")).toUtf8();
  }
  QJsonArray conversations;
  for (const StoredConversation& stored : all.value()) conversations.append(conversationJson(stored));
  const QJsonObject file{{QStringLiteral("format"), QLatin1String(kConversationsFormat)},
                         {QStringLiteral("version"), kConversationsVersion},
                         {QStringLiteral("conversations"), conversations}};
  return QJsonDocument(file).toJson();
}

Result<void> exportConversations(ConversationStore& store, std::optional<RecordId> conversationId,
                                 ExportFormat format, const QString& path) {
  const auto bytes = exportConversations(store, conversationId, format);
  if (!bytes) return bytes.error();
  QSaveFile file(path);
  if (!file.open(QIODevice::WriteOnly) || file.write(bytes.value()) != bytes->size() || !file.commit()) {
    return fileError(QStringLiteral("cannot be written"), path, file.errorString());
  }
  return {};
}

Result<int> importConversations(ConversationStore& store, const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) {
    return fileError(QStringLiteral("cannot be read"), path, file.errorString());
  }
  if (file.size() > kImportBytesMax) {
    return fileError(QStringLiteral("is too large"), path, QStringLiteral("more than 256 MiB"));
  }
  const auto found = readConversations(file.readAll());
  if (!found) return found.error();
  int count = 0;
  for (const StoredConversation& stored : found.value()) {
    if (const auto inserted = store.insertConversation(stored.conversation, stored.messages); !inserted) {
      return inserted.error();
    }
    ++count;
  }
  return count;
}

}  // namespace fovea::app
