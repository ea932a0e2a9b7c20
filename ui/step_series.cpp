#include "ui/step_series.h"

#include <algorithm>
#include <cmath>

namespace fovea::ui {
namespace {

double shareOf(double part, double whole) {
  return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
}

StepPoint pointOf(const StepTelemetry& step, int layer) {
  StepPoint point;
  point.proposed = step.proposed;
  point.accepted = step.accepted;
  if (step.kind == PassKind::kConfirm) return point;
  if (layer == kAllLayers) {
    point.read =
        shareOf(static_cast<double>(step.kv_entries_read), static_cast<double>(step.kv_entries_dense));
    point.mass = step.attention_mass_kept;
    return point;
  }
  // Layers are named only where some were read in part.
  const auto at = static_cast<std::size_t>(layer);
  const LayerReads reads =
      at < step.layers.size() ? step.layers[at] : LayerReads{static_cast<std::int32_t>(step.context_tokens)};
  point.read = shareOf(reads.entries_read, static_cast<double>(step.context_tokens));
  point.mass = static_cast<double>(reads.mass_kept);
  return point;
}

/// The mean of those that are finite; NaN where none is.
class Mean {
 public:
  void add(double value) {
    if (!std::isfinite(value)) return;
    m_sum += value;
    ++m_count;
  }
  [[nodiscard]] double value() const { return shareOf(m_sum, m_count); }

 private:
  double m_sum = 0;
  int m_count = 0;
};

}  // namespace

void appendAnswer(StepSeries& series, const app::TurnTrace& trace, int layer) {
  series.begins.push_back(series.points.size());
  if (layer >= static_cast<int>(trace.reads.layers())) return;
  for (const app::TraceStep& step : trace.steps) series.points.push_back(pointOf(step.telemetry, layer));
}

std::vector<StepPoint> pooled(const std::vector<StepPoint>& points, std::size_t most) {
  if (points.size() <= most || most == 0) return points;
  std::vector<StepPoint> means(most);
  for (std::size_t pool = 0; pool < most; ++pool) {
    Mean read;
    Mean mass;
    Mean proposed;
    Mean accepted;
    const std::size_t end = (pool + 1) * points.size() / most;
    for (std::size_t at = pool * points.size() / most; at < end; ++at) {
      read.add(points[at].read);
      mass.add(points[at].mass);
      proposed.add(points[at].proposed);
      accepted.add(points[at].accepted);
    }
    means[pool] = {read.value(), mass.value(), proposed.value(), accepted.value()};
  }
  return means;
}

}  // namespace fovea::ui
