#include "app/paths.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

namespace fovea::app {
namespace {

QString inFolder(QStandardPaths::StandardLocation location, const QString& file) {
  return QStandardPaths::writableLocation(location) + QStringLiteral("/fovea/") + file;
}

// Where the files of one kind are installed: what `variable` names comes first, the source tree last.
QStringList installedFolders(const QString& kind, const char* variable) {
  QStringList folders;
  const QString chosen = variable == nullptr ? QString() : qEnvironmentVariable(variable);
  if (!chosen.isEmpty()) folders.append(QDir::cleanPath(chosen));
  if (QCoreApplication::instance() != nullptr) {
    const QDir program(QCoreApplication::applicationDirPath());
    folders.append(QDir::cleanPath(program.filePath(QStringLiteral("../share/fovea/") + kind)));
#ifdef Q_OS_MACOS
    folders.append(QDir::cleanPath(program.filePath(QStringLiteral("../Resources/") + kind)));
#endif
  }
  folders.append(QStringLiteral(FOVEA_SOURCE_RESOURCES "/") + kind);
  return folders;
}

Result<QString> findIn(const QStringList& folders, const QString& name, const QString& what,
                       const char* remedy) {
  for (const QString& folder : folders) {
    QString path = folder + u'/' + name;
    if (QFileInfo(path).isFile()) return path;
  }
  return Error{ErrorCode::kNotFound,
               QStringLiteral("%1 %2 is in none of these folders: %3.")
                   .arg(what, name, folders.join(QStringLiteral(", ")))
                   .toStdString(),
               remedy};
}

Result<QString> findModel(const QString& name) {
  return findIn(installedFolders(QStringLiteral("models"), "FOVEA_MODELS"), name,
                QStringLiteral("The embedded model"),
                "Install Fovea again, or set FOVEA_MODELS to the folder that holds it.");
}

}  // namespace

QString databasePath() {
  QString path = inFolder(QStandardPaths::GenericDataLocation, QStringLiteral("conversations.db"));
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

QStringList alignmentFolders() {
  return installedFolders(QStringLiteral("alignments"), "FOVEA_ALIGNMENTS");
}

QString alignmentCacheFolder() {
  return inFolder(QStandardPaths::GenericCacheLocation, QStringLiteral("alignments"));
}

Result<QString> calibrationTextPath() {
  return findIn(installedFolders(QStringLiteral("calibration"), nullptr), QStringLiteral("calibration.txt"),
                QStringLiteral("The calibration text"), "Install Fovea again.");
}

AlignmentOptions alignmentOptions() {
  AlignmentOptions options;
  for (const QString& folder : alignmentFolders()) options.folders.push_back(folder.toStdString());
  options.cache_folder = alignmentCacheFolder().toStdString();
  if (const auto text = calibrationTextPath()) options.text_path = text->toStdString();
  return options;
}

}  // namespace fovea::app
