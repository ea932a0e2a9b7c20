// Opening: migrations and their backup, versions that are too new, files that are not ours, folders that
// refuse.
#include "app/store_schema.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <thread>
#ifdef Q_OS_UNIX
#include <unistd.h>
#endif

#include "app/conversation_store.h"
#include "store_fixtures.h"

using namespace fovea;
using namespace fovea::app;

namespace {

std::vector<Migration> firstVersion() {
  return {embeddedMigrations().front()};
}

/// The embedded migrations and one more that rebuilds a table, as real ones will have to.
std::vector<Migration> withNext() {
  std::vector<Migration> migrations = embeddedMigrations();
  const int next = migrations.back().version + 1;
  migrations.push_back({next, QStringLiteral("test"), QStringLiteral(R"(
-- A comment alone.

CREATE TABLE rebuilt (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  title TEXT NOT NULL DEFAULT '',
  title_is_manual INTEGER NOT NULL DEFAULT 0 CHECK (title_is_manual IN (0, 1)),
  head_message_id INTEGER REFERENCES messages (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  pinned INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0,
  system_prompt TEXT,
  colour TEXT NOT NULL DEFAULT 'blue'
) STRICT;

INSERT INTO rebuilt SELECT *, 'red' FROM conversations;

DROP TABLE conversations;

ALTER TABLE rebuilt RENAME TO conversations;
)")});
  return migrations;
}

QByteArray contentOf(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class StoreSchemaTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("conversations.db"));
  }

  void embeddedMigrationsCountUp() {
    const auto& migrations = embeddedMigrations();
    QVERIFY(!migrations.empty());
    for (std::size_t i = 0; i < migrations.size(); ++i)
      QCOMPARE(migrations[i].version, static_cast<int>(i) + 1);
  }

  void migratesWithABackup() {
    writeSample(firstVersion());
    const auto migrated = valueOrFail(ConversationStore::open(m_path, withNext()));
    QVERIFY(migrated);
    const int next = withNext().back().version;
    QCOMPARE(ask(m_path, QStringLiteral("PRAGMA user_version")).toInt(), next);
    QCOMPARE(ask(m_path, QStringLiteral("SELECT colour FROM conversations")).toString(),
             QStringLiteral("red"));
    QCOMPARE(migrated->conversations().rows.size(), 1);
    QCOMPARE(migrated->conversations().rows[0].headMessageId, 11);
    QCOMPARE(migrated->messages(1).rows.size(), 2);
    QCOMPARE(matchCount(m_path, QStringLiteral("zebra")), 1);
    FOVEA_VERIFY_OK(migrated->insertAnswer(makeAnswer(12, 1, 10)));  // foreign keys are on again
    QVERIFY(!migrated->insertAnswer(makeAnswer(13, 99, 0)).ok());
    // The backup is whole, of the old version, and carries version and date in its name.
    const QString backup = migrated->backupPath();
    QVERIFY(QFile::exists(backup));
    QVERIFY2(
        QRegularExpression(
            QStringLiteral("conversations\\.v1\\.\\d{4}-\\d\\d-\\d\\d_\\d\\d-\\d\\d-\\d\\d\\.backup\\.db$"))
            .match(backup)
            .hasMatch(),
        qPrintable(backup));
    QCOMPARE(ask(backup, QStringLiteral("PRAGMA user_version")).toInt(), 1);
    QCOMPARE(ask(backup, QStringLiteral("PRAGMA integrity_check")).toString(), QStringLiteral("ok"));
    QCOMPARE(ask(backup, QStringLiteral("SELECT count(*) FROM messages")).toInt(), 2);
    QVERIFY(QDir(m_folder->path()).entryList({QStringLiteral("*.part")}).isEmpty());
  }

  void titlesOfTheFirstVersionAreFound() {
    writeSample(firstVersion());
    const auto store = openStore(m_path);
    QVERIFY(store);
    const auto found = store->search(QStringLiteral("sam"));
    QVERIFY(found.ok());
    QCOMPARE(found->size(), 1);
    QCOMPARE(found->first().conversationId, 1);
  }

  void opensAgainWithoutABackup() {
    writeSample(withNext());
    const auto again = valueOrFail(ConversationStore::open(m_path, withNext()));
    QVERIFY(again);
    QVERIFY(again->backupPath().isEmpty());
    QCOMPARE(QDir(m_folder->path()).entryList({QStringLiteral("*.backup.db")}).size(), 0);
  }

  void aFailingMigrationChangesNothing() {
    writeSample(embeddedMigrations());
    auto broken = withNext();
    broken.back().sql += QStringLiteral("\n\nINSERT INTO nowhere VALUES (1);\n");
    QVERIFY(!ConversationStore::open(m_path, broken).ok());
    auto dangling = withNext();
    dangling.back().sql += QStringLiteral("\n\nDELETE FROM conversations;\n");
    const auto refused = ConversationStore::open(m_path, dangling);
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, ErrorCode::kDamaged);
    const auto old = openStore(m_path);
    QVERIFY(old);
    QCOMPARE(old->conversations().rows.size(), 1);
    QCOMPARE(old->messages(1).rows.size(), 2);
  }

  void manyProcessesMigrateOnce() {
    writeSample(firstVersion());
    openAtOnce();
    QCOMPARE(ask(m_path, QStringLiteral("SELECT count(*) FROM conversations")).toInt(), 1);
  }

  void manyProcessesCreateOnce() {
    openAtOnce();
    QCOMPARE(ask(m_path, QStringLiteral("PRAGMA user_version")).toInt(), withNext().back().version);
  }

  /// The number of the version and the schema are of one moment, however often another process migrates
  /// between two statements of the check.
  void theCheckSeesOneMoment() {
    writeSample(firstVersion());
    auto migrations = firstVersion();
    migrations.push_back({2, QStringLiteral("test"),
                          QStringLiteral("CREATE TABLE extra (x INTEGER) STRICT;\n\n"
                                         "DROP INDEX conversations_by_head;")});
    const QString indexSql =
        ask(m_path, QStringLiteral("SELECT sql FROM sqlite_schema WHERE name = 'conversations_by_head'"))
            .toString();
    const QStringList forth = {QStringLiteral("CREATE TABLE extra (x INTEGER) STRICT"),
                               QStringLiteral("DROP INDEX conversations_by_head"),
                               QStringLiteral("PRAGMA user_version = 2")};
    const QStringList back = {QStringLiteral("DROP TABLE extra"), indexSql,
                              QStringLiteral("PRAGMA user_version = 1")};
    std::atomic<bool> done = false;
    std::string writerError;
    std::thread writer([&] {
      const auto connection = SqlConnection::open(m_path);
      if (!connection) writerError = connection.error().to_string();
      for (int i = 0; writerError.empty() && !done; ++i) {
        const auto written = connection.value()->transaction([&]() -> Result<void> {
          for (const QString& sql : i % 2 == 0 ? forth : back) {
            if (const auto ran = connection.value()->query(sql); !ran) return ran.error();
          }
          return {};
        });
        if (!written) writerError = written.error().to_string();
      }
    });
    constexpr int kChecks = 300;
    std::string error;
    {
      const auto connection = valueOrFail(SqlConnection::open(m_path));
      for (int i = 0; i < kChecks && error.empty() && connection; ++i) {
        const auto version = checkSchema(*connection, migrations);
        if (!version) error = version.error().to_string();
      }
    }
    done = true;
    writer.join();
    QVERIFY2(error.empty(), error.c_str());
    QVERIFY2(writerError.empty(), writerError.c_str());
  }

  void aNewerVersionIsLeftAlone() {
    writeSample(withNext());
    const QByteArray before = contentOf(m_path);
    const auto refused = ConversationStore::open(m_path);
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, ErrorCode::kUnsupported);
    QVERIFY2(refused.error().message.find("newer") != std::string::npos, refused.error().message.c_str());
    QVERIFY(!refused.error().remedy.empty());
    QVERIFY(contentOf(m_path) == before);
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files).size(), 1);
  }

  void anotherProgramsDatabaseIsLeftAlone_data() {
    QTest::addColumn<QString>("sql");
    QTest::newRow("no version") << QStringLiteral("CREATE TABLE bookmarks (url TEXT)");
    QTest::newRow("a version") << QStringLiteral("PRAGMA user_version = 1");
  }
  void anotherProgramsDatabaseIsLeftAlone() {
    QFETCH(QString, sql);
    {
      const auto other = valueOrFail(SqlConnection::open(m_path));
      FOVEA_VERIFY_OK(other->query(QStringLiteral("CREATE TABLE history (url TEXT)")));
      FOVEA_VERIFY_OK(other->query(sql));
    }
    const QByteArray before = contentOf(m_path);
    const auto refused = ConversationStore::open(m_path);
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, ErrorCode::kUnsupported);
    QVERIFY(contentOf(m_path) == before);
  }

  void alteredSchemasAreRefused_data() {
    QTest::addColumn<QString>("sql");
    QTest::newRow("missing table") << QStringLiteral("DROP TABLE message_statistics");
    QTest::newRow("missing trigger") << QStringLiteral("DROP TRIGGER messages_fts_insert");
    QTest::newRow("missing index table") << QStringLiteral("DROP TABLE messages_fts");
    QTest::newRow("column dropped") << QStringLiteral("ALTER TABLE messages DROP COLUMN mode");
    QTest::newRow("column added") << QStringLiteral(
        "ALTER TABLE messages ADD COLUMN huge ANY AS (zeroblob(1000000000))");
    QTest::newRow("trigger added") << QStringLiteral(
        "CREATE TRIGGER evil AFTER UPDATE ON messages BEGIN DELETE FROM conversations; END");
  }
  void alteredSchemasAreRefused() {
    QFETCH(QString, sql);
    writeSample(embeddedMigrations());
    {
      const auto connection = valueOrFail(SqlConnection::open(m_path));
      FOVEA_VERIFY_OK(connection->query(sql));
    }
    const auto refused = ConversationStore::open(m_path);
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().code, ErrorCode::kDamaged);
    QVERIFY(refused.error().message.find("conversations.db") != std::string::npos);
    QVERIFY(!refused.error().remedy.empty());
  }

  void foldersThatRefuse() {
    const auto missing = ConversationStore::open(m_folder->filePath(QStringLiteral("no/such/folder/c.db")));
    QVERIFY(!missing.ok());
    QCOMPARE(missing.error().code, ErrorCode::kUnreadable);
    QVERIFY(!missing.error().remedy.empty());
    QVERIFY(!ConversationStore::open(m_folder->path()).ok());  // a folder in the place of the file
  }

  void readOnlyFolder() {
#ifndef Q_OS_UNIX
    QSKIP("permissions of Unix");
#else
    writeSample(embeddedMigrations());
    QVERIFY(QFile::setPermissions(m_path, QFile::ReadOwner | QFile::ReadGroup | QFile::ReadOther));
    QVERIFY(QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::ExeOwner | QFile::ReadGroup |
                                                        QFile::ExeGroup | QFile::ReadOther |
                                                        QFile::ExeOther));
    // Permissions do not bind root, so root becomes nobody for a moment.
    constexpr uid_t kNobody = 65534;
    const bool root = geteuid() == 0;
    if (root && seteuid(kNobody) != 0) QSKIP("cannot give up root");
    const auto existing = ConversationStore::open(m_path);
    const auto fresh = ConversationStore::open(m_folder->filePath(QStringLiteral("new.db")));
    if (root) QCOMPARE(seteuid(0), 0);
    QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QVERIFY(!existing.ok());
    QVERIFY(!fresh.ok());
    for (const Error& error : {existing.error(), fresh.error()}) {
      QCOMPARE(error.code, ErrorCode::kUnreadable);
      QVERIFY2(error.remedy.find("writable") != std::string::npos, error.to_string().c_str());
    }
#endif
  }

 private:
  /// One conversation with a question and a finished answer, as the first version wrote them: what reads an
  /// old file has not written it.
  void writeSample(const std::vector<Migration>& migrations) {
    const auto connection = valueOrFail(SqlConnection::open(m_path));
    QVERIFY(connection);
    QVERIFY(connection->enterWal().ok());
    QVERIFY(migrate(*connection, 0, migrations).ok());
    for (const char* statement : {
             "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (1, 'Sample', 1000, 2000)",
             "INSERT INTO messages (id, conversation_id, role, state, text, created_at) "
             "VALUES (10, 1, 'user', 'complete', 'What is a zebra?', 1000)",
             "INSERT INTO messages (id, conversation_id, parent_id, role, state, text, created_at) "
             "VALUES (11, 1, 10, 'assistant', 'complete', 'A horse in pyjamas.', 2000)",
             "UPDATE conversations SET head_message_id = 11",
         }) {
      const auto done = connection->change(QLatin1String(statement));
      QVERIFY2(done.ok(), done.ok() ? "" : done.error().to_string().c_str());
    }
  }

  /// Several windows started at once, as threads with a connection each.
  void openAtOnce() {
    std::array<std::string, 4> errors;
    std::vector<std::thread> threads;
    threads.reserve(errors.size());
    for (std::string& error : errors) {
      threads.emplace_back([this, &error] {
        const auto store = ConversationStore::open(m_path, withNext());
        if (!store) error = store.error().to_string();
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::string& error : errors) QVERIFY2(error.empty(), error.c_str());
  }

  std::unique_ptr<QTemporaryDir> m_folder;
  QString m_path;
};

QTEST_GUILESS_MAIN(StoreSchemaTest)
#include "store_schema_test.moc"
