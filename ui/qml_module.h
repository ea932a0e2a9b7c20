// Makes the QML module "Fovea" known to an engine: its types, its files and its icons. The window, the tests
// and the gallery call it, so that all of them show the same thing. GUI thread, before anything is loaded.
#pragma once

class QQmlEngine;

namespace fovea::ui {

void registerQmlModule(QQmlEngine& engine);

}  // namespace fovea::ui
