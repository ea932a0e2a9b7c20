// What the store keeps and the window shows: conversations and their messages, as plain values that are
// copied between threads. Messages form a tree (`parentId`), so that a question can be edited into a branch.
#pragma once

#include <QDateTime>
#include <QList>
#include <QMetaType>
#include <QString>
#include <memory>
#include <optional>

#include "app/turn_trace.h"
#include "engine/chat_template.h"
#include "engine/session.h"
#include "engine/telemetry.h"

namespace fovea::app {

/// Identifies a conversation or a message: made by whoever creates the record, so that nobody waits for the
/// database. Positive, increasing with time, unique in one store. See newId().
using RecordId = qint64;

/// A fresh id: milliseconds since 1970 in the upper bits, a process-wide counter and random bits below. Less
/// than 2^53, so that QML's numbers hold it exactly. Any thread.
[[nodiscard]] RecordId newId();

struct Conversation {
  RecordId id = 0;
  QString title;                        // empty until the first question names it
  bool titleIsManual = false;           // the user renamed it: never retitled by itself
  RecordId headMessageId = 0;           // last message of the branch that is shown; 0 when empty
  QDateTime createdAt;                  // UTC
  QDateTime updatedAt;                  // UTC, of the newest message
  bool pinned = false;                  // stands above the others
  bool archived = false;                // out of the way, and still found
  std::optional<QString> systemPrompt;  // none: that of the settings
};

enum class MessageState {
  Complete,     // ended by the model or at its token limit
  Streaming,    // being written; found at start-up it becomes Interrupted
  Stopped,      // the user stopped it
  Interrupted,  // the program ended in the middle
  Failed,       // see Message::error
};

struct Message {
  RecordId id = 0;
  RecordId conversationId = 0;
  RecordId parentId = 0;  // 0 for the first message of a branch
  Role role = Role::kUser;
  MessageState state = MessageState::Complete;
  QString text;
  QString error;                             // in words, when Failed
  QString modelName;                         // who answered; empty for questions
  QString mode;                              // verification mode of the answer
  bool cutAtLimit = false;                   // ended at its limit of tokens: there is more to say
  int droppedMessages = 0;                   // oldest messages the model did not see when it answered
  QDateTime createdAt;                       // UTC
  std::optional<TurnStatistics> statistics;  // of a finished answer
};

/// What the store has of an answer's trace. Shared, since it is large and never changes.
struct StoredTrace {
  RecordId messageId = 0;
  std::shared_ptr<const TurnTrace> trace;  // null where there is none, or only a damaged one
  QString error;                           // in words, when damaged
};

}  // namespace fovea::app

Q_DECLARE_METATYPE(fovea::app::Conversation)
Q_DECLARE_METATYPE(fovea::app::Message)
Q_DECLARE_METATYPE(fovea::app::StoredTrace)
