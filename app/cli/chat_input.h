// What a line typed into the chat means: a question, or one of the chat's own commands. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace fovea::app::cli {

enum class ChatVerb { kNothing, kAsk, kNew, kQuit, kHelp, kStats, kList, kOpen, kSystem, kUnknown };

struct ChatInput {
  ChatVerb verb = ChatVerb::kNothing;
  std::string argument;  // the question, or what follows the command's name; of kUnknown, the name
};

/// A line that begins with '/' is a command; "//" asks a question that begins with one slash.
[[nodiscard]] ChatInput parseChatInput(std::string_view line);

/// What /help prints.
[[nodiscard]] std::string_view chatHelp();

}  // namespace fovea::app::cli
