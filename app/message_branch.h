// Reads one branch out of a conversation's tree of messages, and turns it into what the model is asked. Pure
// functions on values; any thread.
#pragma once

#include <QList>
#include <vector>

#include "app/records.h"

namespace fovea::app {

/// The messages from the first to `headId`, in order. Without a usable head (0, or a message that is not
/// there) the newest message counts as the head. A damaged tree (a cycle, a missing parent) gives the part
/// that hangs together.
[[nodiscard]] QList<Message> branchOf(const QList<Message>& tree, RecordId headId);

/// The prompt for a new question after `branch`: the system prompt when there is one, then the turns. Turns
/// whose answer is empty (failed, or stopped before the first word) are left out, so that roles keep
/// alternating.
[[nodiscard]] std::vector<ChatMessage> promptFor(const QList<Message>& branch, const QString& question,
                                                 const QString& systemPrompt);

}  // namespace fovea::app
