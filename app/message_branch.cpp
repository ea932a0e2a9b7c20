#include "app/message_branch.h"

#include <QHash>
#include <algorithm>

namespace fovea::app {

QList<Message> branchOf(const QList<Message>& tree, RecordId headId) {
  if (tree.isEmpty()) return {};
  QHash<RecordId, const Message*> byId;
  for (const Message& message : tree) byId.insert(message.id, &message);

  const Message* at = byId.value(headId);
  if (at == nullptr) {
    at = &*std::max_element(tree.begin(), tree.end(),
                            [](const Message& a, const Message& b) { return a.id < b.id; });
  }
  QList<Message> branch;
  // Taking each message out of the index ends the walk on a cycle.
  while (at != nullptr) {
    branch.append(*at);
    byId.remove(at->id);
    at = byId.value(at->parentId);
  }
  std::reverse(branch.begin(), branch.end());
  return branch;
}

std::vector<ChatMessage> promptFor(const QList<Message>& branch, const QString& question,
                                   const QString& systemPrompt) {
  std::vector<ChatMessage> prompt;
  if (!systemPrompt.trimmed().isEmpty()) prompt.push_back({Role::kSystem, systemPrompt.toStdString()});
  for (qsizetype i = 0; i + 1 < branch.size(); ++i) {
    const Message& asked = branch.at(i);
    const Message& answered = branch.at(i + 1);
    if (asked.role != Role::kUser || answered.role != Role::kAssistant) continue;
    if (answered.text.trimmed().isEmpty()) continue;
    prompt.push_back({asked.role, asked.text.toStdString()});
    prompt.push_back({answered.role, answered.text.toStdString()});
  }
  prompt.push_back({Role::kUser, question.toStdString()});
  return prompt;
}

}  // namespace fovea::app
