// Which pass wrote each token of an answer, and in the place of which proposal, in every mode.
#include "app/token_origins.h"

#include <QtTest>

using namespace fovea;
using namespace fovea::app;

namespace {

TraceStep pass(PassKind kind, int proposed, int accepted, std::vector<TokenId> tokens, TokenId refused = -1) {
  TraceStep step;
  step.telemetry.kind = kind;
  step.telemetry.proposed = proposed;
  step.telemetry.accepted = accepted;
  if (refused >= 0)
    step.telemetry.refusal = Refusal{refused, tokens.empty() ? 99 : tokens.back(), 0.5F, 0.1F, 0.8F};
  step.telemetry.tokens = std::move(tokens);
  return step;
}

TraceStep confirm(int confirmed, std::vector<TokenId> tokens, TokenId refused = -1) {
  TraceStep step = pass(PassKind::kConfirm, 0, 0, std::move(tokens), refused);
  step.telemetry.confirmed = confirmed;
  return step;
}

TurnTrace trace(Mode mode, std::vector<TraceStep> steps) {
  TurnTrace made;
  made.options.mode = mode;
  made.steps = std::move(steps);
  return made;
}

}  // namespace

class TokenOriginsTest : public QObject {
  Q_OBJECT

 private slots:
  void denseTokensAreTheVerifiersOwn() {
    const AnswerOrigins origins = answerOrigins(
        trace(Mode::kDense, {pass(PassKind::kPlain, 0, 0, {5}), pass(PassKind::kPlain, 0, 0, {6})}));
    QCOMPARE(origins.tokens.size(), size_t{2});
    QCOMPARE(origins.tokens[1].step, size_t{1});
    QVERIFY(!origins.tokens[1].drafted);
    QVERIFY(!origins.tokens[1].refusal);
  }
  void acceptedTokensAreTheDraftsAndTheLastReplacesTheRefused() {
    const AnswerOrigins origins =
        answerOrigins(trace(Mode::kSparse, {pass(PassKind::kSparse, 4, 2, {5, 6, 7}, 40),
                                            pass(PassKind::kSparse, 1, 1, {8, 9})}));
    QCOMPARE(origins.tokens.size(), size_t{5});
    QVERIFY(origins.tokens[0].drafted && origins.tokens[1].drafted && !origins.tokens[2].drafted);
    QVERIFY(!origins.tokens[1].refusal);
    QCOMPARE(origins.tokens[2].refusal->refused, 40);
    QVERIFY(origins.tokens[3].drafted && !origins.tokens[4].drafted);
    QVERIFY(!origins.tokens[4].refusal);
    QCOMPARE(origins.tokens[4].step, size_t{1});
    QVERIFY(!origins.atEnd);
  }
  void anEndInThePlaceOfAProposalIsKept() {
    const AnswerOrigins origins =
        answerOrigins(trace(Mode::kSpeculative, {pass(PassKind::kSpeculative, 3, 1, {5}, 40)}));
    QCOMPARE(origins.tokens.size(), size_t{1});
    QVERIFY(!origins.tokens[0].refusal);
    QCOMPARE(origins.atEnd->refused, 40);
  }
  void anEndThatTheDraftProposedIsNoRefusal() {
    const AnswerOrigins origins =
        answerOrigins(trace(Mode::kSpeculative, {pass(PassKind::kSpeculative, 3, 3, {5, 6})}));
    QCOMPARE(origins.tokens.size(), size_t{2});
    QVERIFY(!origins.atEnd);
  }
  // Two sparse passes write 3 + 2 provisional tokens; the dense pass lets four stand and corrects the fifth.
  void confirmedTokensBelongToThePassThatWroteThem() {
    const AnswerOrigins origins = answerOrigins(
        trace(Mode::kExact, {pass(PassKind::kSparse, 4, 2, {}, 40), pass(PassKind::kSparse, 1, 1, {}),
                             confirm(4, {5, 6, 7, 8, 9}, 41), pass(PassKind::kSpeculative, 1, 1, {10, 11})}));
    QCOMPARE(origins.tokens.size(), size_t{7});
    QCOMPARE(origins.tokens[0].step, size_t{0});
    QVERIFY(origins.tokens[0].confirmed && origins.tokens[0].drafted);
    QVERIFY(origins.tokens[2].confirmed && !origins.tokens[2].drafted);
    QCOMPARE(origins.tokens[2].refusal->refused, 40);
    QCOMPARE(origins.tokens[3].step, size_t{1});
    QVERIFY(origins.tokens[3].drafted);
    QCOMPARE(origins.tokens[4].step, size_t{2});
    QVERIFY(!origins.tokens[4].confirmed);
    QCOMPARE(origins.tokens[4].refusal->refused, 41);
    QVERIFY(!origins.tokens[5].confirmed && origins.tokens[5].drafted);
    QCOMPARE(origins.tokens[6].step, size_t{3});
  }
  // A file may say anything.
  void numbersThatContradictDoNoHarm() {
    const AnswerOrigins origins =
        answerOrigins(trace(Mode::kExact, {confirm(9, {5, 6}), pass(PassKind::kSparse, 0, 3, {1})}));
    QCOMPARE(origins.tokens.size(), size_t{2});
    QVERIFY(answerOrigins({}).tokens.empty());
  }
};

QTEST_GUILESS_MAIN(TokenOriginsTest)
#include "token_origins_test.moc"
