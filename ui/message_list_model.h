// The messages of the branch that is shown, oldest first, and the tree behind it. A plain model on the GUI
// thread. While an answer streams only its row changes, and only by what was added: `textAppended` carries
// the new piece to the one delegate that shows it, and dataChanged leaves the text role out, so that no view
// lays the whole answer out again for each token.
//
// Roles: isUser, text, phase (enum Phase), phaseText (words for stopped, interrupted, failed; empty
// otherwise), droppedText (words on messages the model did not see; empty otherwise), figuresText (tokens,
// speed, acceptance of a finished answer; empty otherwise), timeText, modelName, version (1 .. versionCount:
// the message stands at a fork where there is more than one), versionCount, canContinue (an answer that ended
// early).
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QAbstractListModel>
#include <QList>

#include "app/message_tree.h"
#include "app/records.h"

namespace fovea::ui {

class MessageListModel : public QAbstractListModel {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(int count READ count NOTIFY countChanged)
  Q_PROPERTY(bool loading READ loading NOTIFY loadingChanged)

 public:
  enum Role {
    IsUserRole = Qt::UserRole + 1,
    TextRole,
    PhaseRole,
    PhaseTextRole,
    DroppedTextRole,
    FiguresTextRole,
    TimeTextRole,
    ModelNameRole,
    VersionRole,
    VersionCountRole,
    CanContinueRole,
  };
  /// Pending: asked, not a word yet. The rest as app::MessageState.
  enum class Phase { Complete, Pending, Streaming, Stopped, Interrupted, Failed };
  Q_ENUM(Phase)

  explicit MessageListModel(QObject* parent = nullptr);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

  [[nodiscard]] int count() const { return static_cast<int>(m_messages.size()); }
  [[nodiscard]] bool loading() const { return m_loading; }
  [[nodiscard]] const QList<app::Message>& messages() const { return m_messages; }
  [[nodiscard]] app::RecordId lastId() const { return m_messages.isEmpty() ? 0 : m_messages.last().id; }
  [[nodiscard]] const app::MessageTree& tree() const { return m_tree; }
  [[nodiscard]] int rowOf(app::RecordId id) const;  // -1 when it is not shown
  /// The text of a row, for the clipboard.
  Q_INVOKABLE [[nodiscard]] QString textAt(int row) const;

  /// Empties the list; `loading` until reset() brings the messages of the chat that was chosen.
  void clear(bool loading);
  /// All messages of a chat; shows the branch that ends with `headId`.
  void reset(const QList<app::Message>& tree, app::RecordId headId);
  /// Shows the branch that ends with `headId`. Rows that both branches have stay.
  void showBranch(app::RecordId headId);
  /// A question or a pending answer, shown below its parent: what followed that parent is another branch now.
  void append(const app::Message& message);
  /// A message with all below it; shows the branch that ends with `headId`.
  void remove(app::RecordId id, app::RecordId headId);
  /// Adds to the text of one message; nothing happens when it is not shown.
  void appendText(app::RecordId id, const QString& text);
  /// State, statistics and the rest of a message that is shown. The text too, where it is not what was
  /// streamed.
  void update(const app::Message& message);

 signals:
  void countChanged();
  void loadingChanged();
  void textAppended(int row, const QString& text);

 private:
  struct Fork {
    int version = 1;
    int count = 1;
    bool operator==(const Fork&) const = default;
  };
  void setLoading(bool loading);
  void refreshForks();

  QList<app::Message> m_messages;
  QList<Fork> m_forks;      // of each row
  app::MessageTree m_tree;  // the streaming answer's text is newer in m_messages
  bool m_loading = false;
};

/// "The oldest message ..." for one or more messages that no longer fit; empty for none.
[[nodiscard]] QString droppedWords(int droppedMessages);

}  // namespace fovea::ui
