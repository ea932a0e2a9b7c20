// Runs the real fovea-cli as a process of its own, with a home of its own, and tells what came of it.
#pragma once

#include <QByteArray>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStringList>
#include <QTemporaryDir>

namespace fovea::test {

struct CliOutcome {
  int status = -1;       // exit status; -1 when the process crashed or never ended
  bool crashed = false;  // ended by a signal, a sanitizer's abort included
  QByteArray out;
  QByteArray err;
};

class CliProcess {
 public:
  static constexpr int kPatienceMs = FOVEA_SANITIZED ? 1'200'000 : 240'000;

  CliProcess() { m_environment = QProcessEnvironment::systemEnvironment(); }

  /// A folder that lives as long as this: the user's data and settings, and room for files.
  [[nodiscard]] QString path(const QString& name) const { return m_home.filePath(name); }

  /// Starts the program without waiting for it.
  void start(QProcess& process, const QStringList& arguments) const {
    QProcessEnvironment environment = m_environment;
    environment.insert("XDG_DATA_HOME", path("data"));
    environment.insert("XDG_CONFIG_HOME", path("config"));
    environment.insert("XDG_CACHE_HOME", path("cache"));
    environment.insert("XDG_STATE_HOME", path("state"));
    process.setProcessEnvironment(environment);
    process.start(FOVEA_CLI_PROGRAM, arguments);
  }

  [[nodiscard]] static CliOutcome finish(QProcess& process) {
    CliOutcome outcome;
    const bool ended = process.waitForFinished(kPatienceMs);
    outcome.crashed = process.exitStatus() == QProcess::CrashExit;
    if (ended && !outcome.crashed) outcome.status = process.exitCode();
    outcome.out = process.readAllStandardOutput();
    outcome.err = process.readAllStandardError();
    return outcome;
  }

  [[nodiscard]] CliOutcome run(const QStringList& arguments, const QByteArray& input = {}) const {
    QProcess process;
    start(process, arguments);
    process.write(input);
    process.closeWriteChannel();
    return finish(process);
  }

 private:
  QTemporaryDir m_home;
  QProcessEnvironment m_environment;
};

}  // namespace fovea::test
