#include "app/cli/chat_input.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fovea::app::cli {
namespace {

constexpr std::array kVerbs = {
    std::pair{std::string_view("new"), ChatVerb::kNew},
    std::pair{std::string_view("quit"), ChatVerb::kQuit},
    std::pair{std::string_view("exit"), ChatVerb::kQuit},
    std::pair{std::string_view("help"), ChatVerb::kHelp},
    std::pair{std::string_view("stats"), ChatVerb::kStats},
    std::pair{std::string_view("list"), ChatVerb::kList},
    std::pair{std::string_view("open"), ChatVerb::kOpen},
    std::pair{std::string_view("system"), ChatVerb::kSystem},
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

ChatInput parseChatInput(std::string_view line) {
  const std::string_view text = trimmed(line);
  if (text.empty()) return {};
  if (!text.starts_with('/')) return {ChatVerb::kAsk, std::string(text)};
  if (text.starts_with("//")) return {ChatVerb::kAsk, std::string(text.substr(1))};
  const auto nameEnd = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view name = text.substr(1, nameEnd - 1);
  const auto* verb = std::ranges::find(kVerbs, name, &std::pair<std::string_view, ChatVerb>::first);
  if (verb == kVerbs.end()) return {ChatVerb::kUnknown, std::string(name)};
  return {verb->second, std::string(trimmed(text.substr(nameEnd)))};
}

std::string_view chatHelp() {
  return R"(/new            start a new conversation
/list           list the conversations
/open N         continue conversation N of the list
/system TEXT    instruct the model from the next question on; without TEXT: show; 'none': no instruction
/stats          what the last answer cost and saved
/help           this list
/quit           leave (so does Ctrl-D)
Ctrl-C stops an answer. A line that ends with \ goes on in the next. // begins a question with a slash.
)";
}

}  // namespace fovea::app::cli
