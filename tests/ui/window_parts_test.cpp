#include <QGuiApplication>
#include <QPalette>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWindow>

#include "app/desktop/desktop_options.h"
#include "app/desktop/single_instance.h"
#include "ui/appearance.h"
#include "ui/icon_provider.h"
#include "ui/translations.h"
#include "ui/window_state.h"

using fovea::desktop::DesktopOptions;
using fovea::desktop::parseArguments;
using fovea::ui::Appearance;
using fovea::ui::ThemeChoice;
using fovea::ui::WindowState;

class WindowPartsTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { qunsetenv("DBUS_SESSION_BUS_ADDRESS"); }

  void aChoiceOverridesTheSystem() {
    QVERIFY(Appearance(ThemeChoice::Dark).dark());
    QVERIFY(!Appearance(ThemeChoice::Light).dark());
    Appearance appearance(ThemeChoice::Light);
    const QSignalSpy changed(&appearance, &Appearance::changed);
    appearance.setChoice(ThemeChoice::Dark);
    QVERIFY(appearance.dark());
    QCOMPARE(changed.count(), 1);
  }
  void theSystemsPaletteIsFollowed() {
    Appearance appearance(ThemeChoice::System);
    const QPalette before = QGuiApplication::palette();
    QPalette night = before;
    night.setColor(QPalette::Window, Qt::black);
    night.setColor(QPalette::WindowText, Qt::white);
    const QSignalSpy changed(&appearance, &Appearance::changed);
    QGuiApplication::setPalette(night);
    QTRY_VERIFY(changed.count() > 0);
    QVERIFY(appearance.dark());
    QPalette day = night;
    day.setColor(QPalette::Window, Qt::white);
    day.setColor(QPalette::WindowText, Qt::black);
    QGuiApplication::setPalette(day);
    QTRY_VERIFY(!appearance.dark());
    QGuiApplication::setPalette(before);
  }
  void theWindowComesBackWhereItWas() {
    QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("window.ini"));
    const QRect wanted(40, 60, 640, 480);
    {
      QWindow window;
      const WindowState state(&window, file);
      window.setGeometry(wanted);
      window.show();
      QVERIFY(QTest::qWaitForWindowExposed(&window));
      window.close();
    }
    QWindow window;
    const WindowState state(&window, file);
    QCOMPARE(window.size(), wanted.size());
    QCOMPARE(window.position(), wanted.topLeft());
  }
  void aPositionThatNoScreenShowsIsNotUsed() {
    QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("window.ini"));
    {
      QSettings settings(file, QSettings::IniFormat);
      settings.setValue(QStringLiteral("window/geometry"), QRect(90000, 90000, 700, 500));
    }
    QWindow window;
    const WindowState state(&window, file);
    QCOMPARE(window.size(), QSize(700, 500));
    QVERIFY(window.position().x() < 90000);
  }
  void iconsTakeColourAndSize() {
    fovea::ui::IconProvider provider;
    QSize size;
    const QImage image = provider.requestImage(QStringLiteral("plus/ff0000"), &size, QSize(40, 40));
    QCOMPARE(size, QSize(40, 40));
    QCOMPARE(image.pixelColor(20, 20).red(), 255);
    QCOMPARE(image.pixelColor(20, 20).green(), 0);
    QCOMPARE(image.pixelColor(0, 0).alpha(), 0);
    QVERIFY(!fovea::ui::applicationIcon().isNull());
  }
  void iconsExist_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"alert", "check", "close", "copy", "down", "fovea", "info", "pencil", "plus",
                             "chevron", "send", "settings", "sidebar", "stop", "trash"}) {
      QTest::newRow(name) << QString::fromLatin1(name);
    }
  }
  void iconsExist() {
    QFETCH(QString, name);
    fovea::ui::IconProvider provider;
    const QImage image = provider.requestImage(name + QStringLiteral("/000000"), nullptr, QSize(48, 48));
    bool drawn = false;
    for (int y = 0; y < 48 && !drawn; ++y) {
      for (int x = 0; x < 48; ++x) drawn = drawn || image.pixelColor(x, y).alpha() > 0;
    }
    QVERIFY(drawn);
  }
  void optionsAreRead() {
    const DesktopOptions options = parseArguments(
        {QStringLiteral("fovea"), QStringLiteral("--theme"), QStringLiteral("dark"),
         QStringLiteral("--verifier=v.gguf"), QStringLiteral("--database"), QStringLiteral("c.db")});
    QVERIFY(!options.exitStatus);
    QCOMPARE(options.theme.value_or(ThemeChoice::System), ThemeChoice::Dark);
    QCOMPARE(options.verifierPath, QStringLiteral("v.gguf"));
    QCOMPARE(options.databasePath, QStringLiteral("c.db"));
  }
  void wrongOptionsAreRefused_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("unknown") << QStringList{QStringLiteral("fovea"), QStringLiteral("--frobnicate")};
    QTest::newRow("positional") << QStringList{QStringLiteral("fovea"), QStringLiteral("file")};
    QTest::newRow("theme") << QStringList{QStringLiteral("fovea"), QStringLiteral("--theme=pink")};
    QTest::newRow("value missing") << QStringList{QStringLiteral("fovea"), QStringLiteral("--database")};
  }
  void wrongOptionsAreRefused() {
    QFETCH(QStringList, arguments);
    const DesktopOptions options = parseArguments(arguments);
    QCOMPARE(options.exitStatus.value_or(-1), 2);
    QCOMPARE(options.output.count(QLatin1Char('\n')), 1);
  }
  void aLookIsChosenAndTold() {
    Appearance appearance(fovea::app::AppearanceSettings{});
    QVERIFY(appearance.isDefault());
    const int normal = appearance.fontPixelSize();
    QSignalSpy chosen(&appearance, &Appearance::chosen);
    appearance.setTheme(QStringLiteral("high-contrast"));
    QVERIFY(appearance.highContrast());
    appearance.setTheme(QStringLiteral("pink"));
    QVERIFY(appearance.highContrast());
    appearance.setFontPercent(150);
    QVERIFY(appearance.fontPixelSize() > normal);
    appearance.setFontPercent(100'000);
    QCOMPARE(appearance.fontPercent(), appearance.maximumFontPercent());
    appearance.setLanguage(QStringLiteral("de"));
    QCOMPARE(chosen.count(), 4);
    const auto kept = chosen.last().at(0).value<fovea::app::AppearanceSettings>();
    const Appearance again(kept);
    QVERIFY(again.highContrast());
    QCOMPARE(again.language(), QStringLiteral("de"));
    // The command line goes before what was kept, and keeps the rest.
    const Appearance light(ThemeChoice::Light, kept);
    QVERIFY(!light.highContrast());
    QCOMPARE(light.fontPercent(), kept.fontPercent);
    appearance.reset();
    QVERIFY(appearance.isDefault());
    QCOMPARE(appearance.fontPixelSize(), normal);
  }
  void itSpeaksGerman() {
    const QStringList languages = fovea::ui::availableLanguages();
    QVERIFY(languages.contains(QStringLiteral("de")) && languages.contains(QStringLiteral("en")));
    const auto ready = [] { return QCoreApplication::translate("fovea::ui::StatusViewModel", "Ready"); };
    fovea::ui::installLanguage(*qApp, QStringLiteral("de"));
    QCOMPARE(QCoreApplication::translate("SettingsPanel", "Settings"), QStringLiteral("Einstellungen"));
    QCOMPARE(ready(), QStringLiteral("Bereit"));
    fovea::ui::installLanguage(*qApp, QStringLiteral("en"));
    QCOMPARE(ready(), QStringLiteral("Ready"));
  }
  void helpAndVersionEndWell() {
    QCOMPARE(parseArguments({QStringLiteral("fovea"), QStringLiteral("--help")}).exitStatus.value_or(-1), 0);
    const DesktopOptions version = parseArguments({QStringLiteral("fovea"), QStringLiteral("--version")});
    QVERIFY(version.output.startsWith(QStringLiteral("fovea ")));
  }
  void aSecondStartRaisesTheFirst() {
    const QTemporaryDir folder;
    const QString database = folder.filePath(QStringLiteral("chats.db"));
    fovea::desktop::SingleInstance first(database);
    QVERIFY(!first.raiseOther());
    first.listen();
    const QSignalSpy raised(&first, &fovea::desktop::SingleInstance::raiseRequested);
    QVERIFY(fovea::desktop::SingleInstance(database).raiseOther());
    QTRY_COMPARE(raised.count(), 1);
    QVERIFY(!fovea::desktop::SingleInstance(folder.filePath(QStringLiteral("other.db"))).raiseOther());
  }
};

QTEST_MAIN(WindowPartsTest)
#include "window_parts_test.moc"
