#include "app/cli/application.h"

#include <QCoreApplication>
#include <algorithm>
#include <clocale>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "app/cli/command.h"
#include "app/cli/report.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  fovea-cli chat
  fovea-cli generate --prompt "Tell me about the sea." --max-tokens 100
  fovea-cli generate --raw --file story.txt --temperature 0 --json
  fovea-cli perplexity --file book.txt --context 2048 --mode sparse
  fovea-cli align
  fovea-cli evaluate --folder texts --context 2048 --output results
  fovea-cli info model.gguf
  fovea-cli bench --threads 2

Exit status: 0 done, 1 failed while running, 2 wrong usage (unknown option, missing file, wrong format),
130 interrupted. 'fovea-cli COMMAND --help' explains a command.)";

// The library's own help names every rule of an option; a reader wants its value's name and its default.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() {
    column_width(kHelpColumn);
    label("SUBCOMMAND", "COMMAND");
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    std::string text = option->get_type_size() == 0 ? "" : " " + option->get_type_name();
    if (!option->get_default_str().empty()) text += " (" + option->get_default_str() + ")";
    return text;
  }

  // A switch that can be turned off would be shown as "--no-switch{false}".
  std::string make_option_name(const CLI::Option* option, bool isPositional) const override {
    constexpr std::string_view kValue = "{false}";
    std::string text = CLI::Formatter::make_option_name(option, isPositional);
    if (const std::size_t at = text.find(kValue); at != std::string::npos) text.erase(at, kValue.size());
    return text;
  }

 private:
  static constexpr std::size_t kHelpColumn = 32;
};

// CLI11 words some messages over several lines; a terminal and a log want one.
std::string oneLine(const std::string& text) {
  std::string line;
  for (const char character : text) {
    if (character != '\n') {
      line += character;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return line;
}

std::string helpCommand(const CLI::App& application) {
  std::string command = "fovea-cli";
  for (const CLI::App* chosen : application.get_subcommands()) command += " " + chosen->get_name();
  return command + " --help";
}

// The parser would only say that some command is missing.
bool beginsWithUnknownCommand(CLI::App& application, int argumentCount, char** arguments) {
  if (argumentCount < 2 || arguments[1][0] == '-') return false;
  const auto commands = application.get_subcommands([](const CLI::App*) { return true; });
  return std::ranges::none_of(commands,
                              [&](const CLI::App* command) { return command->check_name(arguments[1]); });
}

int performGuarded(const Action& action) {
  try {
    Interrupt interrupt;
    return action(interrupt);
  } catch (const std::bad_alloc&) {
    printError("Out of memory.");
  } catch (const std::exception& exception) {
    printError(exception.what());
  }
  return kExitFailed;
}

}  // namespace

int run(int argumentCount, char** arguments) {
  const QCoreApplication qtApplication(argumentCount, arguments);
  // Qt took over the user's locale; numbers keep their point in options, JSON and CSV.
  std::setlocale(LC_NUMERIC, "C");
  QCoreApplication::setApplicationName("fovea");
  QCoreApplication::setApplicationVersion(FOVEA_VERSION);

  CLI::App application{
      "Fovea: a local language model, and what its attention reads. Everything runs on this machine."};
  application.name("fovea-cli");
  application.set_version_flag("--version", "fovea-cli " FOVEA_VERSION, "Print the version and exit");
  application.set_help_flag("-h,--help", "Print this help and exit");
  application.formatter(std::make_shared<HelpFormatter>());
  application.require_subcommand(1);
  application.footer(kExamples);

  Action action;
  addChatCommand(application, action);
  addGenerateCommand(application, action);
  addPerplexityCommand(application, action);
  addAlignCommand(application, action);
  addEvaluateCommand(application, action);
  addTokenizeCommand(application, action);
  addLogitsCommand(application, action);
  addExportCommand(application, action);
  addImportCommand(application, action);
  addInfoCommand(application, action);
  addBenchCommand(application, action);
  addStatisticsCommand(application, action);
  addSynthesizeCommand(application, action);
  for (CLI::App* command : application.get_subcommands([](const CLI::App*) { return true; }))
    command->group("Commands");

  if (argumentCount < 2) {
    printError("A command is needed (see 'fovea-cli --help')");
    return kExitUsage;
  }
  if (beginsWithUnknownCommand(application, argumentCount, arguments)) {
    printError("There is no command '" + std::string(arguments[1]) + "' (see 'fovea-cli --help')");
    return kExitUsage;
  }
  try {
    application.parse(argumentCount, arguments);
  } catch (const CLI::Success& request) {  // --help, --version
    return application.exit(request);
  } catch (const CLI::ParseError& error) {
    printError(oneLine(error.what()) + " (see '" + helpCommand(application) + "')");
    return kExitUsage;
  }
  return performGuarded(action);
}

}  // namespace fovea::app::cli
