// Shares of what dense reading would have read: of an answer, of a layer, of a pass.
#include "app/trace_reads.h"

#include <QtTest>
#include <cmath>

using namespace fovea;
using namespace fovea::app;

namespace {

/// Two layers over twelve positions: two buckets of eight, the second half full. Two passes, over 10 and 12
/// positions.
TurnTrace sample() {
  TurnTrace trace;
  ReadMap& reads = trace.reads;
  reads.add_pass(10);
  reads.add_range(0, 0, 10);
  reads.add(1, std::vector<std::int32_t>{0, 1, 9});
  TraceStep first;
  first.telemetry.context_tokens = 10;
  first.reads = {10, 3};
  reads.add_pass(12);
  reads.add(0, std::vector<std::int32_t>{0, 11});
  reads.add(1, std::vector<std::int32_t>{0});
  TraceStep second;
  second.telemetry.context_tokens = 12;
  second.reads = {2, 1};
  trace.steps = {first, second, {}};
  return trace;
}

}  // namespace

class TraceReadsTest : public QObject {
  Q_OBJECT

 private slots:
  void anAnswersSharesAreReadsOverDenseReads() {
    const TurnTrace trace = sample();
    const std::vector<float> all = answerShares(trace, std::nullopt);
    QCOMPARE(all.size(), size_t{2});
    QCOMPARE(all[0], 12.0F / 32);
    QCOMPARE(all[1], 4.0F / 12);
    const std::vector<float> layer = answerShares(trace, 1);
    QCOMPARE(layer[0], 3.0F / 16);
    QCOMPARE(layer[1], 1.0F / 6);
    QVERIFY(std::isnan(answerShares(trace, 7)[0]));
    QVERIFY(answerShares({}, std::nullopt).empty());
  }
  void aPassesSharesCountItsOwnContext() {
    const TurnTrace trace = sample();
    const std::vector<float> first = stepShares(trace, 0);
    QCOMPARE(first.size(), size_t{2});
    QCOMPARE(first[0], 10.0F / 16);
    QCOMPARE(first[1], 3.0F / 4);
    QCOMPARE(stepShares(trace, 1)[1], 1.0F / 8);
    QVERIFY(stepShares(trace, 2).empty());  // not recorded
    QVERIFY(stepShares(trace, 3).empty());
    QVERIFY(stepShares({}, 0).empty());
  }
  void densitiesAreALayersShares() {
    const std::vector<float> densities = layerDensities(sample());
    QCOMPARE(densities.size(), size_t{2});
    QCOMPARE(densities[0], 12.0F / 22);
    QCOMPARE(densities[1], 4.0F / 22);
    QVERIFY(layerDensities({}).empty());
  }
};

QTEST_GUILESS_MAIN(TraceReadsTest)
#include "trace_reads_test.moc"
