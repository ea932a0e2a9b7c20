// The embedded pair in mode sparse leaves a trace that agrees with its statistics, through the real worker.
#include <QSignalSpy>
#include <QtTest>

#include "app/generation_worker.h"
#include "app/trace_blob.h"
#include "app/trace_figures.h"

using namespace fovea;
using namespace fovea::app;

class TracePairTest : public QObject {
  Q_OBJECT

 private slots:
  void anAnswerIsTraced() {
    GenerationWorker worker;
    QList<GenerationOutcome> outcomes;
    TurnTrace live;
    connect(&worker, &GenerationWorker::finished, this,
            [&](const GenerationOutcome& outcome) { outcomes.append(outcome); });
    connect(&worker, &GenerationWorker::traceAppended, this,
            [&](RecordId, const TurnTrace& part) { live.append(part); });
    SessionOptions options;
    options.verifier_path = FOVEA_EMBEDDED_MODELS "/fovea-verifier-q4_0.gguf";
    options.draft_path = FOVEA_EMBEDDED_MODELS "/fovea-draft-q8_0.gguf";
    options.alignment.folders = {FOVEA_EMBEDDED_ALIGNMENTS};
    worker.load(options);
    GenerationRequest request;
    request.answerId = 1;
    request.messages = {
        {Role::kUser, std::string("Tell me a story about the sea. ") +
                          "It should have a ship, a storm and a lighthouse in it, and a keeper "
                          "who had not spoken to anyone for eleven days when it began."}};
    request.options.mode = Mode::kSparse;
    request.options.max_tokens = 60;
    worker.generate(std::move(request));
    QTRY_COMPARE_WITH_TIMEOUT(outcomes.size(), 1, 120'000);
    const GenerationOutcome& outcome = outcomes.first();
    QVERIFY2(!outcome.failed, qPrintable(outcome.error));

    const auto trace = decodeTrace(outcome.trace);
    QVERIFY(trace.ok());
    const TurnStatistics sums = statisticsOf(*trace);
    QCOMPARE(sums.generated_tokens, outcome.statistics.generated_tokens);
    QCOMPARE(sums.prompt_tokens, outcome.statistics.prompt_tokens);
    QCOMPARE(sums.kv_entries_read, outcome.statistics.kv_entries_read);
    QCOMPARE(sums.kv_entries_dense, outcome.statistics.kv_entries_dense);
    QVERIFY(sums.read_map == outcome.statistics.read_map);
    QVERIFY(sums.read_map.layers() > 0);
    QVERIFY(trace->options.sampling.seed != 0);
    QVERIFY(trace->kvEntryBytes > 0 && trace->weightsBytes > 0);
    QCOMPARE(live.steps.size(), trace->steps.size());
    QVERIFY(live.reads == trace->reads);
    std::string text;
    for (const TokenId token : answerTokens(*trace)) text += tokenText(*trace, token);
    QCOMPARE(QString::fromStdString(text).trimmed(), outcome.text.trimmed());
    for (const TraceStep& step : trace->steps) {
      std::int64_t read = 0;
      for (const std::uint32_t each : step.reads) read += each;
      if (step.telemetry.kind == PassKind::kSparse) QCOMPARE(read, step.telemetry.kv_entries_read);
      QCOMPARE(step.telemetry.refusal.has_value(), step.telemetry.accepted < step.telemetry.proposed);
      if (!step.telemetry.refusal) continue;
      QVERIFY(step.telemetry.refusal->draft_probability > 0);
      QVERIFY(step.telemetry.refusal->chosen_probability > 0);
    }
    qInfo("%zu steps, %lld bytes", trace->steps.size(), static_cast<long long>(outcome.trace.size()));
  }
};

QTEST_GUILESS_MAIN(TracePairTest)
#include "trace_pair_test.moc"
