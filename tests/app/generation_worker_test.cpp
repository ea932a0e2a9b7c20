// GenerationWorker with a scripted engine: order, coalescing, exactly one end per request, stopping in every
// state, and engines that fail or throw.
#include "app/generation_worker.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QtTest>
#include <atomic>
#include <new>
#include <stdexcept>

#include "app/trace_blob.h"
#include "scripted_engine.h"
#include "trace_fixtures.h"

using namespace fovea;
using namespace fovea::app;
using namespace std::chrono_literals;

namespace {

GenerationRequest request(RecordId answerId) {
  GenerationRequest made;
  made.answerId = answerId;
  made.messages = {{Role::kUser, "Hello"}};
  return made;
}

/// Everything a worker says, in order.
struct Log {
  explicit Log(GenerationWorker& worker) {
    QObject::connect(&worker, &GenerationWorker::prefillProgress, &worker,
                     [this](RecordId id, int done, int total) {
                       say(QStringLiteral("prefill %1 %2/%3").arg(id).arg(done).arg(total));
                     });
    QObject::connect(&worker, &GenerationWorker::contextDropped, &worker, [this](RecordId id, int count) {
      say(QStringLiteral("dropped %1 %2").arg(id).arg(count));
    });
    QObject::connect(&worker, &GenerationWorker::textAppended, &worker,
                     [this](RecordId id, const QString& piece, const LiveStatistics& statistics) {
                       text[id] += piece;
                       live = statistics;
                       ++updates;
                       say(QStringLiteral("text %1").arg(id));
                     });
    QObject::connect(&worker, &GenerationWorker::finished, &worker, [this](const GenerationOutcome& outcome) {
      outcomes.append(outcome);
      say(QStringLiteral("finished %1").arg(outcome.answerId));
    });
    QObject::connect(&worker, &GenerationWorker::traceAppended, &worker,
                     [this](RecordId id, const TurnTrace& part) { traces[id].append(part); });
  }
  void say(const QString& line) {
    if (lines.isEmpty() || lines.last() != line) lines.append(line);
  }

  QStringList lines;  // repetitions folded
  QHash<RecordId, QString> text;
  LiveStatistics live;
  int updates = 0;
  QList<GenerationOutcome> outcomes;
  QHash<RecordId, TurnTrace> traces;
};

}  // namespace

class GenerationWorkerTest : public QObject {
  Q_OBJECT

 private slots:
  void theTraceArrivesInPartsAndWhole() {
    GenerationWorker worker(scriptedFactory(wordScript(200, 1ms)));
    Log log(worker);
    worker.load({});
    worker.generate(request(7));
    QTRY_COMPARE(log.outcomes.size(), 1);
    auto whole = decodeTrace(log.outcomes[0].trace);
    QVERIFY(whole.ok());
    QCOMPARE(whole->steps.size(), size_t{200});
    QCOMPARE(whole->prompt.size(), size_t{5});
    QCOMPARE(tokenText(*whole, 199), std::string("t199"));
    QCOMPARE(whole->reads.reads(0).size(), (205 + ReadMap::kBucketPositions - 1) / ReadMap::kBucketPositions);
    QVERIFY(sameTrace(log.traces[7], *whole));
  }
  void aFailedTurnLeavesNoTrace() {
    GenerationWorker worker(scriptedFactory([](Scene& scene) -> Result<TurnResult> {
      scene.say("half");
      return Error{ErrorCode::kBackend, "The device is gone.", ""};
    }));
    Log log(worker);
    worker.load({});
    worker.generate(request(7));
    QTRY_COMPARE(log.outcomes.size(), 1);
    QVERIFY(log.outcomes[0].trace.isEmpty());
  }
  void loads() {
    GenerationWorker worker([](const SessionOptions& options,
                               const std::function<void(double, std::string_view)>& progress,
                               const std::stop_token&) -> Result<std::unique_ptr<TurnEngine>> {
      if (options.verifier_path == "bad")
        return Error{ErrorCode::kDamaged, "bad is damaged.", "Get another."};
      if (options.verifier_path == "throws") throw std::bad_alloc();
      for (int i = 0; i <= 1000; ++i) progress(i / 1000.0, "weights");
      return std::unique_ptr<TurnEngine>(std::make_unique<ScriptedEngine>(wordScript(3, 0us)));
    });
    QSignalSpy progress(&worker, &GenerationWorker::loadProgress);
    QSignalSpy loaded(&worker, &GenerationWorker::loaded);
    QSignalSpy failed(&worker, &GenerationWorker::loadFailed);
    SessionOptions options;
    options.verifier_path = "bad";
    worker.load(options);
    QTRY_COMPARE(failed.count(), 1);
    QCOMPARE(failed[0][0].toString(), QStringLiteral("bad is damaged."));
    QCOMPARE(failed[0][1].toString(), QStringLiteral("Get another."));
    options.verifier_path = "throws";
    worker.load(options);
    QTRY_COMPARE(failed.count(), 2);
    QVERIFY(failed[1][0].toString().contains(QStringLiteral("memory")));
    options.verifier_path = "good";
    worker.load(options);
    QTRY_COMPARE(loaded.count(), 1);
    QCOMPARE(loaded[0][0].value<SessionInfo>().verifier_name, std::string("scripted"));
    QVERIFY(progress.count() >= 1);
    QVERIFY(progress.count() < 200);  // a thousand steps in no time are not a thousand updates
  }

  void aLaterLoadOvertakes() {
    std::atomic<int> started{0};
    GenerationWorker worker([&started](const SessionOptions& options,
                                       const std::function<void(double, std::string_view)>&,
                                       const std::stop_token& stop) -> Result<std::unique_ptr<TurnEngine>> {
      ++started;
      while (options.verifier_path == "slow" && !stop.stop_requested()) std::this_thread::sleep_for(1ms);
      if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "Cancelled.", ""};
      return std::unique_ptr<TurnEngine>(std::make_unique<ScriptedEngine>(wordScript(3, 0us)));
    });
    QSignalSpy loaded(&worker, &GenerationWorker::loaded);
    QSignalSpy failed(&worker, &GenerationWorker::loadFailed);
    SessionOptions slow;
    slow.verifier_path = "slow";
    worker.load(slow);
    QTRY_COMPARE(started.load(), 1);
    worker.load(slow);
    worker.load({});
    QTRY_COMPARE(loaded.count(), 1);
    QTest::qWait(20);
    QCOMPARE(loaded.count(), 1);
    QCOMPARE(failed.count(), 0);
  }

  void aFailedLoadBringsThePreviousPairBack() {
    GenerationWorker worker([](const SessionOptions& options,
                               const std::function<void(double, std::string_view)>&,
                               const std::stop_token& stop) -> Result<std::unique_ptr<TurnEngine>> {
      while (options.verifier_path == "slow" && !stop.stop_requested()) std::this_thread::sleep_for(1ms);
      if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "Cancelled.", ""};
      if (options.verifier_path == "bad") return Error{ErrorCode::kDamaged, "bad is damaged.", ""};
      return std::unique_ptr<TurnEngine>(std::make_unique<ScriptedEngine>(wordScript(3, 0us)));
    });
    const Log log(worker);
    QSignalSpy loaded(&worker, &GenerationWorker::loaded);
    QSignalSpy failed(&worker, &GenerationWorker::loadFailed);
    SessionOptions options;
    options.verifier_path = "good";
    worker.load(options);
    QTRY_COMPARE(loaded.count(), 1);
    options.verifier_path = "bad";
    worker.load(options);
    QTRY_COMPARE(loaded.count(), 2);
    QCOMPARE(failed.count(), 1);
    QCOMPARE(failed[0][0].toString(), QStringLiteral("bad is damaged."));
    worker.generate(request(1));
    QTRY_COMPARE(log.outcomes.size(), 1);
    QVERIFY(!log.outcomes.first().failed);
    // Stopping a load is one way for it to fail.
    options.verifier_path = "slow";
    worker.load(options);
    QTest::qWait(20);
    worker.cancelLoad();
    QTRY_COMPARE(loaded.count(), 3);
    QCOMPARE(failed.count(), 2);
    worker.generate(request(2));
    QTRY_COMPARE(log.outcomes.size(), 2);
    QVERIFY(!log.outcomes.last().failed);
  }

  void aligns() {
    GenerationWorker worker(scriptedFactory(wordScript(3, 0us)));
    QSignalSpy progress(&worker, &GenerationWorker::alignProgress);
    QSignalSpy aligned(&worker, &GenerationWorker::aligned);
    QSignalSpy failed(&worker, &GenerationWorker::alignFailed);
    worker.align();
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(!failed[0][0].toString().isEmpty());
    worker.load({});
    worker.align();
    QTRY_COMPARE(aligned.count(), 1);
    QCOMPARE(aligned[0][0].value<Alignment>().verifier_name, std::string("scripted"));
    QCOMPARE(progress.count(), 1);
    worker.align();
    worker.cancelAlign();
    QTRY_COMPARE(aligned.count() + failed.count(), 3);
    if (failed.count() == 2) QVERIFY(failed[1][0].toString().isEmpty());  // nobody complains about stopping
  }

  void replays() {
    GenerationWorker worker(scriptedFactory(wordScript(3, 0us)));
    QSignalSpy progress(&worker, &GenerationWorker::replayProgress);
    QSignalSpy replayed(&worker, &GenerationWorker::replayed);
    QSignalSpy failed(&worker, &GenerationWorker::replayFailed);
    const ReplayRequest request{{1}, {5, 6, 7}, {}, {}};
    worker.replay(4, request);
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(!failed[0][1].toString().isEmpty());
    worker.load({});
    worker.replay(4, request);
    QTRY_COMPARE(replayed.count(), 1);
    QCOMPARE(replayed[0][0].value<RecordId>(), RecordId{4});
    const auto outcome = replayed[0][1].value<ReplayOutcome>();
    QCOMPARE(outcome.replay.tokens.size(), size_t{3});
    QCOMPARE(outcome.texts.at(777), std::string("t777"));
    QCOMPARE(progress.count(), 1);
    worker.replay(4, request);
    worker.cancelReplay();
    QTRY_COMPARE(replayed.count() + failed.count(), 3);
    if (failed.count() == 2) QVERIFY(failed[1][1].toString().isEmpty());  // nobody complains about stopping
  }

  void saysEverythingInOrder() {
    GenerationWorker worker(scriptedFactory([](Scene& scene) -> Result<TurnResult> {
      scene.observer.on_context_dropped(2);
      scene.observer.on_prefill(2, 5);
      scene.observer.on_prefill(5, 5);
      std::this_thread::sleep_for(50ms);
      for (const char* piece : {"Gr", "ü", "ße ", "😀", ""}) scene.say(piece);
      scene.result.dropped_messages = 2;
      return scene.result;
    }));
    Log log(worker);
    worker.load({});
    worker.generate(request(1));
    worker.generate(request(2));
    QTRY_COMPARE(log.outcomes.size(), 2);
    for (const RecordId id : {1, 2}) {
      const GenerationOutcome& outcome = log.outcomes[id - 1];
      QCOMPARE(outcome.answerId, id);
      QVERIFY(!outcome.failed);
      QCOMPARE(outcome.text, QStringLiteral("Grüße 😀"));
      QCOMPARE(log.text[id], outcome.text);
      QCOMPARE(outcome.reason, FinishReason::kEndOfText);
      QCOMPARE(outcome.droppedMessages, 2);
      QCOMPARE(outcome.statistics.generated_tokens, 5);
    }
    QStringList order = log.lines;
    order.removeAll(QStringLiteral("prefill 1 2/5"));  // may have been overtaken by the next
    order.removeAll(QStringLiteral("prefill 2 2/5"));
    const auto at = [&order](const char* line) { return order.indexOf(QLatin1String(line)); };
    for (const char* line :
         {"prefill 1 5/5", "dropped 1 2", "text 1", "finished 1", "prefill 2 5/5", "dropped 2 2"}) {
      QVERIFY2(at(line) >= 0, line);
    }
    QVERIFY(at("prefill 1 5/5") < at("text 1"));
    QVERIFY(at("dropped 1 2") < at("text 1"));
    QVERIFY(at("text 1") < at("finished 1"));
    QVERIFY(at("finished 1") < at("dropped 2 2"));
    QVERIFY(at("text 2") < at("finished 2"));
    QCOMPARE(order.last(), QStringLiteral("finished 2"));
  }

  void coalescesToFrames() {
    constexpr int kWords = 200'000;
    GenerationWorker worker(scriptedFactory(wordScript(kWords, 0us)));
    Log log(worker);
    worker.load({});
    QElapsedTimer timer;
    timer.start();
    worker.generate(request(1));
    QTRY_COMPARE_WITH_TIMEOUT(log.outcomes.size(), 1, 60'000);
    const qint64 frames = timer.elapsed() / GenerationWorker::kFrameMs;
    QVERIFY2(log.updates <= frames + 2,
             qPrintable(QStringLiteral("%1 updates in %2 frames").arg(log.updates).arg(frames)));
    QVERIFY(log.text[1] == log.outcomes[0].text);
    QCOMPARE(log.text[1].count(u'w'), kWords);
    QCOMPARE(log.live.generatedTokens, kWords);
    QCOMPARE(log.live.acceptanceRate, 0.5);
    QVERIFY(log.live.drafted);
    QVERIFY(log.live.tokensPerSecond > 0);
  }

  void aSlowEngineIsShownAtOnce() {
    GenerationWorker worker(scriptedFactory(wordScript(5, 60ms)));
    Log log(worker);
    worker.load({});
    worker.generate(request(1));
    QTRY_COMPARE(log.outcomes.size(), 1);
    QVERIFY2(log.updates >= 4, qPrintable(QString::number(log.updates)));
  }

  void stops() {
    GenerationWorker worker(scriptedFactory(wordScript(1'000'000, 1ms)));
    Log log(worker);
    worker.load({});
    worker.generate(request(1));
    QTRY_VERIFY(log.updates > 2);
    worker.stop();
    QTRY_COMPARE(log.outcomes.size(), 1);
    QCOMPARE(log.outcomes[0].reason, FinishReason::kCancelled);
    QVERIFY(!log.outcomes[0].failed);
    QCOMPARE(log.outcomes[0].text, log.text[1]);
    // The next request is not stopped by the last stop.
    worker.generate(request(2));
    QTRY_VERIFY(log.text[2].size() > 10);
  }

  void stopsWhatIsQueued() {
    std::atomic<int> turns{0};
    GenerationWorker worker(scriptedFactory([&turns](Scene& scene) {
      ++turns;
      return wordScript(1'000'000, 1ms)(scene);
    }));
    Log log(worker);
    worker.load({});
    for (RecordId id = 1; id <= 4; ++id) worker.generate(request(id));
    QTRY_VERIFY(log.updates > 0);
    worker.stop();
    QTRY_COMPARE(log.outcomes.size(), 4);
    QTest::qWait(30);
    QCOMPARE(log.outcomes.size(), 4);
    for (RecordId id = 1; id <= 4; ++id) {
      QCOMPARE(log.outcomes[id - 1].answerId, id);
      QCOMPARE(log.outcomes[id - 1].reason, FinishReason::kCancelled);
      QVERIFY(!log.outcomes[id - 1].failed);
    }
    QCOMPARE(turns.load(), 1);
  }

  void cancelledByTheEngineIsNoFailure() {
    GenerationWorker worker(scriptedFactory([](Scene&) -> Result<TurnResult> {
      return Error{ErrorCode::kCancelled, "Stopped in prefill.", ""};
    }));
    Log log(worker);
    worker.load({});
    worker.generate(request(1));
    QTRY_COMPARE(log.outcomes.size(), 1);
    QVERIFY(!log.outcomes[0].failed);
    QCOMPARE(log.outcomes[0].reason, FinishReason::kCancelled);
  }

  void withoutAModel() {
    GenerationWorker worker(scriptedFactory(wordScript(1, 0us)));
    Log log(worker);
    worker.generate(request(1));
    QTRY_COMPARE(log.outcomes.size(), 1);
    QVERIFY(log.outcomes[0].failed);
    QVERIFY(!log.outcomes[0].error.isEmpty());
    QVERIFY(!log.outcomes[0].remedy.isEmpty());
  }

  void anErrorKeepsTheText() {
    GenerationWorker worker(scriptedFactory([](Scene& scene) -> Result<TurnResult> {
      scene.say("half an ");
      return Error{ErrorCode::kBackend, "The device is gone.", "Plug it in."};
    }));
    Log log(worker);
    worker.load({});
    worker.generate(request(1));
    QTRY_COMPARE(log.outcomes.size(), 1);
    QVERIFY(log.outcomes[0].failed);
    QCOMPARE(log.outcomes[0].error, QStringLiteral("The device is gone."));
    QCOMPARE(log.outcomes[0].remedy, QStringLiteral("Plug it in."));
    QCOMPARE(log.outcomes[0].text, QStringLiteral("half an "));
    QCOMPARE(log.text[1], log.outcomes[0].text);
  }

  void aThrowingEngineIsReplaced() {
    std::atomic<int> engines{0};
    std::atomic<int> turns{0};
    const Script script = [&turns](Scene& scene) -> Result<TurnResult> {
      scene.say("text ");
      if (turns == 0) throw(++turns, std::bad_alloc());
      if (turns == 1) throw(++turns, std::runtime_error("broken"));
      if (turns == 2) throw ++turns;
      return scene.result;
    };
    GenerationWorker worker(
        [&engines, script](const SessionOptions&, const std::function<void(double, std::string_view)>&,
                           const std::stop_token&) -> Result<std::unique_ptr<TurnEngine>> {
          ++engines;
          return std::unique_ptr<TurnEngine>(std::make_unique<ScriptedEngine>(script));
        });
    Log log(worker);
    worker.load({});
    for (RecordId id = 1; id <= 4; ++id) worker.generate(request(id));
    QTRY_COMPARE(log.outcomes.size(), 4);
    QVERIFY(log.outcomes[0].failed);
    QVERIFY(log.outcomes[0].error.contains(QStringLiteral("memory")));
    QVERIFY(log.outcomes[1].failed);
    QVERIFY(log.outcomes[1].error.contains(QStringLiteral("broken")));
    QVERIFY(log.outcomes[2].failed);
    QVERIFY(!log.outcomes[3].failed);
    for (const GenerationOutcome& outcome : log.outcomes) QCOMPARE(outcome.text, QStringLiteral("text "));
    QCOMPARE(engines.load(), 4);
  }

  void suggestsAndGivesWay() {
    std::atomic<int> begun{0};
    GenerationWorker worker(scriptedFactory([&begun](Scene& scene) -> Result<TurnResult> {
      if (scene.observer.on_text) return wordScript(3, 0us)(scene);
      ++begun;
      const auto deadline = std::chrono::steady_clock::now() + 10s;
      while (scene.messages.back().content == "slow" && !scene.stop.stop_requested() &&
             std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(1ms);
      if (scene.stop.stop_requested()) scene.result.reason = FinishReason::kCancelled;
      scene.result.text = "A title";
      return scene.result;
    }));
    Log log(worker);
    QSignalSpy suggested(&worker, &GenerationWorker::suggested);
    worker.suggest(request(1));  // without a model nothing is said
    worker.load({});
    worker.suggest(request(2));
    QTRY_COMPARE(suggested.count(), 1);
    QCOMPARE(suggested[0][0].value<RecordId>(), RecordId{2});
    QCOMPARE(suggested[0][1].toString(), QStringLiteral("A title"));
    GenerationRequest slow = request(3);
    slow.messages = {{Role::kUser, "slow"}};
    worker.suggest(slow);
    QTRY_COMPARE(begun.load(), 2);
    QElapsedTimer clock;
    clock.start();
    worker.generate(request(4));
    QTRY_COMPARE(log.outcomes.size(), 1);
    QVERIFY(clock.elapsed() < 5000);
    QVERIFY(!log.outcomes[0].failed);
    QCOMPARE(suggested.count(), 1);
  }

  void destructionWhileRunning() {
    for (int round = 0; round < 30; ++round) {
      int after = 0;
      bool gone = false;
      {
        GenerationWorker worker(scriptedFactory(wordScript(1'000'000, 50us)));
        connect(&worker, &GenerationWorker::textAppended, this, [&] { after += gone ? 1 : 0; });
        connect(&worker, &GenerationWorker::finished, this, [&] { after += gone ? 1 : 0; });
        worker.load({});
        for (RecordId id = 1; id <= 3; ++id) worker.generate(request(id));
        QTest::qWait(round % 7);
        gone = true;
      }
      QCoreApplication::processEvents();
      QCOMPARE(after, 0);
    }
  }
};

QTEST_GUILESS_MAIN(GenerationWorkerTest)
#include "generation_worker_test.moc"
