// The user's choices, kept between starts in an INI file under the configuration directory (QSettings). One
// value, read once at start and written when it changes (app/settings_file); owned by the GUI thread.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>
#include <optional>

#include "engine/options.h"
#include "engine/session.h"

namespace fovea::app {

/// What a chat starts with: less daring than the engine's defaults, since small models lose the thread
/// sooner.
[[nodiscard]] GenerationOptions chatDefaults();

/// The options of a turn under a name that the user gave.
struct Preset {
  QString name;  // unique among the presets, not empty
  GenerationOptions generation;

  bool operator==(const Preset&) const = default;
};

struct ModelFiles {
  QString verifier;
  QString draft;  // empty: none

  bool operator==(const ModelFiles&) const = default;
};

/// How the window looks.
struct AppearanceSettings {
  QString theme;          // a name that ui/appearance knows; empty: as the system
  int fontPercent = 100;  // of the system's interface font
  QString language;       // "de"; empty: as the system

  static constexpr int kMinFontPercent = 80;
  static constexpr int kMaxFontPercent = 200;
  bool operator==(const AppearanceSettings&) const = default;
};

struct Settings {
  QString verifierPath;  // empty: the embedded pair
  QString draftPath;     // empty with an empty verifierPath: the embedded draft; otherwise no draft
  BackendKind backend = BackendKind::kAuto;
  int threads = 0;        // 0: automatic
  int contextTokens = 0;  // 0: what the model was trained for
  QString systemPrompt;
  GenerationOptions generation = chatDefaults();
  QList<Preset> presets;        // the user's own, in the order they were made
  QStringList recentVerifiers;  // files that were loaded, the latest first; kMaxRecent at most
  QStringList recentDrafts;     // likewise
  AppearanceSettings appearance;
  bool welcomed = false;      // the welcome was seen
  bool titlesByModel = true;  // a model that is large enough names the chats

  /// Models named on the command line: they count for this run, and are neither read nor written.
  std::optional<ModelFiles> modelForThisRun;

  static constexpr int kMaxRecent = 8;
  static constexpr int kMaxThreads = 1024;
  static constexpr int kMaxContextTokens = 1 << 20;
  bool operator==(const Settings&) const = default;
};

/// Values out of range (an edited file) fall back to their defaults.
[[nodiscard]] Settings loadSettings(const QString& filePath);
/// False when the file could not be written.
[[nodiscard]] bool saveSettings(const QString& filePath, const Settings& settings);

/// Session options for these settings, with the embedded pair's paths where none are chosen.
[[nodiscard]] SessionOptions sessionOptions(const Settings& settings);

}  // namespace fovea::app
