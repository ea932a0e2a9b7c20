// A thread that runs tasks one after another, in the order they were posted. Owned by whoever posts; the
// destructor joins. Tasks carry their values with them and may block. Made on std::thread rather than on
// posted Qt events, so that the hand-over is a plain mutex which ThreadSanitizer understands.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace fovea::app {

class TaskThread {
 public:
  using Task = std::function<void()>;

  TaskThread();
  ~TaskThread();  // as finish()
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;

  /// Any thread. Ignored after finish(). A task must not throw.
  void post(Task task);
  /// Runs what was posted before, then joins. Call it from the owner's thread only; a second call does
  /// nothing.
  void finish();

 private:
  void run();

  std::mutex m_mutex;
  std::condition_variable m_wake;
  std::deque<Task> m_tasks;  // guarded by m_mutex
  bool m_finishing = false;  // guarded by m_mutex
  std::thread m_thread;      // last: it uses the members above
};

}  // namespace fovea::app
