// InsightsViewModel and its charts: live, from the store, missing, damaged; and nothing while it is closed.
#include "ui/insights_view_model.h"

#include <QPainter>
#include <QSignalSpy>
#include <QTest>

#include "app/trace_blob.h"
#include "app/trace_figures.h"
#include "tests/ui/support/sample_trace.h"
#include "tests/ui/support/window_fixture.h"
#include "ui/colour_map.h"
#include "ui/insights_chart.h"

using fovea::test::WindowFixture;
using fovea::ui::ChatController;
using fovea::ui::InsightsChart;
using fovea::ui::InsightsViewModel;
using State = InsightsViewModel::State;

namespace {

void start(WindowFixture& parts) {
  parts.chat.start();
  QTRY_COMPARE(parts.chat.status()->modelState(), fovea::ui::StatusViewModel::ModelState::Ready);
}

void ask(WindowFixture& parts) {
  QVERIFY(parts.chat.send(QStringLiteral("What\nis it?")));
  QTRY_VERIFY(!parts.chat.answeringHere());
}

}  // namespace

class InsightsViewModelTest : public QObject {
  Q_OBJECT

 private slots:
  void showsNothingWhileClosed() {
    WindowFixture parts;
    start(parts);
    const QSignalSpy changed(parts.chat.insights(), &InsightsViewModel::traceChanged);
    ask(parts);
    QCOMPARE(changed.count(), 0);
    QCOMPARE(parts.chat.insights()->state(), State::Empty);
  }
  void followsTheAnswerThatIsWritten() {
    WindowFixture parts;
    parts.script.allow(2);
    start(parts);
    InsightsViewModel& insights = *parts.chat.insights();
    insights.setOpen(true);
    QCOMPARE(insights.state(), State::Empty);
    QVERIFY(!insights.stateText().isEmpty());
    parts.chat.send(QStringLiteral("What\nis it?"));
    QTRY_COMPARE(insights.state(), State::Ready);
    QTRY_COMPARE(insights.trace().steps.size(), size_t{2});
    parts.script.allow(-1);
    QTRY_COMPARE(insights.trace().steps.size(), size_t{4});
    QCOMPARE(insights.question(), QStringLiteral("What is it?"));
    QCOMPARE(insights.answerNumber(), 1);
    QCOMPARE(insights.figures().size(), 6);
    QCOMPARE(insights.stages().size(), 4);
    QCOMPARE(insights.acceptance().size(), 4);
    QVERIFY(insights.summary().contains(QStringLiteral("75.0%")));
    QVERIFY(parts.chat.steps()->stepText(3).contains(QStringLiteral("4 of 4")));
    QVERIFY(parts.chat.steps()->stepText(4).isEmpty());
    const QString cell = insights.cellText(2, 0);
    QVERIFY2(cell.contains(QStringLiteral("keeper")), qPrintable(cell));
    QVERIFY2(cell.contains(QStringLiteral("left out")), qPrintable(cell));
    QVERIFY(insights.cellText(16, 0).isEmpty());
    QVERIFY(insights.cellText(0, 99'999).isEmpty());
  }
  void olderAnswersComeFromTheStore() {
    WindowFixture parts;
    start(parts);
    ask(parts);
    parts.script.allow(1);
    parts.chat.send(QStringLiteral("And then?"));
    InsightsViewModel& insights = *parts.chat.insights();
    insights.setOpen(true);
    QTRY_COMPARE(insights.trace().steps.size(), size_t{1});
    QCOMPARE(insights.answerNumber(), 2);
    insights.showAnother(1);
    QCOMPARE(insights.answerNumber(), 2);
    insights.showAnother(-1);
    QCOMPARE(insights.answerNumber(), 1);
    QTRY_COMPARE(insights.state(), State::Ready);
    QCOMPARE(insights.trace().steps.size(), size_t{4});
    parts.script.allow(-1);
    QTRY_VERIFY(!parts.chat.answeringHere());
    QCOMPARE(insights.answerNumber(), 1);  // it does not run away
  }
  void damagedAndMissingAreSaid() {
    WindowFixture parts;
    start(parts);
    ask(parts);
    const fovea::app::RecordId id = parts.chat.messages()->lastId();
    parts.store.saveTrace(id, fovea::app::encodeTrace(fovea::test::sampleTrace(40, 3)).chopped(3));
    parts.chat.send(QStringLiteral("And then?"));
    QTRY_VERIFY(!parts.chat.answeringHere());
    InsightsViewModel& insights = *parts.chat.insights();
    insights.setOpen(true);
    insights.showAnother(-1);
    QTRY_COMPARE(insights.state(), State::Damaged);
    QVERIFY(insights.stateText().contains(QStringLiteral("damaged")));
    parts.script.setTurnError(fovea::Error{fovea::ErrorCode::kBackend, "Gone.", ""});
    parts.chat.send(QStringLiteral("Well?"));
    QTRY_VERIFY(!parts.chat.answeringHere());
    insights.showAnother(1);
    insights.showAnother(1);
    QTRY_COMPARE(insights.state(), State::Missing);
    QVERIFY(!insights.stateText().isEmpty());
  }
  void estimatesAreThoseOfTheirFormulas() {
    const fovea::app::TurnTrace trace = fovea::test::sampleTrace(100, 6);
    const fovea::TurnStatistics sums = fovea::app::statisticsOf(trace);
    QCOMPARE(sums.steps, 6);
    QCOMPARE(*fovea::app::bytesPerToken(trace, sums),
             double(sums.kv_entries_read) * 1028 / sums.generated_tokens);
    QCOMPARE(*fovea::app::secondsPerByte(trace, sums),
             sums.verify_seconds / (6.0 * 38e6 + double(sums.kv_entries_read) * 1028));
    QVERIFY(!fovea::app::bytesPerToken({}, {}));
    QVERIFY(!fovea::app::secondsPerByte({}, {}));
  }
  void chartsAreDrawnAndSayWhatIsThere() {
    WindowFixture parts;
    start(parts);
    InsightsViewModel& insights = *parts.chat.insights();
    insights.setOpen(true);
    ask(parts);
    QTRY_COMPARE(insights.trace().steps.size(), size_t{4});
    for (const auto kind : {InsightsChart::Kind::Steps, InsightsChart::Kind::Reads}) {
      InsightsChart chart;
      chart.setSize({300, 160});
      chart.setProperty("kind", QVariant::fromValue(kind));
      chart.setProperty("ink", QColor(Qt::black));
      chart.setProperty("readColor", QColor(Qt::red));
      chart.setInsights(&insights);
      chart.setSteps(parts.chat.steps());
      QImage image(300, 160, QImage::Format_RGB32);
      image.fill(Qt::white);
      QPainter painter(&image);
      chart.paint(&painter);
      painter.end();
      QSet<QRgb> colours;
      for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) colours.insert(image.pixel(x, y));
      }
      QVERIFY(colours.size() > 8);
      if (kind == InsightsChart::Kind::Steps) QVERIFY(colours.contains(QColor(Qt::red).rgb()));
      QVERIFY(chart.words().isEmpty());
    }
  }
  void stepsOfTheWholeChatAndOfALayer() {
    WindowFixture parts;
    start(parts);
    ask(parts);
    ask(parts);
    fovea::ui::StepsViewModel& steps = *parts.chat.steps();
    steps.setWholeChat(true);
    QVERIFY(steps.series().points.empty());  // closed
    parts.chat.insights()->setOpen(true);
    QTRY_COMPARE(steps.series().points.size(), size_t{8});
    QCOMPARE(steps.series().begins, (std::vector<std::size_t>{0, 4}));
    QVERIFY(!steps.loading());
    QVERIFY2(steps.stepText(5).contains(QStringLiteral("Answer 2, step 2")), qPrintable(steps.stepText(5)));
    QVERIFY(steps.stepText(8).isEmpty());
    const double all = steps.series().points[0].read;
    QCOMPARE(steps.layerCount(), 16);
    steps.setLayer(3);
    QVERIFY(steps.series().points[0].read != all);
    QVERIFY(steps.stepText(0).contains(QStringLiteral("layer 3")));
    steps.setLayer(99);
    QCOMPARE(steps.layer(), 16);
    // An answer that is being written is there from its first step on, and once only afterwards.
    parts.script.allow(2);
    parts.chat.send(QStringLiteral("And then?"));
    QTRY_COMPARE(steps.series().points.size(), size_t{10});
    parts.script.allow(-1);
    QTRY_VERIFY(!parts.chat.answeringHere());
    QTRY_COMPARE(steps.series().points.size(), size_t{12});
    QTest::qWait(50);
    QCOMPARE(steps.series().begins.size(), size_t{3});
    steps.setWholeChat(false);
    QCOMPARE(steps.series().points.size(), size_t{4});
    parts.chat.newChat();
    QVERIFY(steps.series().points.empty());
  }
  void theMapShowsWhatWasSaved() {
    WindowFixture parts;
    start(parts);
    InsightsViewModel& insights = *parts.chat.insights();
    insights.setOpen(true);
    ask(parts);
    QTRY_COMPARE(insights.trace().steps.size(), size_t{4});
    InsightsChart chart;
    chart.setProperty("kind", QVariant::fromValue(InsightsChart::Kind::Reads));
    chart.setInsights(&insights);
    QVERIFY(chart.topText().isEmpty());
    chart.setMeasure(InsightsChart::Measure::BytesSaved);
    QVERIFY2(chart.topText().contains(QStringLiteral("KiB")), qPrintable(chart.topText()));
    chart.setMeasure(InsightsChart::Measure::SecondsSaved);
    QVERIFY2(chart.topText().contains(QStringLiteral(" ms")), qPrintable(chart.topText()));
  }
  void coloursRunFromLittleToMuch() {
    using fovea::ui::heatColour;
    QCOMPARE(heatColour(-3), heatColour(0));
    QCOMPARE(heatColour(std::nan("")), heatColour(0));
    int before = -1;
    for (int i = 0; i <= 50; ++i) {
      const int lightness = qGray(heatColour(i / 50.0));
      QVERIFY(lightness >= before);
      before = lightness;
    }
  }
};

QTEST_MAIN(InsightsViewModelTest)
#include "insights_view_model_test.moc"
