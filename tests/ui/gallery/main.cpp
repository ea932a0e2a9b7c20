// fovea_gallery FOLDER [SCENE ...]: renders every screen and state of the window to
// FOLDER/<scene>-<theme>-<size>.png, without a display. Also draws the program's icon at its sizes, and the
// pictures that an export of statistics makes ("charts").
#include <QDir>
#include <QGuiApplication>
#include <QIcon>
#include <QPalette>
#include <QTextStream>

#include "tests/ui/gallery/sample_charts.h"
#include "tests/ui/gallery/scene.h"
#include "ui/icon_provider.h"
#include "ui/translations.h"

namespace {

using fovea::test::Scene;
using fovea::test::Stage;
using fovea::ui::ThemeChoice;

bool render(const Scene& scene, ThemeChoice theme, QSize size, const QString& file) {
  fovea::app::Settings settings;
  settings.welcomed = true;
  if (scene.change) scene.change(settings);
  if (scene.ownModel) settings.verifierPath = QStringLiteral("models/verifier.gguf");
  QGuiApplication::setPalette(scene.darkSystem ? QPalette(QColor(40, 40, 40)) : QPalette());
  fovea::ui::installLanguage(*qApp, scene.language);
  QGuiApplication::setLayoutDirection(scene.mirrored ? Qt::RightToLeft : Qt::LeftToRight);
  const QString database = scene.brokenStore ? QStringLiteral("/proc/fovea/chats.db") : QString();
  Stage stage(scene.chats, settings, database, theme, size);
  scene.prepare(stage);
  stage.parts().chat.start();
  scene.act(stage);
  stage.settle();
  return stage.grab(file);
}

}  // namespace

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qputenv("QT_QUICK_BACKEND", "software");
  QGuiApplication application(argc, argv);
  QCoreApplication::setApplicationVersion(QStringLiteral(FOVEA_VERSION));
  QTextStream out(stdout);
  QStringList wanted = QCoreApplication::arguments().mid(1);
  if (wanted.isEmpty()) {
    out << "Usage: fovea_gallery FOLDER [SCENE ...]\n";
    return 2;
  }
  const QDir folder(wanted.takeFirst());
  if (!folder.mkpath(QStringLiteral("."))) return 1;

  for (const Scene& scene :
       fovea::test::allScenes() + fovea::test::settingsScenes() + fovea::test::readingScenes()) {
    if (!wanted.isEmpty() && !wanted.contains(scene.name)) continue;
    QList<QSize> sizes{{800, 600}, {1280, 800}, {480, 720}};
    QList<ThemeChoice> themes{ThemeChoice::Light, ThemeChoice::Dark};
    if (scene.everyTheme) {
      sizes.append({3840, 2160});
      themes.append(ThemeChoice::HighContrast);
    }
    for (const ThemeChoice theme : themes) {
      for (const QSize size : sizes) {
        const QString file = folder.filePath(QStringLiteral("%1-%2-%3x%4.png")
                                                 .arg(scene.name, fovea::ui::themeName(theme))
                                                 .arg(size.width())
                                                 .arg(size.height()));
        if (!render(scene, theme, size, file)) return 1;
        out << file << Qt::endl;
      }
    }
  }
  if (wanted.isEmpty() || wanted.contains(QStringLiteral("charts"))) {
    if (!fovea::test::sampleCharts(1).save(folder.filePath(QStringLiteral("charts-answer.png")))) return 1;
    if (!fovea::test::sampleCharts(12).save(folder.filePath(QStringLiteral("charts-chat.png")))) return 1;
  }
  for (const int pixels : {16, 24, 32, 48, 64, 128, 256}) {
    const QImage icon = fovea::ui::applicationIcon().pixmap(pixels, pixels).toImage();
    if (!icon.save(folder.filePath(QStringLiteral("fovea-%1.png").arg(pixels)))) return 1;
  }
  return 0;
}
