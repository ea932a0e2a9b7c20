#include "app/message_branch.h"

#include <QTest>

using fovea::ChatMessage;
using fovea::Role;
using fovea::app::branchOf;
using fovea::app::Message;
using fovea::app::promptFor;

namespace {

Message message(qint64 id, qint64 parent, Role role, const QString& text) {
  Message made;
  made.id = id;
  made.parentId = parent;
  made.role = role;
  made.text = text;
  return made;
}

QList<Message> tree() {
  return {message(1, 0, Role::kUser, QStringLiteral("q1")),
          message(2, 1, Role::kAssistant, QStringLiteral("a1")),
          message(3, 2, Role::kUser, QStringLiteral("q2")),
          message(4, 3, Role::kAssistant, QStringLiteral("a2")),
          message(5, 2, Role::kUser, QStringLiteral("q2 edited")),
          message(6, 5, Role::kAssistant, QStringLiteral("a2 edited"))};
}

QStringList texts(const QList<Message>& branch) {
  QStringList all;
  for (const Message& each : branch) all << each.text;
  return all;
}

}  // namespace

class MessageBranchTest : public QObject {
  Q_OBJECT

 private slots:
  void followsTheHead() {
    QCOMPARE(texts(branchOf(tree(), 4)), (QStringList{"q1", "a1", "q2", "a2"}));
    QCOMPARE(texts(branchOf(tree(), 6)), (QStringList{"q1", "a1", "q2 edited", "a2 edited"}));
    QCOMPARE(texts(branchOf(tree(), 2)), (QStringList{"q1", "a1"}));
  }
  void aMissingHeadMeansTheNewest() {
    QCOMPARE(branchOf(tree(), 0).size(), 4);
    QCOMPARE(branchOf(tree(), 99).last().id, 6);
    QVERIFY(branchOf({}, 3).isEmpty());
  }
  void survivesADamagedTree() {
    QList<Message> cycle = tree();
    cycle[0].parentId = 4;
    QCOMPARE(branchOf(cycle, 4).size(), 4);
    QList<Message> orphan = tree();
    orphan.removeAt(0);
    QCOMPARE(texts(branchOf(orphan, 4)), (QStringList{"a1", "q2", "a2"}));
  }
  void promptHoldsTheTurns() {
    const std::vector<ChatMessage> prompt = promptFor(branchOf(tree(), 4), QStringLiteral("q3"), QString());
    QCOMPARE(prompt.size(), size_t{5});
    QCOMPARE(prompt.front().content, std::string("q1"));
    QCOMPARE(prompt.back().content, std::string("q3"));
    QCOMPARE(prompt.back().role, Role::kUser);
  }
  void promptBeginsWithTheSystemPrompt() {
    const std::vector<ChatMessage> prompt = promptFor({}, QStringLiteral("q"), QStringLiteral("Be brief."));
    QCOMPARE(prompt.size(), size_t{2});
    QCOMPARE(prompt.front().role, Role::kSystem);
    QCOMPARE(promptFor({}, QStringLiteral("q"), QStringLiteral("  \n")).size(), size_t{1});
  }
  void turnsWithoutAnAnswerAreLeftOut() {
    QList<Message> branch = branchOf(tree(), 4);
    branch[1].text.clear();
    const std::vector<ChatMessage> prompt = promptFor(branch, QStringLiteral("q3"), QString());
    QCOMPARE(prompt.size(), size_t{3});
    QCOMPARE(prompt.front().content, std::string("q2"));
  }
};

QTEST_MAIN(MessageBranchTest)
#include "message_branch_test.moc"
