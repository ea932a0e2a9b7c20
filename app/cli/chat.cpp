// fovea-cli chat: a conversation in the terminal, kept in the same store as the window's. With a terminal it
// prompts; with a pipe it answers line after line.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "app/cli/chat_conversation.h"
#include "app/cli/chat_input.h"
#include "app/cli/command.h"
#include "app/cli/line_reader.h"
#include "app/cli/model_options.h"
#include "app/cli/report.h"
#include "app/cli/sampling_arguments.h"
#include "app/cli/terminal.h"
#include "app/paths.h"
#include "app/settings.h"
#include "app/trace_blob.h"
#include "app/trace_recorder.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples =
    R"(Conversations are kept in the same place as the window's. In the chat, /help lists the commands and Ctrl-C stops an
answer. When standard input is not a terminal, every line is a question (or a command) and is answered in turn; with
--json each answer is one JSON object on a line of its own.

Examples:
  fovea-cli chat
  fovea-cli chat --continue
  printf 'Who are you?\nAnd what can you do?\n' | fovea-cli chat --temperature 0)";

constexpr int kStandardInput = 0;

struct ChatArguments {
  ModelOptions model;
  SamplingArguments sampling;
  std::string system;
  bool continueLast = false;
};

class Chat {
 public:
  Chat(Session& session, ChatConversation& conversation, const GenerationOptions& options,
       const ChatArguments& arguments, Interrupt& interrupt)
      : m_session(session),
        m_conversation(conversation),
        m_options(options),
        m_system(arguments.system),
        m_json(arguments.model.json),
        m_interrupt(interrupt),
        m_reader(kStandardInput, interrupt) {}

  int loop();
  void showBranch() const;

 private:
  enum class Next { kGoOn, kLeave };

  LineReader::Outcome readInput(std::string& text);
  Next obey(const ChatInput& input);
  Next onInterruptedPrompt();
  void ask(const std::string& question);
  void list();
  void openNumber(const std::string& argument);
  void setSystem(const std::string& text);
  void showStatistics() const;
  void fail(const Error& error) { m_status = reportError(error, Phase::kRunning); }

  Session& m_session;
  ChatConversation& m_conversation;
  GenerationOptions m_options;
  std::string m_system;
  bool m_json;
  Interrupt& m_interrupt;
  LineReader m_reader;
  bool m_terminal = stdinIsTerminal();
  bool m_interruptedOnce = false;
  TurnStatistics m_lastStatistics;
  bool m_answered = false;
  int m_status = kExitOk;
};

LineReader::Outcome Chat::readInput(std::string& text) {
  text.clear();
  if (m_terminal) writeOut("> ");
  for (;;) {
    std::string line;
    const auto outcome = m_reader.read(line);
    if (outcome != LineReader::Outcome::kLine) return outcome;
    if (!line.ends_with('\\')) {
      text += line;
      return outcome;
    }
    line.back() = '\n';
    text += line;
    if (m_terminal) writeOut(". ");
  }
}

Chat::Next Chat::onInterruptedPrompt() {
  if (!m_terminal) {
    m_status = kExitInterrupted;
    return Next::kLeave;
  }
  writeOut("\n");
  if (m_interruptedOnce) return Next::kLeave;
  m_interruptedOnce = true;
  writeOut(dimmed("Ctrl-C again, Ctrl-D or /quit leaves.") + "\n");
  return Next::kGoOn;
}

int Chat::loop() {
  std::string text;
  for (;;) {
    const auto outcome = readInput(text);
    if (outcome == LineReader::Outcome::kEnd) break;
    if (outcome == LineReader::Outcome::kInterrupted) {
      if (onInterruptedPrompt() == Next::kLeave) break;
      continue;
    }
    m_interruptedOnce = false;
    if (obey(parseChatInput(text)) == Next::kLeave) return m_status;
  }
  if (m_terminal) writeOut("\n");
  return m_status;
}

Chat::Next Chat::obey(const ChatInput& input) {
  switch (input.verb) {
    case ChatVerb::kNothing:
      break;
    case ChatVerb::kAsk:
      ask(input.argument);
      break;
    case ChatVerb::kNew:
      m_conversation.startNew();
      if (m_terminal) writeOut(dimmed("A new conversation.") + "\n");
      break;
    case ChatVerb::kQuit:
      return Next::kLeave;
    case ChatVerb::kHelp:
      writeOut(chatHelp());
      break;
    case ChatVerb::kStats:
      showStatistics();
      break;
    case ChatVerb::kList:
      list();
      break;
    case ChatVerb::kOpen:
      openNumber(input.argument);
      break;
    case ChatVerb::kSystem:
      setSystem(input.argument);
      break;
    case ChatVerb::kUnknown:
      printError("There is no command /" + input.argument + "; /help lists them.");
      if (!m_terminal) m_status = kExitFailed;
      break;
  }
  return Next::kGoOn;
}

void Chat::ask(const std::string& question) {
  if (auto begun = m_conversation.beginTurn(question, m_session.info(), m_options.mode); !begun) {
    return fail(begun.error());
  }
  std::vector<ChatMessage> messages = m_conversation.messages();
  if (!m_system.empty()) messages.insert(messages.begin(), {Role::kSystem, m_system});

  const WorkScope work(m_interrupt);
  ProgressLine progress;
  Result<void> stored;
  TurnObserver observer;
  observer.on_alignment = [&progress](double fraction) {
    progress.show("Aligning the draft with the model", fraction);
  };
  observer.on_prefill = [&progress](int done, int total) {
    progress.show("Reading", total > 0 ? static_cast<double>(done) / total : 1.0);
  };
  observer.on_text = [&](std::string_view text) {
    progress.clear();
    if (!m_json) writeOut(stdoutIsTerminal() ? withoutControls(text) : std::string(text));
    if (stored) stored = m_conversation.append(text);
  };
  observer.on_context_dropped = [&progress](int dropped) {
    progress.clear();
    printError("The context is full: the model no longer sees the oldest " + std::to_string(dropped) +
               " messages.");
  };
  TraceRecorder recorder(m_options, m_session.info(),
                         [this](TokenId token) { return tokenText(m_session.tokenizer(), token); });
  observer.on_prompt = [&recorder](std::span<const TokenId> prompt) { recorder.prompt(prompt); };
  observer.on_step = [&recorder](const StepTelemetry& step) { recorder.step(step); };
  observer.on_reads = [&recorder](const ReadMap& reads) { recorder.reads(reads); };
  const auto result = m_session.chat(messages, m_options, observer, work.stop());
  progress.clear();
  const QByteArray trace = result ? encodeTrace(recorder.finish(*result)) : QByteArray();
  if (stored) stored = m_conversation.finishTurn(result, trace);
  if (!m_json) writeOut("\n");
  if (!result) return fail(result.error());
  if (!stored) return fail(stored.error());

  m_lastStatistics = result->statistics;
  m_answered = true;
  if (m_json) printJson(turnJson(*result, m_session.info(), m_options.mode));
  if (m_terminal && !m_json) {
    const bool stopped = result->reason == FinishReason::kCancelled;
    writeOut(dimmed((stopped ? "Stopped. " : "") + turnSummary(result->statistics)) + "\n\n");
  }
}

void Chat::list() {
  const auto conversations = m_conversation.list();
  if (!conversations) return fail(conversations.error());
  if (conversations->isEmpty()) writeOut("No conversations yet.\n");
  int number = 0;
  for (const Conversation& conversation : *conversations) {
    const std::string title = conversation.title.isEmpty() ? "(untitled)" : conversation.title.toStdString();
    const std::string date = conversation.updatedAt.toLocalTime().toString("yyyy-MM-dd hh:mm").toStdString();
    char line[64];
    std::snprintf(line, sizeof line, "%4d  %s  ", ++number, date.c_str());
    writeOut(line + withoutControls(title) + "\n");
  }
}

void Chat::openNumber(const std::string& argument) {
  const auto conversations = m_conversation.list();
  if (!conversations) return fail(conversations.error());
  bool isNumber = false;
  const int number = QString::fromStdString(argument).toInt(&isNumber);
  if (!isNumber || number < 1 || number > conversations->size()) {
    printError("/open needs a number from 1 to " + std::to_string(conversations->size()) +
               ", as /list shows them.");
    if (!m_terminal) m_status = kExitFailed;
    return;
  }
  if (auto opened = m_conversation.continueWith(conversations->at(number - 1)); !opened)
    return fail(opened.error());
  if (m_terminal) showBranch();
}

void Chat::showBranch() const {
  writeOut(dimmed("Continuing: " + withoutControls(m_conversation.title().toStdString())) + "\n");
  for (const Message& message : m_conversation.branch()) {
    const std::string text = withoutControls(message.text.toStdString());
    writeOut(message.role == Role::kUser ? "> " + text + "\n" : text + "\n\n");
  }
}

void Chat::setSystem(const std::string& text) {
  if (text == "none") {
    m_system.clear();
  } else if (!text.empty()) {
    m_system = text;
  }
  if (!m_terminal && !text.empty()) return;
  writeOut(m_system.empty() ? "No instruction.\n" : "Instruction: " + m_system + "\n");
}

void Chat::showStatistics() const {
  if (!m_answered) {
    writeOut("No answer yet.\n");
    return;
  }
  const TurnStatistics& statistics = m_lastStatistics;
  std::printf(
      "%s\nprompt: %d tokens, of which %d were new, read in %.2f s\nfirst token after %.2f s, %d steps\n",
      turnSummary(statistics).c_str(), statistics.prompt_tokens, statistics.prefilled_tokens,
      statistics.prefill_seconds, statistics.time_to_first_token_seconds, statistics.steps);
  std::printf("KV entries read: %lld of %lld\n", static_cast<long long>(statistics.kv_entries_read),
              static_cast<long long>(statistics.kv_entries_dense));
}

Result<void> continueNewest(ChatConversation& conversation) {
  const auto conversations = conversation.list();
  if (!conversations) return conversations.error();
  if (conversations->isEmpty()) return {};
  return conversation.continueWith(conversations->first());
}

int runChat(const ChatArguments& arguments, Interrupt& interrupt) {
  auto conversation = ChatConversation::open(databasePath());
  if (!conversation) return reportError(conversation.error(), Phase::kRunning);
  Result<std::unique_ptr<Session>> session = [&] {
    const WorkScope work(interrupt);
    const auto draftUse = needsNoDraft(arguments.sampling) ? DraftUse::kNever : DraftUse::kWhereItFits;
    return loadSession(arguments.model, draftUse, work.stop());
  }();
  if (!session) return reportError(session.error(), Phase::kLoading);
  const auto options = generationOptions(arguments.sampling, arguments.model.seed, (*session)->has_draft());
  if (!options) return reportError(options.error(), Phase::kLoading);

  const SessionInfo& info = (*session)->info();
  if (stdinIsTerminal()) {
    writeOut("Fovea: " + withoutControls(info.verifier_name) + ", " + std::string(to_string(options->mode)) +
             ", " + info.backend + ", " + std::to_string(info.threads) +
             " threads. A small model: fluent, often wrong.\n" +
             dimmed("/help lists the commands, Ctrl-C stops an answer, Ctrl-D leaves.") + "\n\n");
  }
  Chat chat(**session, **conversation, *options, arguments, interrupt);
  if (arguments.continueLast) {
    if (auto opened = continueNewest(**conversation); !opened)
      return reportError(opened.error(), Phase::kRunning);
    if (stdinIsTerminal()) chat.showBranch();
  }
  return chat.loop();
}

}  // namespace

void addChatCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<ChatArguments>();
  CLI::App* command = application.add_subcommand("chat", "Talk with the model in the terminal");
  command->add_option("--system", arguments->system, "Instruction to the model, before the first question")
      ->type_name("TEXT");
  command->add_flag("--continue", arguments->continueLast, "Go on with the newest conversation");
  arguments->sampling.generation = chatDefaults();
  addSamplingOptions(*command, arguments->sampling);
  addModelOptions(*command, arguments->model);
  command->footer(kExamples);
  command->callback([arguments, &action] {
    action = [arguments](Interrupt& interrupt) { return runChat(*arguments, interrupt); };
  });
}

}  // namespace fovea::app::cli
