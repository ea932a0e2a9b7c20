#include "app/conversation_title.h"

#include <QStringList>

namespace fovea::app {
namespace {

constexpr int kTitleWords = 6;
constexpr int kTitleCharacters = 60;
constexpr int kTypedCharacters = 200;

// Cutting between two halves of a surrogate pair would leave a broken character.
QString cut(const QString& text, qsizetype length) {
  if (text.size() <= length) return text;
  if (text.at(length - 1).isHighSurrogate()) --length;
  return text.left(length);
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

}  // namespace fovea::app
