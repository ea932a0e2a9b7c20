// Splits an answer's Markdown into blocks while it streams: paragraphs, headings, lists, tables and quotes as
// they follow each other, fenced code apart. A line decides where it belongs when it is whole, so that
// finished blocks never change again; only the last block, and what the unfinished last line makes of it, is
// open. A value without Qt Gui; any thread, one at a time.
#pragma once

#include <QList>
#include <QString>
#include <QStringView>

namespace fovea::ui {

struct MarkdownBlock {
  enum class Kind {
    Prose,    // Markdown: a paragraph, a list or a table
    Heading,  // Markdown: one line
    Quote,    // Markdown, without its marks
    Code,     // verbatim
    Rule,     // empty
  };
  Kind kind = Kind::Prose;
  QString text;      // lines apart by '\n', none at the end
  QString language;  // of Code, as its fence names it

  bool operator==(const MarkdownBlock&) const = default;
};

class MarkdownBlocks {
 public:
  [[nodiscard]] const QList<MarkdownBlock>& blocks() const { return m_blocks; }

  /// Adds to the end of the text. Returns the index of the first block that may have changed; blocks before
  /// it are as they were. In however many pieces a text comes, its blocks are the same.
  qsizetype append(const QString& text);

 private:
  enum class Open { None, Prose, Quote, Code };
  /// Where the next line continues.
  struct State {
    Open open = Open::None;
    bool blank = false;   // Prose: blank lines came after its last line
    bool inList = false;  // Prose: list items may go on after a blank line; Code: it stands in a list
    QChar fence;          // Code: what closes it,
    qsizetype fenceLength = 0;
    qsizetype fenceIndent = 0;  // and how far it is indented
  };

  void addLine(QStringView line);
  void addCodeLine(QStringView line);
  bool openFence(QStringView line);
  void begin(MarkdownBlock::Kind kind, QStringView text, Open open);
  void addProse(QStringView line);
  [[nodiscard]] bool hidesPartial(QStringView line) const;

  QList<MarkdownBlock> m_blocks;
  State m_state;
  // As of the last whole line: where the unfinished one is taken back to before it grows.
  QString m_partial;
  qsizetype m_wholeCount = 0;
  MarkdownBlock m_wholeLast;
  State m_wholeState;
};

}  // namespace fovea::ui
