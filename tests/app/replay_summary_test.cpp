// What a replay is asked with, and what follows from its answer.
#include "app/replay_summary.h"

#include <QtTest>
#include <cmath>

using namespace fovea;
using namespace fovea::app;

namespace {

TurnTrace answered(FinishReason reason) {
  TurnTrace trace;
  trace.prompt = {1, 2};
  trace.reason = reason;
  trace.options.mode = Mode::kSparse;
  trace.options.sampling.seed = 11;
  TraceStep step;
  step.telemetry.proposed = 2;
  step.telemetry.accepted = 1;
  step.telemetry.tokens = {5, 6};
  step.telemetry.refusal = Refusal{40, 6};
  TraceStep last;
  last.telemetry.proposed = 1;
  last.telemetry.tokens = {};
  last.telemetry.refusal = Refusal{41, 3};
  trace.steps = {step, last};
  return trace;
}

}  // namespace

class ReplaySummaryTest : public QObject {
  Q_OBJECT

 private slots:
  void asksForTheAnswerAndWhatWasRefused() {
    const ReplayRequest request = replayRequest(answered(FinishReason::kEndOfText));
    QCOMPARE(request.prompt, (std::vector<TokenId>{1, 2}));
    QCOMPARE(request.answer, (std::vector<TokenId>{5, 6}));
    QCOMPARE(request.refused, (std::vector<TokenId>{-1, 40, 41}));
    QCOMPARE(request.sampling.seed, std::uint64_t{11});
  }
  void findsTheFirstDifference() {
    const TurnTrace trace = answered(FinishReason::kMaxTokens);
    Replay replay;
    replay.end = 3;
    replay.tokens = {{5, 0.5F, 0.5F}, {7, 0.75F, 0.125F}, {9, 1, 0}};
    const ReplaySummary summary = summarise(trace, replay);
    QCOMPARE(summary.places, size_t{2});  // nobody drew its end
    QCOMPARE(summary.agreeing, size_t{1});
    QCOMPARE(*summary.first, size_t{1});
    QCOMPARE(summary.impossible, size_t{0});
    QCOMPARE(summary.meanProbability, 0.25);
  }
  void theEndCountsWhereTheModelEndedIt() {
    const TurnTrace trace = answered(FinishReason::kEndOfText);
    Replay replay;
    replay.end = 3;
    replay.tokens = {{5, 1, 1}, {6, 1, 1}, {3, 1, 1}};
    QVERIFY(!summarise(trace, replay).first);
    QCOMPARE(summarise(trace, replay).agreeing, size_t{3});
    replay.tokens[2] = {9, 1, 0};
    const ReplaySummary summary = summarise(trace, replay);
    QCOMPARE(*summary.first, size_t{2});
    QCOMPARE(*summary.firstImpossible, size_t{2});
    QCOMPARE(summary.meanProbability, 1.0);
    replay.tokens.pop_back();  // the context was full
    QVERIFY(!summarise(trace, replay).first);
    QCOMPARE(summarise(trace, {}).places, size_t{0});
  }
  void onlySparseAnswersMayDiffer() {
    GenerationOptions options;
    for (const Mode mode : {Mode::kDense, Mode::kSpeculative, Mode::kExact}) {
      options.mode = mode;
      QCOMPARE(replayMeaning(options), ReplayMeaning::kPromised);
    }
    options.mode = Mode::kSparse;
    QCOMPARE(replayMeaning(options), ReplayMeaning::kOtherNumbers);
    options.sampling.temperature = 0;
    QCOMPARE(replayMeaning(options), ReplayMeaning::kApproximate);
  }
};

QTEST_GUILESS_MAIN(ReplaySummaryTest)
#include "replay_summary_test.moc"
