// The embedded pair in mode sparse leaves a trace that agrees with its statistics, through the real worker.
#include <QSignalSpy>
#include <QtTest>

#include <cmath>

#include "app/generation_worker.h"
#include "app/replay_summary.h"
#include "app/token_origins.h"
#include "app/trace_blob.h"
#include "app/trace_figures.h"

using namespace fovea;
using namespace fovea::app;

namespace {

SessionOptions embeddedPair() {
  SessionOptions options;
  options.verifier_path = FOVEA_EMBEDDED_MODELS "/fovea-verifier-q4_0.gguf";
  options.draft_path = FOVEA_EMBEDDED_MODELS "/fovea-draft-q8_0.gguf";
  options.alignment.folders = {FOVEA_EMBEDDED_ALIGNMENTS};
  return options;
}

}  // namespace

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
    worker.load(embeddedPair());
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
    QCOMPARE(live.options.sampling.seed, trace->options.sampling.seed);
    QCOMPARE(live.reason, trace->reason);
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
  // From its trace alone an answer can be checked: modes that promise the dense answer keep it, sampled or
  // not, and what their draws did not compute, the probabilities of what was refused, is found out.
  void aStoredAnswerCanBeVerified() {
    GenerationWorker worker;
    worker.load(embeddedPair());
    QSignalSpy finished(&worker, &GenerationWorker::finished);
    QSignalSpy replayed(&worker, &GenerationWorker::replayed);
    for (const Mode mode : {Mode::kDense, Mode::kSpeculative, Mode::kExact, Mode::kSparse}) {
      GenerationRequest request;
      request.answerId = static_cast<RecordId>(mode) + 1;
      request.messages = {{Role::kUser, "Tell me a story about the sea, a ship, a storm and a lighthouse."}};
      request.options.mode = mode;
      request.options.max_tokens = 70;
      if (mode == Mode::kExact) {  // an answer that the model ends itself
        request.messages = {{Role::kUser, "Who are you?"}};
        request.options.max_tokens = 300;
      }
      finished.clear();
      replayed.clear();
      worker.generate(std::move(request));
      QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 120'000);
      const auto stored = decodeTrace(finished[0][0].value<GenerationOutcome>().trace);
      QVERIFY(stored.ok());
      const TurnTrace& trace = *stored;
      worker.replay(1, replayRequest(trace));
      QTRY_COMPARE_WITH_TIMEOUT(replayed.count(), 1, 120'000);
      const AnswerOrigins origins = answerOrigins(trace);
      QCOMPARE(origins.tokens.size(), answerTokens(trace).size());
      const Replay replay = replayed[0][1].value<ReplayOutcome>().replay;
      const ReplaySummary summary = summarise(trace, replay);
      const bool ended = trace.reason == FinishReason::kEndOfText;
      if (mode == Mode::kExact) QVERIFY(ended);
      QCOMPARE(summary.places, origins.tokens.size() + (ended ? 1 : 0));
      QVERIFY(summary.meanProbability > 0.02);
      if (trace.options.mode != Mode::kSparse) QVERIFY(!summary.first);
      for (std::size_t place = 0; place < origins.tokens.size(); ++place) {
        const auto& refusal = origins.tokens[place].refusal;
        QCOMPARE(std::isnan(replay.tokens[place].draft_probability), !refusal.has_value());
        // The draft alone, given the same text, is as sure of its proposal as it was then.
        if (trace.options.mode == Mode::kSparse && refusal)
          QVERIFY(std::abs(replay.tokens[place].draft_probability - refusal->draft_probability) < 1e-3F);
      }
    }
  }
};

QTEST_GUILESS_MAIN(TracePairTest)
#include "trace_pair_test.moc"
