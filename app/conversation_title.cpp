#include "app/conversation_title.h"

#include <QSet>
#include <QStringList>
#include <algorithm>
#include <utility>

namespace fovea::app {
namespace {

constexpr int kTitleWords = 6;
constexpr int kTitleCharacters = 60;
constexpr int kTypedCharacters = 200;
constexpr int kModelWords = 8;
constexpr const char* kWish =
    "Give this conversation a short title: two to six words in the language of the conversation. Answer with "
    "the title alone.";

// Cutting between two halves of a surrogate pair would leave a broken character.
QString cut(const QString& text, qsizetype length) {
  if (text.size() <= length) return text;
  if (text.at(length - 1).isHighSurrogate()) --length;
  return text.left(length);
}

/// Without what models put around a title: its announcement, quotes, marks of Markdown, a full stop.
QString bare(const QString& answer) {
  QString text = answer.simplified();
  if (text.startsWith(QLatin1String("title:"), Qt::CaseInsensitive)) text = text.mid(6);
  const auto around = [](QChar character) {
    return character.isSpace() ||
           QStringLiteral("\"'*#_`.\u201c\u201d\u201e\u00ab\u00bb").contains(character);
  };
  while (!text.isEmpty() && around(text.back())) text.chop(1);
  while (!text.isEmpty() && around(text.front())) text.remove(0, 1);
  return text;
}

/// A small model that has lost its thread says one thing again and again.
bool repeatsItself(const QStringList& words) {
  const QSet<QString> different(words.cbegin(), words.cend());
  return different.size() * 2 <= words.size() && words.size() > 2;
}

}  // namespace

QString titleFromQuestion(const QString& question) {
  const QStringList words = question.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  const QString wanted = words.mid(0, kTitleWords).join(QLatin1Char(' '));
  const QString title = cut(wanted, kTitleCharacters);
  const bool shortened = words.size() > kTitleWords || title.size() < wanted.size();
  return shortened ? title + QChar(0x2026) : title;
}

QString cleanedTitle(const QString& typed) {
  return cut(typed.simplified(), kTypedCharacters);
}

std::vector<ChatMessage> titlePrompt(std::vector<ChatMessage> conversation) {
  conversation.push_back({Role::kUser, kWish});
  return conversation;
}

std::optional<QString> titleFromModel(const QString& answer, const QString& question) {
  if (answer.trimmed().contains(QLatin1Char('\n'))) return std::nullopt;
  const QString title = bare(answer);
  const QStringList words = title.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  const bool hasLetter =
      std::any_of(title.cbegin(), title.cend(), [](QChar each) { return each.isLetter(); });
  const bool echoes = title.compare(bare(question), Qt::CaseInsensitive) == 0;
  if (!hasLetter || echoes || words.size() > kModelWords || title.size() > kTitleCharacters)
    return std::nullopt;
  return repeatsItself(words) ? std::nullopt : std::optional<QString>(title);
}

}  // namespace fovea::app
