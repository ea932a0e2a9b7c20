// What a user can do with chats, for QML: choose, make, rename, delete and restore them, ask and stop. It
// joins the models with the store, the worker and the settings, and holds no text or figures of its own.
// Lives on the GUI thread; everything slow is asked for here and answered by signals. Store, worker and
// recorder outlive it.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QHash>
#include <QObject>
#include <QTimer>

#include "app/store_thread.h"
#include "ui/alignment_view_model.h"
#include "ui/conversation_list_model.h"
#include "ui/insights_view_model.h"
#include "ui/message_list_model.h"
#include "ui/model_view_model.h"
#include "ui/settings_view_model.h"
#include "ui/status_view_model.h"
#include "ui/turn_runner.h"

namespace fovea::ui {

class ChatController : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by the program")
  Q_PROPERTY(fovea::ui::ConversationListModel* conversations READ conversations CONSTANT)
  Q_PROPERTY(fovea::ui::MessageListModel* messages READ messages CONSTANT)
  Q_PROPERTY(fovea::ui::StatusViewModel* status READ status CONSTANT)
  Q_PROPERTY(fovea::ui::SettingsViewModel* settings READ settings CONSTANT)
  Q_PROPERTY(fovea::ui::ModelViewModel* model READ model CONSTANT)
  Q_PROPERTY(fovea::ui::AlignmentViewModel* alignment READ alignment CONSTANT)
  Q_PROPERTY(fovea::ui::InsightsViewModel* insights READ insights CONSTANT)
  Q_PROPERTY(QString title READ title NOTIFY titleChanged)
  Q_PROPERTY(bool hasConversation READ hasConversation NOTIFY currentChanged)
  Q_PROPERTY(bool answeringHere READ answeringHere NOTIFY sendStateChanged)
  Q_PROPERTY(bool answeringElsewhere READ answeringElsewhere NOTIFY sendStateChanged)
  Q_PROPERTY(bool canSend READ canSend NOTIFY sendStateChanged)
  Q_PROPERTY(QString sendHint READ sendHint NOTIFY sendStateChanged)
  Q_PROPERTY(QString draft READ draft WRITE setDraft NOTIFY currentChanged)
  Q_PROPERTY(bool usesEmbeddedModel READ usesEmbeddedModel NOTIFY settingsChanged)
  Q_PROPERTY(QString storeError READ storeError NOTIFY storeErrorChanged)
  Q_PROPERTY(QString storeNotice READ storeNotice NOTIFY storeErrorChanged)

 public:
  struct Dependencies {
    app::StoreThread& store;
    app::GenerationWorker& worker;
    app::TurnRecorder& recorder;
  };
  /// `settingsPath` is written when a choice changes; empty keeps choices for this run only.
  ChatController(Dependencies dependencies, app::Settings settings, QString settingsPath,
                 QObject* parent = nullptr);

  [[nodiscard]] ConversationListModel* conversations() { return &m_conversations; }
  [[nodiscard]] MessageListModel* messages() { return &m_messages; }
  [[nodiscard]] StatusViewModel* status() { return &m_status; }
  [[nodiscard]] SettingsViewModel* settings() { return &m_settings; }
  [[nodiscard]] ModelViewModel* model() { return &m_model; }
  [[nodiscard]] AlignmentViewModel* alignment() { return &m_alignment; }
  [[nodiscard]] InsightsViewModel* insights() { return &m_insights; }
  [[nodiscard]] QString title() const;
  [[nodiscard]] bool hasConversation() const { return m_currentId != 0; }
  [[nodiscard]] bool answeringHere() const;
  [[nodiscard]] bool answeringElsewhere() const;
  [[nodiscard]] bool canSend() const;
  /// Why nothing can be sent, in words; empty when it can.
  [[nodiscard]] QString sendHint() const;
  /// What was typed into the composer of this chat and not sent yet; kept per chat for this run.
  [[nodiscard]] QString draft() const { return m_drafts.value(m_currentId); }
  void setDraft(const QString& text);
  [[nodiscard]] bool usesEmbeddedModel() const;
  [[nodiscard]] QString storeError() const { return m_storeError; }
  [[nodiscard]] QString storeNotice() const { return m_storeNotice; }

  /// Opens the store and loads the model. Once.
  void start();

 public slots:
  void newChat();
  void select(int row);
  void rename(int row, const QString& title);
  void renameCurrent(const QString& title);
  /// Hides the chat; undoRemove() brings back all that were removed since forgetRemoved().
  void remove(int row);
  void undoRemove();
  void forgetRemoved();
  /// False, and nothing happened, when canSend() is false or there is nothing but white space.
  bool send(const QString& text);
  void stop();
  /// Shows the chat that is being answered.
  void showAnswering();
  void copyMessage(int row);
  void retryLoad();
  void useEmbeddedModel();
  void dismissStoreMessages();

 signals:
  void titleChanged();
  void currentChanged();
  void sendStateChanged();
  void settingsChanged();
  void storeErrorChanged();
  /// Removed since forgetRemoved(): how many, and the title of the last one.
  void removed(int count, const QString& lastTitle);
  void questionSent();

 private:
  void connectStore();
  void connectTurn();
  void conversationsLoaded(const QList<app::Conversation>& conversations);
  void messagesLoaded(app::RecordId conversationId, QList<app::Message> tree);
  void show(app::RecordId conversationId);
  void turnActiveChanged();
  [[nodiscard]] app::Conversation ensureConversation(const QString& question, const QDateTime& now);

  app::StoreThread& m_store;
  ConversationListModel m_conversations;
  MessageListModel m_messages;
  StatusViewModel m_status;
  SettingsViewModel m_settings;
  ModelViewModel m_model;
  AlignmentViewModel m_alignment;
  InsightsViewModel m_insights;
  TurnRunner m_turns;
  QTimer m_dateTimer;
  app::RecordId m_currentId = 0;
  QHash<app::RecordId, QString> m_drafts;
  QList<app::Conversation> m_removed;
  bool m_storeOpened = false;
  bool m_storeWorks = true;
  QHash<app::RecordId, QList<app::Message>> m_unstored;  // chats of this run, while the store does not work
  QString m_storeError;
  QString m_storeNotice;
};

}  // namespace fovea::ui
