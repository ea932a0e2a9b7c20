// A display of its own (Xvfb) and a person's hands on it (xdotool, which sends XTest events): keys and mouse
// reach a program as from real ones. Header only.
#pragma once

#include <QDeadlineTimer>
#include <QFile>
#include <QImage>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStandardPaths>
#include <QStringList>
#include <QTemporaryDir>
#include <QThread>
#include <QtEndian>

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
    m_server.start(QStringLiteral("Xvfb"),
                   {QStringLiteral("-displayfd"), QStringLiteral("1"), QStringLiteral("-screen"),
                    QStringLiteral("0"), geometry, QStringLiteral("-nolisten"), QStringLiteral("tcp"),
                    QStringLiteral("-fbdir"), m_folder.path()});
    while (!m_server.canReadLine() && m_server.waitForReadyRead(kPatienceMs)) continue;
    m_name = QLatin1Char(':') + QString::fromLatin1(m_server.readLine()).trimmed();
    return m_name.size() > 1;
  }

  [[nodiscard]] const QString& name() const { return m_name; }

  /// What is shown there now. Null where it cannot be read.
  [[nodiscard]] QImage screen() const {
    QFile file(m_folder.filePath(QStringLiteral("Xvfb_screen0")));
    if (!file.open(QIODevice::ReadOnly)) return {};
    // An XWD file: a header of big-endian words, colours of 12 bytes, then the pixels.
    const QByteArray content = file.readAll();
    const auto word = [&](int index) { return qFromBigEndian<quint32>(content.constData() + 4 * index); };
    constexpr int kHeaderWords = 25;
    if (content.size() < 4 * kHeaderWords) return {};
    const qsizetype begin = qsizetype{word(0)} + qsizetype{12} * word(19);
    const auto width = static_cast<int>(word(4));
    const auto height = static_cast<int>(word(5));
    const auto bytesPerLine = static_cast<int>(word(12));
    if (content.size() < begin + qsizetype{bytesPerLine} * height) return {};
    return QImage(reinterpret_cast<const uchar*>(content.constData() + begin), width, height, bytesPerLine,
                  QImage::Format_RGB32)
        .copy();
  }
  /// Does something, and waits until this part of the screen has changed and come to rest.
  template <typename Action>
  [[nodiscard]] bool changes(const QRect& part, Action action) const {
    constexpr int kRestMs = 400;
    const QImage before = screen().copy(part);
    action();
    for (QDeadlineTimer deadline(kPatienceMs); !deadline.hasExpired();) {
      const QImage now = screen().copy(part);
      QThread::msleep(kRestMs);
      if (now != before && now == screen().copy(part)) return true;
    }
    return false;
  }

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
  QTemporaryDir m_folder;
  QProcess m_server;
  QString m_name;
};

}  // namespace fovea::test
