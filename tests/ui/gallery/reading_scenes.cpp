// The pages of the insights about single words: what the answer read, who proposed it, verifying and
// comparing it.
#include <QQuickItem>

#include "tests/ui/gallery/scene.h"

namespace fovea::test {
namespace {

/// An answer of many steps, and the panel on one of its pages.
void openPage(Stage& stage, const QString& page, const QString& mode = QStringLiteral("sparse")) {
  ui::ChatController& chat = stage.parts().chat;
  stage.waitFor([&] { return chat.status()->modelState() == ui::StatusViewModel::ModelState::Ready; });
  chat.settings()->setMode(mode);
  chat.send(QStringLiteral("Tell me a short story about a lighthouse keeper and a storm."));
  stage.waitFor([&] { return !chat.answeringHere() && chat.messages()->count() == 2; });
  stage.settle(50);
  stage.key(Qt::Key_I, Qt::ControlModifier);
  stage.settle();
  if (QQuickItem* tab = stage.item(QStringLiteral("insights-") + page)) stage.click(tab);
  stage.settle();
}

void scriptSteps(Stage& stage, int steps, std::size_t promptTokens) {
  std::vector<std::string> words;
  for (const QString& word : sampleStory().split(QLatin1Char(' ')).mid(0, steps))
    words.push_back(word.toStdString() + " ");
  stage.parts().script.setPieces(std::move(words));
  stage.parts().script.setPromptTokens(promptTokens);
}

void choose(Stage& stage, const QString& text, int token) {
  if (QQuickItem* item = stage.item(text))
    QMetaObject::invokeMethod(item, "choose", Q_ARG(QVariant, QVariant(token)));
  stage.settle();
}

void verify(Stage& stage) {
  if (QQuickItem* button = stage.item(QStringLiteral("verifyButton"))) stage.click(button);
  stage.settle();
}

Scene reading(const QString& name, std::function<void(Stage&)> prepare, std::function<void(Stage&)> act) {
  Scene scene{name, {.shortChats = 3}, std::move(prepare), std::move(act)};
  scene.everyTheme = true;
  return scene;
}

}  // namespace

QList<Scene> readingScenes() {
  const auto story = [](Stage& stage) { scriptSteps(stage, 24, 160); };
  QList<Scene> scenes;
  scenes << reading(QStringLiteral("reads"), story,
                    [](Stage& stage) { openPage(stage, QStringLiteral("reads")); });
  scenes << reading(QStringLiteral("reads-word"), story, [](Stage& stage) {
    openPage(stage, QStringLiteral("reads"));
    choose(stage, QStringLiteral("readText"), 200);
  });
  scenes << reading(QStringLiteral("draft"), story, [](Stage& stage) {
    openPage(stage, QStringLiteral("draft"));
    choose(stage, QStringLiteral("draftText"), 3);
  });
  scenes << reading(QStringLiteral("verify"), story,
                    [](Stage& stage) { openPage(stage, QStringLiteral("check")); });
  scenes << reading(
      QStringLiteral("verify-running"),
      [](Stage& stage) {
        scriptSteps(stage, 24, 160);
        stage.parts().script.holdReplay(true);
      },
      [](Stage& stage) {
        openPage(stage, QStringLiteral("check"));
        verify(stage);
      });
  scenes << reading(QStringLiteral("verify-same"), story, [](Stage& stage) {
    openPage(stage, QStringLiteral("check"), QStringLiteral("exact"));
    verify(stage);
  });
  scenes << reading(
      QStringLiteral("verify-different"),
      [](Stage& stage) {
        scriptSteps(stage, 24, 160);
        stage.parts().script.setDifferences(
            {{12, {77, 0.61F, 0.0F}}, {31, {78, 0.52F, 0.18F}}, {40, {79, 0.4F, 0.3F}}});
      },
      [](Stage& stage) {
        openPage(stage, QStringLiteral("check"));
        verify(stage);
      });
  scenes << reading(QStringLiteral("compare-alone"), story,
                    [](Stage& stage) { openPage(stage, QStringLiteral("compare")); });
  scenes << reading(QStringLiteral("compare"), story, [](Stage& stage) {
    openPage(stage, QStringLiteral("compare"));
    ui::ChatController& chat = stage.parts().chat;
    stage.parts().script.setPromptTokens(480);
    chat.regenerate(1);
    stage.waitFor([&] { return chat.answeringHere(); });
    stage.waitFor([&] { return !chat.answeringHere(); });
    stage.waitFor([&] { return !chat.comparison()->rows().isEmpty(); });
  });
  scenes << reading(
      QStringLiteral("verify-german"),
      [](Stage& stage) {
        scriptSteps(stage, 24, 160);
        stage.parts().script.setDifferences({{12, {77, 0.61F, 0.12F}}});
      },
      [](Stage& stage) {
        openPage(stage, QStringLiteral("check"), QStringLiteral("speculative"));
        verify(stage);
      });
  scenes.last().language = QStringLiteral("de");
  scenes << reading(QStringLiteral("reads-mirrored"), story, [](Stage& stage) {
    openPage(stage, QStringLiteral("reads"));
    choose(stage, QStringLiteral("readText"), 200);
  });
  scenes.last().mirrored = true;
  return scenes;
}

}  // namespace fovea::test
