#include <QFile>
#include <QQuickItem>
#include <QQuickWindow>

#include "tests/ui/gallery/scene.h"

namespace fovea::test {
namespace {

void untilReady(Stage& stage) {
  auto* status = stage.parts().chat.status();
  stage.waitFor([&] { return status->modelState() == ui::StatusViewModel::ModelState::Ready; });
}

void openFirst(Stage& stage) {
  ui::ChatController& chat = stage.parts().chat;
  stage.waitFor([&] { return chat.conversations()->count() > 0; });
  chat.select(0);
  stage.waitFor([&] { return chat.messages()->count() > 0; });
}

void scriptStory(Stage& stage, int pieces) {
  std::vector<std::string> words;
  for (const QString& word : sampleStory().split(QLatin1Char(' '))) words.push_back(word.toStdString() + " ");
  stage.parts().script.setPieces(std::move(words));
  stage.parts().script.allow(pieces);
}

void ask(Stage& stage, const QString& question) {
  stage.parts().chat.send(question);
}

}  // namespace

QList<Scene> allScenes() {
  const auto nothing = [](Stage&) {};
  QList<Scene> scenes;
  scenes << Scene{QStringLiteral("empty"), {.shortChats = 0}, nothing, untilReady};
  scenes << Scene{QStringLiteral("welcome"), {}, nothing, untilReady};
  scenes << Scene{
      QStringLiteral("loading"),
      {},
      [](Stage& stage) { stage.parts().script.holdLoad(true); },
      [](Stage& stage) { stage.waitFor([&] { return stage.parts().chat.status()->loadProgress() > 0; }); }};
  scenes << Scene{QStringLiteral("waiting"),
                  {},
                  [](Stage& stage) { stage.parts().script.holdLoad(true); },
                  [](Stage& stage) {
                    stage.settle();
                    ask(stage,
                        QStringLiteral("Tell me a short story about a lighthouse keeper and a storm."));
                  }};
  scenes << Scene{QStringLiteral("streaming"),
                  {},
                  [](Stage& stage) { scriptStory(stage, 90); },
                  [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    ask(stage, QStringLiteral("And what became of the ship?"));
                    stage.waitFor([&] { return stage.parts().chat.status()->hasFigures(); });
                  }};
  scenes << Scene{QStringLiteral("context"),
                  {},
                  [](Stage& stage) {
                    scriptStory(stage, 40);
                    stage.parts().script.setDroppedMessages(6);
                  },
                  [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    ask(stage, QStringLiteral("And what became of the ship?"));
                    stage.waitFor([&] { return stage.parts().chat.status()->hasFigures(); });
                  }};
  scenes << Scene{QStringLiteral("chat"), {}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    stage.settle();
                    if (QQuickItem* text = stage.item(QStringLiteral("messageText"))) stage.moveMouseTo(text);
                  }};
  scenes << Scene{QStringLiteral("long"), {.longChatTurns = 40}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    stage.settle();
                    QQuickItem* view = stage.item(QStringLiteral("messageView"));
                    QMetaObject::invokeMethod(view, "scrollBy", Q_ARG(QVariant, -900));
                  }};
  scenes << Scene{QStringLiteral("markdown"), {.markdownChat = true}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                  }};
  scenes << Scene{QStringLiteral("markdown-top"), {.markdownChat = true}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    stage.settle();
                    QQuickItem* view = stage.item(QStringLiteral("messageView"));
                    QMetaObject::invokeMethod(view, "scrollBy", Q_ARG(QVariant, -5000));
                  }};
  scenes << Scene{
      QStringLiteral("search"), {.longChatTurns = 12, .markdownChat = true}, nothing, [](Stage& stage) {
        untilReady(stage);
        openFirst(stage);
        stage.key(Qt::Key_K, Qt::ControlModifier);
        stage.parts().chat.search()->setQuery(QStringLiteral("keeper lamp"));
        stage.waitFor([&] { return stage.parts().chat.search()->settled(); });
      }};
  scenes << Scene{QStringLiteral("shortcuts"), {}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    stage.key(Qt::Key_Slash, Qt::ControlModifier);
                  }};
  scenes << Scene{QStringLiteral("editing"), {}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    ask(stage, QStringLiteral("And what became of the ship?"));
                    auto& chat = stage.parts().chat;
                    stage.waitFor([&] { return !chat.answeringHere(); });
                    chat.regenerate(3);
                    stage.waitFor([&] { return !chat.answeringHere(); });
                    stage.settle();
                    stage.key(Qt::Key_Up);
                  }};
  scenes << Scene{QStringLiteral("attachment"), {}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    const QString path = stage.parts().folder.filePath(QStringLiteral("notes.txt"));
                    QFile file(path);
                    if (file.open(QIODevice::WriteOnly)) file.write(sampleStory().repeated(5).toUtf8());
                    file.close();
                    auto& chat = stage.parts().chat;
                    chat.attachments()->attach(QUrl::fromLocalFile(path));
                    stage.waitFor([&] { return chat.attachments()->count() == 1; });
                    ask(stage, QStringLiteral("What is this about?"));
                    stage.waitFor([&] { return !chat.answeringHere(); });
                    chat.attachments()->attach(QUrl::fromLocalFile(path));
                    stage.waitFor([&] { return chat.attachments()->count() == 1; });
                  }};
  scenes << Scene{QStringLiteral("pinned"), {.longChatTurns = 2}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    stage.parts().chat.setPinned(4, true);
                    stage.parts().chat.setArchived(5, true);
                    if (QQuickItem* button = stage.item(QStringLiteral("chatMenuButton")))
                      stage.click(button);
                  }};
  scenes << Scene{QStringLiteral("instruction"), {}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    stage.parts().chat.setSystemPrompt(QStringLiteral("Answer in one sentence."));
                    QMetaObject::invokeMethod(stage.item(QStringLiteral("chatHeader")),
                                              "systemPromptRequested");
                  }};
  scenes << Scene{QStringLiteral("closing"),
                  {},
                  [](Stage& stage) { scriptStory(stage, 40); },
                  [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    ask(stage, QStringLiteral("And what became of the ship?"));
                    stage.waitFor([&] { return stage.parts().chat.status()->hasFigures(); });
                    stage.window()->close();
                  }};
  scenes << Scene{QStringLiteral("states"), {.statesChat = true}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                  }};
  scenes << Scene{
      QStringLiteral("load-failed"),
      {},
      [](Stage& stage) {
        stage.parts().script.setLoadError(Error{ErrorCode::kDamaged,
                                                "verifier.gguf is damaged: tensor blk.3.attn_q.weight ends "
                                                "at byte 37,748,736, after the file's end.",
                                                "Download the model again, or choose another one."});
      },
      [](Stage& stage) {
        auto* status = stage.parts().chat.status();
        stage.waitFor([&] { return status->modelState() == ui::StatusViewModel::ModelState::Failed; });
      },
      false,
      true};
  scenes << Scene{QStringLiteral("store-failed"),
                  {},
                  nothing,
                  [](Stage& stage) {
                    untilReady(stage);
                    stage.waitFor([&] { return !stage.parts().chat.storeError().isEmpty(); });
                  },
                  true};
  scenes << Scene{QStringLiteral("deleted"), {}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    stage.parts().chat.remove(2);
                  }};
  scenes << Scene{QStringLiteral("long-title"), {}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    stage.waitFor([&] { return stage.parts().chat.conversations()->count() > 2; });
                    stage.parts().chat.select(2);
                    stage.settle();
                    if (QQuickItem* input = stage.item(QStringLiteral("composerInput"))) {
                      QString text;
                      for (int line = 1; line <= 12; ++line)
                        text += QStringLiteral("Line %1 of a longer question\n").arg(line);
                      input->setProperty("text", text);
                      input->setProperty("cursorPosition", 30);
                    }
                  }};
  scenes << Scene{QStringLiteral("insights"),
                  {},
                  [](Stage& stage) { scriptStory(stage, 40); },
                  [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    ask(stage, QStringLiteral("And what became of the ship?"));
                    stage.waitFor([&] { return stage.parts().chat.status()->hasFigures(); });
                    stage.key(Qt::Key_I, Qt::ControlModifier);
                    stage.settle();
                  }};
  scenes << Scene{QStringLiteral("insights-chat"),
                  {},
                  [](Stage& stage) { scriptStory(stage, -1); },
                  [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    auto& chat = stage.parts().chat;
                    for (const char* question : {"And what became of the ship?", "And then?"}) {
                      ask(stage, QString::fromLatin1(question));
                      stage.waitFor([&] { return !chat.answeringHere(); });
                    }
                    stage.key(Qt::Key_I, Qt::ControlModifier);
                    chat.steps()->setWholeChat(true);
                    stage.waitFor([&] { return !chat.steps()->series().points.empty(); });
                    chat.steps()->setLayer(3);
                    stage.settle();
                    if (QQuickItem* measure = stage.item(QStringLiteral("readMeasure"))) {
                      measure->forceActiveFocus();
                      stage.key(Qt::Key_Down);
                    }
                    if (QQuickItem* map = stage.item(QStringLiteral("readMap"))) stage.moveMouseTo(map);
                  }};
  scenes << Scene{QStringLiteral("insights-export"),
                  {},
                  [](Stage& stage) { scriptStory(stage, -1); },
                  [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    auto& chat = stage.parts().chat;
                    ask(stage, QStringLiteral("And what became of the ship?"));
                    stage.waitFor([&] { return !chat.answeringHere(); });
                    stage.key(Qt::Key_I, Qt::ControlModifier);
                    stage.settle();
                    chat.statisticsExporter()->exportTo(
                        QUrl::fromLocalFile(QStringLiteral("/proc/fovea/a.png")), 0);
                    if (QQuickItem* button = stage.item(QStringLiteral("exportStatistics")))
                      stage.click(button);
                  }};
  scenes << Scene{QStringLiteral("reading"),
                  {},
                  [](Stage& stage) {
                    stage.parts().script.setPrefill({{256, 4000}, {768, 4000}}, 1300);
                  },
                  [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    stage.parts().script.allow(0);
                    ask(stage, QStringLiteral("And what became of the ship?"));
                    stage.settle(2900);
                  }};
  scenes << Scene{QStringLiteral("insights-missing"), {}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    stage.key(Qt::Key_I, Qt::ControlModifier);
                  }};
  scenes << Scene{QStringLiteral("renaming"), {}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    if (QQuickItem* list = stage.item(QStringLiteral("conversationList"))) {
                      list->forceActiveFocus();
                    }
                    stage.key(Qt::Key_F2);
                  }};
  scenes << Scene{QStringLiteral("keyboard"), {}, nothing, [](Stage& stage) {
                    untilReady(stage);
                    openFirst(stage);
                    if (QQuickItem* list = stage.item(QStringLiteral("conversationList"))) {
                      list->forceActiveFocus();
                      stage.key(Qt::Key_Down);
                    }
                  }};
  return scenes;
}

}  // namespace fovea::test
