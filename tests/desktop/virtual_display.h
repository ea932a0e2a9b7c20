// A display of its own (Xvfb) and a person's hands on it (xdotool, which sends XTest events): keys and mouse
// reach a program as from real ones. Header only.
#pragma once

#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStandardPaths>
#include <QStringList>

namespace fovea::test {

class VirtualDisplay {
 public:
  static constexpr int kPatienceMs = 20'000;

  ~VirtualDisplay() {
    m_server.terminate();
    m_server.waitForFinished(kPatienceMs);
  }

  /// The program that is missing here; empty where all are installed.
  [[nodiscard]] static QString missingProgram() {
    for (const char* program : {"Xvfb", "xdotool"}) {
      if (QStandardPaths::findExecutable(QString::fromLatin1(program)).isEmpty())
        return QString::fromLatin1(program);
    }
    return {};
  }

  /// Picks a free number by itself. False where the server does not come up.
  [[nodiscard]] bool start(const QString& geometry) {
    m_server.start(QStringLiteral("Xvfb"), {QStringLiteral("-displayfd"), QStringLiteral("1"),
                                            QStringLiteral("-screen"), QStringLiteral("0"), geometry,
                                            QStringLiteral("-nolisten"), QStringLiteral("tcp")});
    while (!m_server.canReadLine() && m_server.waitForReadyRead(kPatienceMs)) continue;
    m_name = QLatin1Char(':') + QString::fromLatin1(m_server.readLine()).trimmed();
    return m_name.size() > 1;
  }

  [[nodiscard]] const QString& name() const { return m_name; }

  /// Runs xdotool with these words; what it printed, or nothing where it failed.
  QString hands(const QStringList& words) const {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("DISPLAY"), m_name);
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral("xdotool"), words);
    const bool done = process.waitForFinished(kPatienceMs) && process.exitCode() == 0;
    return done ? QString::fromUtf8(process.readAllStandardOutput()).trimmed() : QString();
  }
  void key(const char* name) const { hands({QStringLiteral("key"), QString::fromLatin1(name)}); }
  void type(const QString& text) const {
    hands({QStringLiteral("type"), QStringLiteral("--delay"), QStringLiteral("20"), text});
  }
  void click(int x, int y) const {
    hands({QStringLiteral("mousemove"), QString::number(x), QString::number(y), QStringLiteral("click"),
           QStringLiteral("1")});
  }

 private:
  QProcess m_server;
  QString m_name;
};

}  // namespace fovea::test
