#include "ui/turn_runner.h"

namespace fovea::ui {

TurnRunner::TurnRunner(app::GenerationWorker& worker, app::TurnRecorder& recorder, QObject* parent)
    : QObject(parent), m_worker(worker), m_recorder(recorder) {
  connect(&worker, &app::GenerationWorker::textAppended, this,
          [this](app::RecordId answerId, const QString& text) { appended(answerId, text); });
  connect(&worker, &app::GenerationWorker::contextDropped, this, &TurnRunner::dropped);
  connect(&recorder, &app::TurnRecorder::answerFinished, this, &TurnRunner::finished);
}

void TurnRunner::start(const Turn& turn, app::GenerationRequest request) {
  Q_ASSERT(!m_turn);
  m_turn = turn;
  switch (turn.kind) {
    case Turn::Kind::Question:
      m_recorder.begin(turn.question, turn.answer, std::move(request));
      break;
    case Turn::Kind::Answer:
      m_recorder.beginAnswer(turn.answer, std::move(request));
      break;
    case Turn::Kind::Continuation:
      m_recorder.beginContinuation(turn.answer, std::move(request));
      break;
  }
  emit activeChanged();
}

void TurnRunner::stop() {
  if (m_turn) m_worker.stop();
}

void TurnRunner::appended(app::RecordId answerId, const QString& text) {
  if (!m_turn || m_turn->answer.id != answerId) return;
  m_turn->answer.text += text;
  emit textAppended(answerId, text);
}

void TurnRunner::dropped(app::RecordId answerId, int droppedMessages) {
  if (!m_turn || m_turn->answer.id != answerId) return;
  m_turn->answer.droppedMessages = droppedMessages;
  emit answerChanged(m_turn->answer);
}

void TurnRunner::finished(const app::Message& answer) {
  if (!m_turn || m_turn->answer.id != answer.id) return;
  m_turn.reset();
  emit activeChanged();
  emit answerChanged(answer);
}

}  // namespace fovea::ui
