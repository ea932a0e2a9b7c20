#include "app/message_tree.h"

#include <QTest>

using namespace fovea::app;

namespace {

Message message(RecordId id, RecordId parent) {
  Message made;
  made.id = id;
  made.parentId = parent;
  return made;
}

/// 1 - 2 - 3 - 4, and 5 - 6 beside 3, and 7 beside 1.
MessageTree sample() {
  return MessageTree({message(1, 0), message(2, 1), message(3, 2), message(4, 3), message(5, 2),
                      message(6, 5), message(7, 0)});
}

QList<RecordId> ids(const QList<Message>& branch) {
  QList<RecordId> all;
  for (const Message& each : branch) all << each.id;
  return all;
}

}  // namespace

class MessageTreeTest : public QObject {
  Q_OBJECT

 private slots:
  void findsBranches() {
    QCOMPARE(ids(sample().branch(4)), (QList<RecordId>{1, 2, 3, 4}));
    QCOMPARE(ids(sample().branch(99)), QList<RecordId>{7});
    QVERIFY(MessageTree().branch(1).isEmpty());
  }
  void knowsVersions() {
    QCOMPARE(sample().versions(3), (QList<RecordId>{3, 5}));
    QCOMPARE(sample().versions(7), (QList<RecordId>{1, 7}));
    QCOMPARE(sample().versions(99), QList<RecordId>());
    QCOMPARE(sample().newestBelow(1), 6);
    QCOMPARE(sample().newestBelow(3), 4);
  }
  void growsAndShrinks() {
    MessageTree tree = sample();
    tree.set(message(8, 2));
    QCOMPARE(tree.versions(3), (QList<RecordId>{3, 5, 8}));
    tree.set(message(8, 2));
    QCOMPARE(tree.versions(3).size(), 3);
    QCOMPARE(tree.headWithout(8), 6);
    QCOMPARE(tree.headWithout(4), 3);
    QCOMPARE(tree.headWithout(1), 7);
    tree.remove(2);
    QVERIFY(tree.find(4) == nullptr);
    QCOMPARE(ids(tree.branch(1)), QList<RecordId>{1});
    tree.remove(1);
    tree.remove(7);
    QVERIFY(tree.isEmpty());
  }
  void aMessageWithoutItsParentIsAFirstOne() {
    QCOMPARE(MessageTree({message(5, 99), message(6, 0)}).versions(5), (QList<RecordId>{5, 6}));
  }
};

QTEST_APPLESS_MAIN(MessageTreeTest)
#include "message_tree_test.moc"
