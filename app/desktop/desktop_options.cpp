#include "app/desktop/desktop_options.h"

#include <QCommandLineParser>

namespace fovea::desktop {
namespace {

constexpr int kUsageError = 2;

DesktopOptions refused(const QString& why) {
  DesktopOptions options;
  options.exitStatus = kUsageError;
  options.output = QStringLiteral("fovea: %1 (see fovea --help)\n").arg(why);
  return options;
}

}  // namespace

DesktopOptions parseArguments(const QStringList& arguments) {
  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral(
      "Chat with a language model that runs on this computer. For the terminal, see fovea-cli."));
  const QCommandLineOption help({QStringLiteral("h"), QStringLiteral("help")},
                                QStringLiteral("Show this help."));
  const QCommandLineOption version({QStringLiteral("v"), QStringLiteral("version")},
                                   QStringLiteral("Show the version."));
  const QCommandLineOption theme(
      QStringLiteral("theme"),
      QStringLiteral("light, dark, high-contrast or system (default: as in the settings)."),
      QStringLiteral("theme"));
  const QCommandLineOption verifier(QStringLiteral("verifier"),
                                    QStringLiteral("Use this model (GGUF) for this run."),
                                    QStringLiteral("file"));
  const QCommandLineOption draft(QStringLiteral("draft"),
                                 QStringLiteral("Use this draft model (GGUF) for this run."),
                                 QStringLiteral("file"));
  const QCommandLineOption database(QStringLiteral("database"),
                                    QStringLiteral("Keep the chats in this file."), QStringLiteral("file"));
  parser.addOptions({help, version, theme, verifier, draft, database});

  if (!parser.parse(arguments)) return refused(parser.errorText());
  DesktopOptions options;
  if (parser.isSet(help) || parser.isSet(version)) {
    options.exitStatus = 0;
    options.output = parser.isSet(help) ? parser.helpText() : QStringLiteral("fovea " FOVEA_VERSION "\n");
    return options;
  }
  if (!parser.positionalArguments().isEmpty()) {
    return refused(
        QStringLiteral("Unexpected argument '%1'.").arg(parser.positionalArguments().constFirst()));
  }
  const QString themeName = parser.isSet(theme) ? parser.value(theme) : qEnvironmentVariable("FOVEA_THEME");
  options.theme = ui::themeChoiceFromString(themeName);
  if (!options.theme && !themeName.isEmpty()) {
    return refused(
        QStringLiteral("Unknown theme '%1': light, dark, high-contrast or system.").arg(themeName));
  }
  options.verifierPath = parser.value(verifier);
  options.draftPath = parser.value(draft);
  options.databasePath = parser.value(database);
  return options;
}

}  // namespace fovea::desktop
