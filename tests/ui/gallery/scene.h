// One picture of the gallery: a real window over a scripted engine, brought into a state and grabbed. GUI
// thread; one at a time.
#pragma once

#include <QQmlApplicationEngine>
#include <QSize>
#include <QString>
#include <functional>
#include <memory>

#include "tests/ui/support/sample_chats.h"
#include "tests/ui/support/window_fixture.h"
#include "ui/appearance.h"

class QQuickItem;
class QQuickWindow;

namespace fovea::test {

class Stage {
 public:
  Stage(const SampleChats& chats, app::Settings settings, const QString& databasePath, ui::ThemeChoice theme,
        QSize size);
  ~Stage();

  [[nodiscard]] WindowFixture& parts() { return *m_parts; }
  [[nodiscard]] QQuickWindow* window() const { return m_window; }
  /// The visible items with this objectName, in the order they are drawn; item() is the last of them or null.
  [[nodiscard]] QList<QQuickItem*> items(const QString& name) const;
  [[nodiscard]] QQuickItem* item(const QString& name) const;
  /// False when it did not come true within ten seconds.
  bool waitFor(const std::function<bool()>& condition);
  /// Lets animations and layout come to rest.
  void settle(int milliseconds = 350);
  void moveMouseTo(QQuickItem* item);
  void click(QQuickItem* item);
  void key(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);
  bool grab(const QString& file);

 private:
  QTemporaryDir m_folder;
  ui::Appearance m_appearance;
  std::unique_ptr<WindowFixture> m_parts;
  QQmlApplicationEngine m_engine;
  QQuickWindow* m_window = nullptr;
};

struct Scene {
  QString name;
  SampleChats chats;
  /// Before start(): script the engine.
  std::function<void(Stage&)> prepare;
  /// After start(): bring the window into the state.
  std::function<void(Stage&)> act;
  bool brokenStore = false;
  bool ownModel = false;
  /// Other settings than those of a first start whose welcome was seen.
  std::function<void(app::Settings&)> change = {};
  QString language = {};    // empty: the system's
  bool mirrored = false;    // right to left
  bool darkSystem = false;  // what high contrast follows
  bool everyTheme = false;  // high contrast too, and 4K
};

[[nodiscard]] QList<Scene> allScenes();
[[nodiscard]] QList<Scene> settingsScenes();
[[nodiscard]] QList<Scene> readingScenes();

}  // namespace fovea::test
