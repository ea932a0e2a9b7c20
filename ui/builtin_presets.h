// The presets that come with the program: what the engine's measurements support (engine/README.md), under a
// name. Pure functions; any thread.
#pragma once

#include <QList>
#include <QString>

#include "engine/options.h"

namespace fovea::ui {

struct BuiltinPreset {
  QString name;
  QString sentence;  // what it does, and what it costs
  GenerationOptions generation;
};

[[nodiscard]] QList<BuiltinPreset> builtinPresets();

}  // namespace fovea::ui
