#include "ui/status_view_model.h"

#include <QLocale>
#include <algorithm>

#include "ui/message_list_model.h"

namespace fovea::ui {

StatusViewModel::StatusViewModel(app::GenerationWorker& worker, QObject* parent) : QObject(parent) {
  using Worker = app::GenerationWorker;
  connect(&worker, &Worker::loadProgress, this, &StatusViewModel::loadProgressed);
  connect(&worker, &Worker::loaded, this, &StatusViewModel::loadSucceeded);
  connect(&worker, &Worker::loadFailed, this, &StatusViewModel::loadFailed);
  connect(&worker, &Worker::prefillProgress, this,
          [this](app::RecordId, int done, int total) { prefillProgressed(done, total); });
  connect(&worker, &Worker::alignmentProgress, this,
          [this](app::RecordId, double fraction) { alignmentProgressed(fraction); });
  connect(&worker, &Worker::textAppended, this,
          [this](app::RecordId, const QString&, const app::LiveStatistics& live) { liveFigures(live); });
  connect(&worker, &Worker::contextDropped, this, [this](app::RecordId, int droppedMessages) {
    m_droppedMessages = droppedMessages;
    emit activityChanged();
  });
  connect(&worker, &Worker::finished, this, &StatusViewModel::turnFinished);
  connect(this, &StatusViewModel::modelChanged, this, &StatusViewModel::contextUsedChanged);
}

QString StatusViewModel::modelName() const {
  return m_modelState == ModelState::Ready ? QString::fromStdString(m_info.verifier_name) : QString();
}

QString StatusViewModel::modelStateText() const {
  switch (m_modelState) {
    case ModelState::NotLoaded:
      return tr("No model");
    case ModelState::Loading:
      return m_loadStage.isEmpty() ? tr("Loading the model\u2026")
                                   : tr("Loading the model: %1\u2026").arg(m_loadStage);
    case ModelState::Ready:
      return tr("Ready");
    case ModelState::Failed:
      return tr("Not loaded");
  }
  return {};
}

QString StatusViewModel::modelDetails() const {
  if (m_modelState != ModelState::Ready) return {};
  const QLocale locale;
  QStringList lines;
  lines << tr("Verifier: %1").arg(QString::fromStdString(m_info.verifier_name));
  lines << (m_info.draft_name.empty() ? tr("No draft model")
                                      : tr("Draft: %1").arg(QString::fromStdString(m_info.draft_name)));
  const QString device = QString::fromStdString(m_info.device);
  lines << (device.isEmpty() ? tr("Runs on: %1").arg(deviceText())
                             : tr("Runs on: %1 (%2)").arg(deviceText(), device));
  lines << tr("Context: %1 tokens").arg(locale.toString(m_info.context_tokens));
  lines << tr("Memory: %1 weights, %2 cache")
               .arg(locale.formattedDataSize(m_info.weights_bytes, 0),
                    locale.formattedDataSize(m_info.kv_cache_bytes, 0));
  return lines.join(QLatin1Char('\n'));
}

QString StatusViewModel::deviceText() const {
  if (m_modelState != ModelState::Ready) return {};
  if (m_info.backend == "cuda") return tr("GPU");
  return m_info.threads == 1 ? tr("CPU, 1 thread") : tr("CPU, %n threads", "", m_info.threads);
}

QString StatusViewModel::activityText() const {
  switch (m_activity) {
    case Activity::Idle:
      return {};
    case Activity::Waiting:
      return m_modelState == ModelState::Failed ? tr("Waiting for a model")
                                                : tr("Waiting for the model to load");
    case Activity::Reading:
      if (m_alignment < 1)
        return tr("Fitting the draft to the model, once, %1%").arg(qRound(m_alignment * 100));
      return readingText();
    case Activity::Answering:
      return tr("Answering");
    case Activity::Stopping:
      return tr("Stopping");
  }
  return {};
}

QString StatusViewModel::readingText() const {
  if (m_prefillTotal <= 0) return tr("Reading the chat");
  const QString done = tr("Reading the chat, %1%").arg(qRound(prefillProgress() * 100));
  const auto seconds = m_prefillLeft.seconds();
  if (!seconds || *seconds < 1) return done;
  const int left = qRound(*seconds);
  return left < 100 ? tr("%1, about %n s left", "", left).arg(done)
                    : tr("%1, about %n min left", "", qRound(left / 60.0)).arg(done);
}

QString StatusViewModel::contextText() const {
  return droppedWords(m_droppedMessages);
}

double StatusViewModel::contextUsed() const {
  if (m_modelState != ModelState::Ready || m_info.context_tokens <= 0) return 0;
  return std::clamp(double(m_contextTokens) / static_cast<double>(m_info.context_tokens), 0.0, 1.0);
}

QString StatusViewModel::contextUsedText() const {
  if (contextUsed() <= 0) return {};
  const QLocale locale;
  const QString words = tr("The context holds %1 of %2 tokens.")
                            .arg(locale.toString(m_contextTokens), locale.toString(m_info.context_tokens));
  return m_droppedMessages > 0 ? words + QLatin1Char('\n') + droppedWords(m_droppedMessages) : words;
}

void StatusViewModel::setContextTokens(int tokens) {
  if (tokens == m_contextTokens) return;
  m_contextTokens = tokens;
  emit contextUsedChanged();
}

double StatusViewModel::prefillProgress() const {
  return m_prefillTotal > 0 ? std::clamp(double(m_prefillDone) / m_prefillTotal, 0.0, 1.0) : 0.0;
}

QString StatusViewModel::speedText() const {
  return hasFigures() ? tr("%1 tokens/s").arg(QLocale().toString(m_live.tokensPerSecond, 'f', 1)) : QString();
}

QString StatusViewModel::acceptanceText() const {
  if (!hasFigures() || !m_live.drafted) return {};
  return tr("%1% of drafts accepted").arg(qRound(m_live.acceptanceRate * 100));
}

QString StatusViewModel::savedText() const {
  if (!hasFigures() || m_live.kvReadsSaved <= 0) return {};
  return tr("%1% of KV reads saved").arg(qRound(m_live.kvReadsSaved * 100));
}

void StatusViewModel::loadStarted() {
  m_modelState = ModelState::Loading;
  m_loadProgress = 0;
  m_loadStage.clear();
  m_loadError.clear();
  m_loadRemedy.clear();
  emit modelChanged();
  if (m_activity == Activity::Waiting) emit activityChanged();
}

void StatusViewModel::loadProgressed(double fraction, const QString& stage) {
  m_modelState = ModelState::Loading;
  m_loadProgress = std::clamp(fraction, 0.0, 1.0);
  m_loadStage = stage;
  emit modelChanged();
}

void StatusViewModel::loadSucceeded(const SessionInfo& info) {
  m_modelState = ModelState::Ready;
  m_info = info;
  m_loadProgress = 1;
  emit modelChanged();
  if (m_activity == Activity::Waiting) setActivity(Activity::Reading);
}

void StatusViewModel::loadFailed(const QString& message, const QString& remedy) {
  m_modelState = ModelState::Failed;
  m_loadError = message;
  m_loadRemedy = remedy;
  emit modelChanged();
  if (m_activity == Activity::Waiting) emit activityChanged();
}

void StatusViewModel::turnStarted() {
  m_prefillDone = 0;
  m_prefillTotal = 0;
  m_prefillClock.invalidate();
  m_prefillLeft = {};
  m_alignment = 1;
  m_droppedMessages = 0;
  m_live = {};
  emit figuresChanged();
  setActivity(m_modelState == ModelState::Ready ? Activity::Reading : Activity::Waiting);
}

void StatusViewModel::turnStopping() {
  if (m_activity != Activity::Idle) setActivity(Activity::Stopping);
}

void StatusViewModel::chatChanged() {
  setContextTokens(0);
  if (m_droppedMessages == 0) return;
  m_droppedMessages = 0;
  emit activityChanged();
}

void StatusViewModel::prefillProgressed(int doneTokens, int totalTokens) {
  m_prefillDone = doneTokens;
  m_prefillTotal = totalTokens;
  if (!m_prefillClock.isValid()) m_prefillClock.start();
  m_prefillLeft.add(static_cast<double>(m_prefillClock.nsecsElapsed()) / 1e9, doneTokens, totalTokens);
  if (m_activity == Activity::Reading) emit activityChanged();
}

void StatusViewModel::alignmentProgressed(double fraction) {
  m_alignment = std::clamp(fraction, 0.0, 1.0);
  if (m_activity == Activity::Reading) emit activityChanged();
}

void StatusViewModel::liveFigures(const app::LiveStatistics& live) {
  m_live = live;
  emit figuresChanged();
  if (m_activity == Activity::Reading) setActivity(Activity::Answering);
}

void StatusViewModel::turnFinished(const app::GenerationOutcome& outcome) {
  const TurnStatistics& statistics = outcome.statistics;
  if (statistics.generated_tokens > 0) {
    m_live.generatedTokens = statistics.generated_tokens;
    m_live.tokensPerSecond = statistics.tokens_per_second();
    m_live.acceptanceRate = statistics.acceptance_rate();
    m_live.drafted = statistics.proposed > 0;
    m_live.kvReadsSaved = std::max(statistics.kv_reads_saved(), 0.0);
    emit figuresChanged();
  }
  setActivity(Activity::Idle);
}

void StatusViewModel::setActivity(Activity activity) {
  if (activity == m_activity) return;
  m_activity = activity;
  emit activityChanged();
}

}  // namespace fovea::ui
