#include "ui/chat_controller.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QTest>

#include "tests/ui/support/sample_chats.h"
#include "tests/ui/support/window_fixture.h"

using fovea::test::WindowFixture;
using fovea::ui::ChatController;
using fovea::ui::MessageListModel;
using fovea::ui::StatusViewModel;
using Activity = StatusViewModel::Activity;
using ModelState = StatusViewModel::ModelState;
using Phase = MessageListModel::Phase;

namespace {

Phase lastPhase(ChatController& chat) {
  MessageListModel* model = chat.messages();
  return model->data(model->index(model->count() - 1), MessageListModel::PhaseRole).value<Phase>();
}

bool idle(ChatController& chat) {
  return !chat.answeringHere() && !chat.answeringElsewhere();
}

void ready(WindowFixture& parts) {
  parts.chat.start();
  QTRY_COMPARE(parts.chat.status()->modelState(), ModelState::Ready);
}

void ask(ChatController& chat, const QString& question) {
  QVERIFY(chat.send(question));
  QTRY_VERIFY(idle(chat));
}

}  // namespace

class ChatControllerTest : public QObject {
  Q_OBJECT

 private slots:
  void loadsTheModelAndSaysSo() {
    WindowFixture parts;
    StatusViewModel* status = parts.chat.status();
    QCOMPARE(status->modelState(), ModelState::NotLoaded);
    parts.script.holdLoad(true);
    parts.chat.start();
    QCOMPARE(status->modelState(), ModelState::Loading);
    QTRY_VERIFY(status->loadProgress() >= 0.5);
    QVERIFY(status->modelStateText().contains(QStringLiteral("weights")));
    parts.script.holdLoad(false);
    QTRY_COMPARE(status->modelState(), ModelState::Ready);
    QCOMPARE(status->modelName(), QStringLiteral("Scripted 51M"));
    QVERIFY(status->modelDetails().contains(QStringLiteral("Scripted 6M")));
    QCOMPARE(status->deviceText(), QStringLiteral("CPU, 2 threads"));
  }
  void asksAndIsAnswered() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    chat.start();
    QTRY_VERIFY(chat.canSend() && chat.status()->modelState() == ModelState::Ready);
    QVERIFY(!chat.send(QStringLiteral("  \n")));
    QVERIFY(chat.send(QStringLiteral(" Tell me about the sea and all of its ships ")));
    QVERIFY(chat.answeringHere());
    QVERIFY(!chat.canSend());
    QVERIFY(!chat.send(QStringLiteral("again")));
    QCOMPARE(chat.title(), QStringLiteral("Tell me about the sea and\u2026"));
    QTRY_VERIFY(idle(chat));
    QCOMPARE(chat.messages()->textAt(0), QStringLiteral("Tell me about the sea and all of its ships"));
    QCOMPARE(chat.messages()->textAt(1), QStringLiteral("Once upon a time."));
    QCOMPARE(lastPhase(chat), Phase::Complete);
    QVERIFY(chat.status()->speedText().contains(QStringLiteral("tokens/s")));
    QCOMPARE(chat.status()->acceptanceText(), QStringLiteral("75% of drafts accepted"));
    QVERIFY(chat.status()->savedText().endsWith(QStringLiteral("% of KV reads saved")));
    QCOMPARE(chat.status()->activity(), Activity::Idle);
  }
  void theSecondQuestionCarriesTheFirstTurn() {
    fovea::app::Settings settings;
    settings.systemPrompt = QStringLiteral("Be brief.");
    WindowFixture parts(settings);
    ChatController& chat = parts.chat;
    chat.start();
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
    chat.send(QStringLiteral("one"));
    QTRY_VERIFY(idle(chat));
    chat.send(QStringLiteral("two"));
    QTRY_VERIFY(idle(chat));
    const std::vector<fovea::ChatMessage> prompt = parts.script.lastPrompt();
    QCOMPARE(prompt.size(), size_t{4});
    QCOMPARE(prompt.at(0).content, std::string("Be brief."));
    QCOMPARE(prompt.at(1).content, std::string("one"));
    QCOMPARE(prompt.at(2).content, std::string("Once upon a time."));
    QCOMPARE(prompt.at(3).content, std::string("two"));
  }
  void aQuestionWaitsForTheModel() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    parts.script.holdLoad(true);
    chat.start();
    QVERIFY(chat.canSend());
    QVERIFY(chat.send(QStringLiteral("hello")));
    QCOMPARE(chat.status()->activity(), Activity::Waiting);
    QCOMPARE(lastPhase(chat), Phase::Pending);
    parts.script.holdLoad(false);
    QTRY_VERIFY(idle(chat));
    QCOMPARE(chat.messages()->textAt(1), QStringLiteral("Once upon a time."));
  }
  void stops() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    parts.script.allow(2);
    chat.start();
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
    chat.send(QStringLiteral("hello"));
    QTRY_COMPARE(chat.messages()->textAt(1), QStringLiteral("Once upon"));
    QCOMPARE(chat.status()->activity(), Activity::Answering);
    chat.stop();
    QCOMPARE(chat.status()->activity(), Activity::Stopping);
    QTRY_VERIFY(idle(chat));
    QCOMPARE(lastPhase(chat), Phase::Stopped);
    QCOMPARE(chat.messages()->textAt(1), QStringLiteral("Once upon"));
  }
  void aFailedTurnSaysWhy() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    parts.script.setTurnError(fovea::Error{fovea::ErrorCode::kInvalidArgument, "Too long.", "Shorten it."});
    chat.start();
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
    chat.send(QStringLiteral("hello"));
    QTRY_VERIFY(idle(chat));
    QCOMPARE(lastPhase(chat), Phase::Failed);
    MessageListModel* model = chat.messages();
    QCOMPARE(model->data(model->index(1), MessageListModel::PhaseTextRole).toString(),
             QStringLiteral("Too long. Shorten it."));
    QVERIFY(chat.canSend());
  }
  void tellsWhatTheModelDidNotSee() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    parts.script.setDroppedMessages(4);
    chat.start();
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
    chat.send(QStringLiteral("hello"));
    QTRY_VERIFY(idle(chat));
    MessageListModel* model = chat.messages();
    QVERIFY(model->data(model->index(1), MessageListModel::DroppedTextRole)
                .toString()
                .contains(QLatin1Char('4')));
    QVERIFY(chat.status()->contextText().contains(QLatin1Char('4')));
    chat.newChat();
    QVERIFY(chat.status()->contextText().isEmpty());
  }
  void anAnswerGoesOnBehindAnotherChat() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    parts.script.allow(2);
    chat.start();
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
    chat.send(QStringLiteral("hello"));
    QTRY_COMPARE(chat.messages()->textAt(1), QStringLiteral("Once upon"));
    chat.newChat();
    QVERIFY(chat.answeringElsewhere());
    QVERIFY(!chat.canSend());
    QVERIFY(!chat.sendHint().isEmpty());
    QCOMPARE(chat.messages()->count(), 0);
    parts.script.allow(3);
    QTest::qWait(50);
    chat.showAnswering();
    QTRY_COMPARE(chat.messages()->count(), 2);
    QTRY_COMPARE(chat.messages()->textAt(1), QStringLiteral("Once upon a"));
    parts.script.allow(-1);
    QTRY_VERIFY(idle(chat));
    QCOMPARE(chat.messages()->textAt(1), QStringLiteral("Once upon a time."));
  }
  void anEditedQuestionIsABranch() {
    QTemporaryDir folder;
    const QString database = folder.filePath(QStringLiteral("chats.db"));
    {
      WindowFixture parts({}, database);
      ChatController& chat = parts.chat;
      ready(parts);
      ask(chat, QStringLiteral("one"));
      ask(chat, QStringLiteral("two"));
      QCOMPARE(chat.beginEdit(1), QString());  // an answer
      QCOMPARE(chat.beginEdit(0), QStringLiteral("one"));
      QVERIFY(chat.editing());
      ask(chat, QStringLiteral("uno"));
      QVERIFY(!chat.editing());
      QCOMPARE(chat.messages()->count(), 2);
      QCOMPARE(parts.script.lastPrompt().size(), size_t{1});
      QCOMPARE(parts.script.lastPrompt().at(0).content, std::string("uno"));
      chat.showVersion(0, 1);  // there is none after it
      QCOMPARE(chat.messages()->textAt(0), QStringLiteral("uno"));
      chat.showVersion(0, -1);
      QCOMPARE(chat.messages()->count(), 4);
      QCOMPARE(chat.messages()->textAt(2), QStringLiteral("two"));
      ask(chat, QStringLiteral("three"));
      QCOMPARE(parts.script.lastPrompt().size(), size_t{5});
    }
    WindowFixture parts({}, database);
    ready(parts);
    QTRY_COMPARE(parts.chat.conversations()->count(), 1);
    parts.chat.select(0);
    QTRY_COMPARE(parts.chat.messages()->count(), 6);
    parts.chat.showVersion(0, 1);
    QCOMPARE(parts.chat.messages()->textAt(0), QStringLiteral("uno"));
  }
  void answersAnew() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    ready(parts);
    ask(chat, QStringLiteral("one"));
    ask(chat, QStringLiteral("two"));
    parts.script.setPieces({"Another."});
    chat.regenerate(1);
    QVERIFY(chat.answeringHere());
    QTRY_VERIFY(idle(chat));
    QCOMPARE(chat.messages()->count(), 2);
    QCOMPARE(chat.messages()->textAt(1), QStringLiteral("Another."));
    QCOMPARE(parts.script.lastPrompt().size(), size_t{1});
    chat.showVersion(1, -1);
    QCOMPARE(chat.messages()->count(), 4);
    QCOMPARE(chat.messages()->textAt(1), QStringLiteral("Once upon a time."));
  }
  void aCutAnswerGoesOn() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    parts.script.setReason(fovea::FinishReason::kMaxTokens);
    ready(parts);
    ask(chat, QStringLiteral("one"));
    MessageListModel* model = chat.messages();
    QVERIFY(model->data(model->index(1), MessageListModel::CanContinueRole).toBool());
    const int firstTokens = model->messages().at(1).statistics->generated_tokens;
    parts.script.setReason(fovea::FinishReason::kEndOfText);
    parts.script.setPieces({" There", " was."});
    chat.continueAnswer(1);
    QTRY_VERIFY(idle(chat));
    QCOMPARE(model->count(), 2);
    QCOMPARE(model->textAt(1), QStringLiteral("Once upon a time. There was."));
    QCOMPARE(parts.script.lastPrompt().back().role, fovea::Role::kAssistant);
    QCOMPARE(parts.script.lastPrompt().back().content, std::string("Once upon a time."));
    QVERIFY(!model->data(model->index(1), MessageListModel::CanContinueRole).toBool());
    // The engine's script says as many tokens for the two pieces as at the beginning of any answer.
    fovea::test::TurnScript again(128);
    fovea::ReadMap reads;
    const int secondTokens = again.step(reads).emitted + again.step(reads).emitted;
    QCOMPARE(model->messages().at(1).statistics->generated_tokens, firstTokens + secondTokens);
    chat.newChat();
    chat.select(0);
    QTRY_COMPARE(model->textAt(1), QStringLiteral("Once upon a time. There was."));
  }
  void aBranchIsDeletedAndComesBack() {
    QTemporaryDir folder;
    const QString database = folder.filePath(QStringLiteral("chats.db"));
    {
      WindowFixture parts({}, database);
      ChatController& chat = parts.chat;
      ready(parts);
      ask(chat, QStringLiteral("one"));
      ask(chat, QStringLiteral("two"));
      chat.removeBranch(2);
      QCOMPARE(chat.messages()->count(), 2);
      chat.undoRemove();
      QTRY_COMPARE(chat.messages()->count(), 4);
      chat.removeBranch(2);
      chat.forgetRemoved();
      ask(chat, QStringLiteral("other"));
      QCOMPARE(parts.script.lastPrompt().size(), size_t{3});
    }
    WindowFixture parts({}, database);
    ready(parts);
    QTRY_COMPARE(parts.chat.conversations()->count(), 1);
    parts.chat.select(0);
    QTRY_COMPARE(parts.chat.messages()->count(), 4);
    QCOMPARE(parts.chat.messages()->textAt(2), QStringLiteral("other"));
    QCOMPARE(parts.chat.messages()
                 ->data(parts.chat.messages()->index(2), MessageListModel::VersionCountRole)
                 .toInt(),
             1);
  }
  void aNewChatFromHere() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    ready(parts);
    ask(chat, QStringLiteral("one"));
    ask(chat, QStringLiteral("two"));
    chat.newChatFrom(1);
    QCOMPARE(chat.conversations()->count(), 2);
    QTRY_COMPARE(chat.messages()->count(), 2);
    QCOMPARE(chat.messages()->textAt(1), QStringLiteral("Once upon a time."));
    chat.select(1);
    QTRY_COMPARE(chat.messages()->count(), 4);
  }
  void aChatHasItsOwnInstruction() {
    QTemporaryDir folder;
    const QString database = folder.filePath(QStringLiteral("chats.db"));
    fovea::app::Settings settings;
    settings.systemPrompt = QStringLiteral("Be kind.");
    {
      WindowFixture parts(settings, database);
      ChatController& chat = parts.chat;
      ready(parts);
      QCOMPARE(chat.systemPrompt(), QStringLiteral("Be kind."));
      chat.setSystemPrompt(QStringLiteral(" Rhyme. "));  // of the chat to come
      ask(chat, QStringLiteral("one"));
      QCOMPARE(parts.script.lastPrompt().at(0).content, std::string("Rhyme."));
      chat.newChat();
      QCOMPARE(chat.systemPrompt(), QStringLiteral("Be kind."));
    }
    WindowFixture parts(settings, database);
    ready(parts);
    QTRY_COMPARE(parts.chat.conversations()->count(), 1);
    parts.chat.select(0);
    QTRY_COMPARE(parts.chat.messages()->count(), 2);
    QCOMPARE(parts.chat.systemPrompt(), QStringLiteral("Rhyme."));
    parts.chat.resetSystemPrompt();
    QCOMPARE(parts.chat.systemPrompt(), QStringLiteral("Be kind."));
    parts.chat.setSystemPrompt({});
    ask(parts.chat, QStringLiteral("two"));
    QCOMPARE(parts.script.lastPrompt().at(0).role, fovea::Role::kUser);
  }
  void pinsAndArchivesForGood() {
    QTemporaryDir folder;
    const QString database = folder.filePath(QStringLiteral("chats.db"));
    fovea::test::writeSampleChats(database, {.shortChats = 3});
    QString pinned;
    {
      WindowFixture parts({}, database);
      ready(parts);
      QTRY_COMPARE(parts.chat.conversations()->count(), 3);
      pinned = parts.chat.conversations()->at(2)->title;
      parts.chat.setArchived(0, true);
      parts.chat.setPinned(1, true);
    }
    WindowFixture parts({}, database);
    ready(parts);
    QTRY_COMPARE(parts.chat.conversations()->count(), 3);
    QCOMPARE(parts.chat.conversations()->at(0)->title, pinned);
    QVERIFY(parts.chat.conversations()->at(2)->archived);
  }
  void tellsHowFullTheContextIs() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    ready(parts);
    QCOMPARE(chat.status()->contextUsed(), 0.0);
    ask(chat, QStringLiteral("one"));
    QCOMPARE(chat.status()->contextUsed(), (128.0 + 16.0) / 4096.0);
    chat.newChat();
    QCOMPARE(chat.status()->contextUsed(), 0.0);
  }
  void attachesTextFiles() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    ready(parts);
    const auto write = [&](const char* name, const QByteArray& bytes) {
      QFile file(parts.folder.filePath(QString::fromUtf8(name)));
      if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) qFatal("no file");
      return QUrl::fromLocalFile(file.fileName());
    };
    const QSignalSpy notices(&chat, &ChatController::notice);
    fovea::ui::AttachmentListModel* attachments = chat.attachments();
    attachments->attach(write("notes.md", "One ```two``` three.\r\nFour."));
    QTRY_COMPARE(attachments->count(), 1);
    QTRY_COMPARE(
        attachments->data(attachments->index(0), fovea::ui::AttachmentListModel::SizeTextRole).toString(),
        QStringLiteral("6 tokens"));
    attachments->attach(write("picture.png", QByteArray("\x89PNG\0\xff\xfe", 7)));
    QTRY_COMPARE(notices.count(), 1);
    QVERIFY(notices.at(0).at(0).toString().contains(QStringLiteral("picture.png")));
    attachments->attach(write("large.txt", QByteArray(1024 * 1024 + 1, 'a')));
    QTRY_COMPARE(notices.count(), 2);
    attachments->attach(QUrl::fromLocalFile(parts.folder.filePath(QStringLiteral("none.txt"))));
    QTRY_COMPARE(notices.count(), 3);
    ask(chat, QStringLiteral("Sum it up"));
    QCOMPARE(attachments->count(), 0);
    QCOMPARE(chat.title(), QStringLiteral("Sum it up"));
    QCOMPARE(chat.messages()->textAt(0),
             QStringLiteral("Sum it up\n\nnotes.md:\n````md\nOne ```two``` three.\nFour.\n````"));
  }
  void exportsAndImports() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    ready(parts);
    ask(chat, QStringLiteral("one"));
    const QSignalSpy notices(&chat, &ChatController::notice);
    const QUrl file = QUrl::fromLocalFile(parts.folder.filePath(QStringLiteral("all.json")));
    chat.exportAll(file);
    QTRY_COMPARE(notices.count(), 1);
    chat.importFrom(file);
    QTRY_COMPARE(chat.conversations()->count(), 2);
    chat.importFrom(QUrl::fromLocalFile(parts.folder.filePath(QStringLiteral("none.json"))));
    QTRY_COMPARE(notices.count(), 3);
    QVERIFY(notices.at(2).at(0).toString().contains(QStringLiteral("none.json")));
  }
  void deletingTheAnsweringChatStopsIt() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    parts.script.allow(1);
    chat.start();
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
    chat.send(QStringLiteral("hello"));
    QTRY_COMPARE(chat.messages()->textAt(1), QStringLiteral("Once"));
    const QSignalSpy removed(&chat, &ChatController::removed);
    chat.remove(0);
    QCOMPARE(removed.count(), 1);
    QCOMPARE(chat.conversations()->count(), 0);
    QVERIFY(!chat.hasConversation());
    QTRY_VERIFY(idle(chat));
    chat.undoRemove();
    QCOMPARE(chat.conversations()->count(), 1);
    QTRY_COMPARE(chat.messages()->count(), 2);
    QCOMPARE(lastPhase(chat), Phase::Stopped);
  }
  void renamesForGood() {
    QTemporaryDir folder;
    const QString database = folder.filePath(QStringLiteral("chats.db"));
    fovea::test::writeSampleChats(database, {.shortChats = 2});
    {
      WindowFixture parts({}, database);
      parts.chat.start();
      QTRY_COMPARE(parts.chat.conversations()->count(), 2);
      parts.chat.rename(1, QStringLiteral("  Another\nname "));
      parts.chat.rename(0, QStringLiteral("   "));
      parts.chat.rename(7, QStringLiteral("nobody"));
    }
    WindowFixture parts({}, database);
    parts.chat.start();
    QTRY_COMPARE(parts.chat.conversations()->count(), 2);
    QCOMPARE(parts.chat.conversations()->at(1)->title, QStringLiteral("Another name"));
    QVERIFY(!parts.chat.conversations()->at(0)->title.isEmpty());
  }
  void fallsBackToTheEmbeddedModel() {
    fovea::app::Settings settings;
    settings.verifierPath = QStringLiteral("broken.gguf");
    WindowFixture parts(settings);
    ChatController& chat = parts.chat;
    parts.script.setLoadError(
        fovea::Error{fovea::ErrorCode::kDamaged, "broken.gguf is damaged.", "Get it again."});
    chat.start();
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Failed);
    QCOMPARE(chat.status()->loadError(), QStringLiteral("broken.gguf is damaged."));
    QCOMPARE(chat.status()->loadRemedy(), QStringLiteral("Get it again."));
    QVERIFY(!chat.canSend());
    QVERIFY(!chat.usesEmbeddedModel());
    parts.script.setLoadError(std::nullopt);
    chat.useEmbeddedModel();
    QVERIFY(chat.usesEmbeddedModel());
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
    QVERIFY(chat.canSend());
    const QString saved = parts.folder.filePath(QStringLiteral("fovea.ini"));
    QVERIFY(fovea::app::loadSettings(saved).verifierPath.isEmpty());
  }
  void withoutAStoreOneCanStillChat() {
    WindowFixture parts({}, QStringLiteral("/proc/fovea/chats.db"));
    ChatController& chat = parts.chat;
    chat.start();
    QTRY_VERIFY(!chat.storeError().isEmpty());
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
    QVERIFY(chat.send(QStringLiteral("hello")));
    QTRY_VERIFY(idle(chat));
    QCOMPARE(chat.messages()->textAt(1), QStringLiteral("Once upon a time."));
    chat.newChat();
    QVERIFY(chat.send(QStringLiteral("another")));
    QTRY_VERIFY(idle(chat));
    chat.select(1);
    QTRY_COMPARE(chat.messages()->textAt(0), QStringLiteral("hello"));
    chat.dismissStoreMessages();
    QVERIFY(chat.storeError().isEmpty());
  }
  void aLargeModelNamesTheChat() {
    WindowFixture parts;
    parts.script.setWeightsBytes(4'000'000'000);
    ChatController& chat = parts.chat;
    chat.start();
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
    chat.send(QStringLiteral("hello"));
    QTRY_COMPARE(chat.title(), QStringLiteral("A Lamp in the Storm"));
    const auto prompt = parts.script.titlePrompt();
    QCOMPARE(prompt.size(), std::size_t{3});
    QCOMPARE(prompt[0].content, std::string("hello"));
    QCOMPARE(prompt[1].content, std::string("Once upon a time."));
    // Only the first answer names a chat.
    parts.script.setTitle("Another");
    chat.send(QStringLiteral("and then?"));
    QTRY_VERIFY(idle(chat));
    QTest::qWait(50);
    QCOMPARE(chat.title(), QStringLiteral("A Lamp in the Storm"));
    // What the user wrote stays; so does the question where the model says nothing useful.
    parts.script.allow(1);
    chat.newChat();
    chat.send(QStringLiteral("third question"));
    chat.renameCurrent(QStringLiteral("Mine"));
    parts.script.allow(-1);
    QTRY_VERIFY(idle(chat));
    QTest::qWait(50);
    QCOMPARE(chat.title(), QStringLiteral("Mine"));
    parts.script.setTitle("no no no no");
    chat.newChat();
    chat.send(QStringLiteral("fourth question"));
    QTRY_VERIFY(idle(chat));
    QTest::qWait(50);
    QCOMPARE(chat.title(), QStringLiteral("fourth question"));
  }
  void aSmallModelOrTheSettingLeavesTheQuestion() {
    for (const bool small : {true, false}) {
      WindowFixture parts;
      if (!small) parts.script.setWeightsBytes(4'000'000'000);
      ChatController& chat = parts.chat;
      chat.settings()->setTitlesByModel(small);
      chat.start();
      QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
      chat.send(QStringLiteral("hello"));
      QTRY_VERIFY(idle(chat));
      QTest::qWait(50);
      QCOMPARE(chat.title(), QStringLiteral("hello"));
      QVERIFY(parts.script.titlePrompt().empty());
    }
  }
  void keepsWhatWasTypedPerChat() {
    WindowFixture parts;
    ChatController& chat = parts.chat;
    chat.start();
    QTRY_COMPARE(chat.status()->modelState(), ModelState::Ready);
    chat.send(QStringLiteral("hello"));
    QTRY_VERIFY(idle(chat));
    chat.setDraft(QStringLiteral("half a thought"));
    chat.newChat();
    QCOMPARE(chat.draft(), QString());
    chat.select(0);
    QCOMPARE(chat.draft(), QStringLiteral("half a thought"));
  }
};

QTEST_MAIN(ChatControllerTest)
#include "chat_controller_test.moc"
