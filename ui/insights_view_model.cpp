#include "ui/insights_view_model.h"

#include <QLocale>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/trace_figures.h"
#include "ui/figure_text.h"
#include "ui/read_values.h"

namespace fovea::ui {
namespace {

QVariantMap figure(const QString& name, const QString& value, const QString& hint) {
  return {{QStringLiteral("name"), name}, {QStringLiteral("value"), value}, {QStringLiteral("hint"), hint}};
}

QVariantMap bar(const QString& name, double share, const QString& text) {
  return {{QStringLiteral("name"), name}, {QStringLiteral("share"), share}, {QStringLiteral("text"), text}};
}

}  // namespace

InsightsViewModel::InsightsViewModel(app::StoreThread& store, app::GenerationWorker& worker,
                                     const MessageListModel& messages, QObject* parent)
    : QObject(parent), m_store(store), m_messages(messages) {
  connect(&messages, &QAbstractItemModel::modelReset, this, &InsightsViewModel::messagesChanged);
  connect(&messages, &QAbstractItemModel::rowsInserted, this, &InsightsViewModel::messagesChanged);
  connect(&messages, &QAbstractItemModel::rowsRemoved, this, &InsightsViewModel::messagesChanged);
  connect(&store, &app::StoreThread::traceLoaded, this, &InsightsViewModel::loaded);
  connect(&worker, &app::GenerationWorker::traceAppended, this, &InsightsViewModel::appended);
  connect(&worker, &app::GenerationWorker::finished, this, [this] {
    if (m_update.isActive()) changed();
  });
  m_update.setSingleShot(true);
  m_update.setInterval(kUpdateMs);
  connect(&m_update, &QTimer::timeout, this, &InsightsViewModel::changed);
}

void InsightsViewModel::setOpen(bool open) {
  if (open == m_open) return;
  m_open = open;
  m_answerId = 0;
  m_followsNewest = true;
  if (m_open) messagesChanged();
  emit openChanged();
}

QList<app::RecordId> InsightsViewModel::answers() const {
  QList<app::RecordId> ids;
  for (const app::Message& message : m_messages.messages()) {
    if (message.role == Role::kAssistant) ids.append(message.id);
  }
  return ids;
}

void InsightsViewModel::messagesChanged() {
  if (!m_open) return;
  const QList<app::RecordId> ids = answers();
  if (!ids.contains(m_answerId)) m_followsNewest = true;
  show(m_followsNewest && !ids.isEmpty() ? ids.last() : ids.isEmpty() ? 0 : m_answerId);
}

void InsightsViewModel::show(app::RecordId answerId) {
  if (answerId == m_answerId && answerId != 0) {
    emit traceChanged();  // its number may be another now
    return;
  }
  m_answerId = answerId;
  m_error.clear();
  if (answerId != 0 && answerId == m_runningId) return changed();
  m_trace = std::make_shared<const app::TurnTrace>();
  m_statistics = {};
  m_state = answerId == 0 ? State::Empty : State::Loading;
  if (answerId != 0) m_store.loadTrace(answerId);
  emit traceChanged();
}

void InsightsViewModel::appended(app::RecordId answerId, const app::TurnTrace& part) {
  if (answerId != m_runningId) m_running = {};
  m_runningId = answerId;
  m_running.append(part);
  if (m_open && answerId == m_answerId && !m_update.isActive()) m_update.start();
}

void InsightsViewModel::changed() {
  m_update.stop();
  if (!m_open || m_answerId != m_runningId) return;
  m_trace = std::make_shared<const app::TurnTrace>(m_running);
  m_statistics = app::statisticsOf(m_running);
  m_state = m_running.steps.empty() ? State::Loading : State::Ready;
  emit traceChanged();
}

void InsightsViewModel::loaded(const app::StoredTrace& stored) {
  if (stored.messageId != m_answerId || m_answerId == m_runningId) return;
  m_error = stored.error;
  if (stored.trace) {
    m_trace = stored.trace;
    m_statistics = app::statisticsOf(*m_trace);
    m_state = State::Ready;
  } else {
    m_state = m_error.isEmpty() ? State::Missing : State::Damaged;
  }
  emit traceChanged();
}

void InsightsViewModel::showAnother(int offset) {
  const QList<app::RecordId> ids = answers();
  const qsizetype at = ids.indexOf(m_answerId) + offset;
  if (at < 0 || at >= ids.size()) return;
  m_followsNewest = at + 1 == ids.size();
  show(ids.at(at));
}

int InsightsViewModel::answerNumber() const {
  return static_cast<int>(answers().indexOf(m_answerId)) + 1;
}

QString InsightsViewModel::question() const {
  QString asked;
  for (const app::Message& message : m_messages.messages()) {
    if (message.id == m_answerId) return asked.simplified();
    if (message.role == Role::kUser) asked = message.text;
  }
  return {};
}

QString InsightsViewModel::stateText() const {
  switch (m_state) {
    case State::Empty:
      return tr("Ask something: what the answer reads is shown here while it is written.");
    case State::Loading:
      return tr("Waiting for the first step\u2026");
    case State::Missing:
      return tr("Nothing was recorded of this answer: it failed, or was written by an older Fovea.");
    case State::Damaged:
      return m_error;
    case State::Ready:
      return {};
  }
  return {};
}

QString InsightsViewModel::summary() const {
  if (m_state != State::Ready) return stateText();
  QString words = tr("%n steps wrote this answer.", "", m_statistics.steps);
  words += QLatin1Char(' ') + tr("%1 of the entries that dense reading would have read were left out.")
                                  .arg(percent(m_statistics.kv_reads_saved()));
  if (m_statistics.proposed > 0) {
    words += QLatin1Char(' ') +
             tr("%1 of the proposed tokens were accepted.").arg(percent(m_statistics.acceptance_rate()));
  }
  if (m_trace->remapped) {
    words += QLatin1Char(' ') +
             tr("Older turns were dropped in the middle: positions before and after do not agree.");
  }
  return words;
}

QVariantList InsightsViewModel::figures() const {
  if (m_state != State::Ready) return {};
  const QLocale locale;
  QVariantList list;
  list << figure(tr("KV reads saved"), percent(m_statistics.kv_reads_saved()),
                 tr("Share of the cache entries that verification did not read, against dense reading."));
  list << figure(tr("Attention kept"), percent(m_statistics.attention_mass_kept),
                 tr("Estimated share of the attention that lies on what was read."));
  list << figure(
      tr("Tokens a pass"),
      locale.toString(double(m_statistics.generated_tokens) / std::max(m_statistics.steps, 1), 'f', 2),
      tr("Tokens of the answer for each pass of the verifier."));
  list << figure(tr("Drafts accepted"),
                 m_statistics.proposed > 0 ? percent(m_statistics.acceptance_rate()) : tr("no draft"),
                 tr("Share of the proposed tokens that stand."));
  const auto bytes = app::bytesPerToken(*m_trace, m_statistics);
  list << figure(tr("Cache read a token"),
                 bytes ? locale.formattedDataSize(static_cast<qint64>(*bytes), 1) : tr("not known"),
                 tr("Keys and values that the verifier read for each token."));
  const auto rate = app::secondsPerByte(*m_trace, m_statistics);
  const double saved = double(m_statistics.kv_entries_dense - m_statistics.kv_entries_read);
  list << figure(
      tr("Time saved, estimated"),
      rate ? milliseconds(std::max(saved, 0.0) * double(m_trace->kvEntryBytes) * *rate) : tr("not known"),
      tr("Bytes not read, at the speed of this answer's passes: their time over the weights and "
         "entries that they read. Too much where arithmetic and not memory limits them."));
  return list;
}

QVariantList InsightsViewModel::stages() const {
  const double verify = m_statistics.verify_seconds - m_statistics.select_seconds;
  const double all = m_statistics.draft_seconds + m_statistics.verify_seconds + m_statistics.sample_seconds;
  if (m_state != State::Ready || all <= 0) return {};
  const auto stage = [all](const QString& name, double seconds) {
    return bar(name, seconds / all, milliseconds(seconds));
  };
  return {stage(tr("Draft"), m_statistics.draft_seconds), stage(tr("Select"), m_statistics.select_seconds),
          stage(tr("Verify"), std::max(verify, 0.0)), stage(tr("Sample"), m_statistics.sample_seconds)};
}

QVariantList InsightsViewModel::acceptance() const {
  QVariantList list;
  for (std::size_t at = 0; at < m_statistics.proposed_at.size(); ++at) {
    const double accepted = at < m_statistics.accepted_at.size() ? double(m_statistics.accepted_at[at]) : 0.0;
    const double share = accepted / double(m_statistics.proposed_at[at]);
    list << bar(QString::number(at + 1), share, percent(share));
  }
  return list;
}

QString InsightsViewModel::cellText(int layer, int bucket) const {
  const ReadMap& map = m_trace->reads;
  if (layer < 0 || bucket < 0 || static_cast<std::size_t>(layer) >= map.layers()) return {};
  const auto column = static_cast<std::size_t>(bucket);
  if (column >= map.dense().size()) return {};
  const auto reads = map.reads(static_cast<std::size_t>(layer));
  const std::int64_t count = column < reads.size() ? reads[column] : 0;
  const std::vector<TokenId> answer = app::answerTokens(*m_trace);
  std::string text;
  const std::size_t first = column * ReadMap::kBucketPositions;
  for (std::size_t at = first; at < first + ReadMap::kBucketPositions; ++at) {
    const std::size_t inAnswer = at - std::min(at, m_trace->prompt.size());
    if (at < m_trace->prompt.size()) {
      text += app::tokenText(*m_trace, m_trace->prompt[at]);
    } else if (inAnswer < answer.size()) {
      text += app::tokenText(*m_trace, answer[inAnswer]);
    }
  }
  const QLocale locale;
  const double dense = double(map.dense()[column]);
  const QString where =
      tr("Layer %1, positions %2 to %3").arg(layer + 1).arg(first).arg(first + ReadMap::kBucketPositions - 1);
  const QString read = tr("read %1 of %2 times (%3), %4")
                           .arg(locale.toString(qint64{count}), locale.toString(qint64{map.dense()[column]}),
                                percent(dense > 0 ? double(count) / dense : 1.0),
                                dataSize(double(count) * double(m_trace->kvEntryBytes)));
  const double saved =
      entriesSaved(map, static_cast<std::size_t>(layer), column) * double(m_trace->kvEntryBytes);
  const auto rate = app::secondsPerByte(*m_trace, m_statistics);
  const QString left =
      tr("left out: %1, about %2").arg(dataSize(saved), milliseconds(rate ? saved * *rate : std::nan("")));
  return QStringLiteral("%1: %2; %3\n\u201c%4\u201d")
      .arg(where, read, left, QString::fromStdString(text).simplified());
}

}  // namespace fovea::ui
