// The model section with the real engine and the embedded pair: what is said before loading, loading and its
// failures, and that the next turn is asked with what was chosen.
#include "ui/model_view_model.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "app/paths.h"
#include "app/store_thread.h"
#include "app/turn_recorder.h"
#include "ui/chat_controller.h"

using fovea::SessionInfo;
using fovea::app::Settings;
using fovea::ui::AlignmentViewModel;
using fovea::ui::ChatController;
using fovea::ui::ModelViewModel;
using fovea::ui::StatusViewModel;
using ModelState = StatusViewModel::ModelState;

namespace {

constexpr int kPatienceMs = 60'000;

/// The program's parts with the real engine, in the program's order.
struct Program {
  explicit Program(Settings settings = {})
      : store(folder.filePath(QStringLiteral("chats.db"))),
        recorder(worker, store),
        chat({store, worker, recorder}, withTwoThreads(std::move(settings)),
             folder.filePath(QStringLiteral("fovea.ini"))) {}

  static Settings withTwoThreads(Settings settings) {
    settings.threads = 2;
    settings.contextTokens = settings.contextTokens == 0 ? 1024 : settings.contextTokens;
    return settings;
  }
  void answer(const QString& question) {
    chat.send(question);
    QTRY_VERIFY_WITH_TIMEOUT(!chat.answeringHere(), kPatienceMs);
  }
  [[nodiscard]] fovea::app::Message lastAnswer() { return chat.messages()->messages().last(); }
  /// The first half of the embedded draft's file.
  [[nodiscard]] QString truncatedModel() const {
    const QString path = folder.filePath(QStringLiteral("half.gguf"));
    QFile whole(fovea::app::embeddedDraftPath().value());
    QFile half(path);
    if (whole.open(QIODevice::ReadOnly) && half.open(QIODevice::WriteOnly))
      half.write(whole.read(whole.size() / 2));
    return path;
  }

  QTemporaryDir folder;
  fovea::app::StoreThread store;
  fovea::app::GenerationWorker worker;
  fovea::app::TurnRecorder recorder;
  ChatController chat;
};

}  // namespace

class ModelViewModelTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    // Alignments that a test computes do not go to the user's cache.
    m_cache = std::make_unique<QTemporaryDir>();
    qputenv("XDG_CACHE_HOME", m_cache->path().toUtf8());
  }

  void theNextTurnUsesWhatWasChosen() {
    Program program;
    ChatController& chat = program.chat;
    chat.start();
    QTRY_COMPARE_WITH_TIMEOUT(chat.status()->modelState(), ModelState::Ready, kPatienceMs);
    chat.settings()->maxTokens()->setValue(40);
    chat.settings()->setSeed(QStringLiteral("7"));
    const QString question = QStringLiteral("Tell me a long story about a ship. ").repeated(12);
    program.answer(question);
    QCOMPARE(program.lastAnswer().mode, QStringLiteral("speculative"));
    QVERIFY(program.lastAnswer().statistics->kv_reads_saved() <= 0);
    QVERIFY(program.lastAnswer().statistics->proposed > 0);

    const auto savedAt = [&](double attentionTopP) {
      chat.settings()->setMode(QStringLiteral("sparse"));
      chat.settings()->attentionTopP()->setValue(attentionTopP);
      chat.newChat();
      program.answer(question);
      return program.lastAnswer().statistics->kv_reads_saved();
    };
    const double little = savedAt(0.9);
    QCOMPARE(program.lastAnswer().mode, QStringLiteral("sparse"));
    const double much = savedAt(0.2);
    QVERIFY2(little > 0 && much > little + 0.1,
             qPrintable(QStringLiteral("saved %1 at 0.9, %2 at 0.2").arg(little).arg(much)));

    chat.settings()->setMode(QStringLiteral("dense"));
    chat.newChat();
    program.answer(QStringLiteral("Hello."));
    QCOMPARE(program.lastAnswer().statistics->proposed, std::int64_t{0});
  }

  void saysWhatAPairTakesBeforeItIsLoaded() {
    Program program;
    ModelViewModel& model = *program.chat.model();
    program.chat.start();
    QTRY_VERIFY(!model.planning());
    QCOMPARE(model.verifierName(), QStringLiteral("Fovea verifier 51M"));
    QVERIFY(model.verifierDetails().contains(QStringLiteral("Q4_0")));
    QVERIFY(model.draftDetails().contains(QStringLiteral("6 layers")));
    QCOMPARE(model.memoryParts().size(), 5);
    double shares = 0;
    for (const QVariant& part : model.memoryParts()) shares += part.toMap().value("share").toDouble();
    QVERIFY(qAbs(shares - 1) < 1e-9);
    QVERIFY(model.memoryText().contains(QStringLiteral("free")));
    QTRY_COMPARE_WITH_TIMEOUT(program.chat.status()->modelState(), ModelState::Ready, kPatienceMs);
    QVERIFY(!model.differs());
    QVERIFY(!model.canLoad());
    model.setContextTokens(2'000'000'000);
    QCOMPARE(model.contextTokens(), model.maximumContextTokens());
    QTRY_VERIFY(!model.planning());
    QVERIFY(model.differs());
    QVERIFY(!model.contextText().isEmpty());
    model.discard();
    QVERIFY(!model.differs());
  }

  void aTruncatedModelIsRefusedAndTheOldPairGoesOn() {
    Program program;
    ModelViewModel& model = *program.chat.model();
    program.chat.start();
    QTRY_COMPARE_WITH_TIMEOUT(program.chat.status()->modelState(), ModelState::Ready, kPatienceMs);
    model.chooseVerifier(program.truncatedModel());
    QTRY_VERIFY(!model.planning());
    QVERIFY(model.verifierProblem().contains(QStringLiteral("half.gguf")));
    QVERIFY(model.verifierProblem().contains(QStringLiteral("again")));  // the remedy
    QVERIFY(!model.canLoad());
    model.load();
    QVERIFY(!model.loading());
    QVERIFY(program.chat.canSend());
    program.chat.settings()->maxTokens()->setValue(5);
    program.answer(QStringLiteral("Hello."));
    QVERIFY(!program.lastAnswer().text.isEmpty());
    // A file that goes bad between looking and loading: the pair that worked comes back.
    model.chooseEmbeddedPair();
    model.chooseDraft(program.folder.filePath(QStringLiteral("gone.gguf")));
    QVERIFY(QFile::copy(fovea::app::embeddedDraftPath().value(), model.draftPath()));
    QTRY_VERIFY(!model.planning());
    QVERIFY2(model.canLoad(), qPrintable(model.draftProblem()));
    QVERIFY(QFile::remove(model.draftPath()));
    model.load();
    QVERIFY(model.loading());
    QTRY_VERIFY_WITH_TIMEOUT(!model.loadError().isEmpty(), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(program.chat.status()->modelState(), ModelState::Ready, kPatienceMs);
    QVERIFY(model.loadError().contains(QStringLiteral("gone.gguf")));
    program.answer(QStringLiteral("Hello again."));
    QVERIFY(!program.lastAnswer().text.isEmpty());
    QVERIFY(program.chat.settings()->settings().draftPath.isEmpty());
  }

  void aPairOfTwoVocabulariesSaysSo() {
    // The embedded draft's file as a verifier of another vocabulary: 8,192 and a token list that differs.
    Program program;
    ModelViewModel& model = *program.chat.model();
    program.chat.start();
    QFile file(fovea::app::embeddedDraftPath().value());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray bytes = file.readAll();
    const qsizetype token = bytes.indexOf(QByteArray("\xe2\x96\x81the"));
    QVERIFY(token > 0);
    bytes.replace(token + 3, 3, "tha");
    QFile other(program.folder.filePath(QStringLiteral("other.gguf")));
    QVERIFY(other.open(QIODevice::WriteOnly));
    other.write(bytes);
    other.close();
    model.chooseDraft(other.fileName());
    QTRY_VERIFY(!model.planning());
    QVERIFY2(model.draftProblem().contains(QStringLiteral("vocabularies")), qPrintable(model.draftProblem()));
    QVERIFY(!model.canLoad());
  }

  void loadingChangesTheSettingsWhenItWorked() {
    Program program;
    ModelViewModel& model = *program.chat.model();
    program.chat.start();
    QTRY_COMPARE_WITH_TIMEOUT(program.chat.status()->modelState(), ModelState::Ready, kPatienceMs);
    model.chooseNoDraft();
    QVERIFY(!model.usesDraft());
    QVERIFY(program.chat.settings()->settings().verifierPath.isEmpty());
    model.load();  // waits until the files were looked at
    QTRY_VERIFY_WITH_TIMEOUT(!model.differs() && !model.loading(), kPatienceMs);
    QCOMPARE(program.chat.settings()->mode(), QStringLiteral("dense"));
    QCOMPARE(program.chat.settings()->settings().verifierPath, fovea::app::embeddedVerifierPath().value());
    QCOMPARE(model.recentVerifiers().size(), 1);
    QCOMPARE(program.chat.alignment()->state(), AlignmentViewModel::State::NoPair);
    model.resetModel();
    QVERIFY(model.usesEmbeddedPair());
  }

  void theAlignmentIsShownAndComputedAgain() {
    Program program(wholeContext());
    AlignmentViewModel& alignment = *program.chat.alignment();
    program.chat.start();
    QTRY_COMPARE_WITH_TIMEOUT(program.chat.status()->modelState(), ModelState::Ready, kPatienceMs);
    alignment.search();
    QTRY_COMPARE(alignment.state(), AlignmentViewModel::State::Found);
    QCOMPARE(alignment.verifierLayers(), 16);
    QCOMPARE(alignment.draftLayers(), 6);
    QCOMPARE(alignment.strengths().size(), 96);
    for (int layer = 0; layer < 16; ++layer) {
      double sum = 0;
      for (int column = 0; column < 6; ++column) sum += alignment.strengths().at(layer * 6 + column);
      QVERIFY(qAbs(sum - 1) < 1e-9);
    }
    const QList<int> path = alignment.path();
    QVERIFY(std::is_sorted(path.cbegin(), path.cend()));
    QVERIFY(alignment.keptText().contains(QStringLiteral(".json")));
    QVERIFY(alignment.describe(0, alignment.path().first()).contains(QStringLiteral("path")));
    QVERIFY(alignment.describe(16, 0).isEmpty());
    const QString shipped = alignment.keptText();

    alignment.recompute();
    QCOMPARE(alignment.state(), AlignmentViewModel::State::Computing);
    alignment.cancel();
    QTRY_COMPARE_WITH_TIMEOUT(alignment.state(), AlignmentViewModel::State::Found, kPatienceMs);
    QVERIFY(alignment.error().isEmpty());
    QCOMPARE(alignment.keptText(), shipped);

    alignment.recompute();
    QTRY_VERIFY_WITH_TIMEOUT(alignment.progress() > 0, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(alignment.state() == AlignmentViewModel::State::Found, 4 * kPatienceMs);
    QVERIFY2(alignment.keptText().contains(m_cache->path()), qPrintable(alignment.keptText()));
    QCOMPARE(alignment.verifierLayers(), 16);
  }

 private:
  static Settings wholeContext() {
    Settings settings;
    settings.contextTokens = 4096;
    return settings;
  }
  std::unique_ptr<QTemporaryDir> m_cache;
};

QTEST_MAIN(ModelViewModelTest)
#include "model_view_model_test.moc"
