// The sparsity statistics of a conversation as files for other programs: JSON with everything, CSV with a
// line for each step. The schema stands in app/STATISTICS.md and has a version. Writes to any device; any
// thread, one at a time.
#pragma once

#include <QIODevice>
#include <QList>

#include "app/records.h"
#include "engine/result.h"

namespace fovea::app {

inline constexpr int kStatisticsVersion = 1;

enum class StatisticsFormat { Csv, Json };

/// `messages`: of the conversation; `traces`: those of its answers that have one. Fails where the device
/// does.
Result<void> exportStatistics(QIODevice& out, StatisticsFormat format, const Conversation& conversation,
                              const QList<Message>& messages, const QList<StoredTrace>& traces);

/// The same into a file. Fails with nothingRecorded() where no answer has a trace, else as
/// writeStatisticsFile().
Result<void> exportStatisticsFile(const QString& path, StatisticsFormat format,
                                  const Conversation& conversation, const QList<Message>& messages,
                                  const QList<StoredTrace>& traces);

/// A file that appears only when it is whole. Fails in words: no permission, no space.
Result<void> writeStatisticsFile(const QString& path, const QByteArray& content);

/// kNotFound: these answers failed, or were written by a Fovea that recorded nothing.
[[nodiscard]] Error nothingRecorded();

}  // namespace fovea::app
