#include "app/conversation_title.h"

#include <QTest>
#include <optional>

class ConversationTitleTest : public QObject {
  Q_OBJECT
 private slots:
  void titlesAreTheFirstWords() {
    using fovea::app::titleFromQuestion;
    QCOMPARE(titleFromQuestion(QStringLiteral("Hello there")), QStringLiteral("Hello there"));
    QCOMPARE(titleFromQuestion(QStringLiteral("  one two\nthree four\tfive six seven")),
             QStringLiteral("one two three four five six\u2026"));
    const QString long_ = titleFromQuestion(QString(500, QLatin1Char('x')));
    QCOMPARE(long_.size(), 61);
    const QString smileys = titleFromQuestion(QStringLiteral("\U0001F600").repeated(80));
    QVERIFY(!smileys.at(smileys.size() - 2).isHighSurrogate());
    QCOMPARE(titleFromQuestion(QStringLiteral(" \n ")), QString());
  }
  void typedTitlesAreCleaned() {
    QCOMPARE(fovea::app::cleanedTitle(QStringLiteral("  a\n b ")), QStringLiteral("a b"));
    QCOMPARE(fovea::app::cleanedTitle(QString(500, QLatin1Char('x'))).size(), 200);
  }
  void aModelsTitleIsMadeBare_data() {
    QTest::addColumn<QString>("answer");
    QTest::addColumn<QString>("title");
    QTest::newRow("plain") << QStringLiteral("A Storm at Sea") << QStringLiteral("A Storm at Sea");
    QTest::newRow("quoted") << QStringLiteral(" \"A Storm at Sea.\"\n") << QStringLiteral("A Storm at Sea");
    QTest::newRow("announced") << QStringLiteral("Title: **A  Storm**") << QStringLiteral("A Storm");
    QTest::newRow("german") << QStringLiteral("\u201eSturm auf See\u201c") << QStringLiteral("Sturm auf See");
    QTest::newRow("question mark") << QStringLiteral("Why storms?") << QStringLiteral("Why storms?");
  }
  void aModelsTitleIsMadeBare() {
    QFETCH(QString, answer);
    QFETCH(QString, title);
    QCOMPARE(fovea::app::titleFromModel(answer, QStringLiteral("Tell me of storms")).value_or(QString()),
             title);
  }
  void poorTitlesAreRefused_data() {
    QTest::addColumn<QString>("answer");
    QTest::newRow("empty") << QString();
    QTest::newRow("marks") << QStringLiteral("\"...\"");
    QTest::newRow("no letter") << QStringLiteral("1234 56");
    QTest::newRow("lines") << QStringLiteral("Storms\nand ships");
    QTest::newRow("words") << QStringLiteral("a b c d e f g h i");
    QTest::newRow("long") << QString(61, QLatin1Char('x'));
    QTest::newRow("echo") << QStringLiteral("tell me of Storms.");
    QTest::newRow("repeats") << QStringLiteral("The sea the sea");
  }
  void poorTitlesAreRefused() {
    QFETCH(QString, answer);
    QVERIFY(!fovea::app::titleFromModel(answer, QStringLiteral("Tell me of storms")));
  }
  void theWishFollowsTheConversation() {
    using fovea::Role;
    const auto prompt = fovea::app::titlePrompt({{Role::kUser, "Hi"}, {Role::kAssistant, "Hello"}});
    QCOMPARE(prompt.size(), std::size_t{3});
    QCOMPARE(prompt[1].content, std::string("Hello"));
    QVERIFY(prompt[2].role == Role::kUser);
  }
};

QTEST_APPLESS_MAIN(ConversationTitleTest)
#include "conversation_title_test.moc"
