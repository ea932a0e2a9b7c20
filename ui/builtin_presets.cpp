#include "ui/builtin_presets.h"

#include <QCoreApplication>

#include "app/settings.h"

namespace fovea::ui {
namespace {

GenerationOptions inMode(Mode mode) {
  GenerationOptions options = app::chatDefaults();
  options.mode = mode;
  return options;
}

}  // namespace

QList<BuiltinPreset> builtinPresets() {
  return {
      {QCoreApplication::translate("fovea::ui::builtinPresets", "Balanced"),
       QCoreApplication::translate("fovea::ui::builtinPresets",
                                   "The verifier's own answer, with a draft that runs ahead of it."),
       inMode(Mode::kSpeculative)},
      {QCoreApplication::translate("fovea::ui::builtinPresets", "Exact"),
       QCoreApplication::translate(
           "fovea::ui::builtinPresets",
           "The same answer as Balanced, token by token, with fewer KV entries read. On the "
           "measured processor about as fast."),
       inMode(Mode::kExact)},
      {QCoreApplication::translate("fovea::ui::builtinPresets", "Fastest"),
       QCoreApplication::translate(
           "fovea::ui::builtinPresets",
           "Approximate: reads about a fifth of the KV entries. In a chat of 3,700 tokens "
           "1.7 to 1.9 times as fast as Balanced on the measured processor; the likeliest "
           "token differs 6 times in 100."),
       inMode(Mode::kSparse)},
  };
}

}  // namespace fovea::ui
