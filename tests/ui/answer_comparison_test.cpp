// AnswerComparison: which answers there are beside the one that is shown, and both in figures.
#include "ui/answer_comparison.h"

#include <QTest>

#include "tests/ui/support/insights_fixture.h"

using fovea::test::InsightsFixture;
using fovea::ui::AnswerComparison;

namespace {

QString value(const AnswerComparison& comparison, const QString& name, const char* side) {
  for (const QVariant& row : comparison.rows()) {
    if (row.toMap().value(QStringLiteral("name")) == name)
      return row.toMap().value(QLatin1String(side)).toString();
  }
  return {};
}

}  // namespace

class AnswerComparisonTest : public QObject {
  Q_OBJECT

 private slots:
  void anAnswerAloneHasNothingBesideIt() {
    InsightsFixture parts;
    parts.chat.comparison()->setOpen(true);
    QVERIFY(!parts.chat.comparison()->stateText().isEmpty());
    parts.ask();
    QVERIFY(parts.chat.comparison()->stateText().contains(QStringLiteral("no other answer")));
    QVERIFY(parts.chat.comparison()->rows().isEmpty());
    QVERIFY(parts.chat.comparison()->layers().isEmpty());
    QCOMPARE(parts.chat.comparison()->choice(), -1);
  }
  void anotherVersionStandsBesideItFirst() {
    InsightsFixture parts(QStringLiteral("dense"));
    parts.ask(QStringLiteral("Another question"));
    parts.ask(QStringLiteral("What is it?"));
    parts.chat.settings()->setMode(QStringLiteral("sparse"));
    parts.chat.regenerate(3);
    QTRY_VERIFY(parts.chat.answeringHere());
    parts.waitForAnswer();
    AnswerComparison& comparison = *parts.chat.comparison();
    comparison.setOpen(true);
    QCOMPARE(comparison.names().size(), 2);
    QCOMPARE(comparison.choice(), 1);
    QVERIFY2(comparison.names().at(1).startsWith(QStringLiteral("Version 1 of 2")),
             qPrintable(comparison.names().at(1)));
    QVERIFY(comparison.names().at(0).contains(QStringLiteral("Another question")));
    QTRY_VERIFY(comparison.stateText().isEmpty());
    QCOMPARE(comparison.rows().size(), 10);
    QCOMPARE(value(comparison, QStringLiteral("Mode"), "here"), QStringLiteral("Sparse"));
    QCOMPARE(value(comparison, QStringLiteral("Mode"), "there"), QStringLiteral("Dense"));
    QCOMPARE(value(comparison, QStringLiteral("Tokens"), "there"), QStringLiteral("16"));
    QCOMPARE(value(comparison, QStringLiteral("Tokens a second"), "here"), QStringLiteral("80.0"));
    QCOMPARE(value(comparison, QStringLiteral("Drafts accepted"), "here"), QStringLiteral("75.0%"));
    QCOMPARE(comparison.layers().size(), 16);
    const QVariantMap layer = comparison.layers().at(7).toMap();
    QVERIFY(layer.value(QStringLiteral("here")).toDouble() > 0);
    QVERIFY(layer.value(QStringLiteral("text")).toString().contains(QStringLiteral("Layer 8")));
    comparison.choose(0);
    QTRY_VERIFY(comparison.stateText().isEmpty());
    QCOMPARE(comparison.choice(), 0);
  }
  void figuresAreThoseOfTheTwoTraces() {
    InsightsFixture parts;
    parts.script.setPromptTokens(64);
    parts.ask();
    const fovea::app::TurnTrace before = parts.chat.insights()->trace();
    parts.script.setPromptTokens(512);
    parts.ask();
    AnswerComparison& comparison = *parts.chat.comparison();
    comparison.setOpen(true);
    QTRY_VERIFY(comparison.stateText().isEmpty());
    const auto saved = [](const fovea::app::TurnTrace& trace) {
      std::int64_t read = 0;
      std::int64_t dense = 0;
      for (const fovea::app::TraceStep& step : trace.steps) {
        read += step.telemetry.kv_entries_read;
        dense += step.telemetry.kv_entries_dense;
      }
      return QStringLiteral("%1%").arg(100.0 * (1.0 - double(read) / double(dense)), 0, 'f', 1);
    };
    QCOMPARE(value(comparison, QStringLiteral("KV reads saved"), "here"),
             saved(parts.chat.insights()->trace()));
    QCOMPARE(value(comparison, QStringLiteral("KV reads saved"), "there"), saved(before));
    QVERIFY(saved(before) != saved(parts.chat.insights()->trace()));
  }
  void damagedAndMissingAreSaid() {
    InsightsFixture parts;
    parts.ask();
    parts.store.saveTrace(parts.chat.messages()->lastId(), QByteArray("FVTRx"));
    parts.ask();
    AnswerComparison& comparison = *parts.chat.comparison();
    comparison.setOpen(true);
    QTRY_VERIFY(comparison.stateText().contains(QStringLiteral("damaged")));
    QVERIFY(comparison.rows().isEmpty());
    parts.script.setTurnError(fovea::Error{fovea::ErrorCode::kBackend, "Gone.", ""});
    parts.chat.send(QStringLiteral("Well?"));
    QTRY_VERIFY(!parts.chat.answeringHere());
    parts.chat.insights()->showAnother(-1);
    QTRY_COMPARE(parts.chat.insights()->answerNumber(), 2);
    comparison.choose(1);
    QTRY_VERIFY2(comparison.stateText().contains(QStringLiteral("Nothing was recorded")),
                 qPrintable(comparison.stateText()));
  }
  void closedItAsksForNothing() {
    InsightsFixture parts;
    parts.ask();
    parts.ask();
    QVERIFY(parts.chat.comparison()->names().isEmpty());
    parts.chat.comparison()->setOpen(true);
    QCOMPARE(parts.chat.comparison()->names().size(), 1);
    parts.chat.comparison()->setOpen(false);
    QCOMPARE(parts.chat.comparison()->choice(), -1);
  }
};

QTEST_MAIN(AnswerComparisonTest)
#include "answer_comparison_test.moc"
