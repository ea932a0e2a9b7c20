#include "ui/statistics_exporter.h"

#include <QDir>
#include <algorithm>
#include <utility>

#include "app/statistics_export.h"
#include "ui/statistics_charts.h"

namespace fovea::ui {
namespace {

bool endsWith(const QString& path, const char* ending) {
  return path.endsWith(QLatin1String(ending), Qt::CaseInsensitive);
}

/// The answer, and the question before it.
QList<app::Message> only(const QList<app::Message>& branch, app::RecordId answerId) {
  QList<app::Message> messages;
  for (const app::Message& message : branch) {
    if (message.role == Role::kUser) messages = {message};
    if (message.id == answerId) return messages << message;
  }
  return {};
}

}  // namespace

StatisticsExporter::StatisticsExporter(app::StoreThread& store, const ConversationListModel& conversations,
                                       const MessageListModel& messages, QObject* parent)
    : QObject(parent), m_store(store), m_conversations(conversations), m_messages(messages) {
  connect(&store, &app::StoreThread::tracesLoaded, this, &StatisticsExporter::loaded);
}

StatisticsExporter::~StatisticsExporter() {
  m_thread.finish();
}

void StatisticsExporter::setOutcome(const QString& words, bool failed) {
  m_outcome = words;
  m_failed = failed;
  emit outcomeChanged();
}

void StatisticsExporter::forgetOutcome() {
  if (!m_outcome.isEmpty()) setOutcome({}, false);
}

void StatisticsExporter::exportTo(const QUrl& file, qint64 answerId) {
  forgetOutcome();
  if (m_messages.messages().isEmpty()) return;
  const app::RecordId conversationId = m_messages.messages().first().conversationId;
  Wanted wanted{file.toLocalFile(), answerId, {}, m_messages.messages(), m_messages.tree().messages()};
  if (const app::Conversation* found = m_conversations.find(conversationId)) wanted.conversation = *found;
  wanted.conversation.id = conversationId;
  m_wanted = std::move(wanted);
  m_store.loadTraces(conversationId);
}

void StatisticsExporter::loaded(app::RecordId conversationId, const QList<app::StoredTrace>& traces) {
  if (!m_wanted || m_wanted->conversation.id != conversationId) return;
  m_thread.post([this, wanted = *std::exchange(m_wanted, std::nullopt), traces] { write(wanted, traces); });
}

void StatisticsExporter::write(const Wanted& wanted, QList<app::StoredTrace> traces) {
  const auto damaged = std::count_if(traces.cbegin(), traces.cend(), [&](const app::StoredTrace& stored) {
    return !stored.trace && (wanted.answerId == 0 || stored.messageId == wanted.answerId);
  });
  QList<app::Message> branch = wanted.branch;
  if (wanted.answerId != 0) {
    traces.removeIf([&](const app::StoredTrace& stored) { return stored.messageId != wanted.answerId; });
    branch = only(branch, wanted.answerId);
  }
  const auto format =
      endsWith(wanted.path, ".json") ? app::StatisticsFormat::Json : app::StatisticsFormat::Csv;
  const auto written =
      endsWith(wanted.path, ".png")
          ? exportStatisticsCharts(wanted.path, wanted.conversation, branch, traces)
          : app::exportStatisticsFile(wanted.path, format, wanted.conversation, wanted.all, traces);
  m_mailbox.post([this, written, damaged, path = QDir::toNativeSeparators(wanted.path)] {
    QString words =
        written ? tr("Written to %1").arg(path) : QString::fromStdString(written.error().to_string());
    if (damaged > 0) {
      words +=
          QLatin1Char(' ') + (damaged == 1 ? tr("What was recorded of one answer is damaged and left out.")
                                           : tr("What was recorded of %n answers is damaged and left out.",
                                                "", static_cast<int>(damaged)));
    }
    setOutcome(words, !written);
    emit finished(words);
  });
}

}  // namespace fovea::ui
