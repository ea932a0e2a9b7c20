// fovea-cli export: conversations of the store as Markdown or JSON.
#include <cstdio>
#include <memory>
#include <string>

#include "app/cli/command.h"
#include "app/cli/report.h"
#include "app/cli/terminal.h"
#include "app/conversation_transfer.h"
#include "app/paths.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples =
    R"(Without --conversation and --all it lists the conversations with their numbers.

Examples:
  fovea-cli export
  fovea-cli export --all --output chats.json
  fovea-cli export --conversation 1764080000000123 --format md)";

struct ExportArguments {
  RecordId conversation = 0;
  bool all = false;
  std::string format = "json";
  std::string output;
};

int list(ConversationStore& store) {
  const auto conversations = store.conversations();
  if (conversations.damage) return reportError(*conversations.damage, Phase::kRunning);
  for (const Conversation& each : conversations.rows) {
    std::printf("%lld  %s  %s\n", static_cast<long long>(each.id),
                each.updatedAt.toString(Qt::ISODate).toStdString().c_str(),
                withoutControls(each.title.toStdString()).c_str());
  }
  return kExitOk;
}

int runExport(const ExportArguments& arguments) {
  const auto store = ConversationStore::open(databasePath());
  if (!store) return reportError(store.error(), Phase::kRunning);
  if (!arguments.all && arguments.conversation == 0) return list(**store);
  const auto which = arguments.all ? std::nullopt : std::optional<RecordId>(arguments.conversation);
  const ExportFormat format = arguments.format == "md" ? ExportFormat::Markdown : ExportFormat::Json;
  if (!arguments.output.empty()) {
    const auto written =
        exportConversations(**store, which, format, QString::fromStdString(arguments.output));
    return written ? kExitOk : reportError(written.error(), Phase::kRunning);
  }
  const auto bytes = exportConversations(**store, which, format);
  if (!bytes) return reportError(bytes.error(), Phase::kLoading);
  const auto size = static_cast<std::size_t>(bytes->size());
  return std::fwrite(bytes->constData(), 1, size, stdout) == size ? kExitOk : kExitFailed;
}

}  // namespace

void addExportCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = application.add_subcommand("export", "Write conversations as Markdown or JSON");
  auto* one =
      command->add_option("--conversation", arguments->conversation, "One conversation, by its number")
          ->type_name("NUMBER")
          ->check(CLI::PositiveNumber);
  command->add_flag("--all", arguments->all, "All conversations")->excludes(one);
  command->add_option("--format", arguments->format, "md: the branch that is shown; json: everything")
      ->type_name("md|json")
      ->capture_default_str()
      ->check(CLI::IsMember({"md", "json"}));
  command->add_option("--output", arguments->output, "The file to write (default: standard output)")
      ->type_name("FILE");
  command->footer(kExamples);
  command->callback(
      [arguments, &action] { action = [arguments](Interrupt&) { return runExport(*arguments); }; });
}

}  // namespace fovea::app::cli
