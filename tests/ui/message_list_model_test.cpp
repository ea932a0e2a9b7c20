#include "ui/message_list_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using fovea::app::Message;
using fovea::app::MessageState;
using fovea::ui::MessageListModel;
using Phase = MessageListModel::Phase;

namespace {

Message question(qint64 id, const QString& text) {
  Message made;
  made.id = id;
  made.parentId = id - 1;
  made.text = text;
  made.createdAt = QDateTime::currentDateTimeUtc();
  return made;
}

Message answer(qint64 id, MessageState state, const QString& text = {}) {
  Message made = question(id, text);
  made.role = fovea::Role::kAssistant;
  made.state = state;
  return made;
}

QVariant value(const MessageListModel& model, int row, int role) {
  return model.data(model.index(row), role);
}
Phase phase(const MessageListModel& model, int row) {
  return value(model, row, MessageListModel::PhaseRole).value<Phase>();
}

}  // namespace

class MessageListModelTest : public QObject {
  Q_OBJECT

 private slots:
  void appendsATurn() {
    MessageListModel model;
    const QAbstractItemModelTester tester(&model);
    const QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    model.append(question(1, QStringLiteral("Hi")));
    model.append(answer(2, MessageState::Streaming));
    QCOMPARE(inserted.count(), 2);
    QCOMPARE(model.count(), 2);
    QCOMPARE(model.lastId(), 2);
    QVERIFY(value(model, 0, MessageListModel::IsUserRole).toBool());
    QVERIFY(!value(model, 1, MessageListModel::IsUserRole).toBool());
    QCOMPARE(phase(model, 1), Phase::Pending);
  }
  void forksAreCountedAndSwitched() {
    MessageListModel model;
    const QAbstractItemModelTester tester(&model);
    Message again = answer(4, MessageState::Complete, QStringLiteral("b"));
    again.parentId = 1;
    Message edited = question(5, QStringLiteral("Ho"));
    edited.parentId = 0;
    model.reset({question(1, QStringLiteral("Hi")), answer(2, MessageState::Complete, QStringLiteral("a")),
                 question(3, QStringLiteral("more")), again, edited},
                3);
    QCOMPARE(model.count(), 3);
    QCOMPARE(value(model, 0, MessageListModel::VersionRole).toInt(), 1);
    QCOMPARE(value(model, 0, MessageListModel::VersionCountRole).toInt(), 2);
    QCOMPARE(value(model, 1, MessageListModel::VersionCountRole).toInt(), 2);
    QCOMPARE(value(model, 2, MessageListModel::VersionCountRole).toInt(), 1);
    const QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    model.showBranch(4);
    QCOMPARE(removed.at(0).at(1).toInt(), 1);  // the question stays
    QCOMPARE(model.textAt(1), QStringLiteral("b"));
    QCOMPARE(value(model, 1, MessageListModel::VersionRole).toInt(), 2);
    model.remove(4, 3);
    QCOMPARE(model.count(), 3);
    QCOMPARE(value(model, 1, MessageListModel::VersionCountRole).toInt(), 1);
    model.remove(1, 5);
    QCOMPARE(model.count(), 1);
    QCOMPARE(value(model, 0, MessageListModel::VersionCountRole).toInt(), 1);
  }
  void onlyWhatEndedEarlyCanGoOn() {
    MessageListModel model;
    Message cut = answer(2, MessageState::Complete, QStringLiteral("a"));
    cut.cutAtLimit = true;
    model.reset({question(1, QStringLiteral("Hi")), cut}, 2);
    QVERIFY(value(model, 1, MessageListModel::CanContinueRole).toBool());
    QVERIFY(value(model, 1, MessageListModel::PhaseTextRole).toString().contains(QStringLiteral("limit")));
    cut.cutAtLimit = false;
    model.update(cut);
    QVERIFY(!value(model, 1, MessageListModel::CanContinueRole).toBool());
    cut.state = MessageState::Stopped;
    model.update(cut);
    QVERIFY(value(model, 1, MessageListModel::CanContinueRole).toBool());
    QVERIFY(!value(model, 0, MessageListModel::CanContinueRole).toBool());
  }
  void streamsWithoutResendingTheText() {
    MessageListModel model;
    model.append(question(1, QStringLiteral("Hi")));
    model.append(answer(2, MessageState::Streaming));
    const QSignalSpy appended(&model, &MessageListModel::textAppended);
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    const QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    for (int i = 0; i < 100; ++i) model.appendText(2, QStringLiteral("word "));
    QCOMPARE(appended.count(), 100);
    QCOMPARE(appended.at(7).at(0).toInt(), 1);
    QCOMPARE(appended.at(7).at(1).toString(), QStringLiteral("word "));
    QCOMPARE(reset.count(), 0);
    // Once, for the phase that turned from pending to streaming; never for the text.
    QCOMPARE(changed.count(), 1);
    QCOMPARE(changed.at(0).at(2).value<QList<int>>(), QList<int>{MessageListModel::PhaseRole});
    QCOMPARE(model.textAt(1), QStringLiteral("word ").repeated(100));
    QCOMPARE(phase(model, 1), Phase::Streaming);
  }
  void theEndBringsOnlyWhatIsMissing() {
    MessageListModel model;
    model.append(question(1, QStringLiteral("Hi")));
    model.append(answer(2, MessageState::Streaming));
    model.appendText(2, QStringLiteral("Once upon"));
    const QSignalSpy appended(&model, &MessageListModel::textAppended);
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    Message done = answer(2, MessageState::Complete, QStringLiteral("Once upon a time."));
    done.statistics.emplace();
    done.statistics->generated_tokens = 5;
    done.statistics->decode_seconds = 0.5;
    done.statistics->proposed = 4;
    done.statistics->accepted = 3;
    model.update(done);
    QCOMPARE(appended.count(), 1);
    QCOMPARE(appended.at(0).at(1).toString(), QStringLiteral(" a time."));
    QVERIFY(!changed.at(0).at(2).value<QList<int>>().contains(MessageListModel::TextRole));
    QCOMPARE(phase(model, 1), Phase::Complete);
    const QString figures = value(model, 1, MessageListModel::FiguresTextRole).toString();
    QVERIFY2(figures.contains(QStringLiteral("5 tokens")), qPrintable(figures));
    QVERIFY2(figures.contains(QStringLiteral("75%")), qPrintable(figures));
  }
  void anotherTextIsSetWhole() {
    MessageListModel model;
    model.append(question(1, QStringLiteral("Hi")));
    model.append(answer(2, MessageState::Streaming));
    model.appendText(2, QStringLiteral("Once"));
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.update(answer(2, MessageState::Complete, QStringLiteral("Twice")));
    QVERIFY(changed.at(0).at(2).value<QList<int>>().contains(MessageListModel::TextRole));
    QCOMPARE(model.textAt(1), QStringLiteral("Twice"));
  }
  void saysWhatBecameOfAnAnswer_data() {
    QTest::addColumn<int>("state");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("word");
    QTest::newRow("stopped") << int(MessageState::Stopped) << "Once"
                             << "stopped this answer";
    QTest::newRow("stopped early") << int(MessageState::Stopped) << ""
                                   << "before the first word";
    QTest::newRow("interrupted") << int(MessageState::Interrupted) << "Once"
                                 << "closed while";
    QTest::newRow("failed") << int(MessageState::Failed) << ""
                            << "out of memory";
    QTest::newRow("complete") << int(MessageState::Complete) << "Once"
                              << "";
    QTest::newRow("nothing said") << int(MessageState::Complete) << ""
                                  << "nothing to say";
  }
  void saysWhatBecameOfAnAnswer() {
    QFETCH(int, state);
    QFETCH(QString, text);
    QFETCH(QString, word);
    MessageListModel model;
    Message message = answer(2, static_cast<MessageState>(state), text);
    if (message.state == MessageState::Failed) message.error = QStringLiteral("The GPU is out of memory.");
    model.reset({message}, message.id);
    const QString words = value(model, 0, MessageListModel::PhaseTextRole).toString();
    QCOMPARE(words.isEmpty(), word.isEmpty());
    QVERIFY2(words.contains(word), qPrintable(words));
  }
  void countsDroppedMessages() {
    QCOMPARE(fovea::ui::droppedWords(0), QString());
    QVERIFY(fovea::ui::droppedWords(1).contains(QStringLiteral("message no longer fits")));
    QVERIFY(fovea::ui::droppedWords(4).contains(QStringLiteral("4 messages no longer fit")));
  }
  void loadingEndsWithTheMessages() {
    MessageListModel model;
    model.clear(true);
    QVERIFY(model.loading());
    model.reset({question(1, QStringLiteral("Hi"))}, 1);
    QVERIFY(!model.loading());
  }
  void ignoresWhatIsNotShown() {
    MessageListModel model;
    const QSignalSpy appended(&model, &MessageListModel::textAppended);
    model.appendText(5, QStringLiteral("x"));
    model.update(answer(5, MessageState::Complete));
    QCOMPARE(appended.count(), 0);
    QCOMPARE(model.textAt(3), QString());
    QVERIFY(!model.data(QModelIndex(), MessageListModel::TextRole).isValid());
  }
};

QTEST_MAIN(MessageListModelTest)
#include "message_list_model_test.moc"
