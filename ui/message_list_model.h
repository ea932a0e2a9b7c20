// The messages of the chat that is shown, oldest first. A plain model on the GUI thread. While an answer
// streams only its row changes, and only by what was added: `textAppended` carries the new piece to the one
// delegate that shows it, and dataChanged leaves the text role out, so that no view lays the whole answer out
// again for each token.
//
// Roles: isUser, text, phase (enum Phase), phaseText (words for stopped, interrupted, failed; empty
// otherwise), droppedText (words on messages the model did not see; empty otherwise), figuresText (tokens,
// speed, acceptance of a finished answer; empty otherwise), timeText, modelName.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QAbstractListModel>
#include <QList>

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
  /// The text of a row, for the clipboard.
  Q_INVOKABLE [[nodiscard]] QString textAt(int row) const;

  /// Empties the list; `loading` until reset() brings the messages of the chat that was chosen.
  void clear(bool loading);
  void reset(QList<app::Message> messages);
  /// A question and its pending answer.
  void appendTurn(const app::Message& question, const app::Message& answer);
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
  [[nodiscard]] int rowOf(app::RecordId id) const;
  void setLoading(bool loading);

  QList<app::Message> m_messages;
  bool m_loading = false;
};

/// "The oldest message ..." for one or more messages that no longer fit; empty for none.
[[nodiscard]] QString droppedWords(int droppedMessages);

}  // namespace fovea::ui
