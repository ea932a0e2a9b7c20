// Where things lie on this machine: the user's data and configuration (XDG), and what is installed beside the
// program. Pure look-ups; any thread. Each honours the standard variables (XDG_DATA_HOME, XDG_CONFIG_HOME,
// XDG_CACHE_HOME).
#pragma once

#include <QString>
#include <QStringList>

#include "engine/alignment_store.h"
#include "engine/result.h"

namespace fovea::app {

[[nodiscard]] QString databasePath();  // <data>/fovea/conversations.db; the folder is created
[[nodiscard]] QString settingsPath();  // <config>/fovea/fovea.ini
[[nodiscard]] QString logPath();       // <state or data>/fovea/fovea.log

/// The embedded models: $FOVEA_MODELS, then ../share/fovea/models beside the executable, then the source
/// tree's resources/models this program was built from. Fails with kNotFound naming every folder tried.
[[nodiscard]] Result<QString> embeddedVerifierPath();
[[nodiscard]] Result<QString> embeddedDraftPath();

/// Where alignments of model pairs are shipped: $FOVEA_ALIGNMENTS, then ../share/fovea/alignments beside the
/// executable, then the source tree's resources/alignments. Whether they exist is not asked.
[[nodiscard]] QStringList alignmentFolders();
/// <cache>/fovea/alignments, for those that were computed on this machine; not created.
[[nodiscard]] QString alignmentCacheFolder();
/// The text that a pair is aligned on: ../share/fovea/calibration beside the executable, then the source
/// tree's resources/calibration. Fails with kNotFound naming both.
[[nodiscard]] Result<QString> calibrationTextPath();
/// The three above, as a session takes them; without a calibration text nothing is computed.
[[nodiscard]] AlignmentOptions alignmentOptions();

}  // namespace fovea::app
