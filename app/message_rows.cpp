#include "app/message_rows.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QStringList>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace fovea::app {
namespace {

// The file's own spelling: it must not change when somebody renames an enumerator.
constexpr std::array<std::pair<MessageState, const char*>, 5> kStates = {{
    {MessageState::Complete, "complete"},
    {MessageState::Streaming, "streaming"},
    {MessageState::Stopped, "stopped"},
    {MessageState::Interrupted, "interrupted"},
    {MessageState::Failed, "failed"},
}};
constexpr std::array<std::pair<Role, const char*>, 3> kRoles = {{
    {Role::kSystem, "system"},
    {Role::kUser, "user"},
    {Role::kAssistant, "assistant"},
}};

constexpr std::array<const char*, 12> kMessageColumns = {
    "id",   "conversation_id",  "parent_id",  "role",         "state", "text", "error", "model_name",
    "mode", "dropped_messages", "created_at", "cut_at_limit",
};
constexpr std::array<const char*, 19> kStatisticsColumns = {
    "message_id",
    "prompt_tokens",
    "prefilled_tokens",
    "generated_tokens",
    "prefill_seconds",
    "time_to_first_token_seconds",
    "decode_seconds",
    "steps",
    "proposed",
    "accepted",
    "kv_entries_read",
    "kv_entries_dense",
    "draft_kv_entries_read",
    "attention_mass_kept",
    "draft_seconds",
    "verify_seconds",
    "sample_seconds",
    "proposed_at",
    "accepted_at",
};

template <std::size_t Count>
QString join(const std::array<const char*, Count>& columns, const char* prefix) {
  QStringList names;
  for (const char* column : columns) names.append(QLatin1String(prefix) + QLatin1String(column));
  return names.join(QStringLiteral(", "));
}

template <std::size_t Count>
QString marks(const std::array<const char*, Count>& /*columns*/) {
  return QStringList(static_cast<qsizetype>(Count), QStringLiteral("?")).join(u',');
}

/// The enumerator of a name; `fallback` for a name nobody knows.
template <typename Table>
auto valueOf(const Table& table, const QString& name, decltype(table[0].first) fallback) {
  for (const auto& [value, known] : table) {
    if (name == QLatin1String(known)) return value;
  }
  return fallback;
}

template <typename Table, typename Value>
QString nameOf(const Table& table, Value value) {
  for (const auto& [known, name] : table) {
    if (known == value) return QLatin1String(name);
  }
  return QLatin1String(table[0].second);
}

int readInt(const QVariant& value) {
  return static_cast<int>(std::clamp<qint64>(value.toLongLong(), 0, std::numeric_limits<int>::max()));
}

qint64 readCount(const QVariant& value) {
  return std::max<qint64>(value.toLongLong(), 0);
}

double readReal(const QVariant& value) {
  const double number = value.toDouble();
  return std::isfinite(number) ? number : 0.0;
}

QVariant realValue(double number) {
  return std::isfinite(number) ? number : 0.0;
}  // SQLite makes NULL of NaN

QDateTime readTime(const QVariant& value) {
  constexpr qint64 kYear9999 = 253'402'300'799'999;
  return QDateTime::fromMSecsSinceEpoch(std::clamp<qint64>(value.toLongLong(), 0, kYear9999), Qt::UTC);
}

std::vector<std::int64_t> readCounts(const QVariant& value) {
  constexpr qsizetype kCountsMax = 1024;
  const QJsonArray array = QJsonDocument::fromJson(value.toString().toUtf8()).array();
  std::vector<std::int64_t> counts;
  for (qsizetype i = 0; i < std::min(array.size(), kCountsMax); ++i) {
    counts.push_back(std::max<qint64>(array.at(i).toInteger(), 0));
  }
  return counts;
}

QVariant countsValue(const std::vector<std::int64_t>& counts) {
  QJsonArray array;
  for (const std::int64_t count : counts) array.append(static_cast<qint64>(count));
  return QString::fromUtf8(QJsonDocument(array).toJson(QJsonDocument::Compact));
}

TurnStatistics readStatistics(const QSqlQuery& row, int column) {
  TurnStatistics statistics;
  statistics.prompt_tokens = readInt(row.value(column++));
  statistics.prefilled_tokens = readInt(row.value(column++));
  statistics.generated_tokens = readInt(row.value(column++));
  statistics.prefill_seconds = readReal(row.value(column++));
  statistics.time_to_first_token_seconds = readReal(row.value(column++));
  statistics.decode_seconds = readReal(row.value(column++));
  statistics.steps = readInt(row.value(column++));
  statistics.proposed = readCount(row.value(column++));
  statistics.accepted = readCount(row.value(column++));
  statistics.kv_entries_read = readCount(row.value(column++));
  statistics.kv_entries_dense = readCount(row.value(column++));
  statistics.draft_kv_entries_read = readCount(row.value(column++));
  statistics.attention_mass_kept = readReal(row.value(column++));
  statistics.draft_seconds = readReal(row.value(column++));
  statistics.verify_seconds = readReal(row.value(column++));
  statistics.sample_seconds = readReal(row.value(column++));
  statistics.proposed_at = readCounts(row.value(column++));
  statistics.accepted_at = readCounts(row.value(column++));
  return statistics;
}

}  // namespace

QString selectMessages() {
  return QStringLiteral(
             "SELECT %1, %2 FROM messages m LEFT JOIN message_statistics s ON s.message_id = m.id ")
      .arg(join(kMessageColumns, "m."), join(kStatisticsColumns, "s."));
}

QString selectConversations() {
  // A head that is no message of the conversation gives way to the newest one.
  return QStringLiteral(
      "SELECT c.id, c.title, c.title_is_manual, COALESCE("
      "(SELECT id FROM messages WHERE id = c.head_message_id AND conversation_id = c.id "
      "AND deleted_with IS NULL), "
      "(SELECT max(id) FROM messages WHERE conversation_id = c.id AND deleted_with IS NULL), 0), "
      "c.created_at, c.updated_at, c.pinned, c.archived, c.system_prompt "
      "FROM conversations c ");
}

QString insertMessageSql() {
  return QStringLiteral("INSERT INTO messages (%1) VALUES (%2)")
      .arg(join(kMessageColumns, ""), marks(kMessageColumns));
}

QString insertStatisticsSql() {
  return QStringLiteral("INSERT OR REPLACE INTO message_statistics (%1) VALUES (%2)")
      .arg(join(kStatisticsColumns, ""), marks(kStatisticsColumns));
}

Message readMessage(const QSqlQuery& row) {
  Message message;
  int column = 0;
  message.id = row.value(column++).toLongLong();
  message.conversationId = row.value(column++).toLongLong();
  message.parentId = row.value(column++).toLongLong();
  message.role = valueOf(kRoles, row.value(column++).toString(), Role::kUser);
  message.state = valueOf(kStates, row.value(column++).toString(), MessageState::Interrupted);
  message.text = row.value(column++).toString();
  message.error = row.value(column++).toString();
  message.modelName = row.value(column++).toString();
  message.mode = row.value(column++).toString();
  message.droppedMessages = readInt(row.value(column++));
  message.createdAt = readTime(row.value(column++));
  message.cutAtLimit = row.value(column++).toBool();
  if (!row.value(column++).isNull()) message.statistics = readStatistics(row, column);
  return message;
}

Conversation readConversation(const QSqlQuery& row) {
  Conversation conversation;
  conversation.id = row.value(0).toLongLong();
  conversation.title = row.value(1).toString();
  conversation.titleIsManual = row.value(2).toBool();
  conversation.headMessageId = row.value(3).toLongLong();
  conversation.createdAt = readTime(row.value(4));
  conversation.updatedAt = readTime(row.value(5));
  conversation.pinned = row.value(6).toBool();
  conversation.archived = row.value(7).toBool();
  if (!row.value(8).isNull()) conversation.systemPrompt = row.value(8).toString();
  return conversation;
}

QVariantList messageValues(const Message& message) {
  return {message.id,
          message.conversationId,
          idValue(message.parentId),
          nameOf(kRoles, message.role),
          stateName(message.state),
          textValue(message.text),
          textValue(message.error),
          textValue(message.modelName),
          textValue(message.mode),
          message.droppedMessages,
          timeValue(message.createdAt),
          message.cutAtLimit ? 1 : 0};
}

QVariantList statisticsValues(RecordId messageId, const TurnStatistics& statistics) {
  return {messageId,
          statistics.prompt_tokens,
          statistics.prefilled_tokens,
          statistics.generated_tokens,
          realValue(statistics.prefill_seconds),
          realValue(statistics.time_to_first_token_seconds),
          realValue(statistics.decode_seconds),
          statistics.steps,
          static_cast<qint64>(statistics.proposed),
          static_cast<qint64>(statistics.accepted),
          static_cast<qint64>(statistics.kv_entries_read),
          static_cast<qint64>(statistics.kv_entries_dense),
          static_cast<qint64>(statistics.draft_kv_entries_read),
          realValue(statistics.attention_mass_kept),
          realValue(statistics.draft_seconds),
          realValue(statistics.verify_seconds),
          realValue(statistics.sample_seconds),
          countsValue(statistics.proposed_at),
          countsValue(statistics.accepted_at)};
}

QVariant textValue(const QString& text) {
  return text.isNull() ? QStringLiteral("") : text;
}

QVariant idValue(RecordId id) {
  return id > 0 ? QVariant(id) : QVariant(QMetaType::fromType<qlonglong>());
}

qint64 timeValue(const QDateTime& time) {
  return time.isValid() ? time.toMSecsSinceEpoch() : QDateTime::currentMSecsSinceEpoch();
}

QString stateName(MessageState state) {
  return nameOf(kStates, state);
}

void repairTree(QList<Message>& messages) {
  enum class Mark { kUnseen, kOnPath, kDone };
  QHash<RecordId, qsizetype> indexOf;
  for (qsizetype i = 0; i < messages.size(); ++i) indexOf.insert(messages[i].id, i);
  QList<Mark> marks(messages.size(), Mark::kUnseen);
  for (qsizetype start = 0; start < messages.size(); ++start) {
    // Walks up to the first ancestor that is known to be sound; every message is passed once.
    QList<qsizetype> path;
    for (qsizetype i = start; marks[i] == Mark::kUnseen;) {
      marks[i] = Mark::kOnPath;
      path.append(i);
      Message& message = messages[i];
      if (message.parentId == 0) break;
      const auto parent = indexOf.constFind(message.parentId);
      if (parent == indexOf.constEnd() || marks[*parent] == Mark::kOnPath) {
        message.parentId = 0;
        break;
      }
      i = *parent;
    }
    for (const qsizetype i : path) marks[i] = Mark::kDone;
  }
}

}  // namespace fovea::app
