#include "app/conversation_search.h"

#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QtTest>

#include "store_fixtures.h"

using namespace fovea;
using namespace fovea::app;

class ConversationSearchTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_store = openStore(m_folder->filePath(QStringLiteral("conversations.db")));
    QVERIFY(m_store);
    FOVEA_VERIFY_OK(m_store->insertConversation(makeConversation(1, QStringLiteral("The lighthouse"))));
    turn(10, 1, QStringLiteral("Who keeps the lamp?"),
         QStringLiteral("The keeper, \u00c9mile. <b>Not</b> a robot."));
    FOVEA_VERIFY_OK(m_store->insertConversation(makeConversation(2, QStringLiteral("Bread"))));
    turn(20, 2, QStringLiteral("Why does it rise?"),
         QStringLiteral("Because of the yeast, as a lighthouse does not."));
  }

  void findsTitlesAndTexts() {
    const QList<SearchHit> hits = find(QStringLiteral("lighthouse"));
    QCOMPARE(hits.size(), 2);
    QCOMPARE(hits[0].conversationId, 1);
    QCOMPARE(hits[0].messageId, 0);
    QCOMPARE(hits[0].excerpt, QStringLiteral("The \u0002lighthouse\u0003"));
    QCOMPARE(hits[1].messageId, 21);
    QCOMPARE(hits[1].title, QStringLiteral("Bread"));
    QVERIFY(hits[1].excerpt.contains(QStringLiteral("\u0002lighthouse\u0003")));
  }
  void theLastWordMayBeABeginning() {
    QCOMPARE(find(QStringLiteral("light")).size(), 2);
    QCOMPARE(find(QStringLiteral("light ")).size(), 0);
    QCOMPARE(find(QStringLiteral("yeast light")).size(), 1);
    QCOMPARE(find(QStringLiteral("ye lighthouse")).size(), 0);
  }
  void lettersAreComparedWithoutAccentsAndCase() {
    QCOMPARE(find(QStringLiteral("emile")).size(), 1);
    QCOMPARE(find(QStringLiteral("\u00c9MILE")).size(), 1);
  }
  void whatIsDeletedIsNotFound() {
    FOVEA_VERIFY_OK(m_store->deleteBranch(20));
    QCOMPARE(find(QStringLiteral("yeast")).size(), 0);
    FOVEA_VERIFY_OK(m_store->restoreBranch(20));
    QCOMPARE(find(QStringLiteral("yeast")).size(), 1);
    FOVEA_VERIFY_OK(m_store->deleteConversation(2));
    QCOMPARE(find(QStringLiteral("yeast")).size(), 0);
    FOVEA_VERIFY_OK(m_store->restoreConversation(2));
    FOVEA_VERIFY_OK(m_store->renameConversation(2, QStringLiteral("Dough"), true));
    QCOMPARE(find(QStringLiteral("bread")).size(), 0);
    QCOMPARE(find(QStringLiteral("dough")).size(), 1);
  }
  void oddQueriesAreHarmless_data() {
    QTest::addColumn<QString>("typed");
    for (const char* typed : {"",       " ",     "\"",  "'",       "*",
                              "\"a",    "a AND", "NOT", "NEAR(",   "a NEAR/2 b",
                              "text:x", "-x",    "^a",  "a OR (b", "{a b}:c",
                              "%_",     "a\\",   "+",   "a+b",     "NULL; DROP TABLE messages"}) {
      QTest::newRow(typed) << QString::fromUtf8(typed);
    }
  }
  void oddQueriesAreHarmless() {
    QFETCH(QString, typed);
    const auto found = m_store->search(typed);
    QVERIFY2(found.ok(), found ? "" : found.error().to_string().c_str());
    QCOMPARE(find(QStringLiteral("yeast")).size(), 1);
  }
  void anyCharactersAreHarmless() {
    QRandomGenerator random(7);
    for (int round = 0; round < 300; ++round) {
      QString typed;
      for (int i = random.bounded(20); i > 0; --i) typed += QChar(random.bounded(1, 0x2fff));
      const auto found = m_store->search(typed);
      QVERIFY2(found.ok(), qPrintable(typed));
    }
    QVERIFY(m_store->search(QStringLiteral("word ").repeated(5000)).ok());
  }

 private:
  QList<SearchHit> find(const QString& typed) {
    const auto found = m_store->search(typed);
    if (found) return found.value();
    QTest::qFail(found.error().to_string().c_str(), __FILE__, __LINE__);
    return {};
  }
  void turn(RecordId id, RecordId conversation, const QString& question, const QString& text) {
    Message answer = makeAnswer(id + 1, conversation, id);
    FOVEA_VERIFY_OK(m_store->insertTurn(makeQuestion(id, conversation, 0, question), answer));
    answer.state = MessageState::Complete;
    answer.text = text;
    FOVEA_VERIFY_OK(m_store->finishMessage(answer));
  }

  std::unique_ptr<QTemporaryDir> m_folder;
  std::unique_ptr<ConversationStore> m_store;
};

QTEST_GUILESS_MAIN(ConversationSearchTest)
#include "conversation_search_test.moc"
