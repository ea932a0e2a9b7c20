// The list of chats as the sidebar shows it: pinned ones, the others, archived ones, each newest first; one
// of them is current. A plain model on the GUI thread; it never talks to the store, ChatController does. Rows
// move as chats are answered, so QML names a chat by the row it has now, and C++ by its id (an id does not
// survive JavaScript's doubles).
//
// Roles: isPinned, isArchived, title (never empty: "New chat" stands in), updatedText, section ("Today" ...),
// isCurrent, isAnswering.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QAbstractListModel>
#include <QList>

#include "app/records.h"

namespace fovea::ui {

class ConversationListModel : public QAbstractListModel {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(int count READ count NOTIFY countChanged)
  Q_PROPERTY(int currentRow READ currentRow NOTIFY currentRowChanged)

 public:
  enum Role {
    TitleRole = Qt::UserRole + 1,
    UpdatedTextRole,
    SectionRole,
    IsCurrentRole,
    IsAnsweringRole,
    IsPinnedRole,
    IsArchivedRole
  };

  explicit ConversationListModel(QObject* parent = nullptr);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

  [[nodiscard]] int count() const { return static_cast<int>(m_conversations.size()); }
  [[nodiscard]] int currentRow() const { return rowOf(m_currentId); }
  [[nodiscard]] int rowOf(app::RecordId id) const;  // -1 when it is not there
  /// Null when `row` or `id` is not there; valid until the model changes.
  [[nodiscard]] const app::Conversation* at(int row) const;
  [[nodiscard]] const app::Conversation* find(app::RecordId id) const;

  void reset(QList<app::Conversation> conversations);
  /// Puts it where its time belongs.
  void insert(const app::Conversation& conversation);
  void remove(app::RecordId id);
  void setTitle(app::RecordId id, const QString& title, bool manual);
  /// A new message: moves the row to where its time belongs.
  void touch(app::RecordId id, app::RecordId headMessageId, const QDateTime& updatedAt);
  void setSystemPrompt(app::RecordId id, const std::optional<QString>& prompt);
  void setHead(app::RecordId id, app::RecordId headMessageId);
  /// Moves the row to where it belongs then.
  void setPlace(app::RecordId id, bool pinned, bool archived);
  void setCurrent(app::RecordId id);    // 0: none
  void setAnswering(app::RecordId id);  // 0: none
  /// Words such as "Today" age; called when a day may have passed.
  void refreshDates();

 signals:
  void countChanged();
  void currentRowChanged();

 private:
  [[nodiscard]] int rowFor(const app::Conversation& conversation) const;
  void changed(app::RecordId id, const QList<int>& roles);

  QList<app::Conversation> m_conversations;  // in the order of rows
  app::RecordId m_currentId = 0;
  app::RecordId m_answeringId = 0;
};

}  // namespace fovea::ui
