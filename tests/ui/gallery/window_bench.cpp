// fovea_window_bench: what the window costs, offscreen with the software renderer over a scripted engine:
// time to the first frame, work of the GUI thread per piece of a streaming answer, time from a key to the
// frame that shows it meanwhile, frames while the insights are open, memory of a chat of 2,000 messages.
// Prints a table; the README of ui/ says what came out where.
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QGuiApplication>
#include <QQuickItem>
#include <QQuickWindow>
#include <QTest>
#include <QThread>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <numeric>
#include <vector>

#include "tests/ui/gallery/scene.h"

namespace {

using fovea::test::Stage;

double threadCpuMs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double residentMiB() {
  QFile status(QStringLiteral("/proc/self/status"));
  if (!status.open(QIODevice::ReadOnly)) return 0;
  for (const QByteArray& line : status.readAll().split('\n')) {
    if (line.startsWith("VmRSS:")) return line.mid(6).simplified().split(' ').first().toDouble() / 1024;
  }
  return 0;
}

void print(const char* what, double value, const char* unit) {
  std::printf("%-64s %9.2f %s\n", what, value, unit);
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0
                        : values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

double mean(const std::vector<double>& values) {
  return values.empty()
             ? 0
             : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Deferred deletions too, which an event loop would do.
void processEvents() {
  QCoreApplication::processEvents();
  QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

/// Of somebody who has closed the welcome.
fovea::app::Settings settled() {
  fovea::app::Settings settings;
  settings.welcomed = true;
  return settings;
}

bool ready(Stage& stage, int messages) {
  auto& chat = stage.parts().chat;
  const bool loaded = stage.waitFor([&] { return chat.conversations()->count() > 0; });
  chat.select(0);
  return loaded && stage.waitFor([&] { return chat.messages()->count() == messages; });
}

fovea::app::Message streamingAnswer(fovea::ui::MessageListModel& model) {
  fovea::app::Message answer;
  answer.id = fovea::app::newId();
  answer.parentId = model.lastId();
  answer.role = fovea::Role::kAssistant;
  answer.state = fovea::app::MessageState::Streaming;
  answer.createdAt = QDateTime::currentDateTimeUtc();
  return answer;
}

/// A long answer, word by word, each shown before the next comes.
void streaming() {
  Stage stage({.shortChats = 1}, settled(), {}, fovea::ui::ThemeChoice::Light, {1280, 800});
  stage.parts().chat.start();
  if (!ready(stage, 2)) return;
  auto& model = *stage.parts().chat.messages();
  const fovea::app::Message answer = streamingAnswer(model);
  model.append(answer);
  QStringList words;
  for (int i = 0; i < 25; ++i) words << (fovea::test::sampleMarkdown() + u'\n').split(u' ');
  std::vector<double> work;
  std::vector<double> keys;
  QQuickItem* input = stage.item(QStringLiteral("composerInput"));
  for (qsizetype i = 0; i < words.size(); ++i) {
    const double before = threadCpuMs();
    model.appendText(answer.id, words.at(i) + u' ');
    processEvents();
    work.push_back(threadCpuMs() - before);
    if (i % 100 != 99) continue;
    // A key goes down in the middle of it: until a frame with the character has been drawn.
    QElapsedTimer clock;
    const int length = input->property("length").toInt();
    bool drawn = false;
    const auto connection =
        QObject::connect(stage.window(), &QQuickWindow::frameSwapped, stage.window(),
                         [&] { drawn = drawn || input->property("length").toInt() > length; });
    clock.start();
    QTest::keyClick(stage.window(), Qt::Key_A);
    while (!drawn && clock.elapsed() < 1000) QCoreApplication::processEvents(QEventLoop::AllEvents, 1);
    if (!drawn) qFatal("The key did not reach the composer.");
    keys.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    QObject::disconnect(connection);
  }
  const auto part = [&](std::size_t from, std::size_t to) {
    return std::vector<double>(work.begin() + static_cast<std::ptrdiff_t>(from),
                               work.begin() + static_cast<std::ptrdiff_t>(to));
  };
  std::printf("An answer of %zu words, %lld characters\n", work.size(),
              static_cast<long long>(model.textAt(2).size()));
  print("GUI thread per word, drawing included: mean of the first 500", mean(part(0, 500)), "ms");
  print("  mean of the last 500", mean(part(work.size() - 500, work.size())), "ms");
  print("  all, 99 of 100 below", quantile(work, 0.99), "ms");
  print("key to frame while it streams: median", quantile(keys, 0.5), "ms");
  print("  slowest", quantile(keys, 1), "ms");
}

/// An answer behind 4,000 tokens while the insights are open: text, step chart and map change together. What
/// a frame costs is all that the GUI thread does from one frame to the next.
void insights() {
  Stage stage({.shortChats = 1}, settled(), {}, fovea::ui::ThemeChoice::Light, {1280, 800});
  auto& chat = stage.parts().chat;
  auto& script = stage.parts().script;
  constexpr int kPieces = 600;
  std::vector<std::string> pieces;
  for (const QString& word : fovea::test::sampleMarkdown().split(u' '))
    pieces.push_back(word.toStdString() + " ");
  while (pieces.size() < kPieces) pieces.push_back(pieces[pieces.size() % 100]);
  script.setPieces(std::move(pieces));
  script.setPromptTokens(4000);
  chat.start();
  if (!ready(stage, 2)) return;
  stage.key(Qt::Key_I, Qt::ControlModifier);
  if (!chat.insights()->isOpen()) qFatal("The insights did not open.");
  script.allow(0);
  chat.send(QStringLiteral("And what became of the ship?"));
  stage.settle();
  std::vector<double> frames;
  double before = threadCpuMs();
  const auto connection = QObject::connect(stage.window(), &QQuickWindow::frameSwapped, stage.window(), [&] {
    const double now = threadCpuMs();
    frames.push_back(now - before);
    before = now;
  });
  QElapsedTimer clock;
  for (int said = 1; said <= kPieces; ++said) {
    script.allow(said);
    clock.start();
    while (clock.elapsed() < 20) {
      processEvents();
      QThread::msleep(1);
    }
  }
  QObject::disconnect(connection);
  std::printf("Insights open while %d steps over 4,000 tokens stream, 20 ms each: %zu frames\n", kPieces,
              frames.size());
  print("GUI thread per frame: median", quantile(frames, 0.5), "ms");
  print("  99 of 100 below", quantile(frames, 0.99), "ms");
  print("  slowest", quantile(frames, 1), "ms");
}

void longChat() {
  Stage stage({.shortChats = 1, .longChatTurns = 1000}, settled(), {}, fovea::ui::ThemeChoice::Light,
              {1280, 800});
  stage.parts().chat.start();
  stage.waitFor([&] { return stage.parts().chat.conversations()->count() > 1; });
  const double before = residentMiB();
  QElapsedTimer clock;
  clock.start();
  if (!ready(stage, 2000)) return;
  std::printf("A chat of 2,000 messages\n");
  print("opened, to the last message in the list", static_cast<double>(clock.nsecsElapsed()) / 1e6, "ms");
  stage.settle();
  print("memory for it, opened", residentMiB() - before, "MiB");
  QQuickItem* view = stage.item(QStringLiteral("messageView"));
  std::vector<double> frames;
  for (int i = 0; i < 400; ++i) {
    const double from = threadCpuMs();
    QMetaObject::invokeMethod(view, "scrollBy", Q_ARG(QVariant, -120));
    processEvents();
    frames.push_back(threadCpuMs() - from);
  }
  print("GUI thread per scroll of 120 pixels: median", quantile(frames, 0.5), "ms");
  print("  99 of 100 below", quantile(frames, 0.99), "ms");
  stage.settle();
  print("memory for it, after 48,000 pixels of scrolling", residentMiB() - before, "MiB");
}

}  // namespace

int main(int argc, char** argv) {
  QElapsedTimer clock;
  clock.start();
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qputenv("QT_QUICK_BACKEND", "software");
  const QGuiApplication application(argc, argv);
  {
    const Stage stage({.shortChats = 0}, settled(), {}, fovea::ui::ThemeChoice::Light, {1280, 800});
    print("start to the first window", static_cast<double>(clock.nsecsElapsed()) / 1e6, "ms");
  }
  streaming();
  insights();
  longChat();
  return 0;
}
