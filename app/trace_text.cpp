#include "app/trace_text.h"

#include <QStringDecoder>
#include <algorithm>

namespace fovea::app {
namespace {

/// A text document takes these for the ends of lines or for its own marks, and would count characters
/// differently.
QChar shown(QChar character) {
  const char16_t code = character.unicode();
  const bool mark = code == 0x2028 || code == 0x2029 || (code >= 0xFDD0 && code <= 0xFDEF);
  if (mark || (code < 0x20 && code != '\n' && code != '\t')) return QLatin1Char(' ');
  return character;
}

}  // namespace

std::size_t TraceText::tokenAt(int character) const {
  return static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), character) - ends.begin());
}

TraceText traceText(const TurnTrace& trace) {
  TraceText made;
  made.promptTokens = trace.prompt.size();
  QStringDecoder decoder(QStringDecoder::Utf8, QStringConverter::Flag::ConvertInitialBom);
  const auto add = [&](TokenId token) {
    const std::string bytes = tokenText(trace, token);
    const QString piece = decoder.decode(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
    for (const QChar character : piece) made.text += shown(character);
    made.ends.push_back(static_cast<int>(made.text.size()));
  };
  for (const TokenId token : trace.prompt) add(token);
  for (const TokenId token : answerTokens(trace)) add(token);
  return made;
}

}  // namespace fovea::app
