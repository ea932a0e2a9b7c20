#include "ui/chat_controller.h"

#include <QClipboard>
#include <QDir>
#include <QFileInfo>
#include <QGuiApplication>
#include <QStandardPaths>
#include <algorithm>

#include "app/conversation_title.h"
#include "app/message_branch.h"

namespace fovea::ui {
namespace {

constexpr int kDateRefreshMs = 60'000;  // "Today" turns into "Yesterday" within a minute of midnight

}  // namespace

ChatController::ChatController(Dependencies dependencies, app::Settings settings, QString settingsPath,
                               QObject* parent)
    : QObject(parent),
      m_store(dependencies.store),
      m_attachments(dependencies.worker),
      m_search(dependencies.store),
      m_status(dependencies.worker),
      m_settings(std::move(settings), std::move(settingsPath)),
      m_model(dependencies.worker, m_settings),
      m_alignment(dependencies.worker, m_model),
      m_insights(dependencies.store, dependencies.worker, m_messages),
      m_check(dependencies.worker, m_insights, m_messages),
      m_comparison(dependencies.store, m_insights, m_messages),
      m_steps(dependencies.store, dependencies.worker, m_messages, m_insights),
      m_statisticsExporter(dependencies.store, m_conversations, m_messages),
      m_turns(dependencies.worker, dependencies.recorder),
      m_titles(dependencies.worker) {
  connectStore();
  connectTransfer();
  connect(&m_attachments, &AttachmentListModel::failed, this, &ChatController::notice);
  // The panel says it by itself, where it is still open.
  connect(&m_statisticsExporter, &StatisticsExporter::finished, this, [this](const QString& words) {
    if (m_insights.isOpen()) return;
    emit notice(words);
    m_statisticsExporter.forgetOutcome();
  });
  connectTurn();
  connect(&m_model, &ModelViewModel::loadStarted, &m_status, &StatusViewModel::loadStarted);
  connect(&m_model, &ModelViewModel::pairLoaded, this, &ChatController::settingsChanged);
  connect(&m_status, &StatusViewModel::modelChanged, this, &ChatController::sendStateChanged);
  connect(&m_status, &StatusViewModel::activityChanged, this, &ChatController::sendStateChanged);
  connect(&m_messages, &MessageListModel::loadingChanged, this, &ChatController::sendStateChanged);
  connect(this, &ChatController::currentChanged, this, &ChatController::titleChanged);
  connect(this, &ChatController::currentChanged, this, &ChatController::systemPromptChanged);
  connect(this, &ChatController::currentChanged, this, &ChatController::sendStateChanged);
  m_dateTimer.setInterval(kDateRefreshMs);
  connect(&m_dateTimer, &QTimer::timeout, &m_conversations, &ConversationListModel::refreshDates);
}

void ChatController::connectStore() {
  using Store = app::StoreThread;
  connect(&m_store, &Store::opened, this, [this](const QString& notice) {
    m_storeOpened = true;
    m_storeNotice = notice;
    emit storeErrorChanged();
  });
  connect(&m_store, &Store::conversationsLoaded, this, &ChatController::conversationsLoaded);
  connect(&m_store, &Store::messagesLoaded, this, &ChatController::messagesLoaded);
  connect(&m_store, &Store::failed, this, [this](const QString& message, const QString& remedy) {
    // What cannot even be opened will not answer either; one failed write says nothing about the next.
    m_storeWorks = m_storeOpened;
    // The first failure is the cause; what follows from it would only hide it.
    if (!m_storeError.isEmpty()) return;
    m_storeError = remedy.isEmpty() ? message : message + QLatin1Char(' ') + remedy;
    emit storeErrorChanged();
  });
}

void ChatController::connectTransfer() {
  using Store = app::StoreThread;
  connect(&m_store, &Store::exported, this,
          [this](const QString& path) { emit notice(tr("Written to %1").arg(path)); });
  connect(&m_store, &Store::imported, this, [this](int conversations) {
    m_store.loadConversations();
    emit notice(conversations == 1 ? tr("One chat was imported.")
                                   : tr("%n chats were imported.", "", conversations));
  });
  connect(&m_store, &Store::transferFailed, this, [this](const QString& message, const QString& remedy) {
    emit notice(remedy.isEmpty() ? message : message + QLatin1Char(' ') + remedy);
  });
}

void ChatController::exportCurrent(const QUrl& file) {
  if (m_currentId != 0) m_store.exportTo(file.toLocalFile(), m_currentId);
}

void ChatController::exportAll(const QUrl& file) {
  m_store.exportTo(file.toLocalFile(), 0);
}

void ChatController::importFrom(const QUrl& file) {
  m_store.importFrom(file.toLocalFile());
}

void ChatController::tellContext() {
  const QList<app::Message>& messages = m_messages.messages();
  for (auto message = messages.crbegin(); message != messages.crend(); ++message) {
    if (!message->statistics) continue;
    return m_status.setContextTokens(message->statistics->prompt_tokens +
                                     message->statistics->generated_tokens);
  }
  m_status.setContextTokens(0);
}

void ChatController::connectTurn() {
  connect(&m_messages, &MessageListModel::countChanged, this, &ChatController::tellContext);
  connect(&m_messages, &QAbstractItemModel::dataChanged, this,
          [this](const QModelIndex&, const QModelIndex&, const QList<int>& roles) {
            if (roles.contains(MessageListModel::FiguresTextRole)) tellContext();
          });
  connect(&m_turns, &TurnRunner::activeChanged, this, &ChatController::turnActiveChanged);
  connect(&m_turns, &TurnRunner::answerChanged, this, &ChatController::wishTitle);
  connect(&m_titles, &TitleSuggester::suggested, this, &ChatController::takeTitle);
  connect(&m_turns, &TurnRunner::textAppended, &m_messages, &MessageListModel::appendText);
  connect(&m_turns, &TurnRunner::answerChanged, &m_messages, &MessageListModel::update);
}

void ChatController::start() {
  m_store.open();
  m_store.loadConversations();
  m_dateTimer.start();
  m_model.loadSettings();
}

bool ChatController::usesEmbeddedModel() const {
  const app::Settings& settings = m_settings.settings();
  return settings.verifierPath.isEmpty() && !settings.modelForThisRun;
}

QUrl ChatController::documentsFolder() const {
  const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
  return QUrl::fromLocalFile(QFileInfo(documents).isDir() ? documents : QDir::homePath());
}

QString ChatController::title() const {
  const app::Conversation* current = m_conversations.find(m_currentId);
  return current == nullptr || current->title.isEmpty() ? tr("New chat") : current->title;
}

bool ChatController::answeringHere() const {
  return m_turns.active() && m_turns.conversationId() == m_currentId;
}

bool ChatController::answeringElsewhere() const {
  return m_turns.active() && m_turns.conversationId() != m_currentId;
}

bool ChatController::canSend() const {
  return sendHint().isEmpty();
}

QString ChatController::sendHint() const {
  if (answeringHere() && m_status.activity() == StatusViewModel::Activity::Waiting) {
    return tr("This is answered as soon as the model is loaded.");
  }
  if (answeringHere()) return tr("Answering. You can type your next message meanwhile.");
  if (answeringElsewhere()) return tr("Another chat is being answered. Wait for it, or stop it.");
  if (m_messages.loading()) return tr("Opening this chat\u2026");
  if (m_status.modelState() == StatusViewModel::ModelState::Failed)
    return tr("No model is loaded, see above.");
  return {};
}

void ChatController::setDraft(const QString& text) {
  if (text.isEmpty()) {
    m_drafts.remove(m_currentId);
  } else {
    m_drafts.insert(m_currentId, text);
  }
}

void ChatController::conversationsLoaded(const QList<app::Conversation>& conversations) {
  // A chat that was begun before the list came is not in it yet.
  QList<app::Conversation> all = conversations;
  for (int row = 0; row < m_conversations.count(); ++row) {
    const app::Conversation& made = *m_conversations.at(row);
    const bool known = std::any_of(all.cbegin(), all.cend(),
                                   [&](const app::Conversation& each) { return each.id == made.id; });
    if (!known) all.append(made);
  }
  m_conversations.reset(std::move(all));
  emit titleChanged();
}

void ChatController::messagesLoaded(app::RecordId conversationId, QList<app::Message> tree) {
  if (conversationId != m_currentId) return;  // the user has moved on
  if (const TurnRunner::Turn* turn = m_turns.turn(); turn && turn->answer.conversationId == conversationId) {
    // What streamed since the last save is newer than what the store has.
    for (app::Message& message : tree) {
      if (message.id == turn->answer.id) message = turn->answer;
    }
  }
  const app::Conversation* conversation = m_conversations.find(conversationId);
  m_messages.reset(tree, conversation == nullptr ? 0 : conversation->headMessageId);
  showWanted();
}

void ChatController::show(app::RecordId conversationId) {
  if (conversationId == m_currentId) return;
  if (!m_storeWorks && m_currentId != 0) m_unstored.insert(m_currentId, m_messages.tree().messages());
  endEdit();
  m_currentId = conversationId;
  m_conversations.setCurrent(conversationId);
  m_messages.clear(conversationId != 0);
  m_status.chatChanged();
  if (conversationId != 0) {
    if (m_storeWorks) {
      m_store.loadMessages(conversationId);
    } else {
      messagesLoaded(conversationId, m_unstored.take(conversationId));
    }
  }
  emit currentChanged();
}

void ChatController::openHit(int row) {
  const app::SearchHit* hit = m_search.at(row);
  if (hit == nullptr) return;
  m_wantedId = hit->messageId;
  if (hit->conversationId == m_currentId) {
    showWanted();
  } else {
    show(hit->conversationId);
  }
}

void ChatController::showWanted() {
  const app::RecordId wanted = std::exchange(m_wantedId, 0);
  if (m_messages.tree().find(wanted) == nullptr) return;
  // It may stand on another branch than the one that was shown last.
  if (m_messages.rowOf(wanted) < 0 && !answeringHere()) showHead(m_messages.tree().newestBelow(wanted));
  if (const int row = m_messages.rowOf(wanted); row >= 0) emit messageFound(row);
}

void ChatController::newChat() {
  show(0);
}

void ChatController::select(int row) {
  if (const app::Conversation* conversation = m_conversations.at(row)) show(conversation->id);
}

void ChatController::showAnswering() {
  if (m_turns.active()) show(m_turns.conversationId());
}

void ChatController::rename(int row, const QString& title) {
  const app::Conversation* conversation = m_conversations.at(row);
  const QString cleaned = app::cleanedTitle(title);
  if (conversation == nullptr || cleaned.isEmpty() || cleaned == conversation->title) return;
  const app::RecordId id = conversation->id;
  m_conversations.setTitle(id, cleaned, true);
  m_store.renameConversation(id, cleaned, true);
  if (id == m_currentId) emit titleChanged();
}

void ChatController::renameCurrent(const QString& title) {
  rename(m_conversations.currentRow(), title);
}

void ChatController::remove(int row) {
  const app::Conversation* found = m_conversations.at(row);
  if (found == nullptr) return;
  const app::Conversation conversation = *found;
  if (m_turns.active() && m_turns.conversationId() == conversation.id) stop();
  m_conversations.remove(conversation.id);
  m_store.deleteConversation(conversation.id);
  m_removed.append(conversation);
  if (conversation.id == m_currentId) newChat();
  emit removed(static_cast<int>(m_removed.size()),
               conversation.title.isEmpty() ? tr("New chat") : conversation.title);
}

void ChatController::undoRemove() {
  undoBranches();
  if (m_removed.isEmpty()) return;
  const app::RecordId last = m_removed.last().id;
  for (const app::Conversation& conversation : std::exchange(m_removed, {})) {
    m_store.restoreConversation(conversation.id);
    m_conversations.insert(conversation);
  }
  // Whoever undoes wants to see what came back, unless another chat was opened meanwhile.
  if (m_currentId == 0) show(last);
}

void ChatController::forgetRemoved() {
  if (m_removed.isEmpty() && m_removedBranches.isEmpty()) return;
  m_removed.clear();
  m_removedBranches.clear();
  m_store.purgeDeleted();
}

app::Conversation ChatController::ensureConversation(const QString& question, const QDateTime& now) {
  if (const app::Conversation* current = m_conversations.find(m_currentId)) return *current;
  app::Conversation made;
  made.id = app::newId();
  made.title = app::titleFromQuestion(question);
  made.createdAt = now;
  made.updatedAt = now;
  made.systemPrompt = std::exchange(m_newChatPrompt, std::nullopt);
  m_store.insertConversation(made);
  m_conversations.insert(made);
  m_drafts.remove(0);
  m_currentId = made.id;
  m_conversations.setCurrent(made.id);
  emit currentChanged();
  return made;
}

QString ChatController::systemPrompt() const {
  const app::Conversation* current = m_conversations.find(m_currentId);
  const std::optional<QString>& own = current != nullptr ? current->systemPrompt : m_newChatPrompt;
  return own.value_or(m_settings.settings().systemPrompt);
}

void ChatController::setSystemPrompt(const QString& prompt) {
  keepSystemPrompt(prompt.trimmed());
}

void ChatController::resetSystemPrompt() {
  keepSystemPrompt(std::nullopt);
}

void ChatController::keepSystemPrompt(const std::optional<QString>& prompt) {
  if (m_conversations.find(m_currentId) == nullptr) {
    m_newChatPrompt = prompt;
  } else {
    m_conversations.setSystemPrompt(m_currentId, prompt);
    m_store.setSystemPrompt(m_currentId, prompt);
  }
  emit systemPromptChanged();
}

void ChatController::setPinned(int row, bool pinned) {
  const app::Conversation* conversation = m_conversations.at(row);
  if (conversation == nullptr) return;
  const app::RecordId id = conversation->id;
  m_store.setPinned(id, pinned);
  m_conversations.setPlace(id, pinned, conversation->archived);
}

void ChatController::setArchived(int row, bool archived) {
  const app::Conversation* conversation = m_conversations.at(row);
  if (conversation == nullptr) return;
  const app::RecordId id = conversation->id;
  m_store.setArchived(id, archived);
  m_conversations.setPlace(id, conversation->pinned, archived);
}

bool ChatController::send(const QString& text) {
  const QString typed = text.trimmed();
  if (typed.isEmpty() || !canSend()) return false;
  const QString question = m_attachments.takeInto(typed);
  const QDateTime now = QDateTime::currentDateTimeUtc();
  const app::Conversation conversation = ensureConversation(typed, now);
  const app::Message* edited = m_messages.tree().find(m_editingId);

  TurnRunner::Turn turn;
  turn.question.id = app::newId();
  turn.question.conversationId = conversation.id;
  turn.question.parentId = edited != nullptr ? edited->parentId : m_messages.lastId();
  turn.question.text = question;
  turn.question.createdAt = now;
  turn.answer.id = app::newId();
  turn.answer.conversationId = conversation.id;
  turn.answer.parentId = turn.question.id;
  turn.answer.role = Role::kAssistant;
  turn.answer.state = app::MessageState::Streaming;
  turn.answer.createdAt = now;

  QList<app::Message> before = m_messages.messages();
  if (edited != nullptr) before.resize(std::max(m_messages.rowOf(edited->id), 0));
  endEdit();
  setDraft({});
  startTurn(std::move(turn), app::promptFor(before, question, systemPrompt()));
  return true;
}

void ChatController::startTurn(TurnRunner::Turn turn, std::vector<ChatMessage> prompt) {
  app::GenerationRequest request;
  request.answerId = turn.answer.id;
  request.messages = std::move(prompt);
  request.options = m_settings.optionsForTurn();

  if (turn.kind == TurnRunner::Turn::Kind::Question) m_messages.append(turn.question);
  if (turn.kind == TurnRunner::Turn::Kind::Continuation) {
    m_messages.update(turn.answer);
  } else {
    m_messages.append(turn.answer);
  }
  m_conversations.touch(m_currentId, turn.answer.id, QDateTime::currentDateTimeUtc());
  m_status.turnStarted();
  m_turns.start(turn, std::move(request));
  emit questionSent();
}

void ChatController::stop() {
  if (!m_turns.active()) return;
  m_status.turnStopping();
  m_turns.stop();
}

void ChatController::turnActiveChanged() {
  m_conversations.setAnswering(m_turns.conversationId());
  emit sendStateChanged();
}

void ChatController::wishTitle(const app::Message& answer) {
  const bool first = m_messages.count() == 2 && m_messages.lastId() == answer.id;
  if (!first || answer.state != app::MessageState::Complete || !m_settings.titlesByModel()) return;
  std::vector<ChatMessage> conversation = app::promptFor({}, m_messages.textAt(0), systemPrompt());
  conversation.push_back({Role::kAssistant, answer.text.toStdString()});
  m_titles.wish(answer, std::move(conversation), m_settings.optionsForTurn());
}

void ChatController::takeTitle(app::RecordId conversationId, const QString& title) {
  const app::Conversation* conversation = m_conversations.find(conversationId);
  if (conversation == nullptr || conversation->titleIsManual) return;
  m_conversations.setTitle(conversationId, title, false);
  m_store.renameConversation(conversationId, title, false);
  if (conversationId == m_currentId) emit titleChanged();
}

void ChatController::copyMessage(int row) {
  if (const QString text = m_messages.textAt(row); !text.isEmpty())
    QGuiApplication::clipboard()->setText(text);
}

void ChatController::retryLoad() {
  m_model.loadSettings();
}

void ChatController::useEmbeddedModel() {
  m_settings.change([](app::Settings& settings) {
    settings.verifierPath.clear();
    settings.draftPath.clear();
    settings.modelForThisRun.reset();
  });
  emit settingsChanged();
  m_model.loadSettings();
}

void ChatController::dismissStoreMessages() {
  m_storeError.clear();
  m_storeNotice.clear();
  emit storeErrorChanged();
}

}  // namespace fovea::ui
