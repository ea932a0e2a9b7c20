// fovea-cli statistics: what the answers of a conversation read, step by step, as CSV, JSON or charts.
#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QString>
#include <memory>
#include <string>

#include "app/cli/command.h"
#include "app/cli/report.h"
#include "app/conversation_store.h"
#include "app/paths.h"
#include "app/statistics_export.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples =
    R"(The newest conversation is number 1, as /list of 'fovea-cli chat' counts. A file that ends in .json gets everything,
one that ends in .png the charts, any other one line of CSV for each step.

Examples:
  fovea-cli statistics --output steps.csv
  fovea-cli statistics --output charts.png
  fovea-cli statistics --conversation 3 --output third.json)";

struct StatisticsArguments {
  std::string output;
  int conversation = 1;
};

/// Beside this program once installed; in the neighbouring folder of a build tree. Empty where it is not.
QString chartsProgram() {
  const QDir folder(QCoreApplication::applicationDirPath());
  for (const char* candidate : {"fovea-charts", "../desktop/fovea-charts"}) {
    const QFileInfo file(folder.filePath(QString::fromLatin1(candidate)));
    if (file.isFile() && file.isExecutable()) return file.absoluteFilePath();
  }
  return {};
}

/// Drawing needs a graphical library, which this program does not load: another one does it.
int drawCharts(const Conversation& conversation, const QString& path) {
  const QString program = chartsProgram();
  if (program.isEmpty()) {
    return reportError(
        {ErrorCode::kNotFound, "fovea-charts, which draws the charts, is not beside fovea-cli.",
         "Install it, or export a .csv or .json file."},
        Phase::kRunning);
  }
  QProcess process;
  process.setProcessChannelMode(QProcess::ForwardedChannels);
  process.start(program, {databasePath(), QString::number(conversation.id), path});
  const bool ended = process.waitForFinished(-1) && process.exitStatus() == QProcess::NormalExit;
  return ended && process.exitCode() == 0 ? kExitOk : kExitFailed;
}

int runStatistics(const StatisticsArguments& arguments) {
  auto store = ConversationStore::open(databasePath());
  if (!store) return reportError(store.error(), Phase::kRunning);
  const auto conversations = (*store)->conversations();
  if (conversations.damage) return reportError(*conversations.damage, Phase::kRunning);
  if (arguments.conversation > conversations.rows.size()) {
    return reportError({ErrorCode::kNotFound,
                        "There is no conversation " + std::to_string(arguments.conversation) +
                            "; there are " + std::to_string(conversations.rows.size()) + ".",
                        ""},
                       Phase::kRunning);
  }
  const Conversation& chosen = conversations.rows.at(arguments.conversation - 1);
  const auto messages = (*store)->messages(chosen.id);
  const auto traces = (*store)->traces(chosen.id);
  if (traces.damage) return reportError(*traces.damage, Phase::kRunning);
  for (const StoredTrace& trace : traces.rows) {
    if (!trace.error.isEmpty()) printError(trace.error.toStdString());
  }
  const QString path = QString::fromStdString(arguments.output);
  if (path.endsWith(QStringLiteral(".png"), Qt::CaseInsensitive)) return drawCharts(chosen, path);
  const auto format = path.endsWith(QStringLiteral(".json"), Qt::CaseInsensitive) ? StatisticsFormat::Json
                                                                                  : StatisticsFormat::Csv;
  const auto written = exportStatisticsFile(path, format, chosen, messages.rows, traces.rows);
  return written ? kExitOk : reportError(written.error(), Phase::kRunning);
}

}  // namespace

void addStatisticsCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<StatisticsArguments>();
  CLI::App* command = application.add_subcommand("statistics", "Export what the answers of a chat read");
  command->add_option("--output", arguments->output, "The file to write, .csv, .json or .png")
      ->required()
      ->type_name("FILE");
  command->add_option("--conversation", arguments->conversation, "Which conversation, the newest first")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("NUMBER")
      ->capture_default_str();
  command->footer(kExamples);
  command->callback(
      [arguments, &action] { action = [arguments](Interrupt&) { return runStatistics(*arguments); }; });
}

}  // namespace fovea::app::cli
