#include "ui/answer_check.h"

#include <QLocale>

#include "ui/figure_text.h"
#include "ui/token_quote.h"

namespace fovea::ui {

AnswerCheck::AnswerCheck(app::GenerationWorker& worker, const InsightsViewModel& insights,
                         const MessageListModel& messages, QObject* parent)
    : QObject(parent), m_worker(worker), m_insights(insights), m_messages(messages) {
  using Worker = app::GenerationWorker;
  connect(this, &AnswerCheck::outcomeChanged, this, &AnswerCheck::changed);
  connect(&insights, &InsightsViewModel::traceChanged, this, &AnswerCheck::insightsChanged);
  connect(&insights, &InsightsViewModel::openChanged, this, &AnswerCheck::insightsChanged);
  // Whether the answer is still written; not each of its words.
  connect(&messages, &QAbstractItemModel::dataChanged, this,
          [this](const QModelIndex&, const QModelIndex&, const QList<int>& roles) {
            if (roles.isEmpty() || roles.contains(MessageListModel::PhaseRole)) emit changed();
          });
  connect(&worker, &Worker::loadProgress, this, [this] {
    if (!m_loaded) return;
    m_loaded.reset();
    emit changed();
  });
  connect(&worker, &Worker::loaded, this, [this](const SessionInfo& info) {
    m_loaded = info;
    m_results.clear();
    emit outcomeChanged();
  });
  connect(&worker, &Worker::replayProgress, this, [this](app::RecordId id, double fraction) {
    if (id != m_runningId) return;
    m_progress = fraction;
    emit changed();
  });
  connect(&worker, &Worker::replayed, this, [this](app::RecordId id, const app::ReplayOutcome& outcome) {
    if (id != m_runningId) return;
    m_runningId = 0;
    if (id == m_shownId) m_results.insert(id, {outcome, app::summarise(m_insights.trace(), outcome.replay)});
    emit outcomeChanged();
  });
  connect(&worker, &Worker::replayFailed, this,
          [this](app::RecordId id, const QString& message, const QString& remedy) {
            if (id != m_runningId) return;
            m_runningId = 0;
            if (id == m_shownId) m_error = remedy.isEmpty() ? message : message + QLatin1Char(' ') + remedy;
            emit changed();
          });
}

void AnswerCheck::insightsChanged() {
  if (m_insights.answerId() != m_shownId) {
    // Nobody waits for a result of an answer that is not shown.
    cancel();
    m_runningId = 0;
    m_shownId = m_insights.answerId();
    m_error.clear();
    emit outcomeChanged();
  }
  emit changed();
}

QString AnswerCheck::obstacle() const {
  if (m_insights.state() != InsightsViewModel::State::Ready) return m_insights.stateText();
  const int row = m_messages.rowOf(m_shownId);
  const app::Message* message = row < 0 ? nullptr : &m_messages.messages().at(row);
  const app::TurnTrace& trace = m_insights.trace();
  if (message != nullptr && message->state == app::MessageState::Streaming)
    return tr("The answer is still being written.");
  if (trace.remapped) {
    return tr(
        "Older turns were dropped in the middle of this answer, and its beginning followed another text "
        "than the one that was kept. It cannot be replayed.");
  }
  if (app::answerTokens(trace).empty()) return tr("The answer has no words.");
  if (trace.options.sampling.temperature > 0 && trace.options.sampling.seed == 0)
    return tr("The answer failed, and the seed that it was drawn with was not kept.");
  if (!m_loaded) return tr("No model is loaded.");
  const QString name = QString::fromStdString(m_loaded->verifier_name);
  if (message != nullptr && !message->modelName.isEmpty() && message->modelName != name)
    return tr("%1 wrote this answer, and %2 is loaded. Load %1 to verify it.").arg(message->modelName, name);
  if (trace.weightsBytes != m_loaded->verifier_weights_bytes)
    return tr("The loaded %1 has other weights than the one that wrote this answer.").arg(name);
  return {};
}

AnswerCheck::State AnswerCheck::state() const {
  if (m_runningId != 0) return State::Running;
  if (result() != nullptr) return State::Done;
  return obstacle().isEmpty() ? State::Open : State::Blocked;
}

void AnswerCheck::verify() {
  if (state() != State::Open && state() != State::Done) return;
  m_results.remove(m_shownId);
  m_error.clear();
  m_progress = 0;
  m_runningId = m_shownId;
  m_worker.replay(m_shownId, app::replayRequest(m_insights.trace()));
  emit outcomeChanged();
}

void AnswerCheck::cancel() {
  if (m_runningId != 0) m_worker.cancelReplay();
}

const AnswerCheck::Result* AnswerCheck::result() const {
  const auto found = m_results.constFind(m_shownId);
  return found == m_results.constEnd() ? nullptr : &*found;
}

const app::ReplayOutcome* AnswerCheck::outcome() const {
  return result() != nullptr ? &result()->outcome : nullptr;
}

app::ReplayMeaning AnswerCheck::meaningOfMode() const {
  return app::replayMeaning(m_insights.trace().options);
}

std::optional<std::size_t> AnswerCheck::placeToShow() const {
  if (result() == nullptr) return std::nullopt;
  const app::ReplaySummary& summary = result()->summary;
  return chancesOnly() ? summary.firstImpossible : summary.first;
}

bool AnswerCheck::chancesOnly() const {
  return meaningOfMode() == app::ReplayMeaning::kOtherNumbers;
}

bool AnswerCheck::differsAt(std::size_t place) const {
  if (result() == nullptr || place >= result()->outcome.replay.tokens.size()) return false;
  const ReplayedToken& token = result()->outcome.replay.tokens[place];
  if (chancesOnly()) return !(token.answer_probability > 0);
  const std::vector<TokenId> answer = app::answerTokens(m_insights.trace());
  return place < answer.size() && token.drawn != answer[place];
}

bool AnswerCheck::differs() const {
  return placeToShow().has_value();
}

QString AnswerCheck::headline() const {
  if (result() == nullptr) return {};
  const app::ReplaySummary& summary = result()->summary;
  const auto all = static_cast<int>(summary.places);
  const bool otherNumbers = chancesOnly();
  if (!placeToShow()) {
    return otherNumbers ? tr("Dense reading could have drawn each of the %n tokens.", "", all)
                        : tr("No difference: the verifier alone writes the same %n tokens.", "", all);
  }
  const QLocale locale;
  const QString at = locale.toString(static_cast<qulonglong>(*placeToShow() + 1));
  return otherNumbers ? tr("At token %1 of %2 stands one that dense reading never draws.")
                            .arg(at, locale.toString(all))
                      : tr("The first difference is at token %1 of %2.").arg(at, locale.toString(all));
}

QString AnswerCheck::textOf(TokenId token) const {
  const app::TurnTrace& trace = m_insights.trace();
  const app::ReplayOutcome* replayed = outcome();
  if (!trace.texts.contains(token) && replayed != nullptr) {
    const auto found = replayed->texts.find(token);
    if (found != replayed->texts.end()) return QString::fromStdString(found->second);
  }
  return QString::fromStdString(app::tokenText(trace, token));
}

QString AnswerCheck::difference() const {
  if (!placeToShow()) return {};
  const std::size_t at = *placeToShow();
  const ReplayedToken& token = result()->outcome.replay.tokens[at];
  const std::vector<TokenId> answer = app::answerTokens(m_insights.trace());
  const QString ours = at < answer.size() ? quotedToken(textOf(answer[at])) : tr("its end");
  const QString theirs = token.drawn == result()->outcome.replay.end ? tr("the end of the answer")
                                                                     : quotedToken(textOf(token.drawn));
  return tr("The answer has %1, which the verifier gives %2. It draws %3, which it gives %4.")
      .arg(ours, percent(static_cast<double>(token.answer_probability)), theirs,
           percent(static_cast<double>(token.drawn_probability)));
}

QString AnswerCheck::meaning() const {
  if (result() == nullptr) return {};
  switch (meaningOfMode()) {
    case app::ReplayMeaning::kPromised:
      return differs()
                 ? tr("The mode of this answer promises the tokens of dense reading, from the same seed. "
                      "A difference comes from other arithmetic (another backend, or a number that "
                      "rounds the other way where two tokens are almost equally likely), or it is a "
                      "fault.")
                 : tr("The mode of this answer promises that, and it held: draft and selection changed "
                      "how fast the answer came, not what it says.");
    case app::ReplayMeaning::kApproximate:
      return differs() ? tr("Mode Sparse promises no equality. Here the entries that were left out "
                            "changed the choice; what follows in the answer follows from it.")
                       : tr("Mode Sparse does not promise that. In this answer, what was left out "
                            "changed no choice.");
    case app::ReplayMeaning::kOtherNumbers:
      return tr(
          "A sampled answer in mode Sparse is drawn with other random numbers than dense reading uses, "
          "so that other tokens from the same seed say nothing. What can be compared are the chances: a "
          "token that dense reading never draws, after the sampling filters, is one that leaving out "
          "entries made possible.");
  }
  return {};
}

QString AnswerCheck::likelihood() const {
  if (result() == nullptr) return {};
  const app::ReplaySummary& summary = result()->summary;
  const QLocale locale;
  QString words;
  if (!chancesOnly()) {
    words = tr("%1 of %2 tokens are those that the verifier draws, each after the answer's own text.")
                .arg(locale.toString(static_cast<qulonglong>(summary.agreeing)),
                     locale.toString(static_cast<qulonglong>(summary.places))) +
            QLatin1Char(' ');
  }
  if (summary.impossible == 1) words += tr("One token it never draws.") + QLatin1Char(' ');
  if (summary.impossible > 1)
    words += tr("%n tokens it never draws.", "", static_cast<int>(summary.impossible)) + QLatin1Char(' ');
  const QString mean = percent(summary.meanProbability);
  words += summary.impossible > 0 ? tr("The verifier gives the others %1 on the geometric mean.").arg(mean)
                                  : tr("The verifier gives them %1 on the geometric mean.").arg(mean);
  return words;
}

}  // namespace fovea::ui
