// TurnRecorder: the store holds the turn from its start, the text at least every second, and the end once,
// whatever that end is.
#include "app/turn_recorder.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>
#include <optional>

#include "app/store_thread.h"
#include "scripted_engine.h"
#include "store_fixtures.h"

using namespace fovea;
using namespace fovea::app;
using namespace std::chrono_literals;

class TurnRecorderTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("conversations.db"));
  }
  void cleanup() {
    m_recorder.reset();
    m_worker.reset();
    m_store.reset();
  }

  void recordsAWholeTurn() {
    start(wordScript(5, 1ms));
    QSignalSpy finished(m_recorder.get(), &TurnRecorder::answerFinished);
    QTRY_COMPARE(m_loaded, true);
    ask(10);
    QVERIFY(m_recorder->isRecording(11));
    QTRY_COMPARE(finished.count(), 1);
    QVERIFY(!m_recorder->isRecording(11));
    const auto told = finished[0][0].value<Message>();
    QCOMPARE(told.state, MessageState::Complete);
    const Message stored = read(11);
    for (const Message& answer : {told, stored}) {
      QCOMPARE(answer.text, QStringLiteral("w0 w1 w2 w3 w4 "));
      QCOMPARE(answer.modelName, QStringLiteral("scripted"));
      QCOMPARE(answer.mode, QStringLiteral("dense"));
      QCOMPARE(answer.parentId, 10);
      QVERIFY(answer.statistics);
      QCOMPARE(answer.statistics->generated_tokens, 5);
    }
    QCOMPARE(stored.state, MessageState::Complete);
    QCOMPARE(read(10).text, QStringLiteral("Question"));
    QSignalSpy traced(m_store.get(), &StoreThread::traceLoaded);
    m_store->loadTrace(11);
    QVERIFY(traced.wait());
    const auto trace = traced[0][0].value<StoredTrace>();
    QVERIFY(trace.trace);
    QCOMPARE(trace.trace->steps.size(), size_t{5});
    QCOMPARE(trace.trace->prompt.size(), size_t{5});
  }

  void savesWhileStreaming() {
    start(wordScript(1'000'000, 2ms));
    ask(10);
    QTRY_VERIFY(m_shown.size() > 20);
    for (int second = 0; second < 2; ++second) {
      const QString shown = m_shown;
      QTest::qWait(1000);
      const QString stored =
          fovea::app::ask(m_path, QStringLiteral("SELECT text FROM messages WHERE id = 11")).toString();
      QVERIFY(stored.startsWith(shown));
    }
    QCOMPARE(fovea::app::ask(m_path, QStringLiteral("SELECT state FROM messages WHERE id = 11")).toString(),
             QStringLiteral("streaming"));
  }

  void aStalledAnswerIsSavedToo() {
    start([](Scene& scene) -> Result<TurnResult> {
      scene.say("first words");
      while (!scene.stop.stop_requested()) std::this_thread::sleep_for(1ms);  // says nothing more
      scene.result.reason = FinishReason::kCancelled;
      return scene.result;
    });
    ask(10);
    QTRY_COMPARE(m_shown, QStringLiteral("first words"));
    QTest::qWait(TurnRecorder::kSaveIntervalMs + 400);
    QCOMPARE(fovea::app::ask(m_path, QStringLiteral("SELECT text FROM messages WHERE id = 11")).toString(),
             m_shown);
  }

  void stoppedAnswers() {
    start(wordScript(1'000'000, 1ms));
    QSignalSpy finished(m_recorder.get(), &TurnRecorder::answerFinished);
    ask(10);
    ask(20);  // queued
    QTRY_VERIFY(m_shown.size() > 10);
    m_worker->stop();
    QTRY_COMPARE(finished.count(), 2);
    const Message first = read(11);
    QCOMPARE(first.state, MessageState::Stopped);
    QCOMPARE(first.text, m_shown);
    QVERIFY(first.statistics);
    const Message second = read(21);
    QCOMPARE(second.state, MessageState::Stopped);
    QVERIFY(second.text.isEmpty());
    QVERIFY(!second.statistics);
  }

  void failedAnswers() {
    start([](Scene& scene) -> Result<TurnResult> {
      scene.say("half");
      return Error{ErrorCode::kBackend, "The device is gone.", "Plug it in."};
    });
    QSignalSpy finished(m_recorder.get(), &TurnRecorder::answerFinished);
    ask(10);
    QTRY_COMPARE(finished.count(), 1);
    const Message stored = read(11);
    QCOMPARE(stored.state, MessageState::Failed);
    QCOMPARE(stored.text, QStringLiteral("half"));
    QCOMPARE(stored.error, QStringLiteral("The device is gone. Plug it in."));
    QVERIFY(!stored.statistics);
  }

  void anotherAnswer() {
    start(wordScript(3, 0ms));
    QSignalSpy finished(m_recorder.get(), &TurnRecorder::answerFinished);
    ask(10);
    QTRY_COMPARE(finished.count(), 1);
    m_recorder->beginAnswer(makeAnswer(12, 1, 10), request());
    QTRY_COMPARE(finished.count(), 2);
    QCOMPARE(read(12).state, MessageState::Complete);
    QCOMPARE(read(12).parentId, 10);
    QCOMPARE(
        fovea::app::ask(m_path, QStringLiteral("SELECT head_message_id FROM conversations")).toLongLong(),
        12);
  }

  void closingInTheMiddleKeepsTheText() {
    start(wordScript(1'000'000, 1ms));
    ask(10);
    QTRY_VERIFY(m_shown.size() > 10);
    const QString shown = m_shown;
    cleanup();
    const auto store = openStore(m_path);
    QVERIFY(store);
    const auto messages = store->messages(1).rows;
    QCOMPARE(messages.size(), 2);
    QCOMPARE(messages[1].state, MessageState::Interrupted);
    QCOMPARE(messages[1].text, shown);
  }

 private:
  void start(Script script) {
    m_shown.clear();
    m_loaded = false;
    m_store = std::make_unique<StoreThread>(m_path);
    connect(m_store.get(), &StoreThread::failed, this,
            [](const QString& message) { QTest::qFail(qPrintable(message), __FILE__, __LINE__); });
    m_worker = std::make_unique<GenerationWorker>(scriptedFactory(std::move(script)));
    m_recorder = std::make_unique<TurnRecorder>(*m_worker, *m_store);
    connect(m_worker.get(), &GenerationWorker::textAppended, this,
            [this](RecordId, const QString& text) { m_shown += text; });
    connect(m_worker.get(), &GenerationWorker::loaded, this, [this] { m_loaded = true; });
    m_store->open();
    m_store->insertConversation(makeConversation(1));
    m_worker->load({});
  }

  static GenerationRequest request() {
    GenerationRequest made;
    made.messages = {{Role::kUser, "Question"}};
    made.options.mode = Mode::kDense;
    return made;
  }

  void ask(RecordId id) {
    Message answer = makeAnswer(id + 1, 1, id);
    answer.modelName.clear();
    answer.mode.clear();
    m_recorder->begin(makeQuestion(id, 1, 0, QStringLiteral("Question")), answer, request());
  }

  /// The message as the store has it, after every write so far.
  Message read(RecordId id) {
    QSignalSpy loaded(m_store.get(), &StoreThread::messagesLoaded);
    m_store->loadMessages(1);
    if (!loaded.wait()) return {};
    for (const Message& message : loaded[0][1].value<QList<Message>>()) {
      if (message.id == id) return message;
    }
    return {};
  }

  std::unique_ptr<QTemporaryDir> m_folder;
  QString m_path;
  std::unique_ptr<StoreThread> m_store;
  std::unique_ptr<GenerationWorker> m_worker;
  std::unique_ptr<TurnRecorder> m_recorder;
  QString m_shown;
  bool m_loaded = false;
};

QTEST_GUILESS_MAIN(TurnRecorderTest)
#include "turn_recorder_test.moc"
