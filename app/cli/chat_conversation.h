// The conversation that `fovea-cli chat` holds, kept in the same database as the window's, so that it is
// there after a restart and in the window. Owns its store and works synchronously on the calling thread: one
// thread only.
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/records.h"
#include "engine/result.h"
#include "engine/session.h"

namespace fovea::app {
class ConversationStore;
}

namespace fovea::app::cli {

class ChatConversation {
 public:
  /// Opens (creates, migrates) the database. Fails when that fails.
  static Result<std::unique_ptr<ChatConversation>> open(const QString& databasePath);
  ~ChatConversation();
  ChatConversation(const ChatConversation&) = delete;
  ChatConversation& operator=(const ChatConversation&) = delete;

  /// All that are stored, newest first.
  Result<QList<Conversation>> list();
  /// The next question starts a new conversation.
  void startNew();
  /// Continues a stored one, on the branch that was shown last.
  Result<void> continueWith(const Conversation& conversation);

  [[nodiscard]] const QString& title() const { return m_conversation.title; }
  /// The branch so far, as the model reads it (without a system message).
  [[nodiscard]] std::vector<ChatMessage> messages() const;
  /// The same for a person, failed and unfinished answers included.
  [[nodiscard]] const QList<Message>& branch() const { return m_branch; }

  /// Stores the question and a pending answer.
  Result<void> beginTurn(const std::string& question, const SessionInfo& info, Mode mode);
  /// Takes a piece of the answer, and stores what there is of it at least twice a second while pieces come.
  Result<void> append(std::string_view text);
  /// Stores the finished answer with its trace (of encodeTrace(); may be empty), or the error that ended it.
  Result<void> finishTurn(const Result<TurnResult>& result, const QByteArray& trace);

 private:
  explicit ChatConversation(std::unique_ptr<ConversationStore> store);

  std::unique_ptr<ConversationStore> m_store;
  Conversation m_conversation;  // id 0: not stored yet
  QList<Message> m_branch;      // from the first message to the head
  std::chrono::steady_clock::time_point m_savedAt;
};

}  // namespace fovea::app::cli
