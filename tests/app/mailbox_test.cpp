// TaskThread and Mailbox: order is kept both ways, nothing is lost, and a busy poster does not starve the
// event loop.
#include "app/mailbox.h"

#include <QtTest>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "app/task_thread.h"

using namespace fovea::app;

class MailboxTest : public QObject {
  Q_OBJECT

 private slots:
  void keepsOrderAcrossThreads() {
    constexpr int kCount = 10'000;
    std::vector<int> arrived;
    Mailbox mailbox;
    TaskThread thread;
    for (int i = 0; i < kCount; ++i) {
      thread.post([&mailbox, &arrived, i] { mailbox.post([&arrived, i] { arrived.push_back(i); }); });
    }
    QTRY_COMPARE(arrived.size(), static_cast<std::size_t>(kCount));
    for (int i = 0; i < kCount; ++i) QCOMPARE(arrived[i], i);
  }

  void finishRunsWhatWasPosted() {
    std::atomic<int> done{0};
    TaskThread thread;
    for (int i = 0; i < 100; ++i) thread.post([&done] { ++done; });
    thread.finish();
    QCOMPARE(done.load(), 100);
    thread.post([&done] { ++done; });
    thread.finish();
    QCOMPARE(done.load(), 100);
  }

  void aNestedEventLoopKeepsOrder() {
    std::vector<int> arrived;
    Mailbox mailbox;
    mailbox.post([&] {
      arrived.push_back(0);
      mailbox.post([&arrived] { arrived.push_back(3); });
      QCoreApplication::processEvents();
    });
    mailbox.post([&arrived] { arrived.push_back(1); });
    mailbox.post([&arrived] { arrived.push_back(2); });
    QTRY_COMPARE(arrived.size(), std::size_t{4});
    QCOMPARE(arrived, (std::vector<int>{0, 1, 2, 3}));
  }

  void aDeliveryThatPostsForeverLeavesTheLoopAlive() {
    bool timerRan = false;
    int deliveries = 0;
    Mailbox mailbox;
    std::function<void()> again = [&] {
      ++deliveries;
      if (!timerRan) mailbox.post(again);
    };
    mailbox.post(again);
    QTimer::singleShot(20, this, [&timerRan] { timerRan = true; });
    QTRY_VERIFY(timerRan);
    QVERIFY(deliveries > 1);
  }

  void undeliveredDiesWithTheMailbox() {
    bool delivered = false;
    const auto witness = std::make_shared<int>(1);
    {
      Mailbox mailbox;
      mailbox.post([&delivered, witness] { delivered = true; });
    }
    QCoreApplication::processEvents();
    QVERIFY(!delivered);
    QCOMPARE(witness.use_count(), 1L);
  }

  void aDeliveryMayDestroyTheMailbox() {
    auto mailbox = std::make_unique<Mailbox>();
    bool second = false;
    mailbox->post([&mailbox] { mailbox.reset(); });
    mailbox->post([&second] { second = true; });
    QTRY_VERIFY(!mailbox);
    QCoreApplication::processEvents();
    QVERIFY(!second);
  }
};

QTEST_GUILESS_MAIN(MailboxTest)
#include "mailbox_test.moc"
