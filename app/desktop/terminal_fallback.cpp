#include "app/desktop/terminal_fallback.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTextStream>
#include <vector>

#ifdef Q_OS_UNIX
#include <unistd.h>
#endif

namespace fovea::desktop {
namespace {

constexpr int kRuntimeFailure = 1;

void say(const QString& line) {
  QTextStream(stderr) << line << Qt::endl;
}

// Beside this program once installed; in the neighbouring folder of a build tree.
QString terminalProgram(const QString& programFolder) {
  const QDir folder(programFolder);
  for (const char* candidate : {"fovea-cli", "../cli/fovea-cli"}) {
    const QFileInfo file(folder.filePath(QString::fromLatin1(candidate)));
    if (file.isExecutable() && file.isFile()) return file.absoluteFilePath();
  }
  return {};
}

}  // namespace

bool displayAvailable() {
#if defined(Q_OS_UNIX) && !defined(Q_OS_MACOS)
  const auto isSet = [](const char* name) { return !qEnvironmentVariableIsEmpty(name); };
  return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY") || isSet("QT_QPA_PLATFORM");
#else
  return true;
#endif
}

int runTerminalChat(const QString& programFolder, const DesktopOptions& options) {
  const QString program = terminalProgram(programFolder);
  if (program.isEmpty()) {
    say(QStringLiteral("fovea: There is no display to show a window on, and fovea-cli was not found in %1.")
            .arg(programFolder));
    return kRuntimeFailure;
  }
  say(QStringLiteral(
      "fovea: There is no display to show a window on; this is the terminal chat (fovea-cli chat)."));
#ifdef Q_OS_UNIX
  std::vector<QByteArray> words{QFile::encodeName(program), "chat"};
  if (!options.verifierPath.isEmpty()) {
    words.insert(words.end(), {"--model", QFile::encodeName(options.verifierPath)});
  }
  if (!options.draftPath.isEmpty())
    words.insert(words.end(), {"--draft", QFile::encodeName(options.draftPath)});
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (QByteArray& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(arguments.front(), arguments.data());
#endif
  say(QStringLiteral("fovea: %1 could not be started.").arg(program));
  return kRuntimeFailure;
}

}  // namespace fovea::desktop
