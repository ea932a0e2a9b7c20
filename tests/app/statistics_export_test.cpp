// Statistics as CSV and JSON: every figure in its place, unknown ones empty, failures in words.
#include "app/statistics_export.h"

#include <QBuffer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include "store_fixtures.h"
#include "trace_fixtures.h"

using namespace fovea;
using namespace fovea::app;

class StatisticsExportTest : public QObject {
  Q_OBJECT

 private slots:
  void csvHasALineForEachStep() {
    const QList<QByteArray> lines = written(StatisticsFormat::Csv).trimmed().split('\n');
    QCOMPARE(lines.size(), 3);
    const QList<QByteArray> names = lines[0].split(',');
    const QList<QByteArray> sparse = lines[1].split(',');
    const QList<QByteArray> confirm = lines[2].split(',');
    QCOMPARE(sparse.size(), names.size());
    QCOMPARE(confirm.size(), names.size());
    const auto of = [&](const QList<QByteArray>& row, const char* name) { return row[names.indexOf(name)]; };
    QCOMPARE(of(sparse, "message_id"), QByteArray("11"));
    QCOMPARE(of(sparse, "mode"), QByteArray("sparse"));
    QCOMPARE(of(sparse, "kind"), QByteArray("sparse"));
    QCOMPARE(of(sparse, "kv_entries_read"), QByteArray("5000000000"));
    QCOMPARE(of(sparse, "attention_mass_kept"), QByteArray("0.875"));
    QCOMPARE(of(sparse, "sample_seconds"), QByteArray("0.0625"));
    QCOMPARE(of(confirm, "step"), QByteArray("2"));
    QCOMPARE(of(confirm, "confirmed"), QByteArray("3"));
    QCOMPARE(of(confirm, "attention_mass_kept"), QByteArray());
  }
  void jsonHasEverything() {
    const QJsonObject all = QJsonDocument::fromJson(written(StatisticsFormat::Json)).object();
    QCOMPARE(all["format"].toString(), QStringLiteral("fovea-statistics"));
    QCOMPARE(all["version"].toInt(), kStatisticsVersion);
    QCOMPARE(all["answers"].toArray().size(), 1);
    const QJsonObject answer = all["answers"].toArray()[0].toObject();
    QCOMPARE(answer["seed"].toString(), QString::number(0xFEDCBA9876543210U));
    QCOMPARE(answer["generated_tokens"].toInt(), 3);
    QCOMPARE(answer["steps"].toArray()[0].toObject()["layer_entries_read"].toArray()[1].toInt(), 9);
    QVERIFY(answer["steps"].toArray()[1].toObject()["attention_mass_kept"].isNull());
    QCOMPARE(answer["reads"].toObject()["layers"].toArray()[1].toArray()[2].toInt(), 70'000);
  }
  void failuresAreSaidInWords() {
    const QString path = QStringLiteral("/proc/fovea/statistics.csv");
    const auto result = exportStatisticsFile(path, StatisticsFormat::Csv, {}, {},
                                             {{11, std::make_shared<const TurnTrace>(makeTrace()), {}}});
    QVERIFY(!result.ok());
    QVERIFY(QString::fromStdString(result.error().message).contains(path));
    QVERIFY(!result.error().remedy.empty());
    QBuffer closed;
    QVERIFY(!exportStatistics(closed, StatisticsFormat::Json, {}, {}, {}).ok());
    QTemporaryDir folder;
    const QString good = folder.filePath(QStringLiteral("a.csv"));
    const auto empty = exportStatisticsFile(good, StatisticsFormat::Csv, {}, {}, {});
    QVERIFY(!empty && empty.error().code == ErrorCode::kNotFound);
    QVERIFY(!QFile::exists(good));
    const StoredTrace trace{11, std::make_shared<const TurnTrace>(makeTrace()), {}};
    FOVEA_VERIFY_OK(exportStatisticsFile(good, StatisticsFormat::Csv, {}, {}, {trace}));
    QVERIFY(QFile::exists(good));
  }

 private:
  static QByteArray written(StatisticsFormat format) {
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    const StoredTrace good{11, std::make_shared<const TurnTrace>(makeTrace()), {}};
    const StoredTrace damaged{13, nullptr, QStringLiteral("damaged")};
    const auto done = exportStatistics(buffer, format, makeConversation(1, QStringLiteral("Title")),
                                       {makeQuestion(10, 1, 0, {}), makeAnswer(11, 1, 10)}, {good, damaged});
    return done ? buffer.data() : QByteArray();
  }
};

QTEST_GUILESS_MAIN(StatisticsExportTest)
#include "statistics_export_test.moc"
