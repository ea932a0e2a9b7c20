#include "app/task_thread.h"

#include <utility>

namespace fovea::app {

TaskThread::TaskThread() : m_thread([this] { run(); }) {}

TaskThread::~TaskThread() {
  finish();
}

void TaskThread::post(Task task) {
  {
    const std::lock_guard lock(m_mutex);
    if (m_finishing) return;
    m_tasks.push_back(std::move(task));
  }
  m_wake.notify_one();
}

void TaskThread::finish() {
  if (!m_thread.joinable()) return;
  {
    const std::lock_guard lock(m_mutex);
    m_finishing = true;
  }
  m_wake.notify_one();
  m_thread.join();
}

void TaskThread::run() {
  std::unique_lock lock(m_mutex);
  while (true) {
    m_wake.wait(lock, [this] { return m_finishing || !m_tasks.empty(); });
    if (m_tasks.empty()) return;
    {
      const Task task = std::move(m_tasks.front());
      m_tasks.pop_front();
      lock.unlock();
      task();
    }  // the task's values die before the next one starts, outside the lock
    lock.lock();
  }
}

}  // namespace fovea::app
