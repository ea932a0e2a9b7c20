// Verifying an answer: replays the one that the insights show, densely and without a draft, on the worker's
// thread, and says in words where the verifier alone would have gone elsewhere and what that means in the
// answer's mode. Results are kept until another pair is loaded. GUI thread; worker, insights and messages
// outlive it.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QHash>
#include <QObject>
#include <QString>
#include <optional>

#include "app/generation_worker.h"
#include "app/replay_summary.h"
#include "ui/insights_view_model.h"
#include "ui/message_list_model.h"

namespace fovea::ui {

class AnswerCheck : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(State state READ state NOTIFY changed)
  Q_PROPERTY(QString obstacle READ obstacle NOTIFY changed)
  Q_PROPERTY(QString error READ error NOTIFY changed)
  Q_PROPERTY(double progress READ progress NOTIFY changed)
  Q_PROPERTY(bool differs READ differs NOTIFY changed)
  Q_PROPERTY(bool chancesOnly READ chancesOnly NOTIFY changed)
  Q_PROPERTY(QString headline READ headline NOTIFY changed)
  Q_PROPERTY(QString difference READ difference NOTIFY changed)
  Q_PROPERTY(QString meaning READ meaning NOTIFY changed)
  Q_PROPERTY(QString likelihood READ likelihood NOTIFY changed)

 public:
  /// Blocked: see obstacle(). Open: nobody verified this answer yet.
  enum class State { Blocked, Open, Running, Done };
  Q_ENUM(State)

  AnswerCheck(app::GenerationWorker& worker, const InsightsViewModel& insights,
              const MessageListModel& messages, QObject* parent = nullptr);

  [[nodiscard]] State state() const;
  /// Why this answer cannot be verified now, and what helps; empty when it can.
  [[nodiscard]] QString obstacle() const;
  /// Of the last attempt; empty where it went well.
  [[nodiscard]] QString error() const { return m_error; }
  [[nodiscard]] double progress() const { return m_progress; }
  /// Whether something is to be worried about, or at least looked at.
  [[nodiscard]] bool differs() const;
  /// The answer was drawn with other random numbers: what the verifier draws says nothing, what it rules out
  /// does.
  [[nodiscard]] bool chancesOnly() const;
  /// Whether a token of the answer is one that differs() is about.
  [[nodiscard]] bool differsAt(std::size_t place) const;
  [[nodiscard]] QString headline() const;
  /// Both tokens of the place with their probabilities.
  [[nodiscard]] QString difference() const;
  /// What the result does and does not say in this answer's mode.
  [[nodiscard]] QString meaning() const;
  [[nodiscard]] QString likelihood() const;

  /// What came back for the answer that is shown; null without.
  [[nodiscard]] const app::ReplayOutcome* outcome() const;
  /// The text of a token of the answer or of the verifier.
  [[nodiscard]] QString textOf(TokenId token) const;

 public slots:
  void verify();
  void cancel();

 signals:
  void changed();
  /// outcome() is another.
  void outcomeChanged();

 private:
  struct Result {
    app::ReplayOutcome outcome;
    app::ReplaySummary summary;
  };
  [[nodiscard]] const Result* result() const;
  [[nodiscard]] app::ReplayMeaning meaningOfMode() const;
  [[nodiscard]] std::optional<std::size_t> placeToShow() const;
  void insightsChanged();

  app::GenerationWorker& m_worker;
  const InsightsViewModel& m_insights;
  const MessageListModel& m_messages;
  std::optional<SessionInfo> m_loaded;
  app::RecordId m_shownId = 0;
  app::RecordId m_runningId = 0;
  double m_progress = 0;
  QString m_error;
  QHash<app::RecordId, Result> m_results;
};

}  // namespace fovea::ui
