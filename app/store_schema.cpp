#include "app/store_schema.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QMap>
#include <QStringList>
#include <QtEndian>
#include <algorithm>
#include <array>

#include "app/records.h"

// Outside every namespace, as the macro demands. A static library's resources register only when asked.
static void initMigrationResources() {
  Q_INIT_RESOURCE(fovea_migrations);
}

namespace fovea::app {
namespace {

constexpr qint64 kFullCheckBytesMax = 64LL * 1024 * 1024;
constexpr const char* kDamagedRemedy =
    "Close Fovea and move the file away, or put a backup that lies beside it in its place.";

Error makeError(ErrorCode code, const QString& message, const char* remedy) {
  return {code, message.toStdString(), remedy};
}

Error newerError(const QString& path, qint64 found, int known) {
  return makeError(
      ErrorCode::kUnsupported,
      QStringLiteral("%1 was written by a newer Fovea (format %2; this one knows up to %3).")
          .arg(QDir::toNativeSeparators(path))
          .arg(found)
          .arg(known),
      "Install the newer Fovea again, or start this one with another data folder. Nothing was changed.");
}

Error foreignError(const QString& path) {
  return makeError(ErrorCode::kUnsupported,
                   QStringLiteral("%1 is a database of another program.").arg(QDir::toNativeSeparators(path)),
                   "Move the file away, or start Fovea with another data folder. Nothing was changed.");
}

Error damagedError(const QString& path, const QString& detail) {
  return makeError(ErrorCode::kDamaged,
                   QStringLiteral("The conversation database %1 is damaged: %2.")
                       .arg(QDir::toNativeSeparators(path), detail),
                   kDamagedRemedy);
}

int lastVersion(const std::vector<Migration>& migrations) {
  return migrations.empty() ? 0 : migrations.back().version;
}

/// The statements of a migration: its paragraphs, without those that are all comment.
QStringList statements(const QString& sql) {
  QString text = sql;
  text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
  QStringList found;
  for (const QString& paragraph : text.split(QStringLiteral("\n\n"), Qt::SkipEmptyParts)) {
    const QStringList lines = paragraph.split(u'\n');
    const bool speaks = std::any_of(lines.begin(), lines.end(), [](const QString& line) {
      const QString trimmed = line.trimmed();
      return !trimmed.isEmpty() && !trimmed.startsWith(QStringLiteral("--"));
    });
    if (speaks) found.append(paragraph);
  }
  return found;
}

Result<void> applyStatements(SqlConnection& connection, const Migration& migration) {
  for (const QString& statement : statements(migration.sql)) {
    const auto done = connection.query(statement);
    if (!done) return done.error();
  }
  const auto versioned = connection.query(QStringLiteral("PRAGMA user_version = %1").arg(migration.version));
  if (!versioned) return versioned.error();
  return {};
}

/// Name -> definition of everything in the schema that is not SQLite's own.
Result<QMap<QString, QString>> readSchema(SqlConnection& connection) {
  auto rows = connection.query(QStringLiteral(
      "SELECT type || ' ' || name, COALESCE(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' "
      "ESCAPE '\\'"));
  if (!rows) return rows.error();
  QMap<QString, QString> schema;
  while (rows->next()) schema.insert(rows->value(0).toString(), rows->value(1).toString());
  if (rows->lastError().isValid()) return connection.error(rows->lastError());
  return schema;
}

Result<QMap<QString, QString>> expectedSchema(const std::vector<Migration>& migrations, int version) {
  const auto memory = SqlConnection::open(QStringLiteral(":memory:"));
  if (!memory) return memory.error();
  for (const Migration& migration : migrations) {
    if (migration.version > version) break;
    if (const auto applied = applyStatements(*memory.value(), migration); !applied) return applied.error();
  }
  return readSchema(*memory.value());
}

/// A file may come from anywhere: a view in the place of a table, or a trigger of somebody else's, would run
/// with every statement of ours. Other tables and indexes beside ours do no harm.
Result<void> compareSchema(SqlConnection& connection, const QMap<QString, QString>& found,
                           const std::vector<Migration>& migrations, int version) {
  const auto expected = expectedSchema(migrations, version);
  if (!expected) return expected.error();
  for (auto entry = expected.value().begin(); entry != expected.value().end(); ++entry) {
    if (!found.contains(entry.key())) {
      return damagedError(connection.path(), QStringLiteral("it lacks the %1").arg(entry.key()));
    }
    if (found.value(entry.key()) != entry.value()) {
      return damagedError(connection.path(), QStringLiteral("its %1 is not Fovea's").arg(entry.key()));
    }
  }
  for (auto entry = found.begin(); entry != found.end(); ++entry) {
    if (entry.key().startsWith(QStringLiteral("trigger ")) && !expected.value().contains(entry.key())) {
      return damagedError(connection.path(), QStringLiteral("its %1 is not Fovea's").arg(entry.key()));
    }
  }
  return {};
}

Result<void> checkPages(SqlConnection& connection) {
  if (QFileInfo(connection.path()).size() > kFullCheckBytesMax) return {};
  const auto verdict = connection.scalar(QStringLiteral("PRAGMA quick_check(1)"));
  if (!verdict) return verdict.error();
  const QString words = verdict.value().toString();
  if (words == QStringLiteral("ok")) return {};
  return damagedError(connection.path(), words.simplified().left(200));
}

/// Version and schema belong together only when they are read in one transaction (see checkSchema).
Result<int> checkOneMoment(SqlConnection& connection, const std::vector<Migration>& migrations) {
  const auto version = connection.scalar(QStringLiteral("PRAGMA user_version"));
  if (!version) return version.error();
  const auto application = connection.scalar(QStringLiteral("PRAGMA application_id"));
  if (!application) return application.error();
  const auto schema = readSchema(connection);
  if (!schema) return schema.error();
  const int found = version.value().toInt();
  if (found == 0 && schema.value().isEmpty()) return 0;
  if (found == 0 || application.value().toLongLong() != kApplicationId)
    return foreignError(connection.path());
  if (found < 0) return damagedError(connection.path(), QStringLiteral("its format number is negative"));
  if (found > lastVersion(migrations)) return newerError(connection.path(), found, lastVersion(migrations));
  if (const auto same = compareSchema(connection, schema.value(), migrations, found); !same)
    return same.error();
  if (const auto sound = checkPages(connection); !sound) return sound.error();
  return found;
}

/// A name beside the database that nothing has yet.
QString backupPath(const QString& path, int version) {
  const QFileInfo file(path);
  const QString stem = QStringLiteral("%1/%2.v%3.%4")
                           .arg(file.absolutePath(), file.completeBaseName())
                           .arg(version)
                           .arg(QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd_HH-mm-ss")));
  QString candidate = stem + QStringLiteral(".backup.db");
  for (int i = 2; QFileInfo::exists(candidate); ++i) {
    candidate = QStringLiteral("%1.%2.backup.db").arg(stem).arg(i);
  }
  return candidate;
}

/// Writes beside its final name first, so that what is called a backup is a whole one. Several processes may
/// do so at once: each writes a file of its own.
Result<QString> backUp(SqlConnection& connection, int version) {
  const QString partial = QStringLiteral("%1.%2.part").arg(connection.path()).arg(newId());
  const auto written = connection.query(QStringLiteral("VACUUM INTO ?"), {partial});
  constexpr int kAttempts =
      10;  // renaming never overwrites, so another process may take the name just before
  for (int i = 0; written && i < kAttempts; ++i) {
    QString target = backupPath(connection.path(), version);
    if (QFile::rename(partial, target)) return target;
  }
  QFile::remove(partial);
  const QString cause =
      written ? QStringLiteral("it cannot be renamed.") : QString::fromStdString(written.error().message);
  return makeError(
      ErrorCode::kUnreadable,
      QStringLiteral("The conversations need a new format, and the backup before it failed: %1").arg(cause),
      "Free some space and make the folder writable, then start again. Nothing was changed.");
}

Result<void> applyMigration(SqlConnection& connection, const Migration& migration) {
  return connection.transaction([&]() -> Result<void> {
    // Another process may have migrated while this one waited for the lock.
    const auto current = connection.scalar(QStringLiteral("PRAGMA user_version"));
    if (!current) return current.error();
    if (current.value().toInt() >= migration.version) return {};
    if (auto applied = applyStatements(connection, migration); !applied) return applied;
    const auto broken = connection.scalar(QStringLiteral("PRAGMA foreign_key_check"));
    if (!broken) return broken.error();
    if (broken.value().isValid()) {
      return damagedError(
          connection.path(),
          QStringLiteral("records of table %1 refer to nothing").arg(broken.value().toString()));
    }
    return {};
  });
}

}  // namespace

const std::vector<Migration>& embeddedMigrations() {
  static const std::vector<Migration> migrations = [] {
    initMigrationResources();
    std::vector<Migration> found;
    const QDir folder(QStringLiteral(":/fovea/migrations"));
    for (const QString& name : folder.entryList({QStringLiteral("*.sql")}, QDir::Files, QDir::Name)) {
      QFile file(folder.filePath(name));
      if (!file.open(QIODevice::ReadOnly)) continue;
      found.push_back({name.left(4).toInt(), name, QString::fromUtf8(file.readAll())});
    }
    return found;
  }();
  return migrations;
}

Result<void> checkFileHeader(const QString& path, const std::vector<Migration>& migrations) {
  QFile file(path);
  if (!file.exists() || file.size() == 0) return {};
  if (!file.open(QIODevice::ReadOnly)) {
    return makeError(ErrorCode::kUnreadable,
                     QStringLiteral("The conversation database %1 cannot be read: %2.")
                         .arg(QDir::toNativeSeparators(path), file.errorString()),
                     "Make the file readable and writable for you.");
  }
  // sqlite.org/fileformat.html, "The Database Header": the magic, the user version at 60, the application
  // at 68.
  constexpr std::array<char, 16> kMagic = {'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f',
                                           'o', 'r', 'm', 'a', 't', ' ', '3', '\0'};
  const QByteArray header = file.read(100);
  if (header.size() < 100 || !std::equal(kMagic.begin(), kMagic.end(), header.begin())) {
    return damagedError(path, QStringLiteral("it is not a SQLite file"));
  }
  const auto version = qFromBigEndian<qint32>(header.constData() + 60);
  const auto application = qFromBigEndian<qint32>(header.constData() + 68);
  if (version == 0) return {};  // new, or its first transaction is still in the log
  if (application != kApplicationId) return foreignError(path);
  if (version > lastVersion(migrations)) return newerError(path, version, lastVersion(migrations));
  return {};
}

Result<int> checkSchema(SqlConnection& connection, const std::vector<Migration>& migrations) {
  // Another process may migrate between two statements: the old number beside the new schema would pass for
  // damage, and no number beside a schema for another program's file.
  return connection.snapshot([&] { return checkOneMoment(connection, migrations); });
}

Result<QString> migrate(SqlConnection& connection, int version, const std::vector<Migration>& migrations) {
  if (version >= lastVersion(migrations)) return QString();
  QString backup;
  if (version > 0) {
    auto written = backUp(connection, version);
    if (!written) return written;
    backup = written.value();
  }
  // A migration may rebuild a table, which foreign keys would take for a deletion; applyMigration checks them
  // at its end. The switch works outside transactions only.
  if (const auto off = connection.query(QStringLiteral("PRAGMA foreign_keys = OFF")); !off)
    return off.error();
  for (const Migration& migration : migrations) {
    if (migration.version <= version) continue;
    if (const auto applied = applyMigration(connection, migration); !applied) return applied.error();
  }
  if (const auto on = connection.query(QStringLiteral("PRAGMA foreign_keys = ON")); !on) return on.error();
  return backup;
}

}  // namespace fovea::app
