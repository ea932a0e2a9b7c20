// What a user can do with chats, for QML: choose, make, rename, delete and restore them, ask and stop. It
// joins the models with the store, the worker and the settings, and holds no text or figures of its own.
// Lives on the GUI thread; everything slow is asked for here and answered by signals. Store, worker and
// recorder outlive it.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QHash>
#include <QObject>
#include <QTimer>
#include <QUrl>

#include "app/store_thread.h"
#include "ui/alignment_view_model.h"
#include "ui/answer_check.h"
#include "ui/answer_comparison.h"
#include "ui/attachment_list_model.h"
#include "ui/conversation_list_model.h"
#include "ui/insights_view_model.h"
#include "ui/message_list_model.h"
#include "ui/model_view_model.h"
#include "ui/search_model.h"
#include "ui/settings_view_model.h"
#include "ui/statistics_exporter.h"
#include "ui/status_view_model.h"
#include "ui/steps_view_model.h"
#include "ui/title_suggester.h"
#include "ui/turn_runner.h"

namespace fovea::ui {

class ChatController : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by the program")
  Q_PROPERTY(fovea::ui::ConversationListModel* conversations READ conversations CONSTANT)
  Q_PROPERTY(fovea::ui::MessageListModel* messages READ messages CONSTANT)
  Q_PROPERTY(fovea::ui::StatusViewModel* status READ status CONSTANT)
  Q_PROPERTY(fovea::ui::AttachmentListModel* attachments READ attachments CONSTANT)
  Q_PROPERTY(fovea::ui::SearchModel* search READ search CONSTANT)
  Q_PROPERTY(fovea::ui::SettingsViewModel* settings READ settings CONSTANT)
  Q_PROPERTY(fovea::ui::ModelViewModel* model READ model CONSTANT)
  Q_PROPERTY(fovea::ui::AlignmentViewModel* alignment READ alignment CONSTANT)
  Q_PROPERTY(fovea::ui::InsightsViewModel* insights READ insights CONSTANT)
  Q_PROPERTY(fovea::ui::AnswerCheck* check READ check CONSTANT)
  Q_PROPERTY(fovea::ui::AnswerComparison* comparison READ comparison CONSTANT)
  Q_PROPERTY(fovea::ui::StepsViewModel* steps READ steps CONSTANT)
  Q_PROPERTY(fovea::ui::StatisticsExporter* statisticsExporter READ statisticsExporter CONSTANT)
  Q_PROPERTY(QUrl documentsFolder READ documentsFolder CONSTANT)
  Q_PROPERTY(QString title READ title NOTIFY titleChanged)
  Q_PROPERTY(bool hasConversation READ hasConversation NOTIFY currentChanged)
  Q_PROPERTY(bool answeringHere READ answeringHere NOTIFY sendStateChanged)
  Q_PROPERTY(bool answeringElsewhere READ answeringElsewhere NOTIFY sendStateChanged)
  Q_PROPERTY(bool canSend READ canSend NOTIFY sendStateChanged)
  Q_PROPERTY(QString sendHint READ sendHint NOTIFY sendStateChanged)
  Q_PROPERTY(bool editing READ editing NOTIFY editingChanged)
  Q_PROPERTY(QString systemPrompt READ systemPrompt WRITE setSystemPrompt NOTIFY systemPromptChanged)
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
  [[nodiscard]] AttachmentListModel* attachments() { return &m_attachments; }
  [[nodiscard]] SearchModel* search() { return &m_search; }
  [[nodiscard]] SettingsViewModel* settings() { return &m_settings; }
  [[nodiscard]] ModelViewModel* model() { return &m_model; }
  [[nodiscard]] AlignmentViewModel* alignment() { return &m_alignment; }
  [[nodiscard]] InsightsViewModel* insights() { return &m_insights; }
  [[nodiscard]] AnswerCheck* check() { return &m_check; }
  [[nodiscard]] AnswerComparison* comparison() { return &m_comparison; }
  [[nodiscard]] StepsViewModel* steps() { return &m_steps; }
  [[nodiscard]] StatisticsExporter* statisticsExporter() { return &m_statisticsExporter; }
  /// Where files are written to unless the user says otherwise.
  [[nodiscard]] QUrl documentsFolder() const;
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
  /// What the model is told in this chat: its own instruction, else that of the settings.
  [[nodiscard]] QString systemPrompt() const;
  void setSystemPrompt(const QString& prompt);
  /// The composer holds an earlier question, to be asked anew.
  [[nodiscard]] bool editing() const { return m_editingId != 0; }
  [[nodiscard]] bool usesEmbeddedModel() const;
  [[nodiscard]] QString storeError() const { return m_storeError; }
  [[nodiscard]] QString storeNotice() const { return m_storeNotice; }

  /// Opens the store and loads the model. Once.
  void start();

 public slots:
  void newChat();
  void select(int row);
  /// Shows the chat of a row of the search, at the message that was found; messageFound() follows.
  void openHit(int row);
  void rename(int row, const QString& title);
  void setPinned(int row, bool pinned);
  void setArchived(int row, bool archived);
  void resetSystemPrompt();
  void renameCurrent(const QString& title);
  /// Hides the chat; undoRemove() brings back all that were removed since forgetRemoved().
  void remove(int row);
  void undoRemove();
  void forgetRemoved();
  /// The text of a question for the composer; the next send() asks it anew, as another branch beside it.
  QString beginEdit(int row);
  /// The same for the last question; empty without one.
  QString beginEditLast();
  void endEdit();
  /// Another answer to the question above the answer in `row`.
  void regenerate(int row);
  /// Goes on with an answer that ended early.
  void continueAnswer(int row);
  /// Shows the version of a message before or after (`step` -1 or 1) the one in `row`, with what followed it.
  void showVersion(int row, int step);
  /// Hides a message with all that follows it; undone like the removal of a chat.
  void removeBranch(int row);
  /// A new chat that begins with all messages up to `row`.
  void newChatFrom(int row);
  /// False, and nothing happened, when canSend() is false or there is nothing but white space.
  bool send(const QString& text);
  void stop();
  /// Shows the chat that is being answered.
  void showAnswering();
  void copyMessage(int row);
  /// To a file of the user's choice: Markdown where it ends in .md, JSON otherwise. notice() says how it
  /// went.
  void exportCurrent(const QUrl& file);
  void exportAll(const QUrl& file);
  void importFrom(const QUrl& file);
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
  /// A branch of this chat was removed.
  void branchRemoved();
  void editingChanged();
  void messageFound(int row);
  void systemPromptChanged();
  /// Something went well or not, in words.
  void notice(const QString& text);
  void questionSent();

 private:
  void connectStore();
  void connectTransfer();
  void connectTurn();
  void conversationsLoaded(const QList<app::Conversation>& conversations);
  void messagesLoaded(app::RecordId conversationId, QList<app::Message> tree);
  void show(app::RecordId conversationId);
  void showWanted();
  void tellContext();
  void turnActiveChanged();
  [[nodiscard]] app::Conversation ensureConversation(const QString& question, const QDateTime& now);
  [[nodiscard]] const app::Message* messageAt(int row) const;
  void keepSystemPrompt(const std::optional<QString>& prompt);
  /// What follows the message `parentId` of the shown branch gives way to a turn.
  void startTurn(TurnRunner::Turn turn, std::vector<ChatMessage> prompt);
  void showHead(app::RecordId headId);
  /// After the first answer of a chat, where the settings say so.
  void wishTitle(const app::Message& answer);
  void takeTitle(app::RecordId conversationId, const QString& title);
  void undoBranches();

  app::StoreThread& m_store;
  ConversationListModel m_conversations;
  MessageListModel m_messages;
  AttachmentListModel m_attachments;
  SearchModel m_search;
  StatusViewModel m_status;
  SettingsViewModel m_settings;
  ModelViewModel m_model;
  AlignmentViewModel m_alignment;
  InsightsViewModel m_insights;
  AnswerCheck m_check;
  AnswerComparison m_comparison;
  StepsViewModel m_steps;
  StatisticsExporter m_statisticsExporter;
  TurnRunner m_turns;
  TitleSuggester m_titles;
  QTimer m_dateTimer;
  app::RecordId m_currentId = 0;
  app::RecordId m_wantedId = 0;  // the message to be shown once its chat is loaded
  QHash<app::RecordId, QString> m_drafts;
  QList<app::Conversation> m_removed;
  struct RemovedBranch {
    app::RecordId conversationId = 0;
    app::RecordId messageId = 0;
    app::RecordId headId = 0;  // what was shown before
  };
  QList<RemovedBranch> m_removedBranches;
  std::optional<QString> m_newChatPrompt;  // of the chat that its first question will make
  app::RecordId m_editingId = 0;           // the question that is being edited
  bool m_storeOpened = false;
  bool m_storeWorks = true;
  QHash<app::RecordId, QList<app::Message>> m_unstored;  // chats of this run, while the store does not work
  QString m_storeError;
  QString m_storeNotice;
};

}  // namespace fovea::ui
