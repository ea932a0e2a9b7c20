// Settings: what is saved is loaded, exactly; an edited file with nonsense in it gives defaults, field by
// field.
#include "app/settings.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include "app/paths.h"
#include "app/settings_file.h"

using namespace fovea;
using namespace fovea::app;

class SettingsTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("folder/fovea.ini"));
  }

  void aMissingFileGivesDefaults() { QVERIFY(loadSettings(m_path) == Settings()); }

  void roundTrip() {
    Settings settings;
    settings.verifierPath = QStringLiteral("/models/a, b; c=\"d\" ü.gguf");
    settings.draftPath = QStringLiteral("C:\\models\\draft.gguf");
    settings.backend = BackendKind::kCpu;
    settings.threads = 3;
    settings.contextTokens = 4096;
    settings.systemPrompt = QStringLiteral("Line one,\nline \"two\"; 数 %20 \\n\t😀 ");
    settings.generation.mode = Mode::kExact;
    settings.generation.max_tokens = 77;
    settings.generation.draft_tokens = 16;
    settings.generation.sampling.temperature = 0.1F;
    settings.generation.sampling.top_k = 0;
    settings.generation.sparsity.attention_top_p = 0.65F;
    settings.generation.sparsity.sinks = 8;
    settings.generation.sparsity.window = 0;
    settings.generation.sparsity.dense_layers = 2;
    settings.generation.sampling.top_p = 0.333333343F;
    settings.generation.sampling.min_p = 0.0F;
    settings.generation.sampling.repetition_penalty = 1.7F;
    settings.generation.sampling.repetition_window = 0;
    settings.generation.sampling.seed = 18'446'744'073'709'551'615U;
    settings.generation.sparsity.selector = SelectorKind::kQuest;
    settings.generation.sparsity.budget = 0.125F;
    settings.recentVerifiers = {QStringLiteral("/a, b.gguf"), QStringLiteral("/c.gguf")};
    settings.recentDrafts = {QStringLiteral("/one.gguf")};
    settings.presets = {{QStringLiteral("Mine, \"quoted\" 数"), settings.generation},
                        {QStringLiteral("Plain"), GenerationOptions()}};
    settings.appearance = {QStringLiteral("dark"), 130, QStringLiteral("de")};
    settings.welcomed = true;
    settings.titlesByModel = false;
    QVERIFY(saveSettings(m_path, settings));
    QVERIFY(loadSettings(m_path) == settings);
    QVERIFY(saveSettings(m_path, Settings()));
    QVERIFY(loadSettings(m_path) == Settings());
  }

  void nonsenseFallsBackFieldByField() {
    write(
        "[model]\nthreads=-4\ncontext_tokens=lots\nbackend=abacus\nverifier=/a, b.gguf\n"
        "[generation]\nmode=telepathic\nmax_tokens=0\ndraft_tokens=17\n"
        "[sampling]\ntemperature=nan\ntop_p=1.5\nmin_p=0.25\ntop_k=99999999999\nrepetition_penalty=inf\nseed="
        "-1\n"
        "[chat]\nsystem_prompt=Be brief, be kind\n");
    Settings expected;
    expected.verifierPath = QStringLiteral("/a, b.gguf");
    expected.systemPrompt = QStringLiteral("Be brief, be kind");
    expected.generation.sampling.min_p = 0.25F;
    const Settings loaded = loadSettings(m_path);
    QCOMPARE(loaded.verifierPath, expected.verifierPath);
    QCOMPARE(loaded.systemPrompt, expected.systemPrompt);
    QCOMPARE(loaded.threads, expected.threads);
    QVERIFY(loaded.generation == expected.generation);
    QVERIFY(loaded == expected);
  }

  void presetsOfAnEditedFile() {
    write(
        "[presets]\nsize=5\n1\\name=First\n1\\generation\\mode=sparse\n1\\sparsity\\attention_top_p=7\n"
        "2\\name=\n3\\name=First\n4\\name=Last\n4\\sampling\\temperature=-1\n"
        "[appearance]\nfont_percent=5\n");
    const Settings loaded = loadSettings(m_path);
    QCOMPARE(loaded.presets.size(), 2);
    Preset expected{QStringLiteral("First"), chatDefaults()};
    expected.generation.mode = Mode::kSparse;
    QVERIFY(loaded.presets.at(0) == expected);
    QVERIFY(loaded.presets.at(1) == (Preset{QStringLiteral("Last"), chatDefaults()}));
    QCOMPARE(loaded.appearance.fontPercent, AppearanceSettings().fontPercent);
  }

  void modelsOfThisRunAreNotWritten() {
    Settings settings;
    settings.verifierPath = QStringLiteral("/kept.gguf");
    settings.modelForThisRun = ModelFiles{QStringLiteral("/named.gguf"), QString()};
    QCOMPARE(sessionOptions(settings).verifier_path, std::string("/named.gguf"));
    QCOMPARE(sessionOptions(settings).draft_path, std::string());
    QVERIFY(saveSettings(m_path, settings));
    QCOMPARE(loadSettings(m_path).verifierPath, QStringLiteral("/kept.gguf"));
    QVERIFY(!loadSettings(m_path).modelForThisRun);
  }

  void theFileWritesTheLatest() {
    {
      SettingsFile file(m_path);
      Settings settings;
      for (int tokens = 1; tokens <= 50; ++tokens) {
        settings.generation.max_tokens = tokens;
        file.save(settings);
      }
    }
    QCOMPARE(loadSettings(m_path).generation.max_tokens, 50);
    SettingsFile nowhere(QStringLiteral("/proc/fovea/fovea.ini"));
    const QSignalSpy failed(&nowhere, &SettingsFile::failed);
    nowhere.save({});
    QTRY_COMPARE(failed.count(), 1);
    SettingsFile none{QString()};
    none.save({});
  }

  void garbageFiles() {
    for (const QByteArray& content :
         {QByteArray(10'000, '\xff'), QByteArray("[[[[=\n=\n]"), QByteArray(5000, '\0')}) {
      write(content);
      QVERIFY(loadSettings(m_path) == Settings());
    }
  }

  void unwritablePlace() {
    QVERIFY(QDir().mkpath(m_folder->filePath(QStringLiteral("folder"))));
    QFile blocker(m_folder->filePath(QStringLiteral("folder/file")));
    QVERIFY(blocker.open(QIODevice::WriteOnly));
    QVERIFY(!saveSettings(m_folder->filePath(QStringLiteral("folder/file/fovea.ini")), Settings()));
    QVERIFY(!saveSettings(m_folder->filePath(QStringLiteral("folder")), Settings()));  // a folder itself
  }

  void sessionOptionsChooseTheEmbeddedPair() {
    Settings settings;
    settings.threads = 2;
    settings.contextTokens = 512;
    settings.backend = BackendKind::kCpu;
    const SessionOptions embedded = sessionOptions(settings);
    QCOMPARE(embedded.verifier_path, embeddedVerifierPath().value().toStdString());
    QCOMPARE(embedded.draft_path, embeddedDraftPath().value().toStdString());
    QCOMPARE(embedded.threads, 2);
    QCOMPARE(embedded.alignment.cache_folder, alignmentCacheFolder().toStdString());
    QCOMPARE(embedded.context_tokens, 512);
    QCOMPARE(embedded.backend, BackendKind::kCpu);
    settings.verifierPath = QStringLiteral("/own.gguf");
    QCOMPARE(sessionOptions(settings).verifier_path, std::string("/own.gguf"));
    QCOMPARE(sessionOptions(settings).draft_path, std::string());
    settings.draftPath = QStringLiteral("/draft.gguf");
    QCOMPARE(sessionOptions(settings).draft_path, std::string("/draft.gguf"));
  }

 private:
  void write(const QByteArray& content) {
    QVERIFY(QDir().mkpath(m_folder->filePath(QStringLiteral("folder"))));
    QFile file(m_path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
  }

  std::unique_ptr<QTemporaryDir> m_folder;
  QString m_path;
};

QTEST_GUILESS_MAIN(SettingsTest)
#include "settings_test.moc"
