#include "app/paths.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>
#include <QStringList>

namespace fovea::app {
namespace {

QString inFolder(QStandardPaths::StandardLocation location, const QString& file) {
  return QStandardPaths::writableLocation(location) + QStringLiteral("/fovea/") + file;
}

QStringList modelFolders() {
  QStringList folders;
  const QString chosen = qEnvironmentVariable("FOVEA_MODELS");
  if (!chosen.isEmpty()) folders.append(QDir::cleanPath(chosen));
  if (QCoreApplication::instance() != nullptr) {
    const QDir program(QCoreApplication::applicationDirPath());
    folders.append(QDir::cleanPath(program.filePath(QStringLiteral("../share/fovea/models"))));
#ifdef Q_OS_MACOS
    folders.append(QDir::cleanPath(program.filePath(QStringLiteral("../Resources/models"))));
#endif
  }
  folders.append(QStringLiteral(FOVEA_SOURCE_MODELS));
  return folders;
}

Result<QString> findModel(const QString& name) {
  const QStringList folders = modelFolders();
  for (const QString& folder : folders) {
    QString path = folder + u'/' + name;
    if (QFileInfo(path).isFile()) return path;
  }
  return Error{ErrorCode::kNotFound,
               QStringLiteral("The embedded model %1 is in none of these folders: %2.")
                   .arg(name, folders.join(QStringLiteral(", ")))
                   .toStdString(),
               "Install Fovea again, or set FOVEA_MODELS to the folder that holds it."};
}

}  // namespace

QString databasePath() {
  const QString path = inFolder(QStandardPaths::GenericDataLocation, QStringLiteral("conversations.db"));
  const QString folder = QFileInfo(path).path();
  // Conversations are private. A folder that exists keeps the permissions its owner gave it.
  if (!QFileInfo::exists(folder) && QDir().mkpath(folder)) {
    QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  }
  return path;
}

QString settingsPath() {
  return inFolder(QStandardPaths::GenericConfigLocation, QStringLiteral("fovea.ini"));
}

QString logPath() {
  const QString file = QStringLiteral("fovea.log");
#if defined(Q_OS_UNIX) && !defined(Q_OS_MACOS)
  // Qt 6.4 does not know the state folder of the XDG base directory specification; relative paths do not
  // count there.
  const QString state = qEnvironmentVariable("XDG_STATE_HOME");
  if (QDir::isAbsolutePath(state)) return QDir::cleanPath(state) + QStringLiteral("/fovea/") + file;
  return QDir::homePath() + QStringLiteral("/.local/state/fovea/") + file;
#else
  return inFolder(QStandardPaths::GenericDataLocation, file);
#endif
}

Result<QString> embeddedVerifierPath() {
  return findModel(QStringLiteral("fovea-verifier-q4_0.gguf"));
}

Result<QString> embeddedDraftPath() {
  return findModel(QStringLiteral("fovea-draft-q8_0.gguf"));
}

}  // namespace fovea::app
