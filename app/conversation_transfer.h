// Moves conversations between the store and files. Synchronous, on the store's thread: it reads and writes
// whole files.
#pragma once

#include <QString>
#include <optional>

#include "app/conversation_store.h"
#include "engine/result.h"

namespace fovea::app {

enum class ExportFormat { Markdown, Json };

/// One conversation or all that are not deleted, as a text. Returns the text's bytes; fails with kNotFound
/// where there is no such conversation.
Result<QByteArray> exportConversations(ConversationStore& store, std::optional<RecordId> conversationId,
                                       ExportFormat format);
/// The same into a file, which appears only when it is whole.
Result<void> exportConversations(ConversationStore& store, std::optional<RecordId> conversationId,
                                 ExportFormat format, const QString& path);
/// Stores what readConversations() finds in a file; returns how many conversations.
Result<int> importConversations(ConversationStore& store, const QString& path);

inline constexpr qint64 kImportBytesMax = 256LL * 1024 * 1024;

}  // namespace fovea::app
