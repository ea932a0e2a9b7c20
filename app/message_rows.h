// How records become rows and rows become records again. Rows may come from a damaged or foreign file:
// whatever does not make sense becomes a harmless value, never a crash. Pure functions; any thread.
#pragma once

#include <QList>
#include <QSqlQuery>
#include <QString>
#include <QVariant>

#include "app/records.h"

namespace fovea::app {

/// "SELECT ..." of every column that readMessage() needs, with the statistics joined; add WHERE and ORDER BY.
[[nodiscard]] QString selectMessages();
[[nodiscard]] QString selectConversations();
[[nodiscard]] QString insertMessageSql();
[[nodiscard]] QString insertStatisticsSql();  // replaces

[[nodiscard]] Message readMessage(const QSqlQuery& row);
[[nodiscard]] Conversation readConversation(const QSqlQuery& row);

/// Values for the question marks of the statements above.
[[nodiscard]] QVariantList messageValues(const Message& message);
[[nodiscard]] QVariantList statisticsValues(RecordId messageId, const TurnStatistics& statistics);

/// Null strings and 0 ids as the database wants them: '' and NULL.
[[nodiscard]] QVariant textValue(const QString& text);
[[nodiscard]] QVariant idValue(RecordId id);
/// Milliseconds since 1970; now, where the time is not valid.
[[nodiscard]] qint64 timeValue(const QDateTime& time);
[[nodiscard]] QString stateName(MessageState state);

/// Makes a tree of what may be anything: a parent that is not in the list, or that would close a circle,
/// becomes 0.
void repairTree(QList<Message>& messages);

}  // namespace fovea::app
