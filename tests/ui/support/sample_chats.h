// Fills a database with chats for pictures and flows: fixed texts, times relative to now.
#pragma once

#include <QString>

namespace fovea::test {

struct SampleChats {
  int shortChats = 9;         // one question each, over the last weeks
  int longChatTurns = 0;      // more than zero: one chat of this many turns, the newest
  bool markdownChat = false;  // one chat whose answer uses all of Markdown
  bool statesChat = false;  // one chat whose answers were stopped, interrupted, failed and cut by the context
};

/// Returns when all of it is on disk.
void writeSampleChats(const QString& databasePath, const SampleChats& wanted);

/// An answer of about 150 words.
[[nodiscard]] QString sampleStory();
/// An answer with headings, lists, a table, a quote, links and code.
[[nodiscard]] QString sampleMarkdown();

}  // namespace fovea::test
