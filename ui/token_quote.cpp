#include "ui/token_quote.h"

#include <QCoreApplication>

namespace fovea::ui {
namespace {

struct TokenQuote {
  Q_DECLARE_TR_FUNCTIONS(TokenQuote)
};

}  // namespace

QString quotedToken(const QString& text) {
  QString shown = text;
  shown.replace(QLatin1Char('\n'), QChar(0x21B5)).replace(QLatin1Char('\t'), QChar(0x21E5));
  if (shown.trimmed().isEmpty()) shown.replace(QLatin1Char(' '), QChar(0x2423));
  return TokenQuote::tr("\u201c%1\u201d").arg(shown.trimmed());
}

}  // namespace fovea::ui
