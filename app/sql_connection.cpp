#include "app/sql_connection.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QFileInfo>
#include <QSqlDatabase>
#include <QThread>
#include <atomic>

namespace fovea::app {
namespace {

// SQLite's primary result codes (sqlite.org/rescode.html), which Qt passes on as text.
enum SqliteCode {
  kPerm = 3,
  kBusy = 5,
  kLocked = 6,
  kNoMemory = 7,
  kReadOnly = 8,
  kInputOutput = 10,
  kCorrupt = 11,
  kFull = 13,
  kCannotOpen = 14,
  kTooBig = 18,
  kConstraint = 19,
  kNotADatabase = 26,
};

int primaryCode(const QSqlError& error) {
  return error.nativeErrorCode().toInt() & 0xff;  // the upper bits say more than a user can act on
}

QString nextName() {
  static std::atomic<int> count{0};
  return QStringLiteral("fovea-store-%1").arg(count.fetch_add(1));
}

Error makeError(ErrorCode code, const QString& message, const char* remedy) {
  return {code, message.toStdString(), remedy};
}

}  // namespace

Result<std::unique_ptr<SqlConnection>> SqlConnection::open(const QString& path) {
  const QString driver = QStringLiteral("QSQLITE");
  if (!QSqlDatabase::isDriverAvailable(driver)) {
    return Error{ErrorCode::kUnsupported, "Qt's SQLite driver is missing, so conversations cannot be kept.",
                 "Install the package libqt6sql6-sqlite."};
  }
  std::unique_ptr<SqlConnection> connection(new SqlConnection(nextName(), path));
  QSqlDatabase database = QSqlDatabase::addDatabase(driver, connection->m_name);
  database.setDatabaseName(path);
  database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(kBusyTimeoutMs));
  if (!database.open()) return connection->error(database.lastError());
  return connection;
}

SqlConnection::~SqlConnection() {
  QSqlDatabase::database(m_name, false).close();
  QSqlDatabase::removeDatabase(m_name);
}

Result<QSqlQuery> SqlConnection::query(const QString& sql, const QVariantList& values) {
  QSqlQuery query(QSqlDatabase::database(m_name, false));
  query.setForwardOnly(true);
  if (!query.prepare(sql)) return error(query.lastError());
  for (const QVariant& value : values) query.addBindValue(value);
  if (!query.exec()) return error(query.lastError());
  return query;
}

Result<int> SqlConnection::change(const QString& sql, const QVariantList& values) {
  const auto result = query(sql, values);
  if (!result) return result.error();
  return result.value().numRowsAffected();
}

Result<QVariant> SqlConnection::scalar(const QString& sql, const QVariantList& values) {
  auto result = query(sql, values);
  if (!result) return result.error();
  if (result->next()) return result->value(0);
  if (result->lastError().isValid()) return error(result->lastError());
  return QVariant();
}

Result<void> SqlConnection::run(const QString& sql) {
  const auto result = query(sql);
  if (!result) return result.error();
  return {};
}

Result<bool> SqlConnection::enterWal() {
  // Where two processes create the same database, both hold a read lock here and each wants to write: SQLite
  // refuses one of them at once instead of waiting, since waiting could not help both.
  constexpr unsigned long kPauseMs = 5;
  const QDeadlineTimer deadline(kBusyTimeoutMs);
  while (true) {
    QSqlQuery query(QSqlDatabase::database(m_name, false));
    if (query.exec(QStringLiteral("PRAGMA journal_mode = WAL")) && query.next()) {
      return query.value(0).toString() == QStringLiteral("wal");
    }
    const QSqlError refusal = query.lastError();
    if (primaryCode(refusal) != kBusy || deadline.hasExpired()) return error(refusal);
    query.finish();
    QThread::msleep(kPauseMs);
  }
}

Error SqlConnection::error(const QSqlError& error) const {
  const QString file = QDir::toNativeSeparators(m_path);
  const QString detail = error.databaseText();
  switch (primaryCode(error)) {
    case kCorrupt:
    case kNotADatabase:
      return makeError(
          ErrorCode::kDamaged,
          QStringLiteral("The conversation database %1 is damaged (%2).").arg(file, detail),
          "Close Fovea and move the file away, or put a backup that lies beside it in its place.");
    case kFull:
      return makeError(ErrorCode::kUnreadable, QStringLiteral("The disk that holds %1 is full.").arg(file),
                       "Free some space; what was saved before is intact.");
    case kPerm:
    case kReadOnly:
      return makeError(ErrorCode::kUnreadable,
                       QStringLiteral("The conversation database %1 may not be written.").arg(file),
                       "Make the file and its folder writable for you.");
    case kCannotOpen:
      return makeError(ErrorCode::kUnreadable,
                       QStringLiteral("The conversation database %1 cannot be opened or created.").arg(file),
                       "Check that its folder exists and is writable for you.");
    case kBusy:
    case kLocked:
      return makeError(ErrorCode::kUnreadable,
                       QStringLiteral("Another program holds the conversation database %1.").arg(file),
                       "Close other windows of Fovea and try again.");
    case kInputOutput:
      return makeError(ErrorCode::kUnreadable,
                       QStringLiteral("The disk failed while reading or writing %1 (%2).").arg(file, detail),
                       "Check the disk and its free space.");
    case kNoMemory:
    case kTooBig:
      return makeError(ErrorCode::kOutOfMemory,
                       QStringLiteral("A record of %1 is too large for the memory (%2).").arg(file, detail),
                       "Close other programs and try again.");
    case kConstraint:
      return makeError(ErrorCode::kInvalidArgument,
                       QStringLiteral("A record contradicts what %1 holds (%2).").arg(file, detail), "");
    default:
      return makeError(
          ErrorCode::kDamaged,
          QStringLiteral("The conversation database %1 failed (%2).").arg(file, error.text()),
          "Close Fovea and move the file away, or put a backup that lies beside it in its place.");
  }
}

}  // namespace fovea::app
