#include "ui/markdown_blocks.h"

#include <QRandomGenerator>
#include <QTest>

using fovea::ui::MarkdownBlock;
using fovea::ui::MarkdownBlocks;
using Kind = MarkdownBlock::Kind;

namespace {

QList<MarkdownBlock> blocksOf(const QString& text) {
  MarkdownBlocks markdown;
  markdown.append(text);
  return markdown.blocks();
}

/// "P:text|C(py):code|..." for comparing at a glance; line ends as '/'.
QString sketch(const QString& text) {
  static const QString kLetters = QStringLiteral("PHQCR");
  QStringList parts;
  for (const MarkdownBlock& block : blocksOf(text)) {
    QString part(kLetters.at(static_cast<int>(block.kind)));
    if (!block.language.isEmpty()) part += u'(' + block.language + u')';
    parts << part + u':' + QString(block.text).replace(u'\n', u'/');
  }
  return parts.join(u'|');
}

/// Pieces of Markdown, and of what looks like it, in any order.
QString randomMarkdown(QRandomGenerator& random) {
  static const QStringList kPieces{
      QStringLiteral("word"),
      QStringLiteral(" "),
      QStringLiteral("\n"),
      QStringLiteral("\n\n"),
      QStringLiteral("\r\n"),
      QStringLiteral("# "),
      QStringLiteral("- "),
      QStringLiteral("  "),
      QStringLiteral("1. "),
      QStringLiteral("> "),
      QStringLiteral("```"),
      QStringLiteral("```cpp\n"),
      QStringLiteral("~~~"),
      QStringLiteral("---"),
      QStringLiteral("`"),
      QStringLiteral("| a | b |\n"),
      QStringLiteral("**"),
      QStringLiteral("\t"),
      QStringLiteral("* * *"),
      QStringLiteral("\n```\n"),
      QStringLiteral("    "),
      QStringLiteral("- x\n"),
      QStringLiteral("\u00e9\U0001F30A"),
  };
  QString text;
  const int count = random.bounded(60);
  for (int i = 0; i < count; ++i) text += kPieces.at(random.bounded(int(kPieces.size())));
  return text;
}

}  // namespace

class MarkdownBlocksTest : public QObject {
  Q_OBJECT

 private slots:
  void splits_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* text, const char* expected) {
      QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(expected);
    };
    row("nothing", "", "");
    row("blank lines", "\n \n", "");
    row("paragraphs", "one\ntwo\n\n\nthree", "P:one/two|P:three");
    row("headings stand alone", "# A\ntext\n## B", "H:# A|P:text|H:## B");
    row("no heading", "#hash\n####### seven", "P:#hash/####### seven");
    row("underlined heading", "Title\n---\ntext", "P:Title/---/text");
    row("rule", "a\n\n---\n\nb\n***\nc", "P:a|R:|P:b|R:|P:c");
    row("a loose list is one block", "- a\n\n- b\n\n  more\n\nend", "P:- a//- b//  more|P:end");
    row("a numbered list", "1. a\n2. b\n\n3. c", "P:1. a/2. b//3. c");
    row("a list below its sentence", "Like so:\n- a\n\n- b", "P:Like so:/- a//- b");
    row("a number is no list", "1.5 is\n\n2.5 is", "P:1.5 is|P:2.5 is");
    row("quote", "> a\n>b\n\n> c\nd", "Q:a/b|Q:c|P:d");
    row("code", "a\n```cpp\nint i;\n\n  x\n```\nb", "P:a|C(cpp):int i;//  x|P:b");
    row("code is open to the end", "```\na\n\nb", "C:a//b");
    row("tildes and longer fences", "~~~~ py x\n```\n~~~\n~~~~~\nend", "C(py):```/~~~|P:end");
    row("empty code", "```\n```\nx", "C:|P:x");
    row("code begins with an empty line", "```\n\na\n```", "C:/a");
    row("no fence", "```a`b\nx", "P:```a`b/x");
    row("code in a list", "1. a\n   ```sh\n   ls\n     x\n   ```\n2. b", "P:1. a|C(sh):ls/  x|P:2. b");
    row("half a fence is not code yet", "```\nab\n``", "C:ab");
    row("table", "| a |\n|---|\n| b |\n\nx", "P:| a |/|---|/| b ||P:x");
    row("carriage returns", "a\r\nb\r\n\r\nc\r\n", "P:a/b|P:c");
  }
  void splits() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    QCOMPARE(sketch(text), expected);
  }

  void streamingInAnyPiecesGivesTheSame() {
    QRandomGenerator random(20261125);
    for (int round = 0; round < 3000; ++round) {
      const QString text = randomMarkdown(random);
      MarkdownBlocks streamed;
      for (qsizetype at = 0; at < text.size();) {
        const qsizetype length = 1 + random.bounded(round % 2 == 0 ? 3 : 20);
        streamed.append(text.mid(at, length));
        at += length;
      }
      QVERIFY2(streamed.blocks() == blocksOf(text), qPrintable(text));
    }
  }

  void finishedBlocksNeverChange() {
    QRandomGenerator random(5);
    for (int round = 0; round < 500; ++round) {
      const QString text = randomMarkdown(random);
      MarkdownBlocks streamed;
      QList<MarkdownBlock> before;
      for (const QChar character : text) {
        const qsizetype changed = streamed.append(character);
        // The open block, and what the unfinished line would begin.
        QVERIFY(changed >= before.size() - 2);
        QVERIFY2(streamed.blocks().mid(0, changed) == before.mid(0, changed), qPrintable(text));
        before = streamed.blocks();
      }
    }
  }

  void nothingIsLost() {
    const QString text = QStringLiteral("# Head\nalpha\n\n- beta\n- gamma\n\n```\ndelta\n```\n> epsilon\n");
    const QString all = sketch(text);
    for (const char* word : {"Head", "alpha", "beta", "gamma", "delta", "epsilon"}) {
      QVERIFY2(all.contains(QLatin1String(word)), word);
    }
  }
};

QTEST_APPLESS_MAIN(MarkdownBlocksTest)
#include "markdown_blocks_test.moc"
