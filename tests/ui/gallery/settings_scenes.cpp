// The settings panel, its sections and states, and the pages about the program.
#include <QFile>
#include <QQuickItem>

#include "app/paths.h"
#include "tests/ui/gallery/scene.h"

namespace fovea::test {
namespace {

void untilReady(Stage& stage) {
  auto* status = stage.parts().chat.status();
  stage.waitFor([&] { return status->modelState() == ui::StatusViewModel::ModelState::Ready; });
}

void openSection(Stage& stage, const QString& section) {
  untilReady(stage);
  QMetaObject::invokeMethod(stage.item(QStringLiteral("chatView")), "openSettings",
                            Q_ARG(QVariant, QVariant(section)));
  stage.waitFor([&] { return !stage.parts().chat.model()->planning(); });
}

void scrollTo(Stage& stage, qreal share) {
  stage.settle();
  QQuickItem* scroller = stage.item(QStringLiteral("settingsScroller"));
  if (scroller == nullptr) return;
  const qreal room = scroller->property("contentHeight").toReal() - scroller->height();
  scroller->setProperty("contentY", std::max(0.0, room) * share);
}

Scene section(const QString& name, const QString& section, std::function<void(app::Settings&)> change = {}) {
  Scene scene{QStringLiteral("settings-") + name,
              {},
              [](Stage&) {},
              [section](Stage& stage) { openSection(stage, section); }};
  scene.change = std::move(change);
  scene.everyTheme = true;
  return scene;
}

void inMode(app::Settings& settings, Mode mode) {
  settings.generation.mode = mode;
}

}  // namespace

QList<Scene> settingsScenes() {
  const auto nothing = [](Stage&) {};
  QList<Scene> scenes;
  scenes << section(QStringLiteral("model"), QStringLiteral("model"));
  scenes << section(QStringLiteral("decoding"), QStringLiteral("decoding"));
  scenes << section(QStringLiteral("attention"), QStringLiteral("attention"),
                    [](app::Settings& settings) { inMode(settings, Mode::kSparse); });
  scenes << section(QStringLiteral("attention-idle"), QStringLiteral("attention"));
  scenes << section(QStringLiteral("sampling"), QStringLiteral("sampling"));
  scenes << section(QStringLiteral("appearance"), QStringLiteral("appearance"));

  Scene map{QStringLiteral("settings-alignment"), {}, nothing, [](Stage& stage) {
              openSection(stage, QStringLiteral("attention"));
              stage.waitFor([&] {
                return stage.parts().chat.alignment()->state() == ui::AlignmentViewModel::State::Found;
              });
              scrollTo(stage, 1);
            }};
  map.everyTheme = true;
  scenes << map;
  scenes << Scene{QStringLiteral("settings-aligning"),
                  {},
                  [](Stage& stage) { stage.parts().script.holdAlign(true); },
                  [](Stage& stage) {
                    openSection(stage, QStringLiteral("attention"));
                    auto* alignment = stage.parts().chat.alignment();
                    stage.waitFor([&] { return alignment->state() == ui::AlignmentViewModel::State::Found; });
                    alignment->recompute();
                    stage.waitFor([&] { return alignment->progress() > 0; });
                    scrollTo(stage, 1);
                  }};
  scenes << Scene{QStringLiteral("settings-no-draft"),
                  {},
                  [](Stage& stage) { stage.parts().script.setDraft(false); },
                  [](Stage& stage) { openSection(stage, QStringLiteral("decoding")); }};
  scenes << Scene{QStringLiteral("settings-misfit"), {}, nothing, [](Stage& stage) {
                    openSection(stage, QStringLiteral("model"));
                    const QString path = stage.parts().folder.filePath(QStringLiteral("half.gguf"));
                    QFile whole(app::embeddedDraftPath().value());
                    QFile half(path);
                    if (whole.open(QIODevice::ReadOnly) && half.open(QIODevice::WriteOnly))
                      half.write(whole.read(whole.size() / 2));
                    half.close();
                    stage.parts().chat.model()->chooseDraft(path);
                    stage.waitFor([&] { return !stage.parts().chat.model()->planning(); });
                  }};
  scenes << Scene{QStringLiteral("settings-changed"), {}, nothing, [](Stage& stage) {
                    openSection(stage, QStringLiteral("model"));
                    stage.parts().chat.model()->setContextTokens(8192);
                    stage.waitFor([&] { return !stage.parts().chat.model()->planning(); });
                    scrollTo(stage, 1);
                  }};
  scenes << Scene{QStringLiteral("settings-loading"), {}, nothing, [](Stage& stage) {
                    openSection(stage, QStringLiteral("model"));
                    stage.parts().script.holdLoad(true);
                    stage.parts().chat.model()->chooseNoDraft();
                    stage.parts().chat.model()->load();
                    stage.waitFor([&] { return stage.parts().chat.model()->loadProgress() > 0; });
                  }};
  scenes << Scene{QStringLiteral("settings-load-failed"), {}, nothing, [](Stage& stage) {
                    openSection(stage, QStringLiteral("model"));
                    stage.parts().script.setLoadError(Error{ErrorCode::kOutOfMemory,
                                                            "The KV cache of 131,072 tokens takes 24 GiB.",
                                                            "Choose a context of at most 8192 tokens."});
                    stage.parts().chat.model()->setContextTokens(131072);
                    stage.parts().chat.model()->load();
                    stage.waitFor([&] { return !stage.parts().chat.model()->loadError().isEmpty(); });
                    stage.parts().script.setLoadError(std::nullopt);
                  }};
  Scene preset = section(QStringLiteral("preset"), QStringLiteral("sampling"), [](app::Settings& settings) {
    settings.generation.sampling.temperature = 0;
    settings.presets = {{QStringLiteral("Without chance"), settings.generation}};
  });
  preset.act = [act = preset.act](Stage& stage) {
    act(stage);
    scrollTo(stage, 1);
    if (QQuickItem* button = stage.item(QStringLiteral("savePresetButton"))) stage.click(button);
  };
  scenes << preset;
  Scene mirrored = section(QStringLiteral("mirrored"), QStringLiteral("attention"),
                           [](app::Settings& settings) { inMode(settings, Mode::kSparse); });
  mirrored.mirrored = true;
  mirrored.everyTheme = false;
  scenes << mirrored;
  for (const QString& part :
       {QStringLiteral("decoding"), QStringLiteral("attention"), QStringLiteral("model")}) {
    Scene german = section(QStringLiteral("german-") + part, part,
                           [](app::Settings& settings) { inMode(settings, Mode::kSparse); });
    german.language = QStringLiteral("de");
    german.everyTheme = false;
    scenes << german;
  }
  Scene large = section(QStringLiteral("large"), QStringLiteral("decoding"),
                        [](app::Settings& settings) { settings.appearance.fontPercent = 160; });
  large.everyTheme = false;
  scenes << large;
  Scene night = section(QStringLiteral("night"), QStringLiteral("appearance"));
  night.darkSystem = true;
  scenes << night;
  Scene first{QStringLiteral("first-start"), {.shortChats = 0}, nothing, untilReady};
  first.change = [](app::Settings& settings) { settings.welcomed = false; };
  first.everyTheme = true;
  scenes << first;
  Scene about{QStringLiteral("about"), {}, nothing, [](Stage& stage) {
                openSection(stage, QStringLiteral("appearance"));
                stage.settle();
                if (QQuickItem* button = stage.item(QStringLiteral("aboutButton"))) stage.click(button);
              }};
  scenes << about;
  return scenes;
}

}  // namespace fovea::test
