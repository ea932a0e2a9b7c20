#include "ui/alignment_view_model.h"

#include <QDir>
#include <QLocale>
#include <algorithm>

namespace fovea::ui {

AlignmentViewModel::AlignmentViewModel(app::GenerationWorker& worker, ModelViewModel& model, QObject* parent)
    : QObject(parent), m_worker(worker), m_model(model) {
  using Worker = app::GenerationWorker;
  connect(&model, &ModelViewModel::pairLoaded, this, &AlignmentViewModel::forget);
  connect(&m_planner, &app::ModelPlanner::alignmentSearched, this,
          [this](const std::optional<FoundAlignment>& found) {
            if (m_state == State::Computing) return;
            if (found) {
              m_alignment = found->alignment;
              m_path = QString::fromStdString(found->path);
            }
            // One that was computed in a short context is good for this run, and in no file.
            setState(m_alignment ? State::Found : State::Missing);
          });
  connect(&worker, &Worker::alignProgress, this, [this](double fraction) {
    m_progress = std::clamp(fraction, 0.0, 1.0);
    emit changed();
  });
  connect(&worker, &Worker::aligned, this, [this](const Alignment& alignment) {
    m_alignment = alignment;
    m_path.clear();
    setState(State::Searching);
    m_planner.findAlignment(m_model.loadedOptions());
  });
  connect(&worker, &Worker::alignFailed, this, [this](const QString& message, const QString& remedy) {
    m_error = remedy.isEmpty() ? message : message + QLatin1Char(' ') + remedy;
    setState(m_alignment ? State::Found : State::Missing);
  });
}

void AlignmentViewModel::forget() {
  m_alignment.reset();
  m_path.clear();
  m_error.clear();
  m_searched = false;
  setState(State::NoPair);
}

void AlignmentViewModel::setState(State state) {
  m_state = state;
  emit changed();
}

void AlignmentViewModel::search() {
  if (m_searched || !m_model.loaded() || m_model.loadedOptions().draft_path.empty()) return;
  m_searched = true;
  setState(State::Searching);
  m_planner.findAlignment(m_model.loadedOptions());
}

void AlignmentViewModel::recompute() {
  if (m_state != State::Found && m_state != State::Missing) return;
  m_progress = 0;
  m_error.clear();
  setState(State::Computing);
  m_worker.align();
}

void AlignmentViewModel::cancel() {
  if (m_state == State::Computing) m_worker.cancelAlign();
}

QList<qreal> AlignmentViewModel::strengths() const {
  QList<qreal> strengths(static_cast<qsizetype>(verifierLayers()) * draftLayers(), 0.0);
  if (!m_alignment) return strengths;
  const int heads = m_alignment->verifier_kv_heads;
  for (int head = 0; head < static_cast<int>(m_alignment->head_map.size()); ++head) {
    const int draftLayer =
        m_alignment->head_map[static_cast<std::size_t>(head)] / m_alignment->draft_kv_heads;
    strengths[(head / heads) * draftLayers() + draftLayer] += 1.0 / heads;
  }
  return strengths;
}

QList<int> AlignmentViewModel::path() const {
  return m_alignment ? QList<int>(m_alignment->layer_map.begin(), m_alignment->layer_map.end())
                     : QList<int>();
}

QString AlignmentViewModel::madeText() const {
  if (!m_alignment) return {};
  return tr("From %1, %2 tokens")
      .arg(QString::fromStdString(m_alignment->calibration),
           QLocale().toString(m_alignment->calibration_tokens));
}

QString AlignmentViewModel::keptText() const {
  if (!m_alignment) return {};
  return m_path.isEmpty() ? tr("Not kept: it counts until the program ends.")
                          : tr("Kept in %1").arg(QDir::toNativeSeparators(m_path));
}

QString AlignmentViewModel::describe(int verifierLayer, int draftLayer) const {
  const qsizetype index = static_cast<qsizetype>(verifierLayer) * draftLayers() + draftLayer;
  if (verifierLayer < 0 || verifierLayer >= verifierLayers() || draftLayer < 0 || draftLayer >= draftLayers())
    return {};
  const QString text = tr("Verifier layer %1, draft layer %2: %3% of the heads")
                           .arg(verifierLayer)
                           .arg(draftLayer)
                           .arg(qRound(strengths().at(index) * 100));
  return path().at(verifierLayer) == draftLayer ? tr("%1; on the layer path").arg(text) : text;
}

}  // namespace fovea::ui
