// TokenMarks: a text whose tokens carry what was read of them, who proposed them, and what a replay says.
#include "ui/token_marks.h"

#include <QQmlComponent>
#include <QQmlEngine>
#include <QQuickItem>
#include <QTest>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextLayout>
#include <cmath>

#include "app/trace_reads.h"
#include "tests/ui/support/insights_fixture.h"

using fovea::test::InsightsFixture;
using fovea::ui::AnswerCheck;
using fovea::ui::InsightsViewModel;
using fovea::ui::TokenMark;
using fovea::ui::TokenMarks;

namespace {

constexpr int kPrompt = 128;  // tokens of the scripted prompt
constexpr int kAnswer = 16;   // of four steps: 4 + 5 + 2 + 5

/// Marks over a text field as QML has them.
struct Marked {
  explicit Marked(InsightsFixture& parts, TokenMarks::Kind kind) {
    QQmlComponent component(&engine);
    component.setData("import QtQuick; TextEdit { textFormat: TextEdit.PlainText }", {});
    item.reset(component.create());
    auto* field = item->property("textDocument").value<QQuickTextDocument*>();
    document = field->textDocument();
    marks.setKind(kind);
    marks.setProperty("readColor", QColor(Qt::blue));
    marks.setProperty("refusedColor", QColor(Qt::red));
    marks.setProperty("chosenColor", QColor(Qt::green));
    marks.setDocument(field);
    marks.setCheck(parts.chat.check());
    marks.setInsights(parts.chat.insights());
  }
  [[nodiscard]] TokenMark at(int token) const { return marks.marks()[static_cast<size_t>(token)]; }
  /// The colour behind a character; invalid without one.
  [[nodiscard]] QColor behind(int character) const {
    const QTextBlock block = document->findBlock(character);
    for (const QTextLayout::FormatRange& range : block.layout()->formats()) {
      const int begin = block.position() + range.start;
      if (character >= begin && character < begin + range.length &&
          range.format.hasProperty(QTextFormat::BackgroundBrush))
        return range.format.background().color();
    }
    return {};
  }
  QQmlEngine engine;
  std::unique_ptr<QObject> item;
  QTextDocument* document = nullptr;
  TokenMarks marks;
};

std::uint8_t level(float share) {
  return static_cast<std::uint8_t>(std::lround(std::min(share, 1.0F) * TokenMark::kLevels));
}

}  // namespace

class TokenMarksTest : public QObject {
  Q_OBJECT

 private slots:
  void theContextIsShadedByWhatTheAnswerRead() {
    InsightsFixture parts;
    parts.ask();
    Marked view(parts, TokenMarks::Kind::Reads);
    QCOMPARE(view.marks.count(), kPrompt + kAnswer);
    QCOMPARE(view.marks.firstOfAnswer(), kPrompt);
    QCOMPARE(view.marks.layers(), 16);
    const auto& trace = parts.chat.insights()->trace();
    QCOMPARE(view.document->toPlainText(), fovea::app::traceText(trace).text);
    const std::vector<float> shares = fovea::app::answerShares(trace, std::nullopt);
    for (int token = 0; token < view.marks.count(); ++token)
      QCOMPARE(view.at(token).level, level(shares[static_cast<size_t>(token) / 8]));
    QVERIFY(view.at(0).level > TokenMark::kLevels / 2);  // the sinks
    QVERIFY(view.at(60).level < view.at(0).level);
    QCOMPARE(view.behind(0).rgb(), QColor(Qt::blue).rgb());
    QVERIFY(view.behind(0).alphaF() > view.behind(view.marks.characterOf(60)).alphaF());
    view.marks.setLayer(3);
    const std::vector<float> ofLayer = fovea::app::answerShares(trace, 3);
    for (int token = 0; token < view.marks.count(); ++token)
      QCOMPARE(view.at(token).level, level(ofLayer[static_cast<size_t>(token) / 8]));
    QVERIFY(ofLayer != shares);
  }
  void aWordOfTheAnswerShowsWhatItsPassRead() {
    InsightsFixture parts;
    parts.ask();
    Marked view(parts, TokenMarks::Kind::Reads);
    view.marks.choose(kPrompt + 5);  // of the second step
    const std::vector<float> shares = fovea::app::stepShares(parts.chat.insights()->trace(), 1);
    for (int token = 0; token < kPrompt; ++token)
      QCOMPARE(view.at(token).level, level(shares[static_cast<size_t>(token) / 8]));
    for (int token = 0; token < view.marks.count(); ++token) {
      QCOMPARE(view.at(token).underlined, token >= kPrompt + 4 && token < kPrompt + 9);
      QCOMPARE(view.at(token).chosen, token == kPrompt + 5);
    }
    QCOMPARE(view.behind(view.marks.characterOf(kPrompt + 5)), QColor(Qt::green));
    QVERIFY2(view.marks.words().contains(QStringLiteral("step 2")), qPrintable(view.marks.words()));
    view.marks.choose(60);
    QVERIFY(!view.at(kPrompt + 5).underlined);
    QVERIFY2(view.marks.words().contains(QStringLiteral("position 60")), qPrintable(view.marks.words()));
    view.marks.choose(-1);
    QVERIFY(view.marks.words().contains(QStringLiteral("arrow keys")));
    view.marks.choose(9'999);
    QCOMPARE(view.marks.chosen(), -1);
  }
  void tokensAndCharactersFindEachOther() {
    InsightsFixture parts;
    parts.ask();
    for (const auto kind : {TokenMarks::Kind::Reads, TokenMarks::Kind::Draft}) {
      Marked view(parts, kind);
      for (int token = 0; token < view.marks.count(); ++token) {
        QCOMPARE(view.marks.tokenAt(view.marks.characterOf(token)), token);
        QCOMPARE(view.marks.tokenAt(view.marks.characterOf(token + 1) - 1), token);
      }
      QCOMPARE(view.marks.tokenAt(view.document->characterCount()), -1);
      QCOMPARE(view.marks.tokenAt(-1), -1);
      QCOMPARE(view.marks.neighbour(2, 1), 3);
      QCOMPARE(view.marks.neighbour(0, -1), 0);
      QCOMPARE(view.marks.neighbour(view.marks.count() - 1, 1), view.marks.count() - 1);
    }
  }
  void theTextGrowsWhileTheAnswerIsWritten() {
    InsightsFixture parts;
    parts.script.allow(2);
    parts.chat.send(QStringLiteral("What is it?"));
    QTRY_COMPARE(parts.chat.insights()->trace().steps.size(), size_t{2});
    Marked view(parts, TokenMarks::Kind::Reads);
    QCOMPARE(view.marks.count(), kPrompt + 9);
    QTextCursor kept(view.document);
    kept.setPosition(20);
    view.marks.choose(kPrompt + 1);
    parts.script.allow(-1);
    QTRY_COMPARE(view.marks.count(), kPrompt + kAnswer);
    QCOMPARE(view.document->toPlainText(), fovea::app::traceText(parts.chat.insights()->trace()).text);
    QCOMPARE(kept.position(), 20);  // it was added to
    QCOMPARE(view.marks.chosen(), kPrompt + 1);
    parts.ask();
    QTRY_COMPARE(view.marks.chosen(), -1);  // another answer
  }
  void theDraftViewSaysWhoProposedWhat() {
    InsightsFixture parts;
    parts.ask();
    Marked view(parts, TokenMarks::Kind::Draft);
    QCOMPARE(view.marks.count(), kAnswer);
    QCOMPARE(view.marks.firstOfAnswer(), 0);
    for (int token = 0; token < kAnswer; ++token) {
      const bool refused = token == 3 || token == 10;
      const bool own = token == 8 || token == 15;
      QCOMPARE(view.at(token).kind, refused ? TokenMark::Kind::Refused
                                    : own   ? TokenMark::Kind::Plain
                                            : TokenMark::Kind::Drafted);
    }
    QCOMPARE(view.marks.marked(), 2);
    QCOMPARE(view.marks.nextMarked(-1, 1), 3);
    QCOMPARE(view.marks.nextMarked(3, 1), 10);
    QCOMPARE(view.marks.nextMarked(10, 1), -1);
    QCOMPARE(view.marks.nextMarked(view.marks.count(), -1), 10);
    const QString refusal = view.marks.describe(3);
    for (const char* part : {"41.0%", "8.0%", "63.0%"})
      QVERIFY2(refusal.contains(QLatin1String(part)), qPrintable(refusal));
    QVERIFY(view.marks.describe(0).contains(QStringLiteral("accepted")));
    QVERIFY(view.marks.describe(8).contains(QStringLiteral("own")));
    QVERIFY(view.marks.describe(kAnswer).isEmpty());
    QCOMPARE(view.behind(view.marks.characterOf(3)).rgb(), QColor(Qt::red).rgb());
  }
  // Draws with shared noise compute no probabilities; verifying the answer brings them.
  void unknownProbabilitiesComeFromTheReplay() {
    InsightsFixture parts;
    parts.ask();
    fovea::app::TurnTrace trace = parts.chat.insights()->trace();
    for (fovea::app::TraceStep& step : trace.steps) {
      if (step.telemetry.refusal)
        step.telemetry.refusal =
            fovea::Refusal{step.telemetry.refusal->refused, step.telemetry.refusal->chosen};
    }
    parts.replaceTrace(trace);
    Marked view(parts, TokenMarks::Kind::Draft);
    QVERIFY2(view.marks.describe(3).contains(QStringLiteral("verify")), qPrintable(view.marks.describe(3)));
    parts.chat.check()->verify();
    QTRY_COMPARE(parts.chat.check()->state(), AnswerCheck::State::Done);
    const QString refusal = view.marks.describe(3);
    for (const char* part : {"37.5%", "12.5%", "62.5%"})
      QVERIFY2(refusal.contains(QLatin1String(part)), qPrintable(refusal));
  }
  void aModeThatLeavesNothingOutSaysSo() {
    InsightsFixture parts(QStringLiteral("speculative"));
    parts.ask();
    Marked view(parts, TokenMarks::Kind::Reads);
    QVERIFY(view.marks.words().contains(QStringLiteral("nothing out")));
  }
  void anotherKindShowsItsOwnText() {
    InsightsFixture parts;
    parts.ask();
    Marked view(parts, TokenMarks::Kind::Reads);
    view.marks.choose(kPrompt + 2);
    view.marks.setKind(TokenMarks::Kind::Draft);
    QCOMPARE(view.marks.count(), kAnswer);
    QCOMPARE(view.marks.chosen(), -1);
    QString answer;
    const auto text = fovea::app::traceText(parts.chat.insights()->trace());
    for (size_t token = kPrompt; token < text.tokens(); ++token) answer += text.at(token);
    QCOMPARE(view.document->toPlainText(), answer);
  }
  void aSampledSparseAnswerIsMarkedWhereDenseReadingRulesItOut() {
    InsightsFixture parts;
    parts.script.setDifferences({{5, {77, 0.5F, 0.25F}}, {9, {78, 0.5F, 0.0F}}});
    parts.ask();
    Marked view(parts, TokenMarks::Kind::Check);
    parts.chat.check()->verify();
    QTRY_COMPARE(view.marks.marked(), 1);
    QCOMPARE(view.marks.nextMarked(-1, 1), 9);
  }
  void theCheckViewMarksWhatIsDrawnDifferently() {
    InsightsFixture parts(QStringLiteral("exact"));
    parts.script.setDifferences({{5, {77, 0.5F, 0.25F}}, {9, {78, 0.5F, 0.125F}}});
    parts.ask();
    Marked view(parts, TokenMarks::Kind::Check);
    QCOMPARE(view.marks.marked(), 0);
    QVERIFY(view.marks.describe(5).isEmpty());
    parts.chat.check()->verify();
    QTRY_COMPARE(view.marks.marked(), 2);
    QCOMPARE(view.marks.nextMarked(-1, 1), 5);
    QVERIFY(view.marks.describe(5).contains(QStringLiteral("25.0%")));
    QVERIFY(view.marks.describe(5).contains(QStringLiteral("50.0%")));
    QVERIFY(view.marks.describe(4).contains(QStringLiteral("62.5%")));
  }
  void withoutAnAnswerThereIsNothing() {
    InsightsFixture parts;
    Marked view(parts, TokenMarks::Kind::Reads);
    QCOMPARE(view.marks.count(), 0);
    QCOMPARE(view.marks.tokenAt(0), -1);
    QCOMPARE(view.marks.characterOf(3), 0);
    QVERIFY(view.marks.words().isEmpty());
    QVERIFY(view.document->isEmpty());
  }
};

QTEST_MAIN(TokenMarksTest)
#include "token_marks_test.moc"
