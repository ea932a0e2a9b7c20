// Draws the two charts of the insights, on the screen and into files: the steps as curves and bars, and the
// map of reads. What it costs depends on the pixels, not on how many steps there are. Pure functions over the
// painter; any thread that owns it.
#pragma once

#include <QColor>
#include <QPainter>
#include <QRectF>

#include "ui/read_values.h"
#include "ui/step_series.h"

namespace fovea::ui {

struct ChartStyle {
  QColor ink;   // words, and tokens that were accepted
  QColor grid;  // lines, and tokens that were proposed
  QColor read;  // the curve of the entries read
  QColor mass;  // the curve of the attention kept, dashed
  double lineWidth = 2;
};

/// Into `area`; the marks of the upward axis stand left of it, in the painter's font. Answers are set apart
/// by a thin line where there are several.
void paintSteps(QPainter& painter, const QRectF& area, const StepSeries& series, const ChartStyle& style);

/// Layers from top to bottom, positions from left to right; fills `area`.
void paintReads(QPainter& painter, const QRectF& area, const ReadValues& values);

}  // namespace fovea::ui
