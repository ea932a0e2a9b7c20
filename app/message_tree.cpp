#include "app/message_tree.h"

#include <algorithm>

namespace fovea::app {

MessageTree::MessageTree(const QList<Message>& messages) {
  for (const Message& message : messages) m_messages.insert(message.id, message);
  for (const Message& message : messages) m_children[parentOf(message)].append(message.id);
  for (QList<RecordId>& children : m_children) std::sort(children.begin(), children.end());
}

RecordId MessageTree::parentOf(const Message& message) const {
  return m_messages.contains(message.parentId) ? message.parentId : 0;
}

const Message* MessageTree::find(RecordId id) const {
  const auto found = m_messages.constFind(id);
  return found == m_messages.constEnd() ? nullptr : &*found;
}

void MessageTree::set(const Message& message) {
  const bool known = m_messages.contains(message.id);
  m_messages.insert(message.id, message);
  if (known) return;
  QList<RecordId>& children = m_children[parentOf(message)];
  children.insert(std::lower_bound(children.begin(), children.end(), message.id), message.id);
}

void MessageTree::remove(RecordId id) {
  const Message* message = find(id);
  if (message == nullptr) return;
  m_children[parentOf(*message)].removeOne(id);
  QList<RecordId> left{id};
  while (!left.isEmpty()) {
    const RecordId gone = left.takeLast();
    left.append(m_children.take(gone));
    m_messages.remove(gone);
  }
}

QList<Message> MessageTree::branch(RecordId headId) const {
  if (!m_messages.contains(headId)) {
    headId = 0;
    for (auto message = m_messages.begin(); message != m_messages.end(); ++message) {
      headId = std::max(headId, message.key());
    }
  }
  QList<Message> branch;
  // As many steps as there are messages: a circle ends, too.
  for (const Message* at = find(headId); at != nullptr && branch.size() < m_messages.size();
       at = find(at->parentId)) {
    branch.append(*at);
  }
  std::reverse(branch.begin(), branch.end());
  return branch;
}

QList<RecordId> MessageTree::versions(RecordId id) const {
  const Message* message = find(id);
  return message == nullptr ? QList<RecordId>() : m_children.value(parentOf(*message));
}

RecordId MessageTree::newestBelow(RecordId id) const {
  for (qsizetype steps = 0; steps < m_messages.size(); ++steps) {
    const auto children = m_children.constFind(id);
    if (children == m_children.constEnd() || children->isEmpty()) break;
    id = children->last();
  }
  return id;
}

RecordId MessageTree::headWithout(RecordId id) const {
  const Message* message = find(id);
  if (message == nullptr) return 0;
  QList<RecordId> others = versions(id);
  others.removeOne(id);
  return others.isEmpty() ? parentOf(*message) : newestBelow(others.last());
}

}  // namespace fovea::app
