// fovea-cli import: conversations of a file into the store.
#include <cstdio>
#include <memory>
#include <string>

#include "app/cli/command.h"
#include "app/cli/report.h"
#include "app/conversation_transfer.h"
#include "app/paths.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples =
    R"(Reads what Fovea and Open WebUI export, and the conversations.json of a ChatGPT export. Nothing is replaced: importing
a file twice gives everything twice.

Examples:
  fovea-cli import chats.json)";

int runImport(const std::string& path) {
  const auto store = ConversationStore::open(databasePath());
  if (!store) return reportError(store.error(), Phase::kRunning);
  const auto count = importConversations(**store, QString::fromStdString(path));
  if (!count) return reportError(count.error(), Phase::kLoading);
  std::printf(*count == 1 ? "%d conversation imported\n" : "%d conversations imported\n", *count);
  return kExitOk;
}

}  // namespace

void addImportCommand(CLI::App& application, Action& action) {
  auto path = std::make_shared<std::string>();
  CLI::App* command =
      application.add_subcommand("import", "Add conversations of Fovea, Open WebUI or ChatGPT to the store");
  command->add_option("FILE", *path, "The JSON file")->type_name("FILE")->required();
  command->footer(kExamples);
  command->callback([path, &action] { action = [path](Interrupt&) { return runImport(*path); }; });
}

}  // namespace fovea::app::cli
