#include "ui/markdown_blocks.h"

#include <algorithm>

namespace fovea::ui {
namespace {

using Kind = MarkdownBlock::Kind;

constexpr qsizetype kMarkIndentMax = 3;        // CommonMark: four spaces begin something else
constexpr qsizetype kListFenceIndentMax = 12;  // a fence inside the items of a list stands deeper

qsizetype indentOf(QStringView line) {
  qsizetype indent = 0;
  while (indent < line.size() && (line[indent] == u' ' || line[indent] == u'\t')) ++indent;
  return indent;
}

qsizetype runOf(QStringView text, QChar character) {
  qsizetype length = 0;
  while (length < text.size() && text[length] == character) ++length;
  return length;
}

/// "- ", "* ", "+ ", "12. " or "12) ", at any depth.
bool isListItem(QStringView line) {
  const QStringView text = line.trimmed();
  if (text.isEmpty()) return false;
  qsizetype mark = 0;
  if (text[0] == u'-' || text[0] == u'*' || text[0] == u'+') {
    mark = 1;
  } else {
    while (mark < text.size() && text[mark].isDigit()) ++mark;
    if (mark == 0 || mark > 9 || mark == text.size() || (text[mark] != u'.' && text[mark] != u')'))
      return false;
    ++mark;
  }
  return mark == text.size() || text[mark] == u' ' || text[mark] == u'\t';
}

bool isHeading(QStringView line) {
  const qsizetype indent = indentOf(line);
  const qsizetype marks = runOf(line.mid(indent), u'#');
  if (indent > kMarkIndentMax || marks < 1 || marks > 6) return false;
  const qsizetype after = indent + marks;
  return after == line.size() || line[after] == u' ' || line[after] == u'\t';
}

bool isRule(QStringView line) {
  if (indentOf(line) > kMarkIndentMax) return false;
  const QStringView text = line.trimmed();
  if (text.isEmpty() || (text[0] != u'-' && text[0] != u'*' && text[0] != u'_')) return false;
  qsizetype marks = 0;
  for (const QChar character : text) {
    if (character == text[0]) {
      ++marks;
    } else if (character != u' ' && character != u'\t') {
      return false;
    }
  }
  return marks >= 3;
}

bool isQuote(QStringView line) {
  const qsizetype indent = indentOf(line);
  return indent <= kMarkIndentMax && indent < line.size() && line[indent] == u'>';
}

QStringView withoutQuoteMark(QStringView line) {
  const QStringView text = line.mid(indentOf(line) + 1);
  return !text.isEmpty() && text[0] == u' ' ? text.mid(1) : text;
}

QStringView withoutReturn(QStringView line) {
  return line.endsWith(u'\r') ? line.chopped(1) : line;
}

}  // namespace

qsizetype MarkdownBlocks::append(const QString& text) {
  // What the unfinished line did is undone; it is read again, longer.
  m_blocks.resize(m_wholeCount);
  if (m_wholeCount > 0) m_blocks.last() = m_wholeLast;
  m_state = m_wholeState;
  const qsizetype firstChanged = std::max<qsizetype>(m_wholeCount - 1, 0);

  m_partial += text;
  qsizetype from = 0;
  for (qsizetype end = m_partial.indexOf(u'\n'); end >= 0; end = m_partial.indexOf(u'\n', from)) {
    addLine(withoutReturn(QStringView(m_partial).mid(from, end - from)));
    from = end + 1;
  }
  m_partial.remove(0, from);

  m_wholeCount = m_blocks.size();
  m_wholeLast = m_blocks.isEmpty() ? MarkdownBlock() : m_blocks.last();
  m_wholeState = m_state;
  const QStringView partial = withoutReturn(m_partial);
  if (!partial.isEmpty() && !hidesPartial(partial)) addLine(partial);
  return firstChanged;
}

/// The first characters of a closing fence are no line of the code.
bool MarkdownBlocks::hidesPartial(QStringView line) const {
  if (m_state.open != Open::Code) return false;
  const QStringView text = line.trimmed();
  return !text.isEmpty() && runOf(text, m_state.fence) == text.size();
}

void MarkdownBlocks::begin(Kind kind, QStringView text, Open open) {
  m_blocks.append({kind, text.toString(), {}});
  m_state.open = open;
  m_state.blank = false;
}

void MarkdownBlocks::addLine(QStringView line) {
  if (m_state.open == Open::Code) return addCodeLine(line);
  if (line.trimmed().isEmpty()) {
    if (m_state.open == Open::Quote) m_state.open = Open::None;
    m_state.blank = true;
    return;
  }
  if (openFence(line)) return;
  if (isQuote(line)) {
    if (m_state.open == Open::Quote) {
      m_blocks.last().text += u'\n' + withoutQuoteMark(line).toString();
    } else {
      m_state.inList = false;
      begin(Kind::Quote, withoutQuoteMark(line), Open::Quote);
    }
    return;
  }
  // Dashes right below a paragraph underline it: that is a heading, and md4c knows it.
  const bool underlines = m_state.open == Open::Prose && !m_state.blank && line.trimmed().startsWith(u'-');
  if (isRule(line) && !underlines) {
    m_state.inList = false;
    return begin(Kind::Rule, {}, Open::None);
  }
  if (isHeading(line)) {
    m_state.inList = false;
    return begin(Kind::Heading, line, Open::None);
  }
  addProse(line);
}

void MarkdownBlocks::addProse(QStringView line) {
  const bool item = isListItem(line);
  const bool staysInList = m_state.inList && (item || indentOf(line) >= 2);
  if (m_state.open != Open::Prose || (m_state.blank && !staysInList)) {
    m_state.inList = item || staysInList;
    return begin(Kind::Prose, line, Open::Prose);
  }
  m_state.inList = m_state.inList || item;
  m_blocks.last().text += m_state.blank ? QStringLiteral("\n\n") : QStringLiteral("\n");
  m_blocks.last().text += line;
  m_state.blank = false;
}

bool MarkdownBlocks::openFence(QStringView line) {
  const qsizetype indent = indentOf(line);
  const QStringView text = line.mid(indent);
  if (text.isEmpty() || (text[0] != u'`' && text[0] != u'~')) return false;
  if (indent > (m_state.inList ? kListFenceIndentMax : kMarkIndentMax)) return false;
  const qsizetype length = runOf(text, text[0]);
  const QStringView info = text.mid(length).trimmed();
  if (length < 3 || (text[0] == u'`' && info.contains(u'`'))) return false;
  m_state.fence = text[0];
  m_state.fenceLength = length;
  m_state.fenceIndent = indent;
  begin(Kind::Code, {}, Open::Code);
  m_blocks.last().language = info.left(info.indexOf(u' ') < 0 ? info.size() : info.indexOf(u' ')).toString();
  return true;
}

void MarkdownBlocks::addCodeLine(QStringView line) {
  const QStringView text = line.trimmed();
  const qsizetype length = runOf(text, m_state.fence);
  if (length >= m_state.fenceLength && length == text.size()) {
    m_state.open = Open::None;
    return;
  }
  MarkdownBlock& block = m_blocks.last();
  // Null: not a line yet. Empty: one empty line.
  if (!block.text.isNull()) block.text += u'\n';
  block.text += line.mid(std::min(indentOf(line), m_state.fenceIndent));
  if (block.text.isNull()) block.text = QLatin1String("");
}

}  // namespace fovea::ui
