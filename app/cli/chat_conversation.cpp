#include "app/cli/chat_conversation.h"

#include <utility>

#include "app/conversation_store.h"
#include "app/conversation_title.h"
#include "app/message_branch.h"

namespace fovea::app::cli {
namespace {

constexpr std::chrono::milliseconds kSaveInterval{500};

QString asQString(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace

ChatConversation::ChatConversation(std::unique_ptr<ConversationStore> store) : m_store(std::move(store)) {}

ChatConversation::~ChatConversation() = default;

Result<std::unique_ptr<ChatConversation>> ChatConversation::open(const QString& databasePath) {
  auto store = ConversationStore::open(databasePath);
  if (!store) return store.error();
  return std::unique_ptr<ChatConversation>(new ChatConversation(std::move(store).value()));
}

Result<QList<Conversation>> ChatConversation::list() {
  const auto conversations = m_store->conversations();
  if (conversations.damage) return *conversations.damage;
  return conversations.rows;
}

void ChatConversation::startNew() {
  m_conversation = {};
  m_branch.clear();
}

Result<void> ChatConversation::continueWith(const Conversation& conversation) {
  const auto messages = m_store->messages(conversation.id);
  if (messages.damage) return *messages.damage;
  m_conversation = conversation;
  m_branch = branchOf(messages.rows, conversation.headMessageId);
  return {};
}

std::vector<ChatMessage> ChatConversation::messages() const {
  std::vector<ChatMessage> messages;
  for (const Message& message : m_branch) {
    if (message.role == Role::kAssistant && message.text.isEmpty()) {
      // An answer that never began leaves its question unanswered: both are left out, so that the roles
      // alternate.
      const bool running = message.state == MessageState::Streaming && message.id == m_branch.last().id;
      if (!running && !messages.empty() && messages.back().role == Role::kUser) messages.pop_back();
      continue;
    }
    messages.push_back({message.role, message.text.toStdString()});
  }
  return messages;
}

Result<void> ChatConversation::beginTurn(const std::string& question, const SessionInfo& info, Mode mode) {
  const QDateTime now = QDateTime::currentDateTimeUtc();
  Message asked;
  asked.id = newId();
  asked.role = Role::kUser;
  asked.text = asQString(question);
  asked.createdAt = now;
  asked.parentId = m_branch.isEmpty() ? 0 : m_branch.last().id;

  if (m_conversation.id == 0) {
    m_conversation.id = newId();
    m_conversation.title = titleFromQuestion(asked.text);
    m_conversation.createdAt = now;
    m_conversation.updatedAt = now;
    if (auto inserted = m_store->insertConversation(m_conversation); !inserted) {
      startNew();
      return inserted;
    }
  }
  asked.conversationId = m_conversation.id;

  Message answer;
  answer.id = newId();
  answer.conversationId = m_conversation.id;
  answer.parentId = asked.id;
  answer.role = Role::kAssistant;
  answer.state = MessageState::Streaming;
  answer.modelName = QString::fromStdString(info.verifier_name);
  answer.mode = asQString(to_string(mode));
  answer.createdAt = now;
  if (auto inserted = m_store->insertTurn(asked, answer); !inserted) return inserted;
  m_branch << asked << answer;
  m_savedAt = std::chrono::steady_clock::now();
  return {};
}

Result<void> ChatConversation::append(std::string_view text) {
  Message& answer = m_branch.last();
  answer.text += asQString(text);
  const auto now = std::chrono::steady_clock::now();
  if (now - m_savedAt < kSaveInterval) return {};
  m_savedAt = now;
  return m_store->savePartial(answer.id, answer.text);
}

Result<void> ChatConversation::finishTurn(const Result<TurnResult>& result, const QByteArray& trace) {
  Message& answer = m_branch.last();
  if (!result) {
    const bool stopped = result.error().code == ErrorCode::kCancelled;
    answer.state = stopped ? MessageState::Stopped : MessageState::Failed;
    if (!stopped) answer.error = QString::fromStdString(result.error().to_string());
    return m_store->finishMessage(answer);
  }
  answer.text = QString::fromStdString(result->text);
  answer.state = result->reason == FinishReason::kCancelled ? MessageState::Stopped : MessageState::Complete;
  answer.droppedMessages = result->dropped_messages;
  answer.statistics = result->statistics;
  if (auto finished = m_store->finishMessage(answer); !finished || trace.isEmpty()) return finished;
  return m_store->saveTrace(answer.id, trace);
}

}  // namespace fovea::app::cli
