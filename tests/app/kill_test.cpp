// Kill -9 in the middle of an answer costs at most its last second. A real process (kill_child) is killed at
// random moments, several times on one database, and the database is looked at afterwards.
#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QtTest>
#include <chrono>

#include "store_fixtures.h"

using namespace fovea;
using namespace fovea::app;

namespace {

// The promise is a second. The rest is slack for the words that sit in the pipe and for a machine that is
// busy with the other tests.
constexpr qint64 kLossMsMax = 1100;

qint64 nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// How many words the child had said by `deadlineMs`, from its report of "number time" lines.
int wordsSaidBefore(const QByteArray& report, qint64 deadlineMs) {
  int count = 0;
  for (const QByteArray& line : report.split('\n')) {
    const QList<QByteArray> parts = line.split(' ');
    if (parts.size() == 2 && parts[1].toLongLong() <= deadlineMs) count = parts[0].toInt() + 1;
  }
  return count;
}

}  // namespace

class KillTest : public QObject {
  Q_OBJECT

 private slots:
  void losesAtMostTheLastSecond() {
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("conversations.db"));
    constexpr int kRounds = 6;
    for (int round = 1; round <= kRounds; ++round) {
      const int lifeMs = QRandomGenerator::global()->bounded(300, 2800);
      const auto [report, killedMs] = runAndKill(path, lifeMs);
      QVERIFY(!report.isEmpty());
      QCOMPARE(ask(path, QStringLiteral("PRAGMA integrity_check")).toString(), QStringLiteral("ok"));

      const auto store = openStore(path);
      QVERIFY(store);
      const auto conversations = store->conversations();
      QCOMPARE(conversations.rows.size(), round);
      const auto messages = store->messages(conversations.rows[0].id);
      QVERIFY(!messages.damage);
      QCOMPARE(messages.rows.size(), 2);
      QCOMPARE(messages.rows[0].text, QStringLiteral("Speak!"));
      const Message& answer = messages.rows[1];
      QCOMPARE(answer.state, MessageState::Interrupted);

      const int said = wordsSaidBefore(report, killedMs);
      const int promised = wordsSaidBefore(report, killedMs - kLossMsMax);
      const QStringList kept = answer.text.split(u' ', Qt::SkipEmptyParts);
      for (int i = 0; i < kept.size(); ++i) QCOMPARE(kept[i], QStringLiteral("w%1").arg(i));
      qInfo("killed after %d ms: %d words said, %d promised, %d kept", lifeMs, said, promised,
            static_cast<int>(kept.size()));
      QVERIFY(kept.size() >= promised);
    }
  }

 private:
  struct Killed {
    QByteArray report;
    qint64 killedMs = 0;
  };

  /// Lets the child speak for `lifeMs` after its first word, then kills it without a warning.
  static Killed runAndKill(const QString& path, int lifeMs) {
    QProcess child;
    child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    child.start(QStringLiteral(KILL_CHILD), {path});
    if (!child.waitForStarted() || !child.waitForReadyRead(30'000)) return {};
    Killed killed;
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < lifeMs) {
      child.waitForReadyRead(10);
      killed.report += child.readAll();
    }
    child.kill();
    killed.killedMs = nowMs();
    child.waitForFinished();
    killed.report += child.readAll();
    if (child.exitStatus() != QProcess::CrashExit) return {};
    return killed;
  }
};

QTEST_GUILESS_MAIN(KillTest)
#include "kill_test.moc"
