// AnswerCheck: what it says of an answer that agrees, of one that does not, and of one that cannot be
// verified.
#include "ui/answer_check.h"

#include <QSignalSpy>
#include <QTest>

#include "tests/ui/support/insights_fixture.h"

using fovea::test::InsightsFixture;
using fovea::ui::AnswerCheck;
using State = AnswerCheck::State;

class AnswerCheckTest : public QObject {
  Q_OBJECT

 private slots:
  void withoutAnAnswerThereIsNothingToVerify() {
    InsightsFixture parts;
    QCOMPARE(parts.chat.check()->state(), State::Blocked);
    QVERIFY(!parts.chat.check()->obstacle().isEmpty());
    parts.chat.check()->verify();
    QCOMPARE(parts.chat.check()->state(), State::Blocked);
  }
  void anAnswerThatAgreesIsPraised() {
    InsightsFixture parts(QStringLiteral("exact"));
    parts.ask();
    AnswerCheck& check = *parts.chat.check();
    QCOMPARE(check.state(), State::Open);
    check.verify();
    QCOMPARE(check.state(), State::Running);
    QTRY_COMPARE(check.state(), State::Done);
    QVERIFY(!check.differs());
    // Sixteen tokens, and the end that the model gave it.
    QVERIFY2(check.headline().contains(QStringLiteral("same 17 tokens")), qPrintable(check.headline()));
    QVERIFY(check.difference().isEmpty());
    QVERIFY(check.meaning().contains(QStringLiteral("it held")));
    QVERIFY2(check.likelihood().contains(QStringLiteral("17 of 17")), qPrintable(check.likelihood()));
    QVERIFY(check.likelihood().contains(QStringLiteral("62.5%")));
  }
  // Asked for with a random seed, the answer is replayed with the one that it was drawn with.
  void theAnswersOwnSeedIsUsed() {
    InsightsFixture parts;
    parts.ask();
    QCOMPARE(parts.script.lastOptions().sampling.seed, std::uint64_t{0});
    parts.chat.check()->verify();
    QTRY_COMPARE(parts.chat.check()->state(), State::Done);
    QCOMPARE(parts.script.lastReplay().sampling.seed, std::uint64_t{4711});
    QCOMPARE(parts.script.lastReplay().answer.size(), size_t{16});
  }
  void aBrokenPromiseIsSaid() {
    InsightsFixture parts(QStringLiteral("speculative"));
    parts.script.setDifferences({{4, {77, 0.5F, 0.25F}}});
    parts.ask();
    AnswerCheck& check = *parts.chat.check();
    check.verify();
    QTRY_COMPARE(check.state(), State::Done);
    QVERIFY(check.differs());
    QVERIFY2(check.headline().contains(QStringLiteral("token 5 of 17")), qPrintable(check.headline()));
    for (const char* part : {"25.0%", "50.0%"}) QVERIFY(check.difference().contains(QLatin1String(part)));
    // The verifier's word is none of the answer's.
    const QString word = QString::fromStdString(fovea::test::scriptedToken(77)).trimmed();
    QVERIFY2(check.difference().contains(word), qPrintable(check.difference()));
    QVERIFY(check.meaning().contains(QStringLiteral("fault")));
  }
  void anEarlyEndIsNamed() {
    InsightsFixture parts(QStringLiteral("dense"));
    parts.script.setDifferences({{2, {100'000, 0.5F, 0.25F}}});
    parts.ask();
    parts.chat.check()->verify();
    QTRY_COMPARE(parts.chat.check()->state(), State::Done);
    QVERIFY2(parts.chat.check()->difference().contains(QStringLiteral("the end of the answer")),
             qPrintable(parts.chat.check()->difference()));
  }
  void aGreedySparseAnswerMayDiffer() {
    InsightsFixture parts(QStringLiteral("sparse"), 0);
    parts.script.setDifferences({{4, {77, 0.5F, 0.25F}}});
    parts.ask();
    parts.chat.check()->verify();
    QTRY_COMPARE(parts.chat.check()->state(), State::Done);
    QVERIFY(parts.chat.check()->differs());
    QVERIFY(parts.chat.check()->meaning().contains(QStringLiteral("no equality")));
  }
  // Other random numbers draw other tokens: only what dense reading rules out is worth a warning.
  void aSampledSparseAnswerIsJudgedByItsChances() {
    InsightsFixture parts(QStringLiteral("sparse"));
    parts.script.setDifferences({{4, {77, 0.5F, 0.25F}}});
    parts.ask();
    AnswerCheck& check = *parts.chat.check();
    check.verify();
    QTRY_COMPARE(check.state(), State::Done);
    QVERIFY(!check.differs());
    QVERIFY(check.meaning().contains(QStringLiteral("random numbers")));
    parts.script.setDifferences({{4, {77, 0.5F, 0.25F}}, {7, {77, 0.5F, 0.0F}}});
    check.verify();
    QTRY_VERIFY(check.state() == State::Done && check.differs());
    QVERIFY2(check.headline().contains(QStringLiteral("token 8 of 17")), qPrintable(check.headline()));
    QVERIFY(check.likelihood().contains(QStringLiteral("One token it never draws")));
    QVERIFY(check.differsAt(7) && !check.differsAt(4));
  }
  void itCanBeStoppedAndTriedAgain() {
    InsightsFixture parts;
    parts.script.holdReplay(true);
    parts.ask();
    AnswerCheck& check = *parts.chat.check();
    check.verify();
    QTRY_COMPARE(check.progress(), 0.5);
    check.cancel();
    QTRY_COMPARE(check.state(), State::Open);
    QVERIFY(check.error().isEmpty());
    parts.script.holdReplay(false);
    check.verify();
    QTRY_COMPARE(check.state(), State::Done);
  }
  void resultsStayWithTheirAnswers() {
    InsightsFixture parts;
    parts.ask();
    AnswerCheck& check = *parts.chat.check();
    check.verify();
    QTRY_COMPARE(check.state(), State::Done);
    parts.ask();
    QCOMPARE(check.state(), State::Open);
    parts.script.holdReplay(true);
    check.verify();
    QCOMPARE(check.state(), State::Running);
    parts.chat.insights()->showAnother(-1);  // nobody waits for the other one
    QTRY_COMPARE(check.state(), State::Done);
    parts.script.holdReplay(false);
    parts.chat.insights()->showAnother(1);
    QTRY_COMPARE(check.state(), State::Open);
  }
  void closingThePanelStopsIt() {
    InsightsFixture parts;
    parts.script.holdReplay(true);
    parts.ask();
    AnswerCheck& check = *parts.chat.check();
    check.verify();
    QTRY_COMPARE(check.progress(), 0.5);
    QSignalSpy failed(&parts.worker, &fovea::app::GenerationWorker::replayFailed);
    parts.chat.insights()->setOpen(false);
    QTRY_COMPARE(failed.count(), 1);
    parts.chat.insights()->setOpen(true);
    parts.waitForAnswer();
    QCOMPARE(check.state(), State::Open);
    QVERIFY(check.error().isEmpty());
  }
  void whileItIsWrittenAnAnswerWaits() {
    InsightsFixture parts;
    parts.script.allow(2);
    parts.chat.send(QStringLiteral("What is it?"));
    QTRY_COMPARE(parts.chat.insights()->trace().steps.size(), size_t{2});
    QCOMPARE(parts.chat.check()->state(), State::Blocked);
    QVERIFY(parts.chat.check()->obstacle().contains(QStringLiteral("being written")));
    parts.script.allow(-1);
    QTRY_COMPARE(parts.chat.check()->state(), State::Open);
  }
  void whatCannotBeReplayedIsSaid() {
    InsightsFixture parts;
    parts.ask();
    fovea::app::TurnTrace trace = parts.chat.insights()->trace();
    trace.weightsBytes += 1;
    parts.replaceTrace(trace);
    AnswerCheck& check = *parts.chat.check();
    QCOMPARE(check.state(), State::Blocked);
    QVERIFY2(check.obstacle().contains(QStringLiteral("other weights")), qPrintable(check.obstacle()));
    trace.remapped = true;
    parts.chat.insights()->showAnother(1);
    QTRY_COMPARE(parts.chat.insights()->answerNumber(), 2);
    parts.replaceTrace(trace);
    QVERIFY2(check.obstacle().contains(QStringLiteral("dropped")), qPrintable(check.obstacle()));
  }
  void anotherModelsAnswerNamesItsModel() {
    InsightsFixture parts;
    parts.ask();
    fovea::app::Message message = parts.chat.messages()->messages().last();
    message.modelName = QStringLiteral("Greater 7B");
    parts.chat.messages()->update(message);
    QVERIFY2(parts.chat.check()->obstacle().contains(QStringLiteral("Greater 7B")),
             qPrintable(parts.chat.check()->obstacle()));
  }
};

QTEST_MAIN(AnswerCheckTest)
#include "answer_check_test.moc"
