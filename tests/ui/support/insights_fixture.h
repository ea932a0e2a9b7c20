// A window's parts with answers in them and the insights open.
#pragma once

#include <QTest>

#include "app/trace_blob.h"
#include "tests/ui/support/window_fixture.h"

namespace fovea::test {

struct InsightsFixture : WindowFixture {
  explicit InsightsFixture(const QString& mode = QStringLiteral("sparse"), float temperature = 0.8F)
      : WindowFixture(settings(temperature)) {
    chat.start();
    if (!QTest::qWaitFor(
            [this] { return chat.status()->modelState() == ui::StatusViewModel::ModelState::Ready; }))
      qFatal("The scripted model does not load.");
    chat.settings()->setMode(mode);
    chat.insights()->setOpen(true);
  }
  /// Asks, and waits for the whole answer and its trace.
  void ask(const QString& question = QStringLiteral("What is it?")) {
    chat.send(question);
    waitForAnswer();
  }
  void waitForAnswer() {
    if (!QTest::qWaitFor([this] {
          return !chat.answeringHere() && chat.insights()->state() == ui::InsightsViewModel::State::Ready &&
                 chat.insights()->answerId() == chat.messages()->lastId();
        }))
      qFatal("No answer comes.");
  }
  /// The store has another trace of the newest answer, which is shown from there: behind another answer.
  void replaceTrace(const app::TurnTrace& trace) {
    store.saveTrace(chat.messages()->lastId(), app::encodeTrace(trace));
    ask();
    chat.insights()->showAnother(-1);
    if (!QTest::qWaitFor([this] { return chat.insights()->state() == ui::InsightsViewModel::State::Ready; }))
      qFatal("The trace does not come back.");
  }

 private:
  static app::Settings settings(float temperature) {
    app::Settings settings;
    settings.generation.sampling.temperature = temperature;
    return settings;
  }
};

}  // namespace fovea::test
