// The context of a trace as text: tokens keep their characters, whatever bytes they hold.
#include "app/trace_text.h"

#include <QTextDocument>
#include <QtTest>

using namespace fovea;
using namespace fovea::app;

namespace {

TurnTrace traceOf(const std::vector<std::string>& prompt, const std::vector<std::string>& answer) {
  TurnTrace trace;
  TokenId next = 0;
  const auto add = [&](const std::string& text) {
    trace.texts[next] = text;
    return next++;
  };
  for (const std::string& text : prompt) trace.prompt.push_back(add(text));
  TraceStep step;
  for (const std::string& text : answer) step.telemetry.tokens.push_back(add(text));
  trace.steps.push_back(step);
  return trace;
}

}  // namespace

class TraceTextTest : public QObject {
  Q_OBJECT

 private slots:
  void tokensKeepTheirPlaces() {
    const TraceText text = traceText(traceOf({"<s>", " Who", "?\n"}, {" I", " am", "."}));
    QCOMPARE(text.text, QStringLiteral("<s> Who?\n I am."));
    QCOMPARE(text.promptTokens, size_t{3});
    QCOMPARE(text.tokens(), size_t{6});
    QCOMPARE(text.at(1), QStringLiteral(" Who"));
    QCOMPARE(text.at(4), QStringLiteral(" am"));
    for (size_t token = 0; token < text.tokens(); ++token) {
      for (int at = text.begin(token); at < text.ends[token]; ++at) QCOMPARE(text.tokenAt(at), token);
    }
    QCOMPARE(text.tokenAt(static_cast<int>(text.text.size())), text.tokens());
    QCOMPARE(text.tokenAt(9'999), text.tokens());
  }
  void charactersOfSeveralTokensBelongToTheLast() {
    const TraceText text = traceText(traceOf({"a", "\xe2", "\x82", "\xac", "b"}, {"\xf0\x9f", "\x90\x9f"}));
    QCOMPARE(text.text, QString::fromUtf8("a\xe2\x82\xac"
                                          "b\xf0\x9f\x90\x9f"));
    QCOMPARE(text.at(1), QString());
    QCOMPARE(text.at(3), QString::fromUtf8("\xe2\x82\xac"));
    QCOMPARE(text.tokenAt(1), size_t{3});
    QCOMPARE(text.tokenAt(3), size_t{6});
  }
  void aDocumentCountsTheSameCharacters() {
    const TraceText text = traceText(traceOf({"one\r\n", "two\r", std::string("\0\x01", 2), "\xe2\x80\xa8",
                                              "\xe2\x80\xa9", "\xef\xb7\x90", "\xff", "\ttab", "\n\n"},
                                             {"end"}));
    QTextDocument document;
    document.setPlainText(text.text);
    QCOMPARE(document.toPlainText(), text.text);
    QCOMPARE(document.characterCount(), static_cast<int>(text.text.size()) + 1);
    QCOMPARE(text.at(9), QStringLiteral("end"));
  }
  void nothingIsNothing() {
    const TraceText text = traceText({});
    QCOMPARE(text.tokens(), size_t{0});
    QCOMPARE(text.tokenAt(0), size_t{0});
  }
};

QTEST_GUILESS_MAIN(TraceTextTest)
#include "trace_text_test.moc"
