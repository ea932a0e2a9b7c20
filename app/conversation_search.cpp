#include "app/conversation_search.h"

#include <QStringList>
#include <utility>

namespace fovea::app {
namespace {

constexpr int kTitlesMax = 20;
constexpr int kMessagesMax = 60;
constexpr int kWordsMax = 16;

Result<void> collect(SqlConnection& connection, const QString& sql, const QVariantList& values,
                     QList<SearchHit>& hits) {
  auto rows = connection.query(sql, values);
  if (!rows) return rows.error();
  while (rows->next()) {
    SearchHit hit;
    hit.conversationId = rows->value(0).toLongLong();
    hit.messageId = rows->value(1).toLongLong();
    hit.title = rows->value(2).toString();
    hit.excerpt = rows->value(3).toString();
    hit.when = QDateTime::fromMSecsSinceEpoch(rows->value(4).toLongLong(), Qt::UTC);
    hits.append(hit);
  }
  if (rows->lastError().isValid()) return connection.error(rows->lastError());
  return {};
}

}  // namespace

QString fullTextQuery(const QString& typed) {
  QStringList words;
  QString word;
  for (const QChar character : typed + u' ') {
    // Marks stay with their letters; halves of a surrogate pair stay together.
    if (character.isLetterOrNumber() || character.isMark() || character.isSurrogate()) {
      word += character;
    } else if (!word.isEmpty()) {
      words << u'"' + std::exchange(word, {}) + u'"';
    }
  }
  if (words.isEmpty()) return {};
  const bool unfinished = !typed.isEmpty() && typed.back() != u' ';
  return words.mid(0, kWordsMax).join(u' ') +
         (unfinished && words.size() <= kWordsMax ? QStringLiteral("*") : QString());
}

Result<QList<SearchHit>> searchConversations(SqlConnection& connection, const QString& typed) {
  QList<SearchHit> hits;
  const QString query = fullTextQuery(typed);
  if (query.isEmpty()) return hits;
  const auto titles = collect(
      connection,
      QStringLiteral("SELECT c.id, 0, c.title, highlight(titles_fts, 0, char(2), char(3)), c.updated_at "
                     "FROM titles_fts JOIN conversations c ON c.id = titles_fts.rowid "
                     "WHERE titles_fts MATCH ? AND c.deleted_at IS NULL "
                     "ORDER BY titles_fts.rank, c.updated_at DESC LIMIT ?"),
      {query, kTitlesMax}, hits);
  if (!titles) return titles.error();
  const auto messages =
      collect(connection,
              QStringLiteral("SELECT c.id, m.id, c.title, snippet(messages_fts, 0, char(2), char(3), "
                             "'\u2026', 24), m.created_at "
                             "FROM messages_fts JOIN messages m ON m.id = messages_fts.rowid "
                             "JOIN conversations c ON c.id = m.conversation_id "
                             "WHERE messages_fts MATCH ? AND c.deleted_at IS NULL AND m.deleted_with IS NULL "
                             "ORDER BY messages_fts.rank, m.id DESC LIMIT ?"),
              {query, kMessagesMax}, hits);
  if (!messages) return messages.error();
  return hits;
}

}  // namespace fovea::app
