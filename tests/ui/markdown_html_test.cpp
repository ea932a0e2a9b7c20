#include "ui/markdown_html.h"

#include <QTest>
#include <QTextDocument>

using fovea::ui::markdownToHtml;

class MarkdownHtmlTest : public QObject {
  Q_OBJECT

 private slots:
  void writes_data() {
    QTest::addColumn<QString>("markdown");
    QTest::addColumn<QString>("html");
    const auto row = [](const char* name, const char* markdown, const char* html) {
      QTest::newRow(name) << QString::fromUtf8(markdown) << QString::fromUtf8(html);
    };
    row("paragraph", "a *b* **c** `d` ~~e~~", "<p>a <i>b</i> <b>c</b> <code>d</code> <s>e</s></p>");
    row("heading", "## a", "<h2>a</h2>");
    row("lines stay", "a\nb", "<p>a<br/>b</p>");
    row("list", "3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>");
    row("tasks", "- [ ] a\n- [x] b", "<ul><li>\u2610 a</li><li>\u2611 b</li></ul>");
    row("table", "|a|b|\n|---|---:|\n|1|2|",
        "<table border=\"1\" cellspacing=\"0\" cellpadding=\"6\"><tr><th align=\"left\">a</th><th "
        "align=\"right\">b</th>"
        "</tr><tr><td align=\"left\">1</td><td align=\"right\">2</td></tr></table>");
    row("link", "[a](https://b.example/?x=1&y=2)", "<p><a href=\"https://b.example/?x=1&amp;y=2\">a</a></p>");
    row("bare link", "see https://b.example",
        "<p>see <a href=\"https://b.example\">https://b.example</a></p>");
    row("angle brackets", "1 < 2 && a > b", "<p>1 &lt; 2 &amp;&amp; a &gt; b</p>");
  }
  void writes() {
    QFETCH(QString, markdown);
    QFETCH(QString, html);
    QCOMPARE(markdownToHtml(markdown), html);
  }

  void theModelsHtmlIsText_data() {
    QTest::addColumn<QString>("markdown");
    for (const char* text :
         {"<b>bold</b>", "<img src=\"http://x.example/a.png\">", "<script>alert(1)</script>\n\ntext",
          "<div style=\"color:red\">\n\n<table><tr><td>x", "<!-- a -->", "`<img src=x>`", "a <br> b"}) {
      QTest::newRow(text) << QString::fromUtf8(text);
    }
  }
  void theModelsHtmlIsText() {
    QFETCH(QString, markdown);
    QTextDocument document;
    document.setHtml(markdownToHtml(markdown));
    // Every character that was written is there to be read, but for the marks of code.
    QString wanted = markdown;
    wanted.remove(QLatin1Char('`')).remove(QLatin1Char('\n'));
    QString shown = document.toPlainText();
    shown.remove(QLatin1Char('\n'));
    QCOMPARE(shown, wanted);
  }

  void nothingIsFetchedAndLinksAreHarmless_data() {
    QTest::addColumn<QString>("markdown");
    for (const char* text :
         {"![cat](http://x.example/cat.png)", "![cat](file:///etc/passwd)", "[a](javascript:alert(1))",
          "[a](javascript&#58;alert(1))", "[a](file:///etc/passwd)", "[a](data:text/html,x)",
          "[![cat](http://x.example/cat.png)](javascript:x)", "[a](JaVaScRiPt:x)", "<javascript:x>",
          "[a](<\" onclick=\"x>)"}) {
      QTest::newRow(text) << QString::fromUtf8(text);
    }
  }
  void nothingIsFetchedAndLinksAreHarmless() {
    QFETCH(QString, markdown);
    const QString html = markdownToHtml(markdown);
    QVERIFY2(!html.contains(QStringLiteral("<img")), qPrintable(html));
    qsizetype at = 0;
    while ((at = html.indexOf(QStringLiteral("href=\""), at)) >= 0) {
      at += 6;
      QVERIFY2(html.mid(at).startsWith(QStringLiteral("http")), qPrintable(html));
    }
    QVERIFY2(!html.contains(QStringLiteral("onclick=\"")), qPrintable(html));
  }

  void survivesNonsense() {
    QString nested;
    for (int i = 0; i < 20'000; ++i) nested += QStringLiteral("[![*_`>");
    QVERIFY(!markdownToHtml(nested.left(20'000)).isEmpty());
    QVERIFY(!markdownToHtml(QStringLiteral("> ").repeated(1000)).isNull());
  }
};

QTEST_MAIN(MarkdownHtmlTest)
#include "markdown_html_test.moc"
