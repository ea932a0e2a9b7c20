// Out and in again, and what other programs export.
#include "app/conversation_files.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QtTest>

#include "app/conversation_transfer.h"
#include "app/message_branch.h"
#include "store_fixtures.h"

using namespace fovea;
using namespace fovea::app;

namespace {

constexpr const char* kChatGpt =
    R"([{"title": "Ships", "create_time": 1700000000.5, "update_time": 1700000100,
 "current_node": "d", "mapping": {
 "root": {"id": "root", "message": null, "parent": null, "children": ["s"]},
 "s": {"id": "s", "message": {"author": {"role": "system"}, "content": {"content_type": "text", "parts": [""]}},
       "parent": "root", "children": ["a"]},
 "a": {"id": "a", "message": {"author": {"role": "user"}, "create_time": 1700000001,
       "content": {"content_type": "text", "parts": ["What is a keel?"]}}, "parent": "s", "children": ["b", "c"]},
 "b": {"id": "b", "message": {"author": {"role": "assistant"}, "create_time": 1700000002,
       "content": {"content_type": "text", "parts": ["A beam."]}, "metadata": {"model_slug": "gpt-4"}},
       "parent": "a", "children": []},
 "c": {"id": "c", "message": {"author": {"role": "tool"}, "create_time": 1700000003,
       "content": {"content_type": "code", "text": "search"}}, "parent": "a", "children": ["d"]},
 "d": {"id": "d", "message": {"author": {"role": "assistant"}, "create_time": 1700000004,
       "content": {"content_type": "multimodal_text", "parts": [{"asset_pointer": "x"}, "The backbone", "of a ship."]}},
       "parent": "c", "children": []}}}])";

constexpr const char* kOpenWebUi = R"([{"id": "x", "title": "Sails", "pinned": true, "archived": false,
 "created_at": 1700000000, "updated_at": 1700000300, "chat": {"title": "Sails", "models": ["m"],
 "history": {"currentId": "3", "messages": {
 "3": {"id": "3", "parentId": "1", "childrenIds": [], "role": "assistant", "content": "Cloth.", "model": "llama3",
       "timestamp": 1700000020},
 "1": {"id": "1", "parentId": null, "childrenIds": ["2", "3"], "role": "user", "content": "What is a sail?",
       "timestamp": 1700000010},
 "2": {"id": "2", "parentId": "1", "childrenIds": [], "role": "assistant", "content": "A wing.", "model": "llama3",
       "timestamp": 1700000011}}}}}])";

QStringList branchTexts(const StoredConversation& stored) {
  QStringList texts;
  for (const Message& each : branchOf(stored.messages, stored.conversation.headMessageId)) texts << each.text;
  return texts;
}

}  // namespace

class ConversationFilesTest : public QObject {
  Q_OBJECT

 private slots:
  void outAndInAgain() {
    QTemporaryDir folder;
    const auto store = openStore(folder.filePath(QStringLiteral("a.db")));
    QVERIFY(store);
    Conversation conversation = makeConversation(1, QStringLiteral("Sorting \u201ccards\u201d"));
    conversation.pinned = true;
    conversation.systemPrompt = QStringLiteral("Be brief.");
    conversation.headMessageId = 13;
    Message first = makeAnswer(11, 1, 10);
    first.state = MessageState::Stopped;
    first.text = QStringLiteral("One\n```\ncode\n```");
    Message second = makeAnswer(13, 1, 12);
    second.state = MessageState::Complete;
    second.text = QStringLiteral("Two");
    second.cutAtLimit = true;
    FOVEA_VERIFY_OK(store->insertConversation(conversation,
                                              {makeQuestion(10, 1, 0, QStringLiteral("How?")), first,
                                               makeQuestion(12, 1, 0, QStringLiteral("How else?")), second}));
    FOVEA_VERIFY_OK(store->insertConversation(makeConversation(2, QStringLiteral("Empty"))));

    const QString path = folder.filePath(QStringLiteral("chats.json"));
    FOVEA_VERIFY_OK(exportConversations(*store, std::nullopt, ExportFormat::Json, path));
    const auto other = openStore(folder.filePath(QStringLiteral("b.db")));
    QVERIFY(other);
    const auto count = importConversations(*other, path);
    QVERIFY2(count.ok(), count ? "" : count.error().to_string().c_str());
    QCOMPARE(count.value(), 2);
    const QList<Conversation> list = other->conversations().rows;
    QCOMPARE(list.size(), 2);
    const Conversation copy = list[0].title == QStringLiteral("Empty") ? list[1] : list[0];
    QCOMPARE(copy.title, conversation.title);
    QVERIFY(copy.pinned);
    QCOMPARE(copy.systemPrompt, conversation.systemPrompt);
    QCOMPARE(copy.createdAt, conversation.createdAt);
    const QList<Message> messages = other->messages(copy.id).rows;
    QCOMPARE(messages.size(), 4);
    QCOMPARE(branchTexts({copy, messages}),
             (QStringList{QStringLiteral("How else?"), QStringLiteral("Two")}));
    const auto stopped = std::find_if(messages.begin(), messages.end(),
                                      [&](const Message& each) { return each.text == first.text; });
    QVERIFY(stopped != messages.end());
    QCOMPARE(stopped->state, MessageState::Stopped);
    QCOMPARE(stopped->modelName, first.modelName);
    // Twice is twice, and nothing is replaced.
    QVERIFY(importConversations(*other, path).ok());
    QCOMPARE(other->conversations().rows.size(), 4);
  }
  void markdownIsTheShownBranch() {
    QTemporaryDir folder;
    const auto store = openStore(folder.filePath(QStringLiteral("a.db")));
    QVERIFY(store);
    Message answer = makeAnswer(11, 1, 10);
    answer.state = MessageState::Complete;
    answer.text = QStringLiteral("**Yes.**");
    FOVEA_VERIFY_OK(store->insertConversation(makeConversation(1, QStringLiteral("Title")),
                                              {makeQuestion(10, 1, 0, QStringLiteral("Is it?")), answer}));
    const auto text = exportConversations(*store, 1, ExportFormat::Markdown);
    QVERIFY(text.ok());
    QCOMPARE(QString::fromUtf8(text.value()).section(QStringLiteral("\n\n"), 2),
             QStringLiteral("## You\n\nIs it?\n\n## Answer (fovea-verifier)\n\n**Yes.**\n"));
    const auto missing = exportConversations(*store, 99, ExportFormat::Json);
    QVERIFY(!missing.ok());
    QCOMPARE(missing.error().code, ErrorCode::kNotFound);
  }
  void readsChatGpt() {
    const auto found = readConversations(kChatGpt);
    QVERIFY2(found.ok(), found ? "" : found.error().to_string().c_str());
    QCOMPARE(found->size(), 1);
    const StoredConversation& stored = found->first();
    QCOMPARE(stored.conversation.title, QStringLiteral("Ships"));
    QCOMPARE(stored.messages.size(), 3);
    QCOMPARE(branchTexts(stored),
             (QStringList{QStringLiteral("What is a keel?"), QStringLiteral("The backbone\nof a ship.")}));
    QCOMPARE(stored.messages[1].modelName, QStringLiteral("gpt-4"));
    QCOMPARE(stored.conversation.createdAt.toMSecsSinceEpoch(), 1'700'000'000'500);
  }
  void readsOpenWebUi() {
    const auto found = readConversations(kOpenWebUi);
    QVERIFY2(found.ok(), found ? "" : found.error().to_string().c_str());
    QCOMPARE(found->size(), 1);
    const StoredConversation& stored = found->first();
    QVERIFY(stored.conversation.pinned);
    QCOMPARE(stored.messages.size(), 3);
    QCOMPARE(stored.messages[1].text, QStringLiteral("A wing."));  // by time
    QCOMPARE(branchTexts(stored), (QStringList{QStringLiteral("What is a sail?"), QStringLiteral("Cloth.")}));
  }
  void refusesWhatItDoesNotKnow_data() {
    QTest::addColumn<QByteArray>("json");
    for (const char* json : {"", "{", "[]", "{}", "null", "[1, 2]", R"([{"mapping": {}}])",
                             R"([{"chat": {}}])", R"({"format": "fovea-conversations", "version": 2})"}) {
      QTest::newRow(json) << QByteArray(json);
    }
  }
  void refusesWhatItDoesNotKnow() {
    QFETCH(QByteArray, json);
    const auto found = readConversations(json);
    QVERIFY(!found.ok());
    QVERIFY(!found.error().remedy.empty());
  }
  void survivesCirclesAndDamage() {
    const auto circle = readConversations(
        R"([{"mapping": {"a": {"parent": "b", "message": {"author": {"role": "user"}, "content": {"parts": ["x"]}}},
            "b": {"parent": "a", "message": {"author": {"role": "user"}, "content": {"parts": ["y"]}}},
            "c": {"parent": "gone", "message": {"author": {"role": "user"}, "content": {"parts": ["z"]}}}}}])");
    QVERIFY(circle.ok());
    QCOMPARE(circle->first().messages.size(), 1);
    QRandomGenerator random(3);
    QTemporaryDir folder;
    const auto store = openStore(folder.filePath(QStringLiteral("a.db")));
    for (const char* file : {kChatGpt, kOpenWebUi}) {
      for (int round = 0; round < 300; ++round) {
        QByteArray damaged(file);
        for (int i = 1 + random.bounded(4); i > 0; --i) {
          damaged[random.bounded(int(damaged.size()))] = static_cast<char>(random.bounded(32, 127));
        }
        const auto found = readConversations(damaged);
        if (!found) continue;
        for (const StoredConversation& stored : found.value()) {
          FOVEA_VERIFY_OK(store->insertConversation(stored.conversation, stored.messages));
        }
      }
    }
  }
};

QTEST_GUILESS_MAIN(ConversationFilesTest)
#include "conversation_files_test.moc"
