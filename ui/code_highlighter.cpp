#include "ui/code_highlighter.h"

#include <srchilite/formatter.h>
#include <srchilite/formattermanager.h>
#include <srchilite/langdefmanager.h>
#include <srchilite/langmap.h>
#include <srchilite/regexrulefactory.h>
#include <srchilite/sourcehighlighter.h>

#include <QColor>
#include <QSyntaxHighlighter>
#include <QTextBlockUserData>
#include <QTextCharFormat>
#include <boost/make_shared.hpp>
#include <exception>
#include <memory>
#include <string>

namespace fovea::ui {
namespace {

constexpr qsizetype kLineMax = 2000;  // longer ones are data, and regular expressions would take their time

/// The rules of a language; null where it is not known. Definitions are read once, at the first text in them.
srchilite::HighlightStatePtr rulesFor(const QString& language) {
  static srchilite::RegexRuleFactory factory;
  static srchilite::LangDefManager definitions(&factory);
  static srchilite::LangMap names("lang.map");
  try {
    names.open();
    std::string name = language.toLower().toStdString();
    if (name == "c++") name = "cpp";
    const std::string file = names.getFileName(name);
    if (file.empty()) return {};
    return definitions.getHighlightState(file);
  } catch (const std::exception&) {
    return {};
  }
}

/// One byte for each UTF-16 unit, so that lengths are lengths: no rule looks beyond ASCII.
std::string asBytes(const QString& line) {
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(line.size()));
  for (const QChar character : line) {
    bytes += character.unicode() < 0x80 ? static_cast<char>(character.unicode()) : 'x';
  }
  return bytes;
}

/// What a line begins in: inside a comment, say.
struct LineEnd : public QTextBlockUserData {
  srchilite::HighlightStatePtr state;
  srchilite::HighlightStateStack stack;
};

}  // namespace

class CodeHighlighter::Lines : public QSyntaxHighlighter {
 public:
  explicit Lines(QTextDocument* document)
      : QSyntaxHighlighter(document), m_formatters(boost::make_shared<Piece>(*this, QTextCharFormat())) {}

  void setLanguage(const QString& language) {
    const srchilite::HighlightStatePtr rules = rulesFor(language);
    m_highlighter.reset();
    if (rules) {
      m_highlighter = std::make_unique<srchilite::SourceHighlighter>(rules);
      m_highlighter->setFormatterManager(&m_formatters);
      m_highlighter->setOptimize(false);
    }
    rehighlight();
  }
  void setColors(const QVariantMap& colors) {
    m_formatters.reset();
    for (auto entry = colors.begin(); entry != colors.end(); ++entry) {
      QTextCharFormat format;
      format.setForeground(entry.value().value<QColor>());
      m_formatters.addFormatter(entry.key().toStdString(), boost::make_shared<Piece>(*this, format));
    }
    rehighlight();
  }

 protected:
  void highlightBlock(const QString& text) override {
    if (!m_highlighter) return;
    const auto* before = static_cast<const LineEnd*>(currentBlock().previous().userData());
    m_highlighter->setCurrentState(before != nullptr ? before->state : m_highlighter->getMainState());
    m_highlighter->setStateStack(boost::make_shared<srchilite::HighlightStateStack>(
        before != nullptr ? before->stack : srchilite::HighlightStateStack()));
    m_at = 0;
    if (text.size() <= kLineMax) {
      try {
        m_highlighter->highlightParagraph(asBytes(text));
      } catch (const std::exception&) {
        // An expression that is too complex for this line: the rest of it stays plain.
      }
    }
    auto* end = new LineEnd;
    end->state = m_highlighter->getCurrentState();
    end->stack = *m_highlighter->getStateStack();
    setCurrentBlockUserData(end);  // which owns it
    // Qt goes on to the next line where this number changes.
    setCurrentBlockState(static_cast<int>(end->state->getId() * 16 + end->stack.size() % 16));
  }

 private:
  struct Piece : public srchilite::Formatter {
    Piece(Lines& lines, QTextCharFormat format) : m_lines(lines), m_format(std::move(format)) {}
    void format(const std::string& text, const srchilite::FormatterParams* /*params*/) override {
      const int length = static_cast<int>(text.size());
      m_lines.setFormat(m_lines.m_at, length, m_format);
      m_lines.m_at += length;
    }

   private:
    Lines& m_lines;
    QTextCharFormat m_format;
  };

  int m_at = 0;  // in the line being coloured
  srchilite::FormatterManager m_formatters;
  std::unique_ptr<srchilite::SourceHighlighter> m_highlighter;
};

CodeHighlighter::CodeHighlighter(QObject* parent) : QObject(parent) {}

CodeHighlighter::~CodeHighlighter() {
  delete m_lines;
}

void CodeHighlighter::setDocument(QQuickTextDocument* document) {
  if (document == m_document) return;
  delete m_lines;
  m_document = document;
  if (document != nullptr) {
    m_lines = new Lines(document->textDocument());
    m_lines->setColors(m_colors);
    m_lines->setLanguage(m_language);
  }
  emit documentChanged();
}

void CodeHighlighter::setLanguage(const QString& language) {
  if (language == m_language) return;
  m_language = language;
  if (m_lines) m_lines->setLanguage(language);
  emit languageChanged();
}

void CodeHighlighter::setColors(const QVariantMap& colors) {
  if (colors == m_colors) return;
  m_colors = colors;
  if (m_lines) m_lines->setColors(colors);
  emit colorsChanged();
}

}  // namespace fovea::ui
