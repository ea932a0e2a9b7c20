#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>
#include <QStringList>
#include <algorithm>
#include <utility>

#include "app/conversation_files.h"
#include "app/conversation_title.h"

namespace fovea::app {
namespace {

/// A message as the file has it. What has no role (a root, a tool's doing) is passed over: what follows it
/// follows what it followed.
struct Node {
  QString key;
  QString parent;
  std::optional<Role> role;
  Message message;
};

Error unsupported() {
  return {
      ErrorCode::kUnsupported, "This file holds no conversations that Fovea knows.",
      "Choose a JSON file exported by Fovea or Open WebUI, or the conversations.json of a ChatGPT export."};
}

std::optional<Role> roleOf(const QJsonValue& value) {
  return role_from_string(value.toString().toStdString());
}

QDateTime timeOf(const QJsonValue& value) {
  constexpr double kYear9999 = 253'402'300'799;
  if (value.isDouble() && value.toDouble() > 0) {
    // Seconds, or milliseconds where seconds would lie far ahead.
    const double number = value.toDouble();
    const double seconds = number > 1e11 ? number / 1000 : number;
    return QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(std::min(seconds, kYear9999) * 1000), Qt::UTC);
  }
  const QDateTime time = QDateTime::fromString(value.toString(), Qt::ISODateWithMs);
  return time.isValid() ? time.toUTC() : QDateTime();
}

QString keyOf(const QJsonValue& value) {
  return value.isDouble() ? QString::number(value.toInteger()) : value.toString();
}

/// Gives messages their ids and parents, from the first ones down: whatever hangs on nothing that leads there
/// (a circle) is left out.
void adopt(StoredConversation& stored, const QList<Node>& nodes, const QString& head) {
  Conversation& conversation = stored.conversation;
  conversation.id = newId();
  QSet<QString> keys;
  for (const Node& node : nodes) keys.insert(node.key);
  QHash<QString, QList<qsizetype>> children;
  for (qsizetype i = 0; i < nodes.size(); ++i) {
    const QString& parent = nodes.at(i).parent;
    children[keys.contains(parent) ? parent : QString()].append(i);
  }
  QHash<QString, RecordId> idOf{{QString(), 0}};
  QStringList left{QString()};
  while (!left.isEmpty()) {
    const QString above = left.takeFirst();
    for (const qsizetype i : children.take(above)) {
      const Node& node = nodes.at(i);
      RecordId id = idOf.value(above);
      if (node.role) {
        Message message = node.message;
        message.id = newId();
        message.conversationId = conversation.id;
        message.parentId = std::exchange(id, message.id);
        message.role = *node.role;
        if (!message.createdAt.isValid()) message.createdAt = conversation.createdAt;
        stored.messages.append(message);
      }
      idOf.insert(node.key, id);
      if (!node.key.isEmpty()) left.append(node.key);
    }
  }
  conversation.headMessageId = idOf.value(head);
  if (conversation.headMessageId == 0 && !stored.messages.isEmpty()) {
    conversation.headMessageId = stored.messages.last().id;
  }
  if (conversation.title.isEmpty() && !stored.messages.isEmpty()) {
    conversation.title = titleFromQuestion(stored.messages.first().text);
  }
}

StoredConversation begin(const QJsonValue& title, const QJsonValue& created, const QJsonValue& updated) {
  StoredConversation stored;
  stored.conversation.title = cleanedTitle(title.toString());
  stored.conversation.titleIsManual = !stored.conversation.title.isEmpty();
  stored.conversation.createdAt = timeOf(created);
  if (!stored.conversation.createdAt.isValid())
    stored.conversation.createdAt = QDateTime::currentDateTimeUtc();
  stored.conversation.updatedAt = timeOf(updated);
  if (!stored.conversation.updatedAt.isValid()) stored.conversation.updatedAt = stored.conversation.createdAt;
  return stored;
}

MessageState stateOf(const QString& name) {
  if (name == QStringLiteral("stopped")) return MessageState::Stopped;
  if (name == QStringLiteral("failed")) return MessageState::Failed;
  // A file cannot be written on: what was streaming then was interrupted.
  const bool broken = name == QStringLiteral("interrupted") || name == QStringLiteral("streaming");
  return broken ? MessageState::Interrupted : MessageState::Complete;
}

StoredConversation readOurs(const QJsonObject& json) {
  StoredConversation stored = begin(json[QStringLiteral("title")], json[QStringLiteral("created_at")],
                                    json[QStringLiteral("updated_at")]);
  stored.conversation.pinned = json[QStringLiteral("pinned")].toBool();
  stored.conversation.archived = json[QStringLiteral("archived")].toBool();
  if (const QJsonValue prompt = json[QStringLiteral("system_prompt")]; prompt.isString()) {
    stored.conversation.systemPrompt = prompt.toString();
  }
  QList<Node> nodes;
  for (const QJsonValue& value : json[QStringLiteral("messages")].toArray()) {
    const QJsonObject each = value.toObject();
    Node node;
    node.key = keyOf(each[QStringLiteral("id")]);
    node.parent = keyOf(each[QStringLiteral("parent")]);
    node.role = roleOf(each[QStringLiteral("role")]);
    node.message.text = each[QStringLiteral("text")].toString();
    node.message.state = stateOf(each[QStringLiteral("state")].toString());
    node.message.error = each[QStringLiteral("error")].toString();
    node.message.modelName = each[QStringLiteral("model")].toString();
    node.message.mode = each[QStringLiteral("mode")].toString();
    node.message.cutAtLimit = each[QStringLiteral("cut_at_limit")].toBool();
    node.message.createdAt = timeOf(each[QStringLiteral("created_at")]);
    nodes.append(node);
  }
  adopt(stored, nodes, keyOf(json[QStringLiteral("head")]));
  return stored;
}

StoredConversation readOpenWebUi(const QJsonObject& json) {
  const QJsonObject chat = json[QStringLiteral("chat")].toObject();
  const QJsonValue title =
      json.contains(QStringLiteral("title")) ? json[QStringLiteral("title")] : chat[QStringLiteral("title")];
  StoredConversation stored =
      begin(title, json[QStringLiteral("created_at")], json[QStringLiteral("updated_at")]);
  stored.conversation.pinned = json[QStringLiteral("pinned")].toBool();
  stored.conversation.archived = json[QStringLiteral("archived")].toBool();
  const QJsonObject history = chat[QStringLiteral("history")].toObject();
  const QJsonObject messages = history[QStringLiteral("messages")].toObject();
  QList<Node> nodes;
  for (auto each = messages.begin(); each != messages.end(); ++each) {
    const QJsonObject message = each.value().toObject();
    Node node;
    node.key = each.key();
    node.parent = message[QStringLiteral("parentId")].toString();
    node.role = roleOf(message[QStringLiteral("role")]);
    node.message.text = message[QStringLiteral("content")].toString();
    node.message.modelName = message[QStringLiteral("model")].toString();
    node.message.createdAt = timeOf(message[QStringLiteral("timestamp")]);
    nodes.append(node);
  }
  // The keys are random: time tells which version of a message came first.
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const Node& a, const Node& b) { return a.message.createdAt < b.message.createdAt; });
  adopt(stored, nodes, history[QStringLiteral("currentId")].toString());
  return stored;
}

QString chatGptText(const QJsonObject& content) {
  QStringList parts;
  for (const QJsonValue& part : content[QStringLiteral("parts")].toArray()) {
    if (part.isString()) parts << part.toString();
  }
  return parts.join(u'\n');
}

StoredConversation readChatGpt(const QJsonObject& json) {
  StoredConversation stored = begin(json[QStringLiteral("title")], json[QStringLiteral("create_time")],
                                    json[QStringLiteral("update_time")]);
  const QJsonObject mapping = json[QStringLiteral("mapping")].toObject();
  QList<Node> nodes;
  for (auto each = mapping.begin(); each != mapping.end(); ++each) {
    const QJsonObject message = each.value()[QStringLiteral("message")].toObject();
    Node node;
    node.key = each.key();
    node.parent = each.value()[QStringLiteral("parent")].toString();
    node.message.text = chatGptText(message[QStringLiteral("content")].toObject());
    node.message.modelName =
        message[QStringLiteral("metadata")].toObject()[QStringLiteral("model_slug")].toString();
    node.message.createdAt = timeOf(message[QStringLiteral("create_time")]);
    const std::optional<Role> role =
        roleOf(message[QStringLiteral("author")].toObject()[QStringLiteral("role")]);
    // System messages there are empty or about its own tools.
    if (role && role != Role::kSystem && !node.message.text.isEmpty()) node.role = role;
    if (node.role == Role::kUser) node.message.modelName.clear();
    nodes.append(node);
  }
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const Node& a, const Node& b) { return a.message.createdAt < b.message.createdAt; });
  adopt(stored, nodes, json[QStringLiteral("current_node")].toString());
  return stored;
}

}  // namespace

Result<QList<StoredConversation>> readConversations(const QByteArray& json) {
  QJsonParseError error;
  const QJsonDocument document = QJsonDocument::fromJson(json, &error);
  if (error.error != QJsonParseError::NoError) {
    return Error{ErrorCode::kDamaged,
                 QStringLiteral("The file is no JSON: %1 at byte %2.")
                     .arg(error.errorString())
                     .arg(error.offset)
                     .toStdString(),
                 "Export it again."};
  }
  QList<StoredConversation> all;
  const QJsonObject ours = document.object();
  if (ours[QStringLiteral("format")].toString() == QLatin1String(kConversationsFormat)) {
    if (ours[QStringLiteral("version")].toInt() > kConversationsVersion) {
      return Error{ErrorCode::kUnsupported, "The file was written by a newer Fovea.",
                   "Install the newer Fovea."};
    }
    for (const QJsonValue& each : ours[QStringLiteral("conversations")].toArray()) {
      all.append(readOurs(each.toObject()));
    }
    return all;
  }
  const QJsonArray list = document.isArray() ? document.array() : QJsonArray{ours};
  for (const QJsonValue& each : list) {
    const QJsonObject object = each.toObject();
    if (object[QStringLiteral("mapping")].isObject()) {
      all.append(readChatGpt(object));
    } else if (object[QStringLiteral("chat")].isObject()) {
      all.append(readOpenWebUi(object));
    }
  }
  all.removeIf([](const StoredConversation& each) { return each.messages.isEmpty(); });
  if (all.isEmpty()) return unsupported();
  return all;
}

}  // namespace fovea::app
