#include "app/conversation_title.h"

#include <QTest>

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
};

QTEST_APPLESS_MAIN(ConversationTitleTest)
#include "conversation_title_test.moc"
