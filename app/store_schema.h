// The schema of the conversation database: its migrations (resources/migrations/NNNN_*.sql, compiled in), the
// checks before a file is trusted, and the way from an older version to this one. Free functions on the
// store's thread.
#pragma once

#include <QString>
#include <vector>

#include "app/sql_connection.h"
#include "engine/result.h"

namespace fovea::app {

struct Migration {
  int version = 0;  // the database's user_version afterwards: 1, 2, 3, ...
  QString name;     // of its file
  QString sql;      // one statement a paragraph, paragraphs apart by a blank line
};

/// "Fove": marks our databases, so that another program's file is never taken for one.
inline constexpr qint64 kApplicationId = 1181709925;

/// Every migration of this program, by version. Read once; any thread.
[[nodiscard]] const std::vector<Migration>& embeddedMigrations();

/// Looks at the file's first bytes without opening it as a database. Fails when it is no SQLite database,
/// belongs to another program, or was written by a newer version than the last migration. A file that does
/// not exist or is empty is fine: the database will be new. Writes nothing.
Result<void> checkFileHeader(const QString& path, const std::vector<Migration>& migrations);

/// The same questions through SQLite, which also knows what lies in the write-ahead log; further that the
/// schema is exactly the one that its version should have, and that the pages are sound (files up to 64 MiB).
/// Writes nothing. Returns the version; 0 for a new database.
Result<int> checkSchema(SqlConnection& connection, const std::vector<Migration>& migrations);

/// Brings the database from `version` to the last migration, each in a transaction of its own, after a backup
/// beside the file when there is something to lose. Returns that backup's path, or an empty string.
Result<QString> migrate(SqlConnection& connection, int version, const std::vector<Migration>& migrations);

}  // namespace fovea::app
