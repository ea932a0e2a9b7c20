// A thread pool for kernels: threads that live as long as the pool and work handed out by an atomic counter.
// A run ends when its tasks are done, not when every worker has shown up, so a worker that the system has put
// aside costs nothing. Between runs that follow within about 100 microseconds the threads spin, after that
// they sleep, so that a running model pays no wake-up and an idle program no processor time. Owned by a
// backend; run() may be called by one thread at a time (that thread works too) and not from inside a task.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace fovea::kernels::cpu {

class ThreadPool {
 public:
  /// `threads` includes the caller of run(); values below 1 count as 1. If the system refuses a thread, the
  /// pool is as large as it allowed: see size().
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// How many threads work on a run, the caller among them.
  [[nodiscard]] int size() const { return static_cast<int>(m_workers.size()) + 1; }

  /// Calls task(i) once for each i in [0, count), on any thread, and returns when all have returned; count <
  /// 2^31. Tasks must not throw. What each task computes must not depend on which thread runs it.
  template <typename Task>
  void run(std::size_t count, const Task& task) {
    run_erased(
        count, [](const void* context, std::size_t i) { (*static_cast<const Task*>(context))(i); }, &task);
  }

 private:
  using Function = void (*)(const void* context, std::size_t task);

  void run_erased(std::size_t count, Function function, const void* context);
  void work();
  void work_loop();

  // The job in hand. Written by run() while no task is claimed, read only by who has claimed one: run() does
  // not return before every claimed task is done, so a thread that comes late can neither see half a job nor
  // run one twice.
  Function m_function = nullptr;
  const void* m_context = nullptr;

  // Each on a cache line of its own: claims, the barrier, and what idle workers watch.
  alignas(64) std::atomic<std::uint64_t> m_ticket{
      0};  // tasks of the job in the upper half, next to claim in the lower
  alignas(64) std::atomic<std::uint32_t> m_done{0};   // tasks of the job that have returned
  alignas(64) std::atomic<std::uint32_t> m_epoch{0};  // counts jobs
  std::atomic<bool> m_stopping{false};
  std::vector<std::jthread> m_workers;
};

}  // namespace fovea::kernels::cpu
