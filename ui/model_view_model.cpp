#include "ui/model_view_model.h"

#include <QFileInfo>
#include <QLocale>
#include <algorithm>
#include <utility>

#include "app/paths.h"

namespace fovea::ui {
namespace {

constexpr int kPlanDelayMs = 120;

QString fromUtf8(const std::string& text) {
  return QString::fromStdString(text);
}

QString inWords(const std::optional<Error>& problem) {
  return problem ? fromUtf8(problem->to_string()) : QString();
}

QString bytesText(std::size_t bytes) {
  return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1);
}

QString parametersText(double parameters) {
  const QLocale locale;
  if (parameters >= 1e9)
    return ModelViewModel::tr("%1 billion parameters").arg(locale.toString(parameters / 1e9, 'f', 1));
  const int decimals = parameters < 1e7 ? 1 : 0;
  return ModelViewModel::tr("%1 million parameters").arg(locale.toString(parameters / 1e6, 'f', decimals));
}

QString detailsText(const std::optional<ModelSummary>& model) {
  if (!model) return {};
  return QStringList{
      fromUtf8(model->quantisation), parametersText(model->parameters),
      ModelViewModel::tr("%n layers", "", model->layers),
      ModelViewModel::tr("trained for %1 tokens").arg(QLocale().toString(model->context_tokens))}
      .join(QStringLiteral(" \u00b7 "));
}

QString nameText(const std::optional<ModelSummary>& model, const std::string& path) {
  return model ? fromUtf8(model->name) : QFileInfo(fromUtf8(path)).fileName();
}

QVariantList recentEntries(const QStringList& paths) {
  QVariantList entries;
  for (const QString& path : paths) {
    entries.append(
        QVariantMap{{QStringLiteral("path"), path}, {QStringLiteral("name"), QFileInfo(path).fileName()}});
  }
  return entries;
}

void remember(QStringList& recent, const QString& path) {
  if (path.isEmpty()) return;
  recent.removeAll(path);
  recent.prepend(path);
  recent = recent.mid(0, app::Settings::kMaxRecent);
}

bool samePair(const SessionOptions& a, const SessionOptions& b) {
  return a.verifier_path == b.verifier_path && a.draft_path == b.draft_path && a.backend == b.backend &&
         a.threads == b.threads && a.context_tokens == b.context_tokens;
}

}  // namespace

ModelViewModel::ModelViewModel(app::GenerationWorker& worker, SettingsViewModel& settings, QObject* parent)
    : QObject(parent), m_worker(worker), m_settings(settings), m_candidate(settings.settings()) {
  using Worker = app::GenerationWorker;
  connect(&worker, &Worker::loadProgress, this, [this](double fraction, const QString& stage) {
    m_loading = true;
    m_loadProgress = std::clamp(fraction, 0.0, 1.0);
    m_loadStage = stage;
    emit changed();
  });
  connect(&worker, &Worker::loaded, this, &ModelViewModel::loadSucceeded);
  connect(&worker, &Worker::loadFailed, this, &ModelViewModel::loadFailed);
  connect(&m_planner, &app::ModelPlanner::planned, this, [this](const PairPlan& plan) {
    m_plan = plan;
    emit changed();
    if (std::exchange(m_loadWhenPlanned, false)) load();
  });
  m_planTimer.setSingleShot(true);
  m_planTimer.setInterval(kPlanDelayMs);
  connect(&m_planTimer, &QTimer::timeout, this, [this] {
    // Weights on the processor are mapped files, which the system counts as free already.
    std::int64_t bytes = 0;
    if (m_info) bytes = m_info->kv_cache_bytes + (m_info->backend == "cuda" ? m_info->weights_bytes : 0);
    m_planner.plan(candidateOptions(), static_cast<std::size_t>(bytes));
  });
}

QString ModelViewModel::verifierName() const {
  return nameText(m_plan ? m_plan->verifier : std::nullopt, candidateOptions().verifier_path);
}

QString ModelViewModel::verifierDetails() const {
  return m_plan ? detailsText(m_plan->verifier) : QString();
}

QString ModelViewModel::verifierPath() const {
  return fromUtf8(candidateOptions().verifier_path);
}

QString ModelViewModel::verifierProblem() const {
  return m_plan ? inWords(m_plan->verifier_problem) : QString();
}

QString ModelViewModel::draftName() const {
  return usesDraft() ? nameText(m_plan ? m_plan->draft : std::nullopt, candidateOptions().draft_path)
                     : tr("No draft");
}

QString ModelViewModel::draftDetails() const {
  if (!usesDraft()) return tr("Only mode Dense works without a draft.");
  return m_plan ? detailsText(m_plan->draft) : QString();
}

QString ModelViewModel::draftPath() const {
  return fromUtf8(candidateOptions().draft_path);
}

QString ModelViewModel::draftProblem() const {
  return m_plan ? inWords(m_plan->draft_problem) : QString();
}

bool ModelViewModel::usesDraft() const {
  return !candidateOptions().draft_path.empty();
}

bool ModelViewModel::usesEmbeddedPair() const {
  return !m_candidate.modelForThisRun && m_candidate.verifierPath.isEmpty() &&
         m_candidate.draftPath.isEmpty();
}

QVariantList ModelViewModel::recentVerifiers() const {
  return recentEntries(m_settings.settings().recentVerifiers);
}

QVariantList ModelViewModel::recentDrafts() const {
  return recentEntries(m_settings.settings().recentDrafts);
}

QString ModelViewModel::backend() const {
  const std::string_view name = to_string(m_candidate.backend);
  return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

void ModelViewModel::setBackend(const QString& backend) {
  const auto kind = backend_from_string(backend.toStdString());
  if (kind) edit([&](app::Settings& settings) { settings.backend = *kind; });
}

QString ModelViewModel::backendText() const {
  if (!m_plan || m_plan->backend.empty()) return {};
  QString where = m_plan->backend == "cuda"
                      ? tr("Would run on the GPU: %1").arg(fromUtf8(m_plan->device))
                      : tr("Would run on the processor: %1, %n threads", "", m_plan->threads)
                            .arg(fromUtf8(m_plan->device));
  if (m_candidate.backend != BackendKind::kAuto) return where;
  return where + QStringLiteral(". ") + fromUtf8(m_plan->backend_reason);
}

QString ModelViewModel::backendProblem() const {
  return m_plan ? inWords(m_plan->backend_problem) : QString();
}

void ModelViewModel::setThreads(int threads) {
  edit([&](app::Settings& settings) { settings.threads = std::clamp(threads, 0, maximumThreads()); });
}

void ModelViewModel::setContextTokens(int tokens) {
  edit([&](app::Settings& settings) {
    settings.contextTokens = std::clamp(tokens, 0, maximumContextTokens());
  });
}

QString ModelViewModel::contextText() const {
  if (!m_plan || !m_plan->verifier) return {};
  const int trained = m_plan->verifier->context_tokens;
  const QString tokens = QLocale().toString(trained);
  if (m_candidate.contextTokens > trained)
    return tr("Longer than the %1 tokens it was trained for: answers get worse beyond them.").arg(tokens);
  return tr("0 takes the %1 tokens the model was trained for.").arg(tokens);
}

QVariantList ModelViewModel::memoryParts() const {
  QVariantList parts;
  if (!m_plan || m_plan->needed_bytes == 0) return parts;
  const auto add = [&](const QString& name, std::size_t bytes) {
    parts.append(QVariantMap{
        {QStringLiteral("name"), name},
        {QStringLiteral("text"), bytesText(bytes)},
        {QStringLiteral("share"), static_cast<double>(bytes) / static_cast<double>(m_plan->needed_bytes)}});
  };
  std::size_t workspace = 0;
  for (const ModelMemory& memory : m_plan->memory) {
    const bool draft = memory.name == "draft";
    add(draft ? tr("Draft: weights") : tr("Verifier: weights"), memory.weights);
    add(draft ? tr("Draft: KV cache") : tr("Verifier: KV cache"), memory.kv_cache);
    workspace += memory.workspace;
  }
  add(tr("Working memory"), workspace);
  return parts;
}

QString ModelViewModel::memoryText() const {
  if (!m_plan || m_plan->needed_bytes == 0) return {};
  const QString needed = bytesText(m_plan->needed_bytes);
  return m_plan->available_bytes ? tr("Needs %1 of %2 free").arg(needed, bytesText(*m_plan->available_bytes))
                                 : tr("Needs %1").arg(needed);
}

QString ModelViewModel::memoryWarning() const {
  return m_plan && m_plan->crowded ? tr("That is more than is free: it will load, and be slow. Choose a "
                                        "shorter context or a smaller "
                                        "model, or close other programs.")
                                   : QString();
}

bool ModelViewModel::differs() const {
  return !samePair(candidateOptions(), m_loadedOptions);
}

bool ModelViewModel::canLoad() const {
  return !m_loading && m_plan && m_plan->loadable() && (differs() || !m_info);
}

bool ModelViewModel::isDefault() const {
  const app::Settings defaults;
  return usesEmbeddedPair() && m_candidate.backend == defaults.backend &&
         m_candidate.threads == defaults.threads && m_candidate.contextTokens == defaults.contextTokens;
}

void ModelViewModel::edit(const std::function<void(app::Settings&)>& changes) {
  const SessionOptions before = candidateOptions();
  changes(m_candidate);
  if (samePair(before, candidateOptions())) {
    emit changed();  // what was typed is not what counts
    return;
  }
  m_loadError.clear();
  replan();
}

void ModelViewModel::replan() {
  m_plan.reset();
  m_planTimer.start();
  emit changed();
}

void ModelViewModel::chooseVerifier(const QString& path) {
  if (path.isEmpty()) return;
  edit([&](app::Settings& settings) {
    // The draft that was chosen stays: whether it fits is said in words.
    const std::string draft = candidateOptions().draft_path;
    settings.modelForThisRun.reset();
    settings.verifierPath = path;
    settings.draftPath = fromUtf8(draft);
  });
}

void ModelViewModel::chooseDraft(const QString& path) {
  if (path.isEmpty()) return;
  edit([&](app::Settings& settings) {
    if (const auto run = std::exchange(settings.modelForThisRun, std::nullopt)) {
      settings.verifierPath = run->verifier;
    }
    settings.draftPath = path;
  });
}

void ModelViewModel::chooseNoDraft() {
  edit([&](app::Settings& settings) {
    // An empty verifier stands for the embedded pair: without its draft, the verifier has to be named.
    settings.verifierPath = verifierPath();
    settings.draftPath.clear();
    settings.modelForThisRun.reset();
  });
}

void ModelViewModel::chooseEmbeddedPair() {
  edit([](app::Settings& settings) {
    settings.verifierPath.clear();
    settings.draftPath.clear();
    settings.modelForThisRun.reset();
  });
}

void ModelViewModel::resetModel() {
  edit([](app::Settings& settings) {
    const app::Settings defaults;
    settings.verifierPath.clear();
    settings.draftPath.clear();
    settings.modelForThisRun.reset();
    settings.backend = defaults.backend;
    settings.threads = defaults.threads;
    settings.contextTokens = defaults.contextTokens;
  });
}

void ModelViewModel::discard() {
  edit([this](app::Settings& settings) { settings = m_settings.settings(); });
}

void ModelViewModel::load() {
  if (m_loading) return;
  if (!m_plan) {
    m_loadWhenPlanned = true;
    return;
  }
  if (m_plan->loadable()) startLoad();
}

void ModelViewModel::startLoad() {
  m_coming = m_candidate;
  m_loading = true;
  m_loadProgress = 0;
  m_loadStage.clear();
  m_loadError.clear();
  m_worker.load(candidateOptions());
  emit changed();
  emit loadStarted();
}

void ModelViewModel::cancel() {
  m_loadWhenPlanned = false;
  m_worker.cancelLoad();
}

void ModelViewModel::loadSettings() {
  m_candidate = m_settings.settings();
  replan();
  startLoad();
}

void ModelViewModel::loadSucceeded(const SessionInfo& info) {
  m_loading = false;
  m_info = info;
  if (const auto coming = std::exchange(m_coming, std::nullopt)) {
    m_loadedOptions = app::sessionOptions(*coming);
    m_settings.change([&](app::Settings& settings) {
      settings.verifierPath = coming->verifierPath;
      settings.draftPath = coming->draftPath;
      settings.modelForThisRun = coming->modelForThisRun;
      settings.backend = coming->backend;
      settings.threads = coming->threads;
      settings.contextTokens = coming->contextTokens;
      remember(settings.recentVerifiers, coming->verifierPath);
      remember(settings.recentDrafts, coming->draftPath);
    });
  }
  m_settings.setSession(info);
  emit changed();
  emit pairLoaded();
}

void ModelViewModel::loadFailed(const QString& message, const QString& remedy) {
  m_loading = false;
  m_coming.reset();
  m_loadError = remedy.isEmpty() ? message : message + QLatin1Char(' ') + remedy;
  emit changed();
}

}  // namespace fovea::ui
