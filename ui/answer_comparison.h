// Two answers of a chat side by side, in figures: the one that the insights show and another one, which may
// be another version of it on a branch that is not shown. Works only while it is `open`. GUI thread; store,
// insights and messages outlive it.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QList>
#include <QObject>
#include <QVariantList>
#include <memory>
#include <utility>

#include "app/records.h"
#include "app/store_thread.h"
#include "ui/insights_view_model.h"
#include "ui/message_list_model.h"

namespace fovea::ui {

class AnswerComparison : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(bool open READ isOpen WRITE setOpen NOTIFY changed)
  Q_PROPERTY(QStringList names READ names NOTIFY namesChanged)
  Q_PROPERTY(int choice READ choice WRITE choose NOTIFY changed)
  Q_PROPERTY(QString stateText READ stateText NOTIFY changed)
  Q_PROPERTY(QVariantList rows READ rows NOTIFY changed)
  Q_PROPERTY(QVariantList layers READ layers NOTIFY changed)

 public:
  AnswerComparison(app::StoreThread& store, const InsightsViewModel& insights,
                   const MessageListModel& messages, QObject* parent = nullptr);

  [[nodiscard]] bool isOpen() const { return m_open; }
  void setOpen(bool open);
  /// The other answers of the chat, oldest first: question, mode, and which version.
  [[nodiscard]] QStringList names() const { return m_names; }
  /// Of names(); -1 where there is none. At first another version of the answer, else the newest other one.
  [[nodiscard]] int choice() const { return static_cast<int>(m_ids.indexOf(m_otherId)); }
  void choose(int row);
  /// Why there is nothing to compare; empty when there is.
  [[nodiscard]] QString stateText() const;
  /// Each: name, here, there, hint.
  [[nodiscard]] QVariantList rows() const;
  /// Share of the entries that each layer read. Each: name, here, there (0 .. 1), text.
  [[nodiscard]] QVariantList layers() const;

 signals:
  void changed();
  void namesChanged();

 private:
  /// One side: what is known of an answer.
  struct Side {
    const app::Message* message = nullptr;
    const app::TurnTrace& trace;
  };
  void refresh();
  void load(app::RecordId id);
  void loaded(const app::StoredTrace& stored);
  [[nodiscard]] static QList<std::pair<QString, QString>> namesAndHints();
  [[nodiscard]] static QStringList valuesOf(const Side& side);
  [[nodiscard]] QString nameOf(const app::Message& answer) const;
  [[nodiscard]] Side here() const;
  [[nodiscard]] Side there() const;

  app::StoreThread& m_store;
  const InsightsViewModel& m_insights;
  const MessageListModel& m_messages;
  bool m_open = false;
  app::RecordId m_hereId = 0;
  app::RecordId m_otherId = 0;
  QList<app::RecordId> m_ids;  // of names()
  QStringList m_names;
  bool m_loading = false;
  QString m_error;
  std::shared_ptr<const app::TurnTrace> m_other;  // null: not there
};

}  // namespace fovea::ui
