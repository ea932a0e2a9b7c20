// Conversations as files: Markdown for people, JSON for people and programs, and what other programs export.
// Pure functions on values; any thread.
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QString>

#include "app/records.h"
#include "engine/result.h"

namespace fovea::app {

/// A conversation with the whole tree of its messages, parents before what follows them.
struct StoredConversation {
  Conversation conversation;
  QList<Message> messages;
};

/// The branch that is shown, as a text with headings.
[[nodiscard]] QString conversationMarkdown(const StoredConversation& stored);

/// Everything, all branches: an object of the array "conversations" in a file of the format
/// {"format": "fovea-conversations", "version": 1, "conversations": [...]}.
[[nodiscard]] QJsonObject conversationJson(const StoredConversation& stored);
inline constexpr const char* kConversationsFormat = "fovea-conversations";
inline constexpr int kConversationsVersion = 1;

/// Conversations of a JSON file by Fovea, Open WebUI or ChatGPT (conversations.json), told apart by what is
/// in it. They get new ids, so that nothing is replaced. Fails with kUnsupported or kDamaged, saying what was
/// expected.
[[nodiscard]] Result<QList<StoredConversation>> readConversations(const QByteArray& json);

}  // namespace fovea::app
