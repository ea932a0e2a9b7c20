// One connection to a SQLite database through Qt SQL, with errors as Result. Sole owner of the connection
// (its name is unique); used and destroyed on the thread that opened it.
#pragma once

#include <QSqlError>
#include <QSqlQuery>
#include <QString>
#include <QVariant>
#include <memory>

#include "engine/result.h"

namespace fovea::app {

class SqlConnection {
 public:
  /// `path` may be ":memory:". SQLite reads the file with the first statement, so damage shows there and not
  /// here.
  static Result<std::unique_ptr<SqlConnection>> open(const QString& path);
  ~SqlConnection();
  SqlConnection(const SqlConnection&) = delete;
  SqlConnection& operator=(const SqlConnection&) = delete;

  /// Runs one statement; `values` fill its question marks. The query stands before its first row.
  Result<QSqlQuery> query(const QString& sql, const QVariantList& values = {});
  /// The same for a statement without rows; returns how many rows it changed.
  Result<int> change(const QString& sql, const QVariantList& values = {});
  /// First column of the first row; an invalid QVariant where there is no row.
  Result<QVariant> scalar(const QString& sql, const QVariantList& values = {});
  /// Runs `body` (returning Result<void>) in one write transaction: commits when it succeeds, rolls back
  /// otherwise.
  template <typename Body>
  Result<void> transaction(Body body);
  /// Runs `body` (returning some Result) in one read transaction: all that it reads is of one moment,
  /// whatever other processes commit meanwhile. It must not write.
  template <typename Body>
  auto snapshot(Body body) -> decltype(body());

  /// Switches the database to its write-ahead log and returns whether it has one: a file system without
  /// shared memory stays with the rollback journal.
  Result<bool> enterWal();

  /// What went wrong, in words that name the file, with a remedy.
  [[nodiscard]] Error error(const QSqlError& error) const;
  [[nodiscard]] const QString& path() const { return m_path; }

  /// How long a statement waits while another process writes.
  static constexpr int kBusyTimeoutMs = 5000;

 private:
  SqlConnection(QString name, QString path) : m_name(std::move(name)), m_path(std::move(path)) {}
  Result<void> run(const QString& sql);

  QString m_name;  // of the connection, in Qt's register
  QString m_path;
};

template <typename Body>
Result<void> SqlConnection::transaction(Body body) {
  // IMMEDIATE takes the write lock at once, where waiting for another process works; an upgrade later would
  // not wait.
  if (auto begun = run(QStringLiteral("BEGIN IMMEDIATE")); !begun) return begun;
  Result<void> result = body();
  if (result) result = run(QStringLiteral("COMMIT"));
  if (!result) (void)run(QStringLiteral("ROLLBACK"));  // fails harmlessly where SQLite rolled back by itself
  return result;
}

template <typename Body>
auto SqlConnection::snapshot(Body body) -> decltype(body()) {
  if (auto begun = run(QStringLiteral("BEGIN")); !begun) return begun.error();
  auto result = body();
  // Nothing was written, so that an end by either word is the same; this one cannot be refused.
  (void)run(QStringLiteral("ROLLBACK"));
  return result;
}

}  // namespace fovea::app
