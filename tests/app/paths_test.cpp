// Where things lie: the XDG variables count, the data folder is private, a missing model names every folder
// tried.
#include "app/paths.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QtTest>

using namespace fovea::app;

class PathsTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_folder = std::make_unique<QTemporaryDir>();
    cleanup();
  }
  void cleanup() {
    qunsetenv("FOVEA_MODELS");
    qunsetenv("FOVEA_ALIGNMENTS");
  }

  void followsXdg() {
#if !defined(Q_OS_UNIX) || defined(Q_OS_MACOS)
    QSKIP("the XDG variables count on Linux and its kin");
#else
    const QString root = m_folder->path();
    qputenv("XDG_DATA_HOME", QFile::encodeName(root + QStringLiteral("/data")));
    qputenv("XDG_CONFIG_HOME", QFile::encodeName(root + QStringLiteral("/config")));
    qputenv("XDG_STATE_HOME", QFile::encodeName(root + QStringLiteral("/state")));
    qputenv("XDG_CACHE_HOME", QFile::encodeName(root + QStringLiteral("/cache")));
    QCOMPARE(databasePath(), root + QStringLiteral("/data/fovea/conversations.db"));
    QCOMPARE(settingsPath(), root + QStringLiteral("/config/fovea/fovea.ini"));
    QCOMPARE(logPath(), root + QStringLiteral("/state/fovea/fovea.log"));
    QCOMPARE(alignmentCacheFolder(), root + QStringLiteral("/cache/fovea/alignments"));
    QVERIFY2(!QFileInfo::exists(root + QStringLiteral("/cache")), "looking up must not create the cache");
    const QFileInfo data(root + QStringLiteral("/data/fovea"));
    QVERIFY(data.isDir());
    QVERIFY(!(data.permissions() & (QFile::ReadGroup | QFile::ReadOther | QFile::ExeOther)));
    qputenv("XDG_STATE_HOME", "relative");
    QCOMPARE(logPath(), QDir::homePath() + QStringLiteral("/.local/state/fovea/fovea.log"));
    qunsetenv("XDG_STATE_HOME");
    QCOMPARE(logPath(), QDir::homePath() + QStringLiteral("/.local/state/fovea/fovea.log"));
#endif
  }

  void findsTheSourceTreesModels() {
    const auto verifier = embeddedVerifierPath();
    const auto draft = embeddedDraftPath();
    QVERIFY(verifier.ok());
    QVERIFY(draft.ok());
    QVERIFY(QFileInfo(verifier.value()).isFile());
    QVERIFY(verifier.value() != draft.value());
  }

  void theVariableComesFirst() {
    const QString model = m_folder->filePath(QStringLiteral("fovea-verifier-q4_0.gguf"));
    QFile file(model);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    qputenv("FOVEA_MODELS", QFile::encodeName(m_folder->path()));
    QCOMPARE(embeddedVerifierPath().value(), model);
    // A folder without the draft falls back to the next place.
    QVERIFY(embeddedDraftPath().ok());
    QVERIFY(!embeddedDraftPath().value().startsWith(m_folder->path()));
  }

  void looksForAlignmentsWhereTheVariableSaysFirst() {
    const QStringList folders = alignmentFolders();
    QCOMPARE(folders.size(), 2);
    QVERIFY(folders.first().endsWith(QStringLiteral("/share/fovea/alignments")));
    QVERIFY(folders.last().endsWith(QStringLiteral("/resources/alignments")));
    qputenv("FOVEA_ALIGNMENTS", QFile::encodeName(m_folder->path()));
    QCOMPARE(alignmentFolders(), QStringList(m_folder->path()) + folders);
  }

  void findsTheCalibrationText() {
    const auto text = calibrationTextPath();
    QVERIFY(text.ok());
    QVERIFY(QFileInfo(text.value()).size() > 10'000);
  }

  void aSessionGetsAllOfThem() {
    const fovea::AlignmentOptions options = alignmentOptions();
    QCOMPARE(options.folders.size(), std::size_t(alignmentFolders().size()));
    QCOMPARE(options.folders.front(), alignmentFolders().first().toStdString());
    QCOMPARE(options.cache_folder, alignmentCacheFolder().toStdString());
    QCOMPARE(options.text_path, calibrationTextPath().value().toStdString());
  }

 private:
  std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(PathsTest)
#include "paths_test.moc"
