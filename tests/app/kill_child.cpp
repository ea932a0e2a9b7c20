// The victim of kill_test: a program with the real store, worker and recorder, whose scripted engine says a
// numbered word every few milliseconds. Each word is reported on stdout with the time it was said
// (milliseconds of the steady clock, which all processes of one machine share). Runs until it is killed.
#include <QCoreApplication>
#include <cstdio>

#include "app/store_thread.h"
#include "app/turn_recorder.h"
#include "scripted_engine.h"

using namespace fovea;
using namespace fovea::app;

namespace {

long long nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Result<TurnResult> speak(Scene& scene) {
  scene.observer.on_prefill(5, 5);
  for (int i = 0; !scene.stop.stop_requested(); ++i) {
    scene.say("w" + std::to_string(i) + " ");
    std::printf("%d %lld\n", i, nowMs());
    std::fflush(stdout);
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  scene.result.reason = FinishReason::kCancelled;
  return scene.result;
}

}  // namespace

int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  if (argc != 2) return 2;
  StoreThread store(QString::fromLocal8Bit(argv[1]));
  GenerationWorker worker(scriptedFactory(speak));
  TurnRecorder recorder(worker, store);
  QObject::connect(&store, &StoreThread::failed, &application, [](const QString& message) {
    std::fprintf(stderr, "%s\n", qPrintable(message));
    std::_Exit(3);
  });
  store.open();
  worker.load({});

  Conversation conversation;
  conversation.id = newId();
  store.insertConversation(conversation);
  Message question;
  question.id = newId();
  question.conversationId = conversation.id;
  question.text = QStringLiteral("Speak!");
  Message answer;
  answer.id = newId();
  answer.conversationId = conversation.id;
  answer.parentId = question.id;
  answer.role = Role::kAssistant;
  recorder.begin(question, answer, {});
  return QCoreApplication::exec();
}
