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
  const QCommandLineOption theme(QStringLiteral("theme"), QStringLiteral("light, dark or system (default)."),
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
  const QString environment = qEnvironmentVariable("FOVEA_THEME", QStringLiteral("system"));
  const QString themeName = parser.isSet(theme) ? parser.value(theme) : environment;
  const std::optional<ui::ThemeChoice> choice = ui::themeChoiceFromString(themeName);
  if (!choice) return refused(QStringLiteral("Unknown theme '%1': light, dark or system.").arg(themeName));
  options.theme = *choice;
  options.verifierPath = parser.value(verifier);
  options.draftPath = parser.value(draft);
  options.databasePath = parser.value(database);
  return options;
}

}  // namespace fovea::desktop
