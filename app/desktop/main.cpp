// The window's program: reads the command line, puts the parts together and runs them. Destruction runs
// backwards: window, controller, recorder, worker (stops and joins), store (finishes every write).
#include <QFileInfo>
#include <QGuiApplication>
#include <QIcon>
#include <QQmlApplicationEngine>
#include <QQuickWindow>
#include <QTextStream>

#include "app/desktop/desktop_options.h"
#include "app/desktop/single_instance.h"
#include "app/desktop/terminal_fallback.h"
#include "app/generation_worker.h"
#include "app/paths.h"
#include "app/settings.h"
#include "app/store_thread.h"
#include "app/turn_recorder.h"
#include "ui/appearance.h"
#include "ui/chat_controller.h"
#include "ui/icon_provider.h"
#include "ui/qml_module.h"
#include "ui/translations.h"
#include "ui/window_state.h"

namespace {

using fovea::desktop::DesktopOptions;

/// The settings of this run: a model named on the command line counts, but is not written back.
fovea::app::Settings settingsFor(const DesktopOptions& options) {
  fovea::app::Settings settings = fovea::app::loadSettings(fovea::app::settingsPath());
  if (options.verifierPath.isEmpty() && options.draftPath.isEmpty()) return settings;
  // A draft alone goes with the embedded verifier.
  settings.modelForThisRun = fovea::app::ModelFiles{options.verifierPath, options.draftPath};
  return settings;
}

int runWindow(int& argc, char** argv, const DesktopOptions& options) {
  QGuiApplication application(argc, argv);
  QGuiApplication::setApplicationDisplayName(QStringLiteral("Fovea"));
  QGuiApplication::setDesktopFileName(QStringLiteral("org.fovea.Fovea"));
  QGuiApplication::setWindowIcon(fovea::ui::applicationIcon());

  const QString database = options.databasePath.isEmpty() ? fovea::app::databasePath() : options.databasePath;
  fovea::desktop::SingleInstance instance(database);
  if (instance.raiseOther()) return 0;
  instance.listen();

  fovea::app::StoreThread store(database);
  fovea::app::GenerationWorker worker;
  fovea::app::TurnRecorder recorder(worker, store);
  const fovea::app::Settings settings = settingsFor(options);
  fovea::ui::installLanguage(application, settings.appearance.language);
  fovea::ui::ChatController chat({store, worker, recorder}, settings, fovea::app::settingsPath());
  fovea::ui::Appearance appearance = options.theme
                                         ? fovea::ui::Appearance(*options.theme, settings.appearance)
                                         : fovea::ui::Appearance(settings.appearance);
  QObject::connect(&appearance, &fovea::ui::Appearance::chosen, chat.settings(),
                   [&chat](const fovea::app::AppearanceSettings& chosen) {
                     chat.settings()->change([&](fovea::app::Settings& all) { all.appearance = chosen; });
                   });

  QQmlApplicationEngine engine;
  fovea::ui::registerQmlModule(engine);
  engine.setInitialProperties({{QStringLiteral("chat"), QVariant::fromValue(&chat)},
                               {QStringLiteral("appearance"), QVariant::fromValue(&appearance)}});
  engine.load(QUrl(QStringLiteral("qrc:/qt/qml/Fovea/qml/Main.qml")));
  if (engine.rootObjects().isEmpty()) return 1;

  auto* window = qobject_cast<QQuickWindow*>(engine.rootObjects().constFirst());
  const QString stateFile = QFileInfo(fovea::app::settingsPath()).path() + QStringLiteral("/window.ini");
  const fovea::ui::WindowState state(window, stateFile);
  QObject::connect(&instance, &fovea::desktop::SingleInstance::raiseRequested, window, [window] {
    window->show();
    if (window->windowStates().testFlag(Qt::WindowMinimized)) window->showNormal();
    window->raise();
    window->requestActivate();
  });
  // Shown first, loaded second: the window is there while the model comes.
  window->show();
  chat.start();
  return QGuiApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
  QCoreApplication::setApplicationName(QStringLiteral("fovea"));
  QCoreApplication::setApplicationVersion(QStringLiteral(FOVEA_VERSION));
  DesktopOptions options;
  QString programFolder;
  {
    const QCoreApplication console(argc, argv);  // no display is needed to read a command line
    options = fovea::desktop::parseArguments(QCoreApplication::arguments());
    programFolder = QCoreApplication::applicationDirPath();
  }
  if (options.exitStatus) {
    QTextStream(*options.exitStatus == 0 ? stdout : stderr) << options.output;
    return *options.exitStatus;
  }
  if (!fovea::desktop::displayAvailable()) return fovea::desktop::runTerminalChat(programFolder, options);
  return runWindow(argc, argv, options);
}
