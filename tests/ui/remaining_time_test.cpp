// RemainingTime: nothing before there is a speed, then what is left at it.
#include "ui/remaining_time.h"

#include <QTest>

class RemainingTimeTest : public QObject {
  Q_OBJECT

 private slots:
  void saysNothingTooEarly() {
    fovea::ui::RemainingTime left;
    QVERIFY(!left.seconds());
    left.add(0, 100, 1000);
    QVERIFY(!left.seconds());
    left.add(0.9, 200, 1000);
    QVERIFY(!left.seconds());
    left.add(2, 100, 1000);
    QVERIFY(!left.seconds());
  }
  void whatWasThereBeforeTookNoTime() {
    fovea::ui::RemainingTime left;
    left.add(0.5, 600, 1000);
    left.add(2.5, 800, 1000);
    QCOMPARE(*left.seconds(), 2.0);
    left.add(4.5, 1000, 1000);
    QCOMPARE(*left.seconds(), 0.0);
  }
};

QTEST_APPLESS_MAIN(RemainingTimeTest)
#include "remaining_time_test.moc"
