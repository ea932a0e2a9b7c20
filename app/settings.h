// The user's choices, kept between starts in an INI file under the configuration directory (QSettings). One
// value, read once at start and written when it changes; owned by the GUI thread.
#pragma once

#include <QString>

#include "engine/options.h"
#include "engine/session.h"

namespace fovea::app {

/// What a chat starts with: less daring than the engine's defaults, since small models lose the thread
/// sooner.
[[nodiscard]] GenerationOptions chatDefaults();

struct Settings {
  QString verifierPath;  // empty: the embedded pair
  QString draftPath;     // empty with an empty verifierPath: the embedded draft; otherwise no draft
  BackendKind backend = BackendKind::kAuto;
  int threads = 0;        // 0: automatic
  int contextTokens = 0;  // 0: what the model was trained for
  QString systemPrompt;
  GenerationOptions generation = chatDefaults();

  bool operator==(const Settings&) const = default;
};

/// Values out of range (an edited file) fall back to their defaults.
[[nodiscard]] Settings loadSettings(const QString& filePath);
/// False when the file could not be written.
[[nodiscard]] bool saveSettings(const QString& filePath, const Settings& settings);

/// Session options for these settings, with the embedded pair's paths where none are chosen.
[[nodiscard]] SessionOptions sessionOptions(const Settings& settings);

}  // namespace fovea::app
