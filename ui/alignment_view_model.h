// The alignment of the loaded pair, for QML: the map of verifier layers against draft layers, where it is
// kept, and computing it anew. Looks for it when asked to, on the planner's thread; computes on the worker's.
// GUI thread; worker and model outlive it.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QList>
#include <QObject>
#include <optional>

#include "app/generation_worker.h"
#include "app/model_planner.h"
#include "ui/model_view_model.h"

namespace fovea::ui {

class AlignmentViewModel : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(State state READ state NOTIFY changed)
  Q_PROPERTY(int verifierLayers READ verifierLayers NOTIFY changed)
  Q_PROPERTY(int draftLayers READ draftLayers NOTIFY changed)
  Q_PROPERTY(QList<qreal> strengths READ strengths NOTIFY changed)
  Q_PROPERTY(QList<int> path READ path NOTIFY changed)
  Q_PROPERTY(QString madeText READ madeText NOTIFY changed)
  Q_PROPERTY(QString keptText READ keptText NOTIFY changed)
  Q_PROPERTY(double progress READ progress NOTIFY changed)
  Q_PROPERTY(QString error READ error NOTIFY changed)

 public:
  /// NoPair: no draft is loaded. Missing: nobody aligned this pair yet; a turn that needs it does.
  enum class State { NoPair, Searching, Missing, Found, Computing };
  Q_ENUM(State)

  AlignmentViewModel(app::GenerationWorker& worker, ModelViewModel& model, QObject* parent = nullptr);

  [[nodiscard]] State state() const { return m_state; }
  [[nodiscard]] int verifierLayers() const { return m_alignment ? m_alignment->verifier_layers : 0; }
  [[nodiscard]] int draftLayers() const { return m_alignment ? m_alignment->draft_layers : 0; }
  /// [verifier layers][draft layers]: which part of a verifier layer's KV heads resembles a head of that
  /// draft layer most, 0 .. 1.
  [[nodiscard]] QList<qreal> strengths() const;
  /// [verifier layers]: the draft layer of the paper's monotone map.
  [[nodiscard]] QList<int> path() const;
  [[nodiscard]] QString madeText() const;  // from which text, of how many tokens
  [[nodiscard]] QString keptText() const;  // in which file
  [[nodiscard]] double progress() const { return m_progress; }
  [[nodiscard]] QString error() const { return m_error; }

 public slots:
  /// Looks for it, unless it is known. For whoever is about to show it.
  void search();
  void recompute();
  void cancel();
  /// The map's cell in words.
  QString describe(int verifierLayer, int draftLayer) const;

 signals:
  void changed();

 private:
  void forget();
  void setState(State state);

  app::GenerationWorker& m_worker;
  ModelViewModel& m_model;
  app::ModelPlanner m_planner;
  State m_state = State::NoPair;
  bool m_searched = false;
  std::optional<Alignment> m_alignment;
  QString m_path;  // where it is kept; empty: for this run only
  double m_progress = 0;
  QString m_error;
};

}  // namespace fovea::ui
