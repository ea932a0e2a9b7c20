// What the window's command line says. Parsed before there is a display, so that --help and a wrong option
// need none. Plain values, main thread.
#pragma once

#include <QString>
#include <QStringList>
#include <optional>

#include "ui/appearance.h"

namespace fovea::desktop {

struct DesktopOptions {
  std::optional<ui::ThemeChoice> theme;  // none: as in the settings
  QString verifierPath;                  // empty: as in the settings
  QString draftPath;                     // empty: as in the settings
  QString databasePath;                  // empty: the user's own

  /// Set when the program is to end at once: with this status, after `output` (standard output for status 0,
  /// standard error otherwise).
  std::optional<int> exitStatus;
  QString output;
};

/// `arguments` begins with the program's name. $FOVEA_THEME stands in for a missing --theme.
[[nodiscard]] DesktopOptions parseArguments(const QStringList& arguments);

}  // namespace fovea::desktop
