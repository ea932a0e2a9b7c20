// The charts of an answer or of a whole chat as one picture for papers and slides: what it is about, figures,
// the steps, and the map of reads, with titles, axes and legends, on white whatever the window's theme is.
// Needs a QGuiApplication for its fonts and no display; any thread.
#pragma once

#include <QImage>
#include <QList>

#include "app/records.h"
#include "engine/result.h"

namespace fovea::ui {

/// `messages`: those of the branch that is shown, or one question and its answer; `traces` of other messages
/// are left out. 1600 pixels wide. A null image where no answer of these messages has a trace.
[[nodiscard]] QImage statisticsCharts(const app::Conversation& conversation,
                                      const QList<app::Message>& messages,
                                      const QList<app::StoredTrace>& traces);

/// The same as a PNG file, which appears only when it is whole. Fails in words: nothing was recorded, no
/// permission, no space.
Result<void> exportStatisticsCharts(const QString& path, const app::Conversation& conversation,
                                    const QList<app::Message>& messages,
                                    const QList<app::StoredTrace>& traces);

}  // namespace fovea::ui
