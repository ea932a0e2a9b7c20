#include "ui/answer_comparison.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

#include "app/trace_figures.h"
#include "app/trace_reads.h"
#include "ui/figure_text.h"
#include "ui/settings_view_model.h"

namespace fovea::ui {
AnswerComparison::AnswerComparison(app::StoreThread& store, const InsightsViewModel& insights,
                                   const MessageListModel& messages, QObject* parent)
    : QObject(parent), m_store(store), m_insights(insights), m_messages(messages) {
  connect(&insights, &InsightsViewModel::traceChanged, this, &AnswerComparison::refresh);
  connect(&store, &app::StoreThread::traceLoaded, this, &AnswerComparison::loaded);
}

void AnswerComparison::setOpen(bool open) {
  if (open == m_open) return;
  m_open = open;
  m_hereId = 0;
  m_otherId = 0;
  m_other.reset();
  if (m_open) refresh();
  emit changed();
}

QString AnswerComparison::nameOf(const app::Message& answer) const {
  const app::MessageTree& tree = m_messages.tree();
  const app::Message* question = tree.find(answer.parentId);
  // What tells versions apart stands first: a list cuts what is long at its end.
  QStringList parts;
  const QList<app::RecordId> versions = tree.versions(answer.id);
  if (versions.size() > 1)
    parts << tr("Version %1 of %2").arg(versions.indexOf(answer.id) + 1).arg(versions.size());
  if (const auto mode = mode_from_string(answer.mode.toStdString()))
    parts << SettingsViewModel::modeName(*mode);
  parts << (question != nullptr ? question->text.simplified() : tr("An answer without a question"));
  return parts.join(QStringLiteral(" \u00b7 "));
}

void AnswerComparison::refresh() {
  if (!m_open) return;
  QList<app::RecordId> ids;
  for (const app::Message& message : m_messages.tree().messages()) {
    if (message.role == Role::kAssistant && message.id != m_insights.answerId()) ids.append(message.id);
  }
  std::sort(ids.begin(), ids.end());
  QStringList names;
  for (const app::RecordId id : ids) names.append(nameOf(*m_messages.tree().find(id)));
  if (names != m_names || ids != m_ids) {
    m_ids = ids;
    m_names = names;
    emit namesChanged();
  }
  if (m_hereId != m_insights.answerId() || !m_ids.contains(m_otherId)) {
    m_hereId = m_insights.answerId();
    const QList<app::RecordId> versions = m_messages.tree().versions(m_hereId);
    const auto version = std::find_if(versions.crbegin(), versions.crend(), [this](app::RecordId id) {
      return id != m_hereId && m_ids.contains(id);
    });
    load(version != versions.crend() ? *version : m_ids.isEmpty() ? 0 : m_ids.last());
  }
  emit changed();
}

void AnswerComparison::choose(int row) {
  if (row < 0 || row >= m_ids.size() || m_ids.at(row) == m_otherId) return;
  load(m_ids.at(row));
  emit changed();
}

void AnswerComparison::load(app::RecordId id) {
  m_otherId = id;
  m_other.reset();
  m_error.clear();
  m_loading = id != 0;
  if (m_loading) m_store.loadTrace(id);
}

void AnswerComparison::loaded(const app::StoredTrace& stored) {
  if (!m_open || stored.messageId != m_otherId) return;
  m_loading = false;
  m_other = stored.trace;
  m_error = stored.error;
  emit changed();
}

QString AnswerComparison::stateText() const {
  if (m_insights.state() != InsightsViewModel::State::Ready) return m_insights.stateText();
  if (m_ids.isEmpty())
    return tr(
        "There is no other answer in this chat. Answer a question anew, perhaps in another mode, to "
        "compare.");
  if (m_loading) return tr("Loading\u2026");
  if (!m_error.isEmpty()) return m_error;
  if (!m_other) return tr("Nothing was recorded of that answer.");
  return {};
}

AnswerComparison::Side AnswerComparison::here() const {
  return {m_messages.tree().find(m_hereId), m_insights.trace()};
}

AnswerComparison::Side AnswerComparison::there() const {
  return {m_messages.tree().find(m_otherId), *m_other};
}

// In the order of valuesOf().
QList<std::pair<QString, QString>> AnswerComparison::namesAndHints() {
  return {
      {tr("Mode"), tr("How the verifier checked what it wrote.")},
      {tr("Attention top-p"), tr("Share of the attention that was to be kept, in the modes that select.")},
      {tr("Tokens"), tr("Of the answer.")},
      {tr("Tokens a second"), tr("While the answer was written, after the prompt was read.")},
      {tr("First token after"), tr("Reading the prompt included.")},
      {tr("KV reads saved"),
       tr("Share of the cache entries that verification did not read, against dense reading.")},
      {tr("Attention kept"), tr("Estimated share of the attention that lies on what was read.")},
      {tr("Tokens a pass"), tr("Tokens of the answer for each pass of the verifier.")},
      {tr("Drafts accepted"), tr("Share of the proposed tokens that stand.")},
      {tr("Cache read a token"), tr("Keys and values that the verifier read for each token.")}};
}

QStringList AnswerComparison::valuesOf(const Side& side) {
  const QLocale locale;
  const QString unknown = percent(std::nan(""));
  const GenerationOptions& options = side.trace.options;
  const TurnStatistics sums = app::statisticsOf(side.trace);
  // Only the message knows how long the whole took.
  const TurnStatistics whole =
      side.message != nullptr && side.message->statistics ? *side.message->statistics : TurnStatistics{};
  const bool selects = options.mode == Mode::kSparse || options.mode == Mode::kExact;
  const auto bytes = app::bytesPerToken(side.trace, sums);
  return {SettingsViewModel::modeName(options.mode),
          selects ? locale.toString(static_cast<double>(options.sparsity.attention_top_p), 'g', 3)
                  : tr("reads all"),
          locale.toString(sums.generated_tokens),
          whole.decode_seconds > 0 ? locale.toString(whole.tokens_per_second(), 'f', 1) : unknown,
          whole.time_to_first_token_seconds > 0
              ? tr("%1 s").arg(locale.toString(whole.time_to_first_token_seconds, 'f', 2))
              : unknown,
          percent(sums.kv_reads_saved()),
          percent(sums.attention_mass_kept),
          locale.toString(static_cast<double>(sums.generated_tokens) / std::max(sums.steps, 1), 'f', 2),
          sums.proposed > 0 ? percent(sums.acceptance_rate()) : tr("no draft"),
          bytes ? locale.formattedDataSize(static_cast<qint64>(*bytes), 1) : unknown};
}

QVariantList AnswerComparison::rows() const {
  if (!stateText().isEmpty()) return {};
  const QStringList ours = valuesOf(here());
  const QStringList theirs = valuesOf(there());
  QVariantList list;
  for (const auto& [name, hint] : namesAndHints()) {
    list << QVariantMap{{QStringLiteral("name"), name},
                        {QStringLiteral("hint"), hint},
                        {QStringLiteral("here"), ours.at(list.size())},
                        {QStringLiteral("there"), theirs.at(list.size())}};
  }
  return list;
}

QVariantList AnswerComparison::layers() const {
  if (!stateText().isEmpty()) return {};
  const std::vector<float> ours = app::layerDensities(here().trace);
  const std::vector<float> theirs = app::layerDensities(there().trace);
  QVariantList list;
  for (std::size_t layer = 0; layer < std::max(ours.size(), theirs.size()); ++layer) {
    const double left = layer < ours.size() ? static_cast<double>(ours[layer]) : std::nan("");
    const double right = layer < theirs.size() ? static_cast<double>(theirs[layer]) : std::nan("");
    const QString name = QString::number(layer + 1);
    list << QVariantMap{
        {QStringLiteral("name"), name},
        {QStringLiteral("here"), left},
        {QStringLiteral("there"), right},
        {QStringLiteral("text"),
         tr("Layer %1: this answer read %2, the other %3").arg(name, percent(left), percent(right))}};
  }
  return list;
}

}  // namespace fovea::ui
