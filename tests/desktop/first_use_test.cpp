// The real program on a virtual display, with real key and mouse events, from the first start to an export:
// the welcome, a question to the embedded model, its answer, the insights, and their file.
#include <QDir>
#include <QElapsedTimer>
#include <QImage>
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

    // The welcome has the keyboard; its last button closes it.
    QTRY_VERIFY_WITH_TIMEOUT(windowShown(), kStartMs);
    m_display.key("Escape");
    QTRY_VERIFY_WITH_TIMEOUT(settings(QStringLiteral("window/welcomed")).toBool(), kStartMs);

    // The composer, by mouse.
    m_display.click((kWidth + 272) / 2, kHeight - 84);
    m_display.type(QStringLiteral("Tell me about the sea."));
    m_display.key("Return");
    QTRY_COMPARE_WITH_TIMEOUT(stored(QStringLiteral("SELECT text FROM messages WHERE role = 'user'")).toString(),
                              QStringLiteral("Tell me about the sea."), kStartMs);
    QTRY_COMPARE_WITH_TIMEOUT(stored(QStringLiteral("SELECT count(*) FROM message_traces")).toInt(), 1, kAnswerMs);
    QVERIFY(stored(QStringLiteral("SELECT length(text) FROM messages WHERE role = 'assistant'")).toInt() > 0);

    // The insights by keyboard, their export button by mouse, its menu by keyboard.
    m_display.key("ctrl+i");
    exportTo(m_home.filePath(QStringLiteral("sea.png")));
    QTRY_COMPARE_WITH_TIMEOUT(QImage(m_home.filePath(QStringLiteral("sea.png"))).width(), 1600, kStartMs);

    m_display.key("ctrl+q");
    QVERIFY(m_program.waitForFinished(kStartMs));
    QCOMPARE(m_program.exitStatus(), QProcess::NormalExit);
    QCOMPARE(m_program.exitCode(), 0);
  }

  void cleanup() {
    if (QTest::currentTestFailed()) qWarning("%s", m_program.readAllStandardError().constData());
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
  [[nodiscard]] QString database() const { return m_home.filePath(QStringLiteral("chats.db")); }
  [[nodiscard]] QVariant stored(const QString& sql) const { return valueOf(database(), sql); }
  [[nodiscard]] QVariant settings(const QString& key) const {
    return QSettings(m_home.filePath(QStringLiteral("fovea/fovea.ini")), QSettings::IniFormat).value(key);
  }

  QTemporaryDir m_home;
  VirtualDisplay m_display;
  QProcess m_program;
};

QTEST_GUILESS_MAIN(FirstUseTest)
#include "first_use_test.moc"
