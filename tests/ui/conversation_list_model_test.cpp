#include "ui/conversation_list_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using fovea::app::Conversation;
using fovea::ui::ConversationListModel;

namespace {

Conversation conversation(qint64 id, int ageMinutes, const QString& title = {}) {
  Conversation made;
  made.id = id;
  made.title = title;
  made.updatedAt = QDateTime::currentDateTimeUtc().addSecs(-60 * ageMinutes);
  return made;
}

QVariant value(const ConversationListModel& model, int row, int role) {
  return model.data(model.index(row), role);
}

}  // namespace

class ConversationListModelTest : public QObject {
  Q_OBJECT

 private slots:
  void isNewestFirst() {
    ConversationListModel model;
    const QAbstractItemModelTester tester(&model);
    model.reset({conversation(1, 30), conversation(2, 10), conversation(3, 20)});
    QCOMPARE(model.at(0)->id, 2);
    QCOMPARE(model.at(1)->id, 3);
    QCOMPARE(model.at(2)->id, 1);
    model.insert(conversation(4, 15));
    QCOMPARE(model.rowOf(4), 1);
    model.insert(conversation(5, 0));
    QCOMPARE(model.rowOf(5), 0);
  }
  void standsInForAMissingTitle() {
    ConversationListModel model;
    model.reset({conversation(1, 1)});
    QCOMPARE(value(model, 0, ConversationListModel::TitleRole).toString(), QStringLiteral("New chat"));
    model.setTitle(1, QStringLiteral("Cats"), true);
    QCOMPARE(value(model, 0, ConversationListModel::TitleRole).toString(), QStringLiteral("Cats"));
    QVERIFY(model.at(0)->titleIsManual);
  }
  void movesWhatWasTouchedToTheTop() {
    ConversationListModel model;
    const QAbstractItemModelTester tester(&model);
    model.reset({conversation(1, 10), conversation(2, 20), conversation(3, 30)});
    model.setCurrent(3);
    const QSignalSpy moved(&model, &QAbstractItemModel::rowsMoved);
    const QSignalSpy current(&model, &ConversationListModel::currentRowChanged);
    model.touch(3, 77, QDateTime::currentDateTimeUtc());
    QCOMPARE(moved.count(), 1);
    QCOMPARE(model.currentRow(), 0);
    QVERIFY(current.count() >= 1);
    QCOMPARE(model.at(0)->headMessageId, 77);
    model.touch(3, 78, QDateTime::currentDateTimeUtc());
    QCOMPARE(moved.count(), 1);
  }
  void marksTheCurrentAndTheAnsweringOne() {
    ConversationListModel model;
    model.reset({conversation(1, 10), conversation(2, 20)});
    model.setCurrent(2);
    model.setAnswering(1);
    QVERIFY(!value(model, 0, ConversationListModel::IsCurrentRole).toBool());
    QVERIFY(value(model, 1, ConversationListModel::IsCurrentRole).toBool());
    QVERIFY(value(model, 0, ConversationListModel::IsAnsweringRole).toBool());
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.setCurrent(1);
    QCOMPARE(changed.count(), 2);
    QVERIFY(value(model, 0, ConversationListModel::IsCurrentRole).toBool());
    model.setCurrent(0);
    QCOMPARE(model.currentRow(), -1);
  }
  void removesAndIgnoresWhatIsNotThere() {
    ConversationListModel model;
    const QAbstractItemModelTester tester(&model);
    model.reset({conversation(1, 10), conversation(2, 20)});
    model.remove(9);
    model.setTitle(9, QStringLiteral("x"), true);
    model.touch(9, 1, QDateTime::currentDateTimeUtc());
    QCOMPARE(model.count(), 2);
    model.remove(1);
    QCOMPARE(model.count(), 1);
    QCOMPARE(model.rowOf(1), -1);
    QVERIFY(model.find(1) == nullptr);
    QVERIFY(model.at(5) == nullptr);
  }
  void pinnedStandsAboveAndArchivedBelow() {
    ConversationListModel model;
    const QAbstractItemModelTester tester(&model);
    model.reset({conversation(1, 10), conversation(2, 20), conversation(3, 30)});  // rows 3, 2, 1
    model.setPlace(1, true, false);
    QCOMPARE(model.at(0)->id, 1);
    QCOMPARE(model.data(model.index(0), ConversationListModel::SectionRole).toString(),
             QStringLiteral("Pinned"));
    model.setPlace(3, false, true);
    QCOMPARE(model.at(2)->id, 3);
    QCOMPARE(model.data(model.index(2), ConversationListModel::SectionRole).toString(),
             QStringLiteral("Archived"));
    model.touch(3, 0, conversation(9, 0).updatedAt);  // stays in the archive
    QCOMPARE(model.at(2)->id, 3);
    model.setPlace(3, false, false);
    QCOMPARE(model.at(1)->id, 3);
  }
};

QTEST_MAIN(ConversationListModelTest)
#include "conversation_list_model_test.moc"
