// The part of ChatController that works on the tree of a chat: other questions, other answers, and back.
#include "app/conversation_title.h"
#include "app/message_branch.h"
#include "ui/chat_controller.h"

namespace fovea::ui {

const app::Message* ChatController::messageAt(int row) const {
  const QList<app::Message>& messages = m_messages.messages();
  return row >= 0 && row < messages.size() ? &messages.at(row) : nullptr;
}

QString ChatController::beginEdit(int row) {
  const app::Message* question = messageAt(row);
  if (question == nullptr || question->role != Role::kUser) return {};
  m_editingId = question->id;
  emit editingChanged();
  return question->text;
}

QString ChatController::beginEditLast() {
  for (int row = m_messages.count() - 1; row >= 0; --row) {
    if (messageAt(row)->role == Role::kUser) return beginEdit(row);
  }
  return {};
}

void ChatController::endEdit() {
  if (m_editingId == 0) return;
  m_editingId = 0;
  emit editingChanged();
}

void ChatController::regenerate(int row) {
  const app::Message* answer = messageAt(row);
  const app::Message* question = messageAt(row - 1);
  if (answer == nullptr || question == nullptr || answer->role != Role::kAssistant || !canSend()) return;
  TurnRunner::Turn turn;
  turn.kind = TurnRunner::Turn::Kind::Answer;
  turn.question = *question;
  turn.answer.id = app::newId();
  turn.answer.conversationId = m_currentId;
  turn.answer.parentId = question->id;
  turn.answer.role = Role::kAssistant;
  turn.answer.state = app::MessageState::Streaming;
  turn.answer.createdAt = QDateTime::currentDateTimeUtc();
  const QList<app::Message> before = m_messages.messages().first(row - 1);
  startTurn(std::move(turn), app::promptFor(before, question->text, systemPrompt()));
}

void ChatController::continueAnswer(int row) {
  const app::Message* answer = messageAt(row);
  const app::Message* question = messageAt(row - 1);
  if (answer == nullptr || question == nullptr || answer->role != Role::kAssistant || !canSend()) return;
  TurnRunner::Turn turn;
  turn.kind = TurnRunner::Turn::Kind::Continuation;
  turn.question = *question;
  turn.answer = *answer;
  turn.answer.state = app::MessageState::Streaming;
  turn.answer.cutAtLimit = false;
  const QList<app::Message> before = m_messages.messages().first(row - 1);
  std::vector<ChatMessage> prompt = app::promptFor(before, question->text, systemPrompt());
  prompt.push_back({Role::kAssistant, answer->text.toStdString()});
  m_messages.showBranch(answer->id);
  startTurn(std::move(turn), std::move(prompt));
}

void ChatController::showVersion(int row, int step) {
  const app::Message* message = messageAt(row);
  // An answer that is being written stays in sight.
  if (message == nullptr || answeringHere()) return;
  const QList<app::RecordId> versions = m_messages.tree().versions(message->id);
  const qsizetype wanted = versions.indexOf(message->id) + step;
  if (wanted < 0 || wanted >= versions.size()) return;
  showHead(m_messages.tree().newestBelow(versions.at(wanted)));
}

void ChatController::showHead(app::RecordId headId) {
  endEdit();
  m_messages.showBranch(headId);
  m_conversations.setHead(m_currentId, headId);
  if (headId != 0) m_store.setHead(m_currentId, headId);
}

void ChatController::removeBranch(int row) {
  const app::Message* message = messageAt(row);
  if (message == nullptr || answeringHere()) return;
  const app::RecordId id = message->id;
  m_removedBranches.append({m_currentId, id, m_messages.lastId()});
  m_store.deleteBranch(id);
  const app::RecordId head = m_messages.tree().headWithout(id);
  m_messages.remove(id, head);
  showHead(head);
  emit branchRemoved();
}

void ChatController::undoBranches() {
  for (const RemovedBranch& branch : std::exchange(m_removedBranches, {})) {
    m_store.restoreBranch(branch.messageId);
    m_store.setHead(branch.conversationId, branch.headId);
    m_conversations.setHead(branch.conversationId, branch.headId);
    if (branch.conversationId == m_currentId) m_store.loadMessages(m_currentId);
  }
}

void ChatController::newChatFrom(int row) {
  const app::Message* last = messageAt(row);
  if (last == nullptr || answeringHere()) return;
  const app::Conversation* from = m_conversations.find(m_currentId);
  app::Conversation made = from == nullptr ? app::Conversation() : *from;
  made.id = app::newId();
  made.title = tr("%1 (copy)").arg(title());
  made.pinned = false;
  made.createdAt = made.updatedAt = QDateTime::currentDateTimeUtc();
  QList<app::Message> copies = m_messages.messages().first(row + 1);
  app::RecordId parent = 0;
  for (app::Message& copy : copies) {
    copy.id = app::newId();
    copy.conversationId = made.id;
    copy.parentId = std::exchange(parent, copy.id);
  }
  made.headMessageId = parent;
  m_store.insertConversation(made, copies);
  m_conversations.insert(made);
  show(made.id);
}

}  // namespace fovea::ui
