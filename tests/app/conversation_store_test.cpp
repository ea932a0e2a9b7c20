// ConversationStore: what is written comes back, in order and in every field; the text index keeps up;
// deleting hides, then purges; several connections share one database.
#include "app/conversation_store.h"

#include <QElapsedTimer>
#include <QSqlDatabase>
#include <QTemporaryDir>
#include <QtTest>
#include <thread>

#include "app/trace_blob.h"
#include "store_fixtures.h"
#include "trace_fixtures.h"

using namespace fovea;
using namespace fovea::app;

class ConversationStoreTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
    m_path = m_folder->filePath(QStringLiteral("conversations.db"));
    m_store = openStore(m_path);
    QVERIFY(m_store);
  }
  void cleanup() { m_store.reset(); }

  void startsEmptyInWalMode() {
    QVERIFY(m_store->conversations().rows.isEmpty());
    QVERIFY(m_store->messages(7).rows.isEmpty());
    QVERIFY(m_store->backupPath().isEmpty());
    QCOMPARE(ask(m_path, QStringLiteral("PRAGMA journal_mode")).toString(), QStringLiteral("wal"));
    QCOMPARE(ask(m_path, QStringLiteral("PRAGMA user_version")).toInt(), embeddedMigrations().back().version);
  }

  void conversationRoundTrip() {
    Conversation conversation = makeConversation(1, QStringLiteral("Größe 数 😀"));
    conversation.titleIsManual = true;
    FOVEA_VERIFY_OK(m_store->insertConversation(conversation));
    FOVEA_VERIFY_OK(m_store->insertConversation(makeConversation(2)));
    const auto loaded = m_store->conversations();
    QVERIFY(!loaded.damage);
    QCOMPARE(loaded.rows.size(), 2);
    QCOMPARE(loaded.rows[0].id, 2);  // newest first
    const Conversation& found = loaded.rows[1];
    QCOMPARE(found.title, conversation.title);
    QVERIFY(found.titleIsManual);
    QCOMPARE(found.headMessageId, 0);
    QCOMPARE(found.createdAt, conversation.createdAt);
    QCOMPARE(found.updatedAt, conversation.updatedAt);
  }

  void turnRoundTrip() {
    FOVEA_VERIFY_OK(m_store->insertConversation(makeConversation(1)));
    FOVEA_VERIFY_OK(
        m_store->insertTurn(makeQuestion(10, 1, 0, QStringLiteral("Why?")), makeAnswer(11, 1, 10)));
    Message answer = makeAnswer(11, 1, 10);
    answer.text = QStringLiteral("Because.\n\n\tÄ 😀 ") + QChar(0x202e) + QStringLiteral("end");
    answer.state = MessageState::Complete;
    answer.droppedMessages = 3;
    answer.statistics = makeStatistics();
    FOVEA_VERIFY_OK(m_store->finishMessage(answer));
    reopen();
    const auto loaded = m_store->messages(1);
    QVERIFY(!loaded.damage);
    QCOMPARE(loaded.rows.size(), 2);
    QCOMPARE(loaded.rows[0].text, QStringLiteral("Why?"));
    QCOMPARE(loaded.rows[0].role, Role::kUser);
    QVERIFY(!loaded.rows[0].statistics);
    const Message& found = loaded.rows[1];
    QCOMPARE(found.text, answer.text);
    QCOMPARE(found.parentId, 10);
    QCOMPARE(found.role, Role::kAssistant);
    QCOMPARE(found.state, MessageState::Complete);
    QCOMPARE(found.modelName, answer.modelName);
    QCOMPARE(found.mode, answer.mode);
    QCOMPARE(found.droppedMessages, 3);
    QCOMPARE(found.createdAt, answer.createdAt);
    QVERIFY(found.statistics);
    QVERIFY(sameStatistics(*found.statistics, makeStatistics()));
    QCOMPARE(m_store->conversations().rows[0].headMessageId, 11);
  }

  void tracesRoundTrip() {
    addTurn();
    const auto none = m_store->trace(11);
    QVERIFY(none.ok() && !none->trace && none->error.isEmpty());
    FOVEA_VERIFY_OK(m_store->saveTrace(11, encodeTrace(makeTrace())));
    FOVEA_VERIFY_OK(m_store->saveTrace(999, encodeTrace(makeTrace())));  // a message that is gone
    reopen();
    const auto found = m_store->trace(11);
    QVERIFY(found.ok() && found->trace);
    QVERIFY(sameTrace(*found->trace, makeTrace()));
    const auto all = m_store->traces(1);
    QVERIFY(!all.damage);
    QCOMPARE(all.rows.size(), 1);
    QCOMPARE(all.rows[0].messageId, 11);
    QVERIFY(m_store->traces(2).rows.isEmpty());
  }

  void aDamagedTraceIsSaid() {
    addTurn();
    FOVEA_VERIFY_OK(m_store->saveTrace(11, encodeTrace(makeTrace()).chopped(1)));
    const auto found = m_store->trace(11);
    QVERIFY(found.ok() && !found->trace);
    QVERIFY(found->error.contains(QStringLiteral("damaged")));
    QCOMPARE(m_store->traces(1).rows.size(), 1);
    QCOMPARE(m_store->messages(1).rows.size(), 2);
  }

  void tracesGoWithTheirConversation() {
    addTurn();
    FOVEA_VERIFY_OK(m_store->saveTrace(11, encodeTrace(makeTrace())));
    FOVEA_VERIFY_OK(m_store->deleteConversation(1));
    FOVEA_VERIFY_OK(m_store->purgeDeleted());
    QCOMPARE(ask(m_path, QStringLiteral("SELECT count(*) FROM message_traces")).toInt(), 0);
  }

  void unusualTexts() {
    FOVEA_VERIFY_OK(m_store->insertConversation(makeConversation(1)));
    const QStringList texts = {QString(),
                               QStringLiteral(""),
                               QStringLiteral("a") + QChar(u'\0') + QStringLiteral("b"),
                               QStringLiteral("'; DROP TABLE messages; --"),
                               QString(3'000'000, u'x'),
                               QString::fromUtf8("𝕬\u0301👩‍👩‍👧‍👦\u202eabc")};
    RecordId id = 10;
    for (const QString& text : texts) {
      FOVEA_VERIFY_OK(m_store->insertAnswer(makeQuestion(id++, 1, 0, text)));
    }
    const auto loaded = m_store->messages(1);
    QCOMPARE(loaded.rows.size(), texts.size());
    for (qsizetype i = 0; i < texts.size(); ++i) QVERIFY(loaded.rows[i].text == texts[i]);
  }

  void failedAnswerKeepsItsError() {
    addTurn();
    Message answer = makeAnswer(11, 1, 10);
    answer.text = QStringLiteral("half");
    answer.state = MessageState::Failed;
    answer.error = QStringLiteral("Out of memory.");
    FOVEA_VERIFY_OK(m_store->finishMessage(answer));
    const Message found = m_store->messages(1).rows[1];
    QCOMPARE(found.state, MessageState::Failed);
    QCOMPARE(found.error, answer.error);
    QCOMPARE(found.text, answer.text);
    QVERIFY(!found.statistics);
  }

  void partialTextAndInterruption() {
    addTurn();
    FOVEA_VERIFY_OK(m_store->savePartial(11, QStringLiteral("so far")));
    QCOMPARE(m_store->messages(1).rows[1].state, MessageState::Streaming);
    reopen();
    const Message found = m_store->messages(1).rows[1];
    QCOMPARE(found.state, MessageState::Interrupted);
    QCOMPARE(found.text, QStringLiteral("so far"));
  }

  void latePartialNeverOverwritesTheEnd() {
    addTurn();
    Message answer = makeAnswer(11, 1, 10);
    answer.text = QStringLiteral("the whole answer");
    answer.state = MessageState::Complete;
    FOVEA_VERIFY_OK(m_store->finishMessage(answer));
    FOVEA_VERIFY_OK(m_store->savePartial(11, QStringLiteral("the who")));
    QCOMPARE(m_store->messages(1).rows[1].text, answer.text);
  }

  void branchesAndHeads() {
    addTurn();
    FOVEA_VERIFY_OK(m_store->insertAnswer(makeAnswer(12, 1, 10)));
    QCOMPARE(m_store->conversations().rows[0].headMessageId, 12);
    FOVEA_VERIFY_OK(m_store->setHead(1, 11));
    QCOMPARE(m_store->conversations().rows[0].headMessageId, 11);
    FOVEA_VERIFY_OK(m_store->insertConversation(makeConversation(2)));
    QVERIFY(!m_store->setHead(2, 11).ok());  // a message of another conversation
    QVERIFY(!m_store->setHead(1, 999).ok());
    QCOMPARE(m_store->messages(1).rows.size(), 3);
  }

  void aTurnIsWholeOrNotThere() {
    addTurn();
    // The answer's id exists already, so the question must not stay either.
    QVERIFY(
        !m_store->insertTurn(makeQuestion(20, 1, 11, QStringLiteral("again")), makeAnswer(11, 1, 20)).ok());
    QCOMPARE(m_store->messages(1).rows.size(), 2);
    // A parent in another conversation, or nowhere.
    FOVEA_VERIFY_OK(m_store->insertConversation(makeConversation(2)));
    QVERIFY(!m_store->insertAnswer(makeAnswer(30, 2, 10)).ok());
    QVERIFY(!m_store->insertAnswer(makeAnswer(30, 1, 777)).ok());
    QVERIFY(!m_store->insertAnswer(makeAnswer(30, 99, 0)).ok());
    QCOMPARE(m_store->messages(2).rows.size(), 0);
    // The store still works.
    FOVEA_VERIFY_OK(m_store->insertAnswer(makeAnswer(31, 1, 10)));
  }

  void renameAndMissingRecords() {
    addTurn();
    FOVEA_VERIFY_OK(m_store->renameConversation(1, QStringLiteral("Named"), true));
    QCOMPARE(m_store->conversations().rows[0].title, QStringLiteral("Named"));
    QVERIFY(m_store->conversations().rows[0].titleIsManual);
    const auto missing = m_store->renameConversation(99, QStringLiteral("?"), true);
    QVERIFY(!missing.ok());
    QCOMPARE(missing.error().code, ErrorCode::kNotFound);
    FOVEA_VERIFY_OK(m_store->finishMessage(makeAnswer(999, 1, 10)));  // deleted meanwhile: nothing to do
    FOVEA_VERIFY_OK(m_store->savePartial(999, QStringLiteral("x")));
  }

  void deleteRestorePurge() {
    addTurn();
    FOVEA_VERIFY_OK(m_store->deleteConversation(1));
    QVERIFY(m_store->conversations().rows.isEmpty());
    FOVEA_VERIFY_OK(m_store->restoreConversation(1));
    QCOMPARE(m_store->conversations().rows.size(), 1);
    QCOMPARE(m_store->messages(1).rows.size(), 2);
    FOVEA_VERIFY_OK(m_store->deleteConversation(1));
    FOVEA_VERIFY_OK(m_store->purgeDeleted());
    QVERIFY(!m_store->restoreConversation(1).ok());
    QVERIFY(m_store->messages(1).rows.isEmpty());
    addTurn();
    FOVEA_VERIFY_OK(m_store->deleteConversation(1));
    reopen();  // the next start purges
    QVERIFY(!m_store->restoreConversation(1).ok());
    QCOMPARE(ask(m_path, QStringLiteral("SELECT count(*) FROM messages")).toInt(), 0);
  }

  void purgesAChainDeeperThanSqlitesTriggers() {
    fill(3000);
    Message last = makeAnswer(100 + 2999, 1, 100 + 2998);
    last.state = MessageState::Complete;
    last.statistics = makeStatistics();
    FOVEA_VERIFY_OK(m_store->finishMessage(last));
    FOVEA_VERIFY_OK(m_store->deleteConversation(1));
    FOVEA_VERIFY_OK(m_store->purgeDeleted());
    QCOMPARE(ask(m_path, QStringLiteral("SELECT count(*) FROM messages")).toInt(), 0);
    QCOMPARE(ask(m_path, QStringLiteral("SELECT count(*) FROM message_statistics")).toInt(), 0);
    QCOMPARE(matchCount(m_path, QStringLiteral("word")), 0);
  }

  void textIndexKeepsUp() {
    addTurn();
    QCOMPARE(matchCount(m_path, QStringLiteral("zebra")), 1);
    FOVEA_VERIFY_OK(m_store->savePartial(11, QStringLiteral("a giraffe")));
    QCOMPARE(matchCount(m_path, QStringLiteral("giraffe")), 0);  // enters the index once, at its end
    Message answer = makeAnswer(11, 1, 10);
    answer.text = QStringLiteral("an Éléphant");
    answer.state = MessageState::Complete;
    FOVEA_VERIFY_OK(m_store->finishMessage(answer));
    QCOMPARE(matchCount(m_path, QStringLiteral("giraffe")), 0);
    QCOMPARE(matchCount(m_path, QStringLiteral("elephant")), 1);
    answer.text = QStringLiteral("a lion");
    FOVEA_VERIFY_OK(m_store->finishMessage(answer));
    QCOMPARE(matchCount(m_path, QStringLiteral("elephant")), 0);
    QCOMPARE(matchCount(m_path, QStringLiteral("lion")), 1);
    FOVEA_VERIFY_OK(m_store->insertAnswer(makeAnswer(12, 1, 10)));
    FOVEA_VERIFY_OK(m_store->savePartial(12, QStringLiteral("an otter")));
    reopen();  // interrupted: its text is final now
    QCOMPARE(matchCount(m_path, QStringLiteral("otter")), 1);
    QCOMPARE(indexVerdict(), QString());
    FOVEA_VERIFY_OK(m_store->deleteConversation(1));
    FOVEA_VERIFY_OK(m_store->purgeDeleted());
    QCOMPARE(matchCount(m_path, QStringLiteral("lion OR zebra OR otter")), 0);
    QCOMPARE(indexVerdict(), QString());
  }

  void fullDiskIsAnErrorAndLosesNothing() {
    addTurn();
    // The store's own connection, with a limit on the size of its file in the place of a full disk.
    QSqlQuery limit(QSqlDatabase::database(QSqlDatabase::connectionNames().constFirst()));
    QVERIFY(limit.exec(QStringLiteral("PRAGMA max_page_count = 1")));  // no more pages than there are
    limit.finish();
    const auto full = m_store->savePartial(11, QString(1'000'000, u'x'));
    QVERIFY(!full.ok());
    QVERIFY2(full.error().message.find("is full") != std::string::npos, full.error().message.c_str());
    QVERIFY(full.error().message.find("conversations.db") != std::string::npos);
    QVERIFY(!full.error().remedy.empty());
    QVERIFY(
        !m_store->insertTurn(makeQuestion(20, 1, 11, QString(1'000'000, u'y')), makeAnswer(21, 1, 20)).ok());
    QCOMPARE(m_store->messages(1).rows.size(), 2);
    QVERIFY(limit.exec(QStringLiteral("PRAGMA max_page_count = 1000000")));
    limit.finish();
    FOVEA_VERIFY_OK(m_store->savePartial(11, QString(1'000'000, u'x')));
  }

  void twoStoresOnOneDatabase() {
    addTurn();
    const auto second = openStore(m_path);
    QVERIFY(second);
    QCOMPARE(second->conversations().rows.size(), 1);
    // The second start took the running answer for a dead one; the first program goes on and wins.
    FOVEA_VERIFY_OK(m_store->savePartial(11, QStringLiteral("still here")));
    QCOMPARE(second->messages(1).rows[1].text, QStringLiteral("still here"));
    Message answer = makeAnswer(11, 1, 10);
    answer.text = QStringLiteral("done");
    answer.state = MessageState::Complete;
    FOVEA_VERIFY_OK(m_store->finishMessage(answer));
    QCOMPARE(second->messages(1).rows[1].state, MessageState::Complete);
  }

  void manyWritersWaitForEachOther() {
    m_store.reset();
    constexpr int kWriters = 4;
    constexpr int kConversations = 40;
    std::array<std::string, kWriters> errors;
    {
      std::vector<std::thread> threads;
      threads.reserve(kWriters);
      for (int writer = 0; writer < kWriters; ++writer) {
        threads.emplace_back(
            [&, writer] { errors[writer] = writeMany(1000 * (writer + 1), kConversations); });
      }
      for (std::thread& thread : threads) thread.join();
    }
    for (const std::string& error : errors) QVERIFY2(error.empty(), error.c_str());
    m_store = openStore(m_path);
    QCOMPARE(m_store->conversations().rows.size(), kWriters * kConversations);
  }

  void loadsTwoThousandMessages() {
    fill(2000);
    QElapsedTimer timer;
    timer.start();
    const auto loaded = m_store->messages(1);
    const double milliseconds = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    QCOMPARE(loaded.rows.size(), 2000);
    qInfo("2,000 messages loaded in %.1f ms", milliseconds);
  }

 private:
  void reopen() {
    m_store.reset();
    m_store = openStore(m_path);
    QVERIFY(m_store);
  }

  /// Conversation 1 with question 10 and streaming answer 11.
  void addTurn() {
    FOVEA_VERIFY_OK(m_store->insertConversation(makeConversation(1)));
    FOVEA_VERIFY_OK(m_store->insertTurn(makeQuestion(10, 1, 0, QStringLiteral("What is a zebra?")),
                                        makeAnswer(11, 1, 10)));
  }

  /// Conversation 1 with one chain of `count` messages, from id 100.
  void fill(int count) {
    FOVEA_VERIFY_OK(m_store->insertConversation(makeConversation(1)));
    const QString text = QStringLiteral("word and more ").repeated(40);
    for (int i = 0; i < count; i += 2) {
      const RecordId id = 100 + i;
      Message answer = makeAnswer(id + 1, 1, id);
      answer.text = text;
      answer.state = MessageState::Complete;
      FOVEA_VERIFY_OK(m_store->insertTurn(makeQuestion(id, 1, i == 0 ? 0 : id - 1, text), answer));
    }
  }

  /// Empty when the text index and the messages agree.
  QString indexVerdict() const {
    const auto connection = SqlConnection::open(m_path);
    if (!connection) return QString::fromStdString(connection.error().message);
    const auto checked = connection.value()->query(
        QStringLiteral("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)"));
    return checked ? QString() : QString::fromStdString(checked.error().message);
  }

  std::string writeMany(RecordId firstId, int count) const {
    auto store = ConversationStore::open(m_path);
    if (!store) return store.error().to_string();
    for (int i = 0; i < count; ++i) {
      const auto written = store.value()->insertConversation(makeConversation(firstId + i));
      if (!written) return written.error().to_string();
    }
    return {};
  }

  std::unique_ptr<QTemporaryDir> m_folder;
  QString m_path;
  std::unique_ptr<ConversationStore> m_store;
};

QTEST_GUILESS_MAIN(ConversationStoreTest)
#include "conversation_store_test.moc"
