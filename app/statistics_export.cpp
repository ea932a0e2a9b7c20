#include "app/statistics_export.h"

#include <QBuffer>
#include <QDir>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <algorithm>
#include <array>
#include <cmath>

#include "app/trace_figures.h"

namespace fovea::app {
namespace {

constexpr std::array<const char*, kPassKinds> kKinds = {"plain", "speculative", "sparse", "confirm"};

QString fromView(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// A number, or null where nobody knows it.
QJsonValue real(double value) {
  return std::isfinite(value) ? QJsonValue(value) : QJsonValue();
}

template <typename Counts>
QJsonArray countsJson(const Counts& counts) {
  QJsonArray array;
  for (const auto each : counts) array.append(static_cast<qint64>(each));
  return array;
}

QJsonObject stepJson(const StepTelemetry& step) {
  QJsonArray entries;
  QJsonArray masses;
  for (const LayerReads& layer : step.layers) {
    entries.append(layer.entries_read);
    masses.append(real(layer.mass_kept));
  }
  return {{QLatin1String("kind"), QLatin1String(kKinds[static_cast<std::size_t>(step.kind)])},
          {QLatin1String("proposed"), step.proposed},
          {QLatin1String("accepted"), step.accepted},
          {QLatin1String("emitted"), step.emitted},
          {QLatin1String("confirmed"), step.confirmed},
          {QLatin1String("refused"), step.refused},
          {QLatin1String("context_tokens"), static_cast<qint64>(step.context_tokens)},
          {QLatin1String("kv_entries_read"), static_cast<qint64>(step.kv_entries_read)},
          {QLatin1String("kv_entries_dense"), static_cast<qint64>(step.kv_entries_dense)},
          {QLatin1String("draft_kv_entries_read"), static_cast<qint64>(step.draft_kv_entries_read)},
          {QLatin1String("attention_mass_kept"), real(step.attention_mass_kept)},
          {QLatin1String("draft_seconds"), step.draft_seconds},
          {QLatin1String("select_seconds"), step.select_seconds},
          {QLatin1String("verify_seconds"), step.verify_seconds},
          {QLatin1String("sample_seconds"), step.sample_seconds},
          {QLatin1String("layer_entries_read"), entries},
          {QLatin1String("layer_mass_kept"), masses}};
}

QJsonObject answerJson(const Message& message, const TurnTrace& trace) {
  const TurnStatistics sums = statisticsOf(trace);
  QJsonArray steps;
  for (const TraceStep& step : trace.steps) steps.append(stepJson(step.telemetry));
  QJsonArray layers;
  for (std::size_t layer = 0; layer < trace.reads.layers(); ++layer)
    layers.append(countsJson(trace.reads.reads(layer)));
  return {{QLatin1String("message_id"), static_cast<qint64>(message.id)},
          {QLatin1String("created_at"), message.createdAt.toString(Qt::ISODateWithMs)},
          {QLatin1String("model"), message.modelName},
          {QLatin1String("mode"), fromView(to_string(trace.options.mode))},
          {QLatin1String("attention_top_p"), double{trace.options.sparsity.attention_top_p}},
          {QLatin1String("temperature"), double{trace.options.sampling.temperature}},
          {QLatin1String("seed"), QString::number(trace.options.sampling.seed)},
          {QLatin1String("prompt_tokens"), sums.prompt_tokens},
          {QLatin1String("generated_tokens"), sums.generated_tokens},
          {QLatin1String("proposed"), static_cast<qint64>(sums.proposed)},
          {QLatin1String("accepted"), static_cast<qint64>(sums.accepted)},
          {QLatin1String("kv_entries_read"), static_cast<qint64>(sums.kv_entries_read)},
          {QLatin1String("kv_entries_dense"), static_cast<qint64>(sums.kv_entries_dense)},
          {QLatin1String("kv_reads_saved"), sums.kv_reads_saved()},
          {QLatin1String("attention_mass_kept"), real(sums.attention_mass_kept)},
          {QLatin1String("kv_entry_bytes"), static_cast<qint64>(trace.kvEntryBytes)},
          {QLatin1String("proposed_at"), countsJson(sums.proposed_at)},
          {QLatin1String("accepted_at"), countsJson(sums.accepted_at)},
          {QLatin1String("turns_dropped_midway"), trace.remapped},
          {QLatin1String("steps"), steps},
          {QLatin1String("reads"),
           QJsonObject{{QLatin1String("bucket_positions"), static_cast<int>(ReadMap::kBucketPositions)},
                       {QLatin1String("layers"), layers},
                       {QLatin1String("dense"), countsJson(trace.reads.dense())}}}};
}

QByteArray json(const Conversation& conversation, const QHash<RecordId, Message>& byId,
                const QList<StoredTrace>& traces) {
  QJsonArray answers;
  for (const StoredTrace& stored : traces) {
    if (stored.trace) answers.append(answerJson(byId.value(stored.messageId), *stored.trace));
  }
  const QJsonObject all{{QLatin1String("format"), QStringLiteral("fovea-statistics")},
                        {QLatin1String("version"), kStatisticsVersion},
                        {QLatin1String("conversation"), conversation.title},
                        {QLatin1String("answers"), answers}};
  return QJsonDocument(all).toJson();
}

QByteArray number(double value) {
  return std::isfinite(value) ? QByteArray::number(value, 'g', 9) : QByteArray();
}

QByteArray csv(const QHash<RecordId, Message>& byId, const QList<StoredTrace>& traces) {
  QByteArray text =
      "message_id,created_at,mode,step,kind,proposed,accepted,emitted,confirmed,refused,context_tokens,"
      "kv_entries_read,kv_entries_dense,draft_kv_entries_read,attention_mass_kept,draft_seconds,"
      "select_seconds,verify_seconds,sample_seconds\n";
  for (const StoredTrace& stored : traces) {
    if (!stored.trace) continue;
    const QByteArray who = QByteArray::number(stored.messageId) + ',' +
                           byId.value(stored.messageId).createdAt.toString(Qt::ISODateWithMs).toLatin1() +
                           ',' + fromView(to_string(stored.trace->options.mode)).toLatin1();
    int count = 0;
    for (const TraceStep& each : stored.trace->steps) {
      const StepTelemetry& step = each.telemetry;
      text += who + ',' + QByteArray::number(++count) + ',' + kKinds[static_cast<std::size_t>(step.kind)];
      for (const std::int64_t value :
           {std::int64_t{step.proposed}, std::int64_t{step.accepted}, std::int64_t{step.emitted},
            std::int64_t{step.confirmed}, std::int64_t{step.refused},
            static_cast<std::int64_t>(step.context_tokens), step.kv_entries_read, step.kv_entries_dense,
            step.draft_kv_entries_read})
        text += ',' + QByteArray::number(static_cast<qint64>(value));
      for (const double value : {step.attention_mass_kept, step.draft_seconds, step.select_seconds,
                                 step.verify_seconds, step.sample_seconds})
        text += ',' + number(value);
      text += '\n';
    }
  }
  return text;
}

}  // namespace

Result<void> exportStatistics(QIODevice& out, StatisticsFormat format, const Conversation& conversation,
                              const QList<Message>& messages, const QList<StoredTrace>& traces) {
  QHash<RecordId, Message> byId;
  for (const Message& message : messages) byId.insert(message.id, message);
  const QByteArray content =
      format == StatisticsFormat::Csv ? csv(byId, traces) : json(conversation, byId, traces);
  if (out.write(content) == content.size()) return {};
  return Error{ErrorCode::kUnreadable,
               "The statistics cannot be written: " + out.errorString().toStdString() + ".",
               "Free some space, or choose another folder."};
}

Error nothingRecorded() {
  return {ErrorCode::kNotFound, "Nothing was recorded that could be exported.",
          "Answers that failed, or that an older Fovea wrote, have no statistics."};
}

Result<void> writeStatisticsFile(const QString& path, const QByteArray& content) {
  QSaveFile file(path);
  if (file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.commit()) return {};
  return Error{ErrorCode::kUnreadable,
               QStringLiteral("%1 cannot be written: %2.")
                   .arg(QDir::toNativeSeparators(path), file.errorString())
                   .toStdString(),
               "Free some space, or choose a folder that you may write to."};
}

Result<void> exportStatisticsFile(const QString& path, StatisticsFormat format,
                                  const Conversation& conversation, const QList<Message>& messages,
                                  const QList<StoredTrace>& traces) {
  const bool recorded = std::any_of(traces.cbegin(), traces.cend(),
                                    [](const StoredTrace& stored) { return stored.trace != nullptr; });
  if (!recorded) return nothingRecorded();
  QBuffer content;
  content.open(QIODevice::WriteOnly);
  if (auto written = exportStatistics(content, format, conversation, messages, traces); !written)
    return written;
  return writeStatisticsFile(path, content.data());
}

}  // namespace fovea::app
