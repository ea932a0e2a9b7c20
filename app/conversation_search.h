// Finds words in titles and texts of all conversations, by the store's full-text indexes. Free functions on
// the store's thread.
#pragma once

#include <QDateTime>
#include <QList>
#include <QMetaType>
#include <QString>

#include "app/records.h"
#include "app/sql_connection.h"
#include "engine/result.h"

namespace fovea::app {

struct SearchHit {
  RecordId conversationId = 0;
  RecordId messageId = 0;  // 0: the title
  QString title;           // of the conversation
  QString excerpt;  // around the words found; of a title hit the title. What was found stands between marks
  QDateTime when;   // UTC

  static constexpr char16_t kMarkBegin = 0x02;
  static constexpr char16_t kMarkEnd = 0x03;
};

/// What a person typed as a query of FTS5: all of the words, the last one as a beginning. Whatever else was
/// typed (quotes, operators, brackets) only parts words. Empty when there is no word.
[[nodiscard]] QString fullTextQuery(const QString& typed);

/// Titles first, then messages, best first; a few dozen at most. Deleted ones are not found.
[[nodiscard]] Result<QList<SearchHit>> searchConversations(SqlConnection& connection, const QString& typed);

}  // namespace fovea::app

Q_DECLARE_METATYPE(fovea::app::SearchHit)
