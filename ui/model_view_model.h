// The model pair for QML: which files, backend, threads and context are chosen, what the pair would take
// before it is loaded, and loading itself. A choice is a candidate until it is loaded: only then it is kept
// in the settings, so that a pair that fails never costs the one that worked. Files are looked at on the
// planner's thread, loaded on the worker's. GUI thread; worker and settings outlive it.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QObject>
#include <QTimer>
#include <QUrl>
#include <QVariantList>
#include <optional>

#include "app/generation_worker.h"
#include "app/model_planner.h"
#include "ui/settings_view_model.h"

namespace fovea::ui {

class ModelViewModel : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(QString verifierName READ verifierName NOTIFY changed)
  Q_PROPERTY(QString verifierDetails READ verifierDetails NOTIFY changed)
  Q_PROPERTY(QString verifierPath READ verifierPath NOTIFY changed)
  Q_PROPERTY(QString verifierProblem READ verifierProblem NOTIFY changed)
  Q_PROPERTY(QString draftName READ draftName NOTIFY changed)
  Q_PROPERTY(QString draftDetails READ draftDetails NOTIFY changed)
  Q_PROPERTY(QString draftPath READ draftPath NOTIFY changed)
  Q_PROPERTY(QString draftProblem READ draftProblem NOTIFY changed)
  Q_PROPERTY(bool usesDraft READ usesDraft NOTIFY changed)
  Q_PROPERTY(bool usesEmbeddedPair READ usesEmbeddedPair NOTIFY changed)
  Q_PROPERTY(QVariantList recentVerifiers READ recentVerifiers NOTIFY changed)
  Q_PROPERTY(QVariantList recentDrafts READ recentDrafts NOTIFY changed)
  Q_PROPERTY(QString backend READ backend WRITE setBackend NOTIFY changed)
  Q_PROPERTY(QString backendText READ backendText NOTIFY changed)
  Q_PROPERTY(QString backendProblem READ backendProblem NOTIFY changed)
  Q_PROPERTY(int threads READ threads WRITE setThreads NOTIFY changed)
  Q_PROPERTY(int maximumThreads READ maximumThreads CONSTANT)
  Q_PROPERTY(int contextTokens READ contextTokens WRITE setContextTokens NOTIFY changed)
  Q_PROPERTY(int maximumContextTokens READ maximumContextTokens CONSTANT)
  Q_PROPERTY(QString contextText READ contextText NOTIFY changed)
  Q_PROPERTY(QVariantList memoryParts READ memoryParts NOTIFY changed)
  Q_PROPERTY(QString memoryText READ memoryText NOTIFY changed)
  Q_PROPERTY(QString memoryWarning READ memoryWarning NOTIFY changed)
  Q_PROPERTY(bool planning READ planning NOTIFY changed)
  Q_PROPERTY(bool differs READ differs NOTIFY changed)
  Q_PROPERTY(bool canLoad READ canLoad NOTIFY changed)
  Q_PROPERTY(bool loading READ loading NOTIFY changed)
  Q_PROPERTY(double loadProgress READ loadProgress NOTIFY changed)
  Q_PROPERTY(QString loadStage READ loadStage NOTIFY changed)
  Q_PROPERTY(QString loadError READ loadError NOTIFY changed)
  Q_PROPERTY(bool isDefault READ isDefault NOTIFY changed)

 public:
  ModelViewModel(app::GenerationWorker& worker, SettingsViewModel& settings, QObject* parent = nullptr);

  [[nodiscard]] QString verifierName() const;
  [[nodiscard]] QString verifierDetails() const;  // quantisation, size, layers, trained context
  [[nodiscard]] QString verifierPath() const;
  [[nodiscard]] QString verifierProblem() const;  // cause and remedy; empty without one
  [[nodiscard]] QString draftName() const;
  [[nodiscard]] QString draftDetails() const;
  [[nodiscard]] QString draftPath() const;
  [[nodiscard]] QString draftProblem() const;
  [[nodiscard]] bool usesDraft() const;
  [[nodiscard]] bool usesEmbeddedPair() const;
  [[nodiscard]] QVariantList recentVerifiers() const;  // [{path, name}]
  [[nodiscard]] QVariantList recentDrafts() const;
  [[nodiscard]] QString backend() const;
  void setBackend(const QString& backend);
  [[nodiscard]] QString backendText() const;  // which one serves, and why
  [[nodiscard]] QString backendProblem() const;
  [[nodiscard]] int threads() const { return m_candidate.threads; }  // 0: automatic
  void setThreads(int threads);
  [[nodiscard]] int maximumThreads() const { return app::Settings::kMaxThreads; }
  [[nodiscard]] int contextTokens() const { return m_candidate.contextTokens; }  // 0: as trained
  void setContextTokens(int tokens);
  [[nodiscard]] int maximumContextTokens() const { return app::Settings::kMaxContextTokens; }
  [[nodiscard]] QString contextText() const;
  [[nodiscard]] QVariantList memoryParts() const;  // [{name, text, share}]: share of what is needed, 0 .. 1
  [[nodiscard]] QString memoryText() const;
  [[nodiscard]] QString memoryWarning() const;
  [[nodiscard]] bool planning() const { return !m_plan; }
  /// Something here counts only after loading.
  [[nodiscard]] bool differs() const;
  [[nodiscard]] bool canLoad() const;
  [[nodiscard]] bool loading() const { return m_loading; }
  [[nodiscard]] double loadProgress() const { return m_loadProgress; }
  [[nodiscard]] QString loadStage() const { return m_loadStage; }
  [[nodiscard]] QString loadError() const { return m_loadError; }
  [[nodiscard]] bool isDefault() const;

  /// The pair that is loaded; empty before the first.
  [[nodiscard]] const std::optional<SessionInfo>& loaded() const { return m_info; }
  [[nodiscard]] const SessionOptions& loadedOptions() const { return m_loadedOptions; }

 public slots:
  void chooseVerifier(const QString& path);
  void chooseVerifierFile(const QUrl& file) { chooseVerifier(file.toLocalFile()); }
  void chooseDraft(const QString& path);
  void chooseDraftFile(const QUrl& file) { chooseDraft(file.toLocalFile()); }
  void chooseNoDraft();
  void chooseEmbeddedPair();
  void resetModel();
  /// Back to what is loaded.
  void discard();
  /// Loads the candidate.
  void load();
  void cancel();
  /// Loads what the settings say, dropping the candidate.
  void loadSettings();

 signals:
  void changed();
  void loadStarted();
  /// A pair was loaded: the candidate, or after a failure the previous one again.
  void pairLoaded();

 private:
  void edit(const std::function<void(app::Settings&)>& changes);
  void replan();
  void startLoad();
  void loadSucceeded(const SessionInfo& info);
  void loadFailed(const QString& message, const QString& remedy);
  [[nodiscard]] SessionOptions candidateOptions() const { return app::sessionOptions(m_candidate); }

  app::GenerationWorker& m_worker;
  SettingsViewModel& m_settings;
  app::ModelPlanner m_planner;
  QTimer m_planTimer;  // typing and dragging asks once
  app::Settings m_candidate;
  std::optional<app::Settings> m_coming;  // what is being loaded; empty while the previous pair returns
  std::optional<PairPlan> m_plan;         // of the candidate; empty while it is made
  std::optional<SessionInfo> m_info;
  SessionOptions m_loadedOptions;
  bool m_loadWhenPlanned = false;
  bool m_loading = false;
  double m_loadProgress = 0;
  QString m_loadStage;
  QString m_loadError;
};

}  // namespace fovea::ui
