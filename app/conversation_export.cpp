#include <QJsonArray>
#include <QStringList>

#include "app/conversation_files.h"
#include "app/message_branch.h"
#include "app/message_rows.h"

namespace fovea::app {
namespace {

QString timeText(const QDateTime& time) {
  return time.toUTC().toString(Qt::ISODateWithMs);
}

QString roleText(Role role) {
  const std::string_view name = to_string(role);
  return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

QJsonObject messageJson(const Message& message) {
  QJsonObject json{{QStringLiteral("id"), message.id},
                   {QStringLiteral("role"), roleText(message.role)},
                   {QStringLiteral("state"), stateName(message.state)},
                   {QStringLiteral("text"), message.text},
                   {QStringLiteral("created_at"), timeText(message.createdAt)}};
  if (message.parentId != 0) json.insert(QStringLiteral("parent"), message.parentId);
  if (!message.error.isEmpty()) json.insert(QStringLiteral("error"), message.error);
  if (!message.modelName.isEmpty()) json.insert(QStringLiteral("model"), message.modelName);
  if (!message.mode.isEmpty()) json.insert(QStringLiteral("mode"), message.mode);
  if (message.cutAtLimit) json.insert(QStringLiteral("cut_at_limit"), true);
  return json;
}

}  // namespace

QString conversationMarkdown(const StoredConversation& stored) {
  QStringList parts;
  parts << QStringLiteral("# ") + stored.conversation.title;
  parts << QStringLiteral("*%1*").arg(stored.conversation.createdAt.toUTC().toString(Qt::ISODate));
  for (const Message& message : branchOf(stored.messages, stored.conversation.headMessageId)) {
    parts << (message.role == Role::kUser   ? QStringLiteral("## You")
              : message.modelName.isEmpty() ? QStringLiteral("## Answer")
                                            : QStringLiteral("## Answer (%1)").arg(message.modelName));
    parts << message.text.trimmed();
  }
  return parts.join(QStringLiteral("\n\n")) + u'\n';
}

QJsonObject conversationJson(const StoredConversation& stored) {
  const Conversation& conversation = stored.conversation;
  QJsonObject json{{QStringLiteral("title"), conversation.title},
                   {QStringLiteral("created_at"), timeText(conversation.createdAt)},
                   {QStringLiteral("updated_at"), timeText(conversation.updatedAt)},
                   {QStringLiteral("head"), conversation.headMessageId},
                   {QStringLiteral("pinned"), conversation.pinned},
                   {QStringLiteral("archived"), conversation.archived}};
  if (conversation.systemPrompt) json.insert(QStringLiteral("system_prompt"), *conversation.systemPrompt);
  QJsonArray messages;
  for (const Message& message : stored.messages) messages.append(messageJson(message));
  json.insert(QStringLiteral("messages"), messages);
  return json;
}

}  // namespace fovea::app
