// StoreThread: answers in the order of the calls, on the caller's thread; the destructor finishes what was
// asked for; failures are said once and in words.
#include "app/store_thread.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QThread>
#include <QtTest>

#include "store_fixtures.h"

using namespace fovea;
using namespace fovea::app;

class StoreThreadTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("conversations.db"));
  }

  void answersInOrderOnTheCallersThread() {
    StoreThread store(m_path);
    QStringList order;
    const auto note = [&order](const char* word) {
      QVERIFY(QThread::currentThread() == qApp->thread());
      order.append(QLatin1String(word));
    };
    QList<Conversation> conversations;
    QList<Message> messages;
    connect(&store, &StoreThread::opened, this, [&] { note("opened"); });
    connect(&store, &StoreThread::conversationsLoaded, this, [&](const QList<Conversation>& loaded) {
      note("conversations");
      conversations = loaded;
    });
    connect(&store, &StoreThread::messagesLoaded, this, [&](RecordId id, const QList<Message>& loaded) {
      note("messages");
      QCOMPARE(id, 1);
      messages = loaded;
    });
    connect(&store, &StoreThread::failed, this, [&] { note("failed"); });
    store.open();
    store.insertConversation(makeConversation(1, QStringLiteral("One")));
    store.insertConversation(makeConversation(2, QStringLiteral("Two")));
    store.renameConversation(1, QStringLiteral("Named"), true);
    store.insertTurn(makeQuestion(10, 1, 0, QStringLiteral("Q")), makeAnswer(11, 1, 10));
    store.savePartial(11, QStringLiteral("part"));
    store.insertAnswer(makeAnswer(12, 1, 10));
    store.setHead(1, 11);
    store.deleteConversation(2);
    store.loadMessages(1);
    store.loadConversations();
    store.renameConversation(99, QStringLiteral("?"), false);
    QTRY_COMPARE(order.size(), 4);
    QCOMPARE(order, (QStringList{QStringLiteral("opened"), QStringLiteral("messages"),
                                 QStringLiteral("conversations"), QStringLiteral("failed")}));
    QCOMPARE(messages.size(), 3);
    QCOMPARE(messages[1].text, QStringLiteral("part"));
    QCOMPARE(conversations.size(), 1);
    QCOMPARE(conversations[0].title, QStringLiteral("Named"));
    QCOMPARE(conversations[0].headMessageId, 11);
    store.restoreConversation(2);
    store.loadConversations();
    QTRY_COMPARE(conversations.size(), 2);
    store.deleteConversation(2);
    store.purgeDeleted();
    store.loadConversations();
    QTRY_COMPARE(conversations.size(), 1);
  }

  void destructorFinishesEveryWrite() {
    {
      StoreThread store(m_path);
      store.open();
      for (RecordId id = 1; id <= 200; ++id) store.insertConversation(makeConversation(id));
      Message answer = makeAnswer(1001, 200, 1000);
      store.insertTurn(makeQuestion(1000, 200, 0, QStringLiteral("Q")), answer);
      answer.text = QStringLiteral("A");
      answer.state = MessageState::Complete;
      answer.statistics = makeStatistics();
      store.finishMessage(answer);
    }
    QVERIFY(!QFile::exists(m_path + QStringLiteral("-wal")));  // closed, not abandoned
    const auto store = openStore(m_path);
    QVERIFY(store);
    QCOMPARE(store->conversations().rows.size(), 200);
    const auto messages = store->messages(200).rows;
    QCOMPARE(messages.size(), 2);
    QCOMPARE(messages[1].text, QStringLiteral("A"));
    QVERIFY(messages[1].statistics && sameStatistics(*messages[1].statistics, makeStatistics()));
  }

  void afterAFailedOpenWritesComplainOnce() {
    QFile file(m_path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("this is no database, and long enough to be sure of it");
    file.close();
    StoreThread store(m_path);
    QSignalSpy failed(&store, &StoreThread::failed);
    QSignalSpy opened(&store, &StoreThread::opened);
    store.open();
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed[0][0].toString().contains(QStringLiteral("conversations.db")));
    QVERIFY(!failed[0][1].toString().isEmpty());
    for (int i = 0; i < 5; ++i) store.savePartial(1, QStringLiteral("x"));
    store.loadConversations();
    store.loadMessages(1);
    QTRY_COMPARE(failed.count(), 4);  // the open, the first write, each load
    QTest::qWait(20);
    QCOMPARE(failed.count(), 4);
    QCOMPARE(opened.count(), 0);
    // The user moved the file away: the store opens after all.
    QVERIFY(QFile::remove(m_path));
    store.open();
    QTRY_COMPARE(opened.count(), 1);
  }

  void noSignalAfterDestruction() {
    for (int round = 0; round < 10; ++round) {
      int answers = 0;
      {
        StoreThread store(m_path);
        connect(&store, &StoreThread::conversationsLoaded, this, [&answers] { ++answers; });
        store.open();
        store.loadConversations();
      }
      QCoreApplication::processEvents();
      QCOMPARE(answers, 0);
    }
  }

 private:
  std::unique_ptr<QTemporaryDir> m_folder;
  QString m_path;
};

QTEST_GUILESS_MAIN(StoreThreadTest)
#include "store_thread_test.moc"
