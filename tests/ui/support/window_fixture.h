// Everything behind a window, with a scripted engine and a database in a temporary folder: what the tests of
// the view models, the flows and the gallery share. Members are destroyed in the program's own order.
#pragma once

#include <QTemporaryDir>

#include "app/generation_worker.h"
#include "app/settings.h"
#include "app/store_thread.h"
#include "app/turn_recorder.h"
#include "tests/ui/support/scripted_engine.h"
#include "ui/chat_controller.h"

namespace fovea::test {

struct WindowFixture {
  explicit WindowFixture(app::Settings settings = {}, const QString& databasePath = {})
      : store(databasePath.isEmpty() ? folder.filePath(QStringLiteral("chats.db")) : databasePath),
        worker(script.factory()),
        recorder(worker, store),
        chat({store, worker, recorder}, std::move(settings), folder.filePath(QStringLiteral("fovea.ini"))) {}

  QTemporaryDir folder;
  Script script;
  app::StoreThread store;
  app::GenerationWorker worker;
  app::TurnRecorder recorder;
  ui::ChatController chat;
};

}  // namespace fovea::test
