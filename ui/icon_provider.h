// Gives QML its icons in any colour and size: "image://fovea/<name>/<rrggbb>" draws the module's
// icons/<name>.svg with `currentColor` replaced; without a colour the drawing keeps its own. The engine owns
// it and may call it from its loader threads; it keeps no state.
#pragma once

#include <QIcon>
#include <QQuickImageProvider>

namespace fovea::ui {

class IconProvider : public QQuickImageProvider {
 public:
  IconProvider();
  QImage requestImage(const QString& id, QSize* size, const QSize& requestedSize) override;
};

/// The program's icon at the sizes a desktop asks for.
[[nodiscard]] QIcon applicationIcon();

}  // namespace fovea::ui
