// The tree of one conversation's messages in memory: which branch leads to a message, which messages stand
// beside it, and what it leads to. A plain value.
#pragma once

#include <QHash>
#include <QList>

#include "app/records.h"

namespace fovea::app {

class MessageTree {
 public:
  MessageTree() = default;
  /// A parent that is not in the list counts as none.
  explicit MessageTree(const QList<Message>& messages);

  /// All of them, in no order.
  [[nodiscard]] QList<Message> messages() const { return m_messages.values(); }
  [[nodiscard]] bool isEmpty() const { return m_messages.isEmpty(); }
  /// Null when it is not there; valid until the tree changes.
  [[nodiscard]] const Message* find(RecordId id) const;
  /// Adds it, or takes the place of the message with its id.
  void set(const Message& message);
  /// A message with everything below it.
  void remove(RecordId id);

  /// From the first message to `headId`; from the first to the newest when `headId` is not there.
  [[nodiscard]] QList<Message> branch(RecordId headId) const;
  /// The other versions of a message and itself, oldest first: what has the same parent.
  [[nodiscard]] QList<RecordId> versions(RecordId id) const;
  /// The end of the newest branch through `id`.
  [[nodiscard]] RecordId newestBelow(RecordId id) const;
  /// Where the view goes when `id` is removed: the newest other version's end, else the parent; 0 without
  /// both.
  [[nodiscard]] RecordId headWithout(RecordId id) const;

 private:
  [[nodiscard]] RecordId parentOf(const Message& message) const;

  QHash<RecordId, Message> m_messages;
  QHash<RecordId, QList<RecordId>> m_children;  // of each message, ascending; of 0: the first messages
};

}  // namespace fovea::app
