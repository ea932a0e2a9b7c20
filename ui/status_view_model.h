// What the window says about the model and the turn: name, loading, failure, what is happening now, and the
// figures of the last turn. Lives on the GUI thread, listens to the worker, and changes nothing.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QElapsedTimer>
#include <QObject>
#include <QString>

#include "app/generation_worker.h"
#include "ui/remaining_time.h"

namespace fovea::ui {

class StatusViewModel : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(ModelState modelState READ modelState NOTIFY modelChanged)
  Q_PROPERTY(QString modelName READ modelName NOTIFY modelChanged)
  Q_PROPERTY(QString modelStateText READ modelStateText NOTIFY modelChanged)
  Q_PROPERTY(QString modelDetails READ modelDetails NOTIFY modelChanged)
  Q_PROPERTY(QString deviceText READ deviceText NOTIFY modelChanged)
  Q_PROPERTY(double loadProgress READ loadProgress NOTIFY modelChanged)
  Q_PROPERTY(QString loadError READ loadError NOTIFY modelChanged)
  Q_PROPERTY(QString loadRemedy READ loadRemedy NOTIFY modelChanged)
  Q_PROPERTY(Activity activity READ activity NOTIFY activityChanged)
  Q_PROPERTY(QString activityText READ activityText NOTIFY activityChanged)
  Q_PROPERTY(QString contextText READ contextText NOTIFY activityChanged)
  Q_PROPERTY(double contextUsed READ contextUsed NOTIFY contextUsedChanged)
  Q_PROPERTY(QString contextUsedText READ contextUsedText NOTIFY contextUsedChanged)
  Q_PROPERTY(double prefillProgress READ prefillProgress NOTIFY activityChanged)
  Q_PROPERTY(bool hasFigures READ hasFigures NOTIFY figuresChanged)
  Q_PROPERTY(QString speedText READ speedText NOTIFY figuresChanged)
  Q_PROPERTY(QString acceptanceText READ acceptanceText NOTIFY figuresChanged)
  Q_PROPERTY(QString savedText READ savedText NOTIFY figuresChanged)

 public:
  enum class ModelState { NotLoaded, Loading, Ready, Failed };
  Q_ENUM(ModelState)
  /// Waiting: for the model. Reading: the prompt is prefilled. Stopping: asked to stop, the step is not over
  /// yet.
  enum class Activity { Idle, Waiting, Reading, Answering, Stopping };
  Q_ENUM(Activity)

  explicit StatusViewModel(app::GenerationWorker& worker, QObject* parent = nullptr);

  [[nodiscard]] ModelState modelState() const { return m_modelState; }
  [[nodiscard]] QString modelName() const;
  [[nodiscard]] QString modelStateText() const;
  [[nodiscard]] QString modelDetails() const;
  [[nodiscard]] QString deviceText() const;
  [[nodiscard]] double loadProgress() const { return m_loadProgress; }  // 0 .. 1
  [[nodiscard]] QString loadError() const { return m_loadError; }
  [[nodiscard]] QString loadRemedy() const { return m_loadRemedy; }
  [[nodiscard]] Activity activity() const { return m_activity; }
  [[nodiscard]] QString activityText() const;
  /// What the model did not see of the chat in the last turn, in words; empty when it saw all of it.
  [[nodiscard]] QString contextText() const;
  /// 0 .. 1: how much of the context the chat that is shown took in its last answer; 0 where nobody knows.
  [[nodiscard]] double contextUsed() const;
  [[nodiscard]] QString contextUsedText() const;
  [[nodiscard]] double prefillProgress() const;  // 0 .. 1
  [[nodiscard]] bool hasFigures() const { return m_live.generatedTokens > 0; }
  [[nodiscard]] QString speedText() const;
  [[nodiscard]] QString acceptanceText() const;  // empty without a draft
  [[nodiscard]] QString savedText() const;       // empty where nothing is pruned

  /// A load was asked for; what comes back arrives through the worker's signals.
  void loadStarted();
  void turnStarted();
  void turnStopping();
  /// Another chat is shown: what was said about the context is not about this one.
  void chatChanged();
  /// Prompt and answer of the last turn of the chat that is shown.
  void setContextTokens(int tokens);

 signals:
  void modelChanged();
  void activityChanged();
  void figuresChanged();
  void contextUsedChanged();

 private:
  void loadProgressed(double fraction, const QString& stage);
  void loadSucceeded(const SessionInfo& info);
  void loadFailed(const QString& message, const QString& remedy);
  [[nodiscard]] QString readingText() const;
  void prefillProgressed(int doneTokens, int totalTokens);
  void alignmentProgressed(double fraction);
  void liveFigures(const app::LiveStatistics& live);
  void turnFinished(const app::GenerationOutcome& outcome);
  void setActivity(Activity activity);

  ModelState m_modelState = ModelState::NotLoaded;
  SessionInfo m_info;
  double m_loadProgress = 0;
  QString m_loadStage;
  QString m_loadError;
  QString m_loadRemedy;
  Activity m_activity = Activity::Idle;
  double m_alignment = 1;  // 0 .. 1; 1: no pair is being aligned
  int m_prefillDone = 0;
  int m_prefillTotal = 0;
  QElapsedTimer m_prefillClock;  // of this prompt, from its first progress on
  RemainingTime m_prefillLeft;
  int m_droppedMessages = 0;
  int m_contextTokens = 0;
  app::LiveStatistics m_live;
};

}  // namespace fovea::ui
