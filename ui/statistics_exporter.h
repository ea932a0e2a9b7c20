// Writes the statistics of an answer or of a whole chat into a file of the user's choice: CSV, JSON or charts
// as PNG, by the file's ending. Traces come from the store, the file is made on a thread of its own. Lives on
// the GUI thread; store and models outlive it.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QObject>
#include <QUrl>
#include <optional>

#include "app/mailbox.h"
#include "app/store_thread.h"
#include "app/task_thread.h"
#include "ui/conversation_list_model.h"
#include "ui/message_list_model.h"

namespace fovea::ui {

class StatisticsExporter : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(QString outcome READ outcome NOTIFY outcomeChanged)
  Q_PROPERTY(bool failed READ failed NOTIFY outcomeChanged)

 public:
  StatisticsExporter(app::StoreThread& store, const ConversationListModel& conversations,
                     const MessageListModel& messages, QObject* parent = nullptr);
  ~StatisticsExporter() override;  // finishes the file that is being written

  /// Of one answer of the chat that is shown, or of all of them (`answerId` 0). CSV and JSON of a chat hold
  /// the answers of all its branches, the charts those of the branch that is shown. finished() follows; a
  /// second call before it takes the place of the first.
  Q_INVOKABLE void exportTo(const QUrl& file, qint64 answerId);
  /// Where it was written, or why it was not, in words; empty before, and once it was seen.
  [[nodiscard]] const QString& outcome() const { return m_outcome; }
  [[nodiscard]] bool failed() const { return m_failed; }
  Q_INVOKABLE void forgetOutcome();

 signals:
  void finished(const QString& outcome);
  void outcomeChanged();

 private:
  /// What was asked for, as it was then.
  struct Wanted {
    QString path;
    app::RecordId answerId = 0;
    app::Conversation conversation;
    QList<app::Message> branch;
    QList<app::Message> all;
  };
  void loaded(app::RecordId conversationId, const QList<app::StoredTrace>& traces);
  void write(const Wanted& wanted, QList<app::StoredTrace> traces);
  void setOutcome(const QString& words, bool failed);

  app::StoreThread& m_store;
  const ConversationListModel& m_conversations;
  const MessageListModel& m_messages;
  QString m_outcome;
  bool m_failed = false;
  std::optional<Wanted> m_wanted;  // its traces are on their way
  app::Mailbox m_mailbox;
  app::TaskThread m_thread;  // last: joined before anything it uses goes
};

}  // namespace fovea::ui
