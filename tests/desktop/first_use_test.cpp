// The real program on a virtual display, with real key and mouse events, from the first start to an export:
// the welcome, a question to the embedded model, its answer, the insights, and their file.
#include <QImage>
#include <QRect>
#include <QSettings>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include "tests/desktop/virtual_display.h"

using fovea::test::VirtualDisplay;

namespace {

constexpr int kWidth = 1280;
constexpr int kHeight = 800;
constexpr int kStartMs = FOVEA_SANITIZED ? 120'000 : 30'000;
constexpr int kAnswerMs = FOVEA_SANITIZED ? 600'000 : 120'000;

/// The one value of a query on a database that another process writes; nothing while it is not there.
QVariant valueOf(const QString& database, const QString& sql) {
  QVariant value;
  {
    QSqlDatabase reader = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("reader"));
    reader.setDatabaseName(database);
    reader.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY"));
    QSqlQuery query(reader);
    if (reader.open() && query.exec(sql) && query.next()) value = query.value(0);
  }
  QSqlDatabase::removeDatabase(QStringLiteral("reader"));
  return value;
}

}  // namespace

class FirstUseTest : public QObject {
  Q_OBJECT

 private slots:
  void fromTheFirstStartToAnExport() {
    if (const QString missing = VirtualDisplay::missingProgram(); !missing.isEmpty())
      QSKIP(qPrintable(QStringLiteral("%1 is not installed: see installers/test.sh.").arg(missing)));
    QVERIFY(m_display.start(QStringLiteral("%1x%2x24").arg(kWidth).arg(kHeight)));
    startProgram();

    QTRY_VERIFY_WITH_TIMEOUT(focusWindow(), kStartMs);

    // The welcome: its button "Begin" has the keyboard.
    const auto welcomed = [this] {
      m_display.key("Return");
      return settings(QStringLiteral("window/welcomed")).toBool();
    };
    QTRY_VERIFY_WITH_TIMEOUT(welcomed(), kStartMs);

    // The composer, by mouse.
    m_display.click((m_window.width() + kSidebar) / 2, m_window.height() - 76);
    m_display.type(QStringLiteral("Tell me about the sea."));
    m_display.key("Return");
    QTRY_COMPARE_WITH_TIMEOUT(
        stored(QStringLiteral("SELECT text FROM messages WHERE role = 'user'")).toString(),
        QStringLiteral("Tell me about the sea."), kStartMs);
    QTRY_COMPARE_WITH_TIMEOUT(stored(QStringLiteral("SELECT count(*) FROM message_traces")).toInt(), 1,
                              kAnswerMs);
    QVERIFY(stored(QStringLiteral("SELECT length(text) FROM messages WHERE role = 'assistant'")).toInt() > 0);

    openInsights();
    exportChat(QStringLiteral("sea.png"));
    const QString file = m_home.filePath(QStringLiteral("sea.png"));
    QTRY_COMPARE_WITH_TIMEOUT(QImage(file).width(), 1600, kStartMs);

    m_display.key("ctrl+q");
    QVERIFY(m_program.waitForFinished(kStartMs));
    QCOMPARE(m_program.exitStatus(), QProcess::NormalExit);
    QCOMPARE(m_program.exitCode(), 0);
  }

  void cleanup() {
    if (QTest::currentTestFailed()) {
      qWarning("%s", m_program.readAllStandardError().constData());
      m_display.screen().save(QStringLiteral("first_use_test.png"));
    }
    m_program.kill();
    m_program.waitForFinished();
  }

 private:
  void startProgram() {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove(QStringLiteral("WAYLAND_DISPLAY"));
    environment.remove(QStringLiteral("XDG_CURRENT_DESKTOP"));
    environment.insert(QStringLiteral("DISPLAY"), m_display.name());
    environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("xcb"));
    environment.insert(QStringLiteral("QT_QUICK_BACKEND"), QStringLiteral("software"));
    environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C.UTF-8"));
    for (const char* kind : {"DATA", "CONFIG", "CACHE", "STATE"}) {
      environment.insert(QStringLiteral("XDG_%1_HOME").arg(QLatin1String(kind)), m_home.path());
    }
    environment.insert(QStringLiteral("HOME"), m_home.path());
    m_program.setProcessEnvironment(environment);
    m_program.start(QStringLiteral(FOVEA_PROGRAM), {QStringLiteral("--database"), database()});
  }
  /// Without a window manager nobody else gives it the keyboard.
  [[nodiscard]] bool focusWindow() {
    const QString found = m_display.hands({QStringLiteral("search"), QStringLiteral("--onlyvisible"),
                                           QStringLiteral("--name"), QStringLiteral("Fovea")});
    if (found.isEmpty()) return false;
    const QString id = found.split(u'\n').first();
    m_display.hands({QStringLiteral("windowfocus"), id});
    // "WINDOW=1\nX=0\nY=0\nWIDTH=1120\nHEIGHT=760\n..."
    const QString geometry =
        m_display.hands({QStringLiteral("getwindowgeometry"), QStringLiteral("--shell"), id});
    const auto figure = [&](const char* name) {
      return geometry.section(QLatin1String(name) + u'=', 1).section(u'\n', 0, 0).toInt();
    };
    m_window = QRect(figure("\nX"), figure("\nY"), figure("WIDTH"), figure("HEIGHT"));
    return m_window.topLeft() == QPoint(0, 0) && m_window.width() > kSidebar + kPanel;
  }
  /// By keyboard.
  void openInsights() {
    const QRect panel(m_window.width() - kPanel, 60, kPanel, m_window.height() - 100);
    QVERIFY(m_display.changes(panel, [this] { m_display.key("ctrl+i"); }));
  }
  /// The panel's button and the dialog by mouse, the menu by keyboard.
  void exportChat(const QString& name) {
    const QRect menu(m_window.width() - 230, 50, 220, 60);
    QVERIFY(m_display.changes(menu, [this] { m_display.click(m_window.width() - 56, 28); }));
    const QPoint middle = m_window.center();
    const QRect dialog(middle - QPoint(290, 190), QSize(580, 380));
    QVERIFY(m_display.changes(dialog, [this] {
      m_display.hands(
          {QStringLiteral("key"), QStringLiteral("Down"), QStringLiteral("Down"), QStringLiteral("Return")});
    }));
    const QRect field(middle + QPoint(-195, 115), QSize(235, 30));
    QVERIFY(m_display.changes(field, [&] {
      m_display.click(middle.x() - 77, middle.y() + 129);
      m_display.key("ctrl+a");
      m_display.type(name);
    }));
    m_display.click(middle.x() + 117, middle.y() + 173);
  }
  [[nodiscard]] QString database() const { return m_home.filePath(QStringLiteral("chats.db")); }
  [[nodiscard]] QVariant stored(const QString& sql) const { return valueOf(database(), sql); }
  [[nodiscard]] QVariant settings(const QString& key) const {
    return QSettings(m_home.filePath(QStringLiteral("fovea/fovea.ini")), QSettings::IniFormat).value(key);
  }

  // As Theme has them at the font of a display without settings.
  static constexpr int kSidebar = 272;
  static constexpr int kPanel = 390;

  QTemporaryDir m_home;
  QRect m_window;
  VirtualDisplay m_display;
  QProcess m_program;
};

QTEST_GUILESS_MAIN(FirstUseTest)
#include "first_use_test.moc"
