#include <QGuiApplication>
#include <QPalette>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWindow>

#include "app/desktop/desktop_options.h"
#include "ui/appearance.h"
#include "ui/icon_provider.h"
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
  void helpAndVersionEndWell() {
    QCOMPARE(parseArguments({QStringLiteral("fovea"), QStringLiteral("--help")}).exitStatus.value_or(-1), 0);
    const DesktopOptions version = parseArguments({QStringLiteral("fovea"), QStringLiteral("--version")});
    QVERIFY(version.output.startsWith(QStringLiteral("fovea ")));
  }
};

QTEST_MAIN(WindowPartsTest)
#include "window_parts_test.moc"
