// TraceRecorder: the parts that it hands out add up to the whole, and each step knows where it read.
#include "app/trace_recorder.h"

#include <QtTest>

#include "trace_fixtures.h"

using namespace fovea;
using namespace fovea::app;

namespace {

constexpr std::size_t kBucket = ReadMap::kBucketPositions;

StepTelemetry stepOf(std::vector<TokenId> tokens) {
  StepTelemetry step;
  step.kind = PassKind::kSparse;
  step.emitted = static_cast<int>(tokens.size());
  step.tokens = std::move(tokens);
  return step;
}

}  // namespace

class TraceRecorderTest : public QObject {
  Q_OBJECT

 private slots:
  void partsAddUpToTheWhole() {
    TraceRecorder recorder({}, info(), text);
    recorder.prompt(std::vector<TokenId>{5, 6, 5});
    TurnTrace parts;
    ReadMap reads;
    for (int i = 0; i < 20; ++i) {
      StepTelemetry step = stepOf({i, i + 1});
      if (i % 3 == 0) step.refusal = Refusal{900 + i, i};
      recorder.step(step);
      reads.add_range(0, 0, kBucket + 1);
      reads.add_range(1, 0, 3);
      recorder.reads(reads);
      if (i % 2 == 0) parts.append(recorder.takeNews(TraceRecorder::Map::kWhenDue));
    }
    parts.append(recorder.takeNews(TraceRecorder::Map::kAlways));
    QVERIFY(recorder.takeNews(TraceRecorder::Map::kWhenDue).empty());
    TurnResult result;
    result.statistics.read_map = reads;
    result.seed = 99;
    const TurnTrace whole = recorder.finish(result);
    QCOMPARE(whole.options.sampling.seed, 99U);
    parts.options = whole.options;
    QVERIFY(sameTrace(parts, whole));
    QCOMPARE(whole.kvEntryBytes, 2052);
    QCOMPARE(answerTokens(whole).size(), size_t{40});
    QCOMPARE(tokenText(whole, 918), std::string("t918"));
    QCOMPARE(tokenText(whole, 12345), std::string("?"));
  }

  void eachStepKnowsWhereItRead() {
    TraceRecorder recorder({}, info(), text);
    ReadMap reads;
    recorder.step(stepOf({1}));
    reads.add_range(0, 0, 3);
    recorder.reads(reads);
    recorder.step(stepOf({2}));
    reads.add_range(0, 0, kBucket + 2);
    reads.add_range(1, kBucket, kBucket + 2);
    recorder.reads(reads);
    const TurnTrace trace = recorder.takeNews(TraceRecorder::Map::kAlways);
    QCOMPARE(trace.steps[0].reads, (std::vector<std::uint32_t>{3}));
    QCOMPARE(trace.steps[1].reads, (std::vector<std::uint32_t>{kBucket, 4}));
    QVERIFY(trace.reads == reads);
  }

  void theMapComesTenTimesASecond() {
    TraceRecorder recorder({}, info(), text);
    ReadMap reads;
    reads.add_range(0, 0, 3);
    int maps = 0;
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 250) {
      recorder.step(stepOf({1}));
      recorder.reads(reads);
      maps += recorder.takeNews(TraceRecorder::Map::kWhenDue).reads.layers() > 0 ? 1 : 0;
    }
    QVERIFY2(maps >= 2 && maps <= 4, qPrintable(QString::number(maps)));
  }

  void aSecondPromptIsNoticed() {
    TraceRecorder recorder({}, info(), text);
    recorder.prompt(std::vector<TokenId>{1, 2, 3});
    QVERIFY(!recorder.takeNews(TraceRecorder::Map::kWhenDue).remapped);
    recorder.prompt(std::vector<TokenId>{1, 3});
    const TurnTrace news = recorder.takeNews(TraceRecorder::Map::kWhenDue);
    QVERIFY(news.remapped);
    QCOMPARE(news.prompt, (std::vector<TokenId>{1, 3}));
  }

  // Asked for with seed 0, an answer is drawn with another one, which is known at its end.
  void theLastNewsKnowSeedAndReason() {
    TraceRecorder recorder({}, info(), text);
    recorder.step(stepOf({1}));
    QCOMPARE(recorder.takeNews(TraceRecorder::Map::kAlways).options.sampling.seed, std::uint64_t{0});
    TurnResult result;
    result.seed = 77;
    result.reason = FinishReason::kMaxTokens;
    const TurnTrace last = recorder.takeLastNews(result);
    QCOMPARE(last.options.sampling.seed, std::uint64_t{77});
    QCOMPARE(last.reason, FinishReason::kMaxTokens);
    QVERIFY(last.steps.empty());
  }

 private:
  static SessionInfo info() {
    SessionInfo made;
    made.kv_entry_bytes = 2052;
    return made;
  }
  static std::string text(TokenId token) { return "t" + std::to_string(token); }
};

QTEST_GUILESS_MAIN(TraceRecorderTest)
#include "trace_recorder_test.moc"
