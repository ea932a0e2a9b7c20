// The charts without a window: series, values of the map, the exported picture, and the exporter of the
// window with each of its formats and failures.
#include "ui/statistics_charts.h"

#include <QFile>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "tests/ui/support/sample_trace.h"
#include "tests/ui/support/window_fixture.h"
#include "ui/read_values.h"
#include "ui/statistics_exporter.h"
#include "ui/step_series.h"

#ifdef Q_OS_UNIX
#include <sys/resource.h>

#include <csignal>
#endif

using namespace fovea;
using fovea::test::sampleTrace;
using fovea::test::WindowFixture;

namespace {

app::Message message(app::RecordId id, Role role, const QString& text) {
  app::Message made;
  made.id = id;
  made.conversationId = 1;
  made.role = role;
  made.text = text;
  made.modelName = QStringLiteral("Scripted 51M");
  made.createdAt = QDateTime::currentDateTimeUtc();
  return made;
}

app::StoredTrace stored(app::RecordId id, std::size_t prompt, int steps) {
  return {id, std::make_shared<const app::TurnTrace>(sampleTrace(prompt, steps)), {}};
}

bool hasColour(const QImage& image, QRgb colour) {
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) {
      if (image.pixel(x, y) == colour) return true;
    }
  }
  return false;
}

void start(WindowFixture& parts) {
  parts.chat.start();
  QTRY_COMPARE(parts.chat.status()->modelState(), ui::StatusViewModel::ModelState::Ready);
}

void ask(WindowFixture& parts, const char* question) {
  QVERIFY(parts.chat.send(QString::fromLatin1(question)));
  QTRY_VERIFY(!parts.chat.answeringHere());
}

/// What the window says after an export.
QString exported(WindowFixture& parts, const QString& path, qint64 answerId) {
  QSignalSpy notices(&parts.chat, &ui::ChatController::notice);
  parts.chat.statisticsExporter()->exportTo(QUrl::fromLocalFile(path), answerId);
  if (!notices.wait()) return {};
  return notices.first().first().toString();
}

QByteArray contentOf(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

class StatisticsChartsTest : public QObject {
  Q_OBJECT

 private slots:
  void seriesOfAllLayersAndOfOne() {
    const app::TurnTrace trace = sampleTrace(100, 5);
    ui::StepSeries all;
    ui::appendAnswer(all, trace);
    ui::appendAnswer(all, trace);
    QCOMPARE(all.points.size(), std::size_t{10});
    QCOMPARE(all.begins, (std::vector<std::size_t>{0, 5}));
    const StepTelemetry& first = trace.steps[0].telemetry;
    QCOMPARE(all.points[0].read, double(first.kv_entries_read) / double(first.kv_entries_dense));
    QCOMPARE(all.points[0].mass, first.attention_mass_kept);
    ui::StepSeries third;
    ui::appendAnswer(third, trace, 2);
    QCOMPARE(third.points[0].read,
             double(first.layers[2].entries_read) / static_cast<double>(first.context_tokens));
    QCOMPARE(third.points[0].mass, double(first.layers[2].mass_kept));
    ui::StepSeries missing;
    ui::appendAnswer(missing, trace, 16);
    QVERIFY(missing.points.empty());
  }
  void passesThatConfirmHaveNoShare() {
    app::TurnTrace trace;
    trace.steps.resize(2);
    trace.steps[0].telemetry.kind = PassKind::kConfirm;
    trace.steps[1].telemetry.context_tokens = 7;  // dense: no layers are named
    trace.reads = ReadMap({{7}}, {7});
    ui::StepSeries series;
    ui::appendAnswer(series, trace, 0);
    QVERIFY(std::isnan(series.points[0].read) && std::isnan(series.points[0].mass));
    QCOMPARE(series.points[1].read, 1.0);
  }
  void poolsAreMeansOfWhatIsKnown() {
    const double unknown = std::nan("");
    const std::vector<ui::StepPoint> points{{0.2, 0.9, 4, 2}, {0.4, unknown, 2, 2}, {unknown, unknown, 0, 0}};
    QCOMPARE(ui::pooled(points, 3).size(), std::size_t{3});
    const auto means = ui::pooled(points, 1);
    QCOMPARE(means.size(), std::size_t{1});
    QCOMPARE(means[0].read, 0.3);
    QCOMPARE(means[0].mass, 0.9);
    QCOMPARE(means[0].proposed, 2.0);
    QCOMPARE(ui::pooled(std::vector<ui::StepPoint>(1000), 7).size(), std::size_t{7});
  }
  void valuesOfTheMap() {
    const ReadMap map({{8, 2}, {4}}, {8, 4});
    const auto share = ui::readValues(map, ui::ReadMeasure::Share, {});
    QCOMPARE(share.values, (std::vector<double>{1, 0.5, 0.5, 0}));
    QCOMPARE(share.top, 1.0);
    QVERIFY(ui::readValues(map, ui::ReadMeasure::BytesSaved, {}).values.empty());
    const auto bytes = ui::readValues(map, ui::ReadMeasure::BytesSaved, {1000, {}});
    QCOMPARE(bytes.values, (std::vector<double>{0, 2000, 4000, 4000}));
    QCOMPARE(bytes.top, 4000.0);
    const auto seconds = ui::readValues(map, ui::ReadMeasure::SecondsSaved, {1000, 0.5});
    QCOMPARE(seconds.top, 2.0);
    const ReadMap both = ui::added(map, ReadMap({{1, 1, 1}}, {2, 2, 2}));
    QCOMPARE(both, ReadMap({{9, 3, 1}, {4}}, {10, 6, 2}));
  }
  void aPictureOfAnAnswerAndOfAChat() {
    const QList<app::Message> messages{message(10, Role::kUser, QStringLiteral("What is it?")),
                                       message(11, Role::kAssistant, QStringLiteral("A lamp.")),
                                       message(12, Role::kUser, QStringLiteral("And then?")),
                                       message(13, Role::kAssistant, QStringLiteral("A storm."))};
    app::Conversation chat;
    chat.title = QStringLiteral("A lighthouse");
    const QImage one = ui::statisticsCharts(chat, messages.mid(0, 2), {stored(11, 200, 20)});
    const QImage all = ui::statisticsCharts(chat, messages, {stored(11, 200, 20), stored(13, 300, 30)});
    QCOMPARE(one.width(), 1600);
    QCOMPARE(one.size(), all.size());
    QVERIFY(one != all);
    QCOMPARE(one.pixel(3, 3), QColor(Qt::white).rgb());
    QVERIFY(hasColour(one, QColor(0x0b, 0x6e, 0x69).rgb()));  // the curve of the entries read
    QVERIFY(hasColour(one, QColor(0xc9, 0x8a, 0x0c).rgb()));  // of the attention kept
    QVERIFY(ui::statisticsCharts(chat, messages, {}).isNull());
    QVERIFY(ui::statisticsCharts(chat, messages, {stored(99, 20, 2)}).isNull());  // of another branch
  }
  void theWindowWritesEachFormat() {
    WindowFixture parts;
    start(parts);
    ask(parts, "What is it?");
    ask(parts, "And then?");
    const qint64 last = parts.chat.messages()->lastId();
    const QString csv = parts.folder.filePath(QStringLiteral("a.csv"));
    QVERIFY(exported(parts, csv, 0).contains(QStringLiteral("a.csv")));
    QCOMPARE(contentOf(csv).count('\n'), 1 + 2 * 4);
    QVERIFY(!exported(parts, csv, last).isEmpty());
    QCOMPARE(contentOf(csv).count('\n'), 1 + 4);
    QCOMPARE(contentOf(csv).count(QByteArray::number(last)), 4);
    const QString json = parts.folder.filePath(QStringLiteral("a.JSON"));
    QVERIFY(!exported(parts, json, 0).isEmpty());
    const QJsonObject all = QJsonDocument::fromJson(contentOf(json)).object();
    QCOMPARE(all[QStringLiteral("answers")].toArray().size(), 2);
    const QString png = parts.folder.filePath(QStringLiteral("a.png"));
    QVERIFY(!exported(parts, png, last).isEmpty());
    QCOMPARE(QImage(png).width(), 1600);
  }
  void failuresOfTheWindowAreSaidInWords() {
    WindowFixture parts;
    start(parts);
    parts.script.setTurnError(Error{ErrorCode::kBackend, "Gone.", ""});
    ask(parts, "What is it?");
    const QString png = parts.folder.filePath(QStringLiteral("a.png"));
    QVERIFY(exported(parts, png, 0).contains(QStringLiteral("Nothing was recorded")));
    QVERIFY(!QFile::exists(png));
    parts.script.setTurnError(std::nullopt);
    ask(parts, "And now?");
    const QString nowhere = QStringLiteral("/proc/fovea/a.png");
    const QString words = exported(parts, nowhere, 0);
    QVERIFY2(words.contains(nowhere) && words.contains(QStringLiteral("cannot be written")),
             qPrintable(words));
    parts.store.saveTrace(parts.chat.messages()->lastId(), QByteArrayLiteral("no trace"));
    ask(parts, "Once more?");
    const QString some = exported(parts, png, 0);
    QVERIFY2(some.contains(QStringLiteral("damaged")), qPrintable(some));
    QVERIFY(QFile::exists(png));
  }
  void aFullDiskLeavesNoFile() {
#ifdef Q_OS_UNIX
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.png"));
    // A limit on the size of files fails as a full disk does: in the middle.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit small = before;
    small.rlim_cur = 512;
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto written =
        ui::exportStatisticsCharts(path, {}, {message(11, Role::kAssistant, {})}, {stored(11, 200, 20)});
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &before), 0);
    QVERIFY(!written);
    QVERIFY(QString::fromStdString(written.error().to_string()).contains(path));
    QVERIFY(QDir(folder.path()).isEmpty());
#else
    QSKIP("Needs limits on the size of files.");
#endif
  }
};

QTEST_MAIN(StatisticsChartsTest)
#include "statistics_charts_test.moc"
