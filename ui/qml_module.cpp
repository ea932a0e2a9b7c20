#include "ui/qml_module.h"

#include <QQmlEngine>

#include "ui/icon_provider.h"

// Made by the build. Naming it keeps the linker from dropping the registration out of the static library.
extern void qml_register_types_Fovea();

namespace fovea::ui {

void registerQmlModule(QQmlEngine& engine) {
  static const bool registered = [] {
    qml_register_types_Fovea();
    return true;
  }();
  Q_UNUSED(registered);
  engine.addImportPath(QStringLiteral("qrc:/qt/qml"));
  engine.addImageProvider(QStringLiteral("fovea"), new IconProvider);  // the engine owns it
}

}  // namespace fovea::ui
