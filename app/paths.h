// Where things lie on this machine: the user's data and configuration (XDG), and what is installed beside the
// program. Pure look-ups; any thread. Each honours the standard variables (XDG_DATA_HOME, XDG_CONFIG_HOME,
// XDG_CACHE_HOME).
#pragma once

#include <QString>

#include "engine/result.h"

namespace fovea::app {

[[nodiscard]] QString databasePath();  // <data>/fovea/conversations.db; the folder is created
[[nodiscard]] QString settingsPath();  // <config>/fovea/fovea.ini
[[nodiscard]] QString logPath();       // <state or data>/fovea/fovea.log

/// The embedded models: $FOVEA_MODELS, then ../share/fovea/models beside the executable, then the source
/// tree's resources/models this program was built from. Fails with kNotFound naming every folder tried.
[[nodiscard]] Result<QString> embeddedVerifierPath();
[[nodiscard]] Result<QString> embeddedDraftPath();

}  // namespace fovea::app
