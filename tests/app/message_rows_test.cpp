// repairTree(): whatever the parents say, a tree comes out, and sound trees stay as they are.
#include "app/message_rows.h"

#include <QHash>
#include <QRandomGenerator>
#include <QtTest>

#include "store_fixtures.h"

using namespace fovea::app;

class MessageRowsTest : public QObject {
  Q_OBJECT

 private slots:
  void soundTreesStay() {
    QList<Message> messages = {
        makeQuestion(1, 1, 0, {}), makeQuestion(2, 1, 1, {}), makeQuestion(3, 1, 1, {}),
        makeQuestion(4, 1, 3, {}), makeQuestion(5, 1, 0, {}), makeQuestion(6, 1, 9, {}),
        makeQuestion(9, 1, 5, {})};  // a clock set back: the child is older than its parent
    const QList<RecordId> expected = parentsOf(messages);
    repairTree(messages);
    QCOMPARE(parentsOf(messages), expected);
  }

  void circlesBreakOnce() {
    QList<Message> messages = {makeQuestion(1, 1, 3, {}),  makeQuestion(2, 1, 1, {}),
                               makeQuestion(3, 1, 2, {}),  makeQuestion(4, 1, 4, {}),
                               makeQuestion(5, 1, 88, {}), makeQuestion(6, 1, 3, {})};
    repairTree(messages);
    QCOMPARE(parentsOf(messages).count(0),
             3);  // one in the circle of three, the self-parent, the dangling one
    QCOMPARE(messages[5].parentId, 3);
  }

  void randomParents() {
    const quint32 seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    QRandomGenerator random(seed);
    for (int round = 0; round < 200; ++round) {
      QList<Message> messages;
      const int count = 1 + random.bounded(50);
      for (int i = 1; i <= count; ++i) messages.append(makeQuestion(i, 1, random.bounded(count + 2), {}));
      repairTree(messages);
      QHash<RecordId, RecordId> parents;
      for (const Message& message : messages) parents.insert(message.id, message.parentId);
      for (const Message& message : messages) {
        int steps = 0;
        for (RecordId at = message.id; at != 0; at = parents.value(at)) {
          QVERIFY(parents.contains(at));
          QVERIFY(++steps <= count);
        }
      }
    }
  }

  void emptyList() {
    QList<Message> none;
    repairTree(none);
    QVERIFY(none.isEmpty());
  }

 private:
  static QList<RecordId> parentsOf(const QList<Message>& messages) {
    QList<RecordId> parents;
    for (const Message& message : messages) parents.append(message.parentId);
    return parents;
  }
};

QTEST_GUILESS_MAIN(MessageRowsTest)
#include "message_rows_test.moc"
