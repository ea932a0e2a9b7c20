#include "app/cli/chat_input.h"

#include <gtest/gtest.h>

namespace fovea::app::cli {
namespace {

void expectInput(std::string_view line, ChatVerb verb, std::string_view argument) {
  const ChatInput input = parseChatInput(line);
  EXPECT_EQ(static_cast<int>(input.verb), static_cast<int>(verb)) << line;
  EXPECT_EQ(input.argument, argument) << line;
}

TEST(ChatInput, TakesTextAsAQuestion) {
  expectInput("Who are you?", ChatVerb::kAsk, "Who are you?");
  expectInput("  spaces around \r", ChatVerb::kAsk, "spaces around");
  expectInput("two\nlines", ChatVerb::kAsk, "two\nlines");
  expectInput("a /new one", ChatVerb::kAsk, "a /new one");
  expectInput("//etc is a folder", ChatVerb::kAsk, "/etc is a folder");
}

TEST(ChatInput, TakesBlankLinesAsNothing) {
  expectInput("", ChatVerb::kNothing, "");
  expectInput(" \t ", ChatVerb::kNothing, "");
}

TEST(ChatInput, KnowsItsCommands) {
  expectInput("/new", ChatVerb::kNew, "");
  expectInput("/quit", ChatVerb::kQuit, "");
  expectInput("/exit", ChatVerb::kQuit, "");
  expectInput("/help", ChatVerb::kHelp, "");
  expectInput("/stats", ChatVerb::kStats, "");
  expectInput("/list ", ChatVerb::kList, "");
  expectInput("/open  3", ChatVerb::kOpen, "3");
  expectInput("/system Be brief. ", ChatVerb::kSystem, "Be brief.");
  expectInput("/system", ChatVerb::kSystem, "");
}

TEST(ChatInput, NamesWhatItDoesNotKnow) {
  expectInput("/dance now", ChatVerb::kUnknown, "dance");
  expectInput("/", ChatVerb::kUnknown, "");
  expectInput("/NEW", ChatVerb::kUnknown, "NEW");
}

TEST(ChatInput, HelpNamesEveryCommand) {
  for (const char* name : {"/new", "/list", "/open", "/system", "/stats", "/help", "/quit"}) {
    EXPECT_NE(chatHelp().find(name), std::string_view::npos) << name;
  }
}

}  // namespace
}  // namespace fovea::app::cli
