// A damaged or hostile database gives an error or the rows that can be read: never a crash, never a hang.
// Whole matrix of truncations, bit flips at random (the seed is printed), and rows that no schema check can
// catch.
#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QSet>
#include <QTemporaryDir>
#include <QtTest>

#include "app/conversation_store.h"
#include "app/trace_blob.h"
#include "store_fixtures.h"
#include "trace_fixtures.h"

using namespace fovea;
using namespace fovea::app;

namespace {

/// A parent is 0 or a message of the list, and no chain of parents comes back.
bool isTree(const QList<Message>& messages) {
  QHash<RecordId, RecordId> parents;
  for (const Message& message : messages) parents.insert(message.id, message.parentId);
  for (const Message& message : messages) {
    qsizetype steps = 0;
    for (RecordId at = message.id; at != 0; at = parents.value(at)) {
      if (!parents.contains(at) || ++steps > messages.size()) return false;
    }
  }
  return true;
}

}  // namespace

class StoreDamageTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    m_path = m_folder.filePath(QStringLiteral("conversations.db"));
    const auto store = openStore(m_path);
    QVERIFY(store);
    for (RecordId conversation = 1; conversation <= 5; ++conversation) {
      FOVEA_VERIFY_OK(store->insertConversation(makeConversation(conversation, QStringLiteral("Title"))));
      RecordId parent = 0;
      for (RecordId id = conversation * 1000; id < conversation * 1000 + 60; id += 2) {
        Message answer = makeAnswer(id + 1, conversation, id);
        FOVEA_VERIFY_OK(
            store->insertTurn(makeQuestion(id, conversation, parent, QStringLiteral("What is it?")), answer));
        answer.text = QStringLiteral("It is a long story. ").repeated(20);
        answer.state = MessageState::Complete;
        answer.statistics = makeStatistics();
        FOVEA_VERIFY_OK(store->finishMessage(answer));
        FOVEA_VERIFY_OK(store->saveTrace(answer.id, encodeTrace(makeTrace())));
        parent = id + 1;
      }
    }
  }

  void init() {
    // The last connection has checkpointed the log into the file.
    QVERIFY(!QFile::exists(m_path + QStringLiteral("-wal")));
    QFile file(m_path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    m_sound = file.readAll();
    QVERIFY(m_sound.size() > 100'000);
  }

  void notADatabase() {
    for (const QByteArray& content : {QByteArray("x"), QByteArray("hello, world\n").repeated(100),
                                      QByteArray(8192, '\0'), QByteArray(200, '\xff')}) {
      const auto opened = openContent(content);
      QVERIFY(!opened.ok());
      QCOMPARE(opened.error().code, ErrorCode::kDamaged);
      QVERIFY(!opened.error().remedy.empty());
    }
  }

  void truncations() {
    QList<qsizetype> sizes = {1, 15, 16, 60, 99, 100, 101, 511, 512, 1024, 4095, 4096, 4097};
    for (qsizetype size = 8192; size < m_sound.size(); size += 8191) sizes.append(size);
    int refused = 0;
    for (const qsizetype size : sizes) {
      if (!survives(m_sound.left(size))) ++refused;
    }
    // SQLite knows its page count, so that every missing page is noticed.
    QCOMPARE(refused, static_cast<int>(sizes.size()));
  }

  void bitFlips() {
    const quint32 seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    QRandomGenerator random(seed);
    constexpr int kRounds = 250;
    int refused = 0;
    for (int round = 0; round < kRounds; ++round) {
      QByteArray content = m_sound;
      const int flips = 1 << random.bounded(10);
      // Half of the rounds strike the first pages, where the header and the schema lie.
      const qsizetype reach = round % 2 == 0 ? content.size() : 3 * 4096;
      for (int i = 0; i < flips; ++i) {
        const auto at = static_cast<qsizetype>(random.bounded(static_cast<quint32>(reach)));
        content[at] = static_cast<char>(content[at] ^ (1 << random.bounded(8)));
      }
      if (!survives(content)) ++refused;
    }
    qInfo("%d of %d damaged files refused, the others read", refused, kRounds);
    QVERIFY(refused > 0);
  }

  void garbagePagesAndGarbageLog() {
    QRandomGenerator random(7);
    for (qsizetype page = 1; page < m_sound.size() / 4096; page += 3) {
      QByteArray content = m_sound;
      for (qsizetype i = 0; i < 4096; ++i) content[page * 4096 + i] = static_cast<char>(random.bounded(256));
      (void)survives(content);
    }
    // A log that has nothing to do with the file is ignored: the file is as good as before.
    const QString path = write(m_sound);
    QByteArray log(50'000, '\0');
    for (char& byte : log) byte = static_cast<char>(random.bounded(256));
    QFile wal(path + QStringLiteral("-wal"));
    QVERIFY(wal.open(QIODevice::WriteOnly));
    wal.write(log);
    wal.close();
    const auto opened = openStore(path);
    QVERIFY(opened);
    QCOMPARE(opened->conversations().rows.size(), 5);
  }

  void danglingParentsAndCircles() {
    const QString path = write(m_sound);
    corrupt(path, {"PRAGMA foreign_keys = OFF",
                   "UPDATE messages SET parent_id = 1005 WHERE id = 1000",  // a circle of six
                   "UPDATE messages SET parent_id = 1010 WHERE id = 1010",  // its own parent
                   "UPDATE messages SET parent_id = 77777 WHERE id = 1020",
                   "UPDATE messages SET parent_id = 2000 WHERE id = 1030",  // of another conversation
                   "UPDATE conversations SET head_message_id = 2000 WHERE id = 1",
                   "UPDATE conversations SET head_message_id = 99999 WHERE id = 3"});
    const auto store = openStore(path);
    QVERIFY(store);
    const auto loaded = store->messages(1);
    QCOMPARE(loaded.rows.size(), 60);
    QVERIFY(isTree(loaded.rows));
    for (const Conversation& conversation : store->conversations().rows) {
      QCOMPARE(conversation.headMessageId, conversation.id * 1000 + 59);
    }
  }

  void valuesOutOfRange() {
    const QString path = write(m_sound);
    corrupt(
        path,
        {"UPDATE messages SET dropped_messages = -5, created_at = 9223372036854775807 WHERE id = 1003",
         "UPDATE messages SET created_at = -9223372036854775808 WHERE id = 1005",
         "UPDATE message_statistics SET prompt_tokens = 9223372036854775807, steps = -1, proposed = -1, "
         "decode_seconds = 9e999, proposed_at = '[1e300, \"x\", null, -3, {}]', accepted_at = '{\"a\": [' "
         "WHERE message_id = 1001",
         "UPDATE message_statistics SET proposed_at = "
         "'[1' || replace(hex(zeroblob(200000)), '00', ',1') || ']' WHERE message_id = 1003"});
    const auto store = openStore(path);
    QVERIFY(store);
    const auto loaded = store->messages(1);
    QCOMPARE(loaded.rows.size(), 60);
    for (const Message& message : loaded.rows) {
      QVERIFY(message.createdAt.isValid());
      QVERIFY(message.droppedMessages >= 0);
      if (!message.statistics) continue;
      QVERIFY(message.statistics->prompt_tokens >= 0 && message.statistics->steps >= 0);
      QVERIFY(message.statistics->proposed >= 0 && std::isfinite(message.statistics->decode_seconds));
      QVERIFY(message.statistics->proposed_at.size() <= 1024);
    }
  }

  void unknownWords() {
    const QString path = write(m_sound);
    corrupt(path, {"PRAGMA ignore_check_constraints = ON",
                   "UPDATE messages SET role = 'emperor', state = 'of matter' WHERE id = 1001"});
    const auto opened = ConversationStore::open(path);
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, ErrorCode::kDamaged);
  }

  void wrongTypes() {
    // STRICT tables refuse them; so write the schema's text without STRICT, as a hostile file would.
    const QString path = write(m_sound);
    corrupt(path,
            {"PRAGMA writable_schema = ON",
             "UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')') WHERE name IN ('messages')"});
    const auto opened = ConversationStore::open(path);
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, ErrorCode::kDamaged);
  }

 private:
  QString write(const QByteArray& content) {
    QString path = m_folder.filePath(QStringLiteral("damaged-%1.db").arg(m_count++));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
      qFatal("cannot write %s", qPrintable(path));
    return path;
  }

  Result<std::unique_ptr<ConversationStore>> openContent(const QByteArray& content) {
    return ConversationStore::open(write(content));
  }

  void corrupt(const QString& path, const QList<const char*>& statements) {
    const auto connection = valueOrFail(SqlConnection::open(path));
    QVERIFY(connection);
    for (const char* statement : statements) FOVEA_VERIFY_OK(connection->query(QLatin1String(statement)));
  }

  /// Uses every operation on a damaged file. True when it opened; what it then reads must be usable.
  bool survives(const QByteArray& content) {
    QElapsedTimer timer;
    timer.start();
    const QString path = write(content);
    bool opened = false;
    {
      auto store = ConversationStore::open(path);
      opened = store.ok();
      if (opened) {
        use(*store.value());
      } else if (store.error().message.empty() || store.error().remedy.empty()) {
        QTest::qFail("an error without words", __FILE__, __LINE__);
      }
    }
    QFile::remove(path);
    QFile::remove(path + QStringLiteral("-wal"));
    QFile::remove(path + QStringLiteral("-shm"));
    if (timer.elapsed() > 20'000) QTest::qFail("took too long", __FILE__, __LINE__);
    return opened;
  }

  static void use(ConversationStore& store) {
    const auto conversations = store.conversations();
    for (const Conversation& conversation : conversations.rows) {
      if (!isTree(store.messages(conversation.id).rows)) QTest::qFail("not a tree", __FILE__, __LINE__);
      for (const StoredTrace& each : store.traces(conversation.id).rows) {
        if (each.trace == nullptr && each.error.isEmpty()) QTest::qFail("no words", __FILE__, __LINE__);
      }
    }
    (void)store.insertConversation(makeConversation(900, QStringLiteral("New")));
    (void)store.insertTurn(makeQuestion(900'000, 900, 0, QStringLiteral("Well?")),
                           makeAnswer(900'001, 900, 900'000));
    (void)store.savePartial(900'001, QStringLiteral("So"));
    (void)store.finishMessage(makeAnswer(900'001, 900, 900'000));
    (void)store.deleteConversation(2);
    (void)store.purgeDeleted();
  }

  QTemporaryDir m_folder;
  QString m_path;
  QByteArray m_sound;
  int m_count = 0;
};

QTEST_GUILESS_MAIN(StoreDamageTest)
#include "store_damage_test.moc"
