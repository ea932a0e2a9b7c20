// The real engine behind the window: what it does with a conversation that ends in the middle of an answer.
#include <QTest>

#include "app/turn_engine.h"

using namespace fovea;

class SessionEngineTest : public QObject {
  Q_OBJECT

 private slots:
  void anAnswerGoesOnWhereItWasCut() {
    SessionOptions options;
    options.verifier_path = FOVEA_EMBEDDED_MODELS "/fovea-verifier-q4_0.gguf";
    auto engine = app::sessionEngineFactory()(options, {}, {});
    QVERIFY2(engine.ok(), engine ? "" : engine.error().to_string().c_str());
    GenerationOptions generation;
    generation.mode = Mode::kDense;
    generation.sampling.temperature = 0;
    std::vector<ChatMessage> messages{{Role::kUser, "Tell me a story about the sea."}};

    generation.max_tokens = 40;
    const auto whole = engine.value()->chat(messages, generation, {}, {});
    QVERIFY(whole.ok());
    generation.max_tokens = 15;
    const auto cut = engine.value()->chat(messages, generation, {}, {});
    QVERIFY(cut.ok());
    QCOMPARE(cut->reason, FinishReason::kMaxTokens);

    messages.push_back({Role::kAssistant, cut->text});
    generation.max_tokens = 25;
    const auto rest = engine.value()->chat(messages, generation, {}, {});
    QVERIFY2(rest.ok(), rest ? "" : rest.error().to_string().c_str());
    QCOMPARE(QString::fromStdString(cut->text + rest->text), QString::fromStdString(whole->text));
  }
  void anAnswerThatFillsTheContextSaysSo() {
    SessionOptions options;
    options.verifier_path = FOVEA_EMBEDDED_MODELS "/fovea-verifier-q4_0.gguf";
    options.context_tokens = 256;
    auto engine = app::sessionEngineFactory()(options, {}, {});
    QVERIFY(engine.ok());
    std::string answer;
    for (int i = 0; i < 400; ++i) answer += "word ";
    const std::vector<ChatMessage> messages{{Role::kUser, "Count."}, {Role::kAssistant, answer}};
    const auto refused = engine.value()->chat(messages, {}, {}, {});
    QVERIFY(!refused.ok());
    QVERIFY(!refused.error().remedy.empty());
  }
};

QTEST_GUILESS_MAIN(SessionEngineTest)
#include "session_engine_test.moc"
