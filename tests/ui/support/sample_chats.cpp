#include "tests/ui/support/sample_chats.h"

#include <QDateTime>
#include <QStringList>

#include "app/store_thread.h"

namespace fovea::test {
namespace {

using app::Message;
using app::MessageState;

const QStringList& titles() {
  static const QStringList all{
      QStringLiteral("A story about a lighthouse keeper"),
      QStringLiteral("Who are you, and how were you made?"),
      QStringLiteral("The old house by the river, and everything that its last owner had left behind in it"),
      QStringLiteral("Names for a grey cat"),
      QStringLiteral("What makes bread rise\u2026"),
      QStringLiteral("Letter to a friend abroad"),
      QStringLiteral("\u0420\u0430\u0441\u0441\u043a\u0430\u0437 \u043e \u043c\u043e\u0440\u0435"),
      QStringLiteral("First lines of a sea novel"),
      QStringLiteral("Questions before adopting a dog"),
  };
  return all;
}

class Writer {
 public:
  explicit Writer(const QString& databasePath) : m_store(databasePath) { m_store.open(); }

  void begin(const QString& title, const QDateTime& when) {
    m_conversation = {};
    m_conversation.id = app::newId();
    m_conversation.title = title;
    m_conversation.createdAt = when;
    m_conversation.updatedAt = when;
    m_parent = 0;
    m_store.insertConversation(m_conversation);
  }
  Message turn(const QString& question, const QString& answer) {
    Message asked;
    asked.id = app::newId();
    asked.conversationId = m_conversation.id;
    asked.parentId = m_parent;
    asked.text = question;
    asked.createdAt = m_conversation.updatedAt;
    Message answered = asked;
    answered.id = app::newId();
    answered.parentId = asked.id;
    answered.role = Role::kAssistant;
    answered.state = MessageState::Streaming;
    answered.text.clear();
    m_parent = answered.id;
    m_store.insertTurn(asked, answered);
    answered.text = answer;
    answered.state = MessageState::Complete;
    answered.modelName = QStringLiteral("Scripted 51M");
    answered.statistics.emplace();
    answered.statistics->prompt_tokens = 210;
    answered.statistics->generated_tokens = 184;
    answered.statistics->decode_seconds = 2.9;
    answered.statistics->proposed = 200;
    answered.statistics->accepted = 143;
    return answered;
  }
  void finish(const Message& answer) { m_store.finishMessage(answer); }

 private:
  app::StoreThread m_store;
  app::Conversation m_conversation;
  app::RecordId m_parent = 0;
};

void writeStates(Writer& writer, const QDateTime& when) {
  writer.begin(QStringLiteral("What can become of an answer"), when);
  Message stopped =
      writer.turn(QStringLiteral("Tell me a story."), QStringLiteral("Once there was a miller who"));
  stopped.state = MessageState::Stopped;
  writer.finish(stopped);
  Message interrupted =
      writer.turn(QStringLiteral("Go on."), QStringLiteral("He had three sons, and the youngest"));
  interrupted.state = MessageState::Interrupted;
  writer.finish(interrupted);
  Message failed = writer.turn(QStringLiteral("And then?"), QString());
  failed.state = MessageState::Failed;
  failed.error =
      QStringLiteral("The question has 5,120 tokens, but the context holds 4,096. Shorten the question.");
  failed.statistics.reset();
  writer.finish(failed);
  Message dropped =
      writer.turn(QStringLiteral("A shorter one, please: what did the youngest son find?"), sampleStory());
  dropped.droppedMessages = 6;
  writer.finish(dropped);
}

}  // namespace

QString sampleStory() {
  return QStringLiteral(
      "The keeper of the light had not spoken to anyone for eleven days when the storm came in from the "
      "west. He heard "
      "it before he saw it: a low sound, like a cart on a distant road.\n\n"
      "\u201cWell,\u201d he said to the lamp, \u201cit will be you and me tonight.\u201d He filled the oil, "
      "trimmed the "
      "wick, and carried his chair up the one hundred and twelve steps, because he did not mean to come down "
      "again "
      "before morning.\n\n"
      "At midnight a ship showed her lights beyond the reef. She was too close, and she did not know it. The "
      "keeper "
      "turned the lamp by hand, slowly, the way his father had taught him, until the beam lay on the black "
      "water "
      "between the ship and the rocks like a plank that somebody had put there for her to walk on.");
}

QString sampleMarkdown() {
  return QStringLiteral(R"(## Sorting by hand

An **insertion sort** takes each card and puts it where it belongs, as people do with a hand of cards. It is *stable*, needs no extra memory, and is described [in many places](https://en.wikipedia.org/wiki/Insertion_sort).

1. Take the next card.
2. Walk to the left while the neighbour is larger:
   - move the neighbour to the right,
   - go on.
3. Put the card into the gap.

```python
def insertion_sort(cards):
    """Sorts in place; quick for a short list."""
    for i in range(1, len(cards)):
        card, j = cards[i], i
        while j > 0 and cards[j - 1] > card:  # larger ones move
            cards[j] = cards[j - 1]
            j -= 1
        cards[j] = card
    return cards
```

### What it costs

| input | comparisons | moves |
| :--- | ---: | ---: |
| sorted | n - 1 | 0 |
| random | n * n / 4 | n * n / 4 |
| reversed | n * n / 2 | n * n / 2 |

> Premature optimisation is the root of all evil.

For more than about fifty cards call `sorted()` instead.
)");
}

void writeSampleChats(const QString& databasePath, const SampleChats& wanted) {
  Writer writer(databasePath);
  const QDateTime now = QDateTime::currentDateTimeUtc();
  static constexpr int kAgesHours[] = {1, 3, 26, 50, 75, 100, 300, 700, 9000};
  for (int i = std::min<int>(wanted.shortChats, static_cast<int>(titles().size())) - 1; i >= 0; --i) {
    writer.begin(titles().at(i), now.addSecs(-3600 * kAgesHours[i]));
    writer.finish(writer.turn(titles().at(i), sampleStory()));
  }
  if (wanted.longChatTurns > 0) {
    writer.begin(QStringLiteral("A long evening of stories"), now.addSecs(-600));
    for (int turn = 1; turn <= wanted.longChatTurns; ++turn) {
      const QString question = turn % 3 == 0
                                   ? QStringLiteral(
                                         "Why did the keeper turn the lamp by hand? I thought there "
                                         "was a clockwork for that, and that it had to be wound "
                                         "up every few hours.\nOr am I mistaken?")
                                   : QStringLiteral("Go on, part %1.").arg(turn);
      writer.finish(writer.turn(
          question, turn % 2 == 0 ? sampleStory().section(QLatin1Char('\n'), 0, 0) : sampleStory()));
    }
  }
  if (wanted.markdownChat) {
    writer.begin(QStringLiteral("Sorting a hand of cards"), now.addSecs(-90));
    writer.finish(writer.turn(
        QStringLiteral("How do people sort cards? Show it in Python, and what it costs."), sampleMarkdown()));
  }
  if (wanted.statesChat) writeStates(writer, now.addSecs(-60));
}

}  // namespace fovea::test
