#include "kernels/cpu/thread_pool.h"

#include <algorithm>
#include <system_error>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace fovea::kernels::cpu {
namespace {

void pause_briefly() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// About 100 microseconds: longer than the serial stretches between two kernels of a step (sampling included),
// short enough that an idle chat costs nothing.
constexpr int kSpins = 4000;
// The barrier's wait is short unless the system took a worker off its core; then giving up ours lets it come
// back.
constexpr int kSpinsBeforeYield = 2000;

}  // namespace

ThreadPool::ThreadPool(int threads) {
  const int workers = std::max(threads, 1) - 1;
  m_workers.reserve(static_cast<std::size_t>(workers));
  for (int i = 0; i < workers; ++i) {
    try {
      m_workers.emplace_back([this] { work_loop(); });
    } catch (const std::system_error&) {
      break;  // a limit on threads: fewer of them serve as well, only slower
    }
  }
}

ThreadPool::~ThreadPool() {
  m_stopping.store(true, std::memory_order_relaxed);
  m_epoch.fetch_add(1, std::memory_order_release);
  m_epoch.notify_all();
}

void ThreadPool::run_erased(std::size_t count, Function function, const void* context) {
  if (m_workers.empty() || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) function(context, i);
    return;
  }
  m_function = function;
  m_context = context;
  m_done.store(0, std::memory_order_relaxed);
  m_ticket.store(std::uint64_t{count} << 32, std::memory_order_release);
  m_epoch.fetch_add(1, std::memory_order_release);
  m_epoch.notify_all();
  work();
  for (int spins = 0; m_done.load(std::memory_order_acquire) != count; ++spins) {
    if (spins < kSpinsBeforeYield) {
      pause_briefly();
    } else {
      std::this_thread::yield();
    }
  }
}

void ThreadPool::work() {
  for (;;) {
    // A claim beyond the last task leaves the lower half too large; the next job's store sets it right. It
    // cannot reach the upper half: each thread claims at most once too often a job.
    const std::uint64_t ticket = m_ticket.fetch_add(1, std::memory_order_acquire);
    const std::uint64_t task = ticket & 0xFFFFFFFFU;
    if (task >= ticket >> 32) return;
    m_function(m_context, task);
    m_done.fetch_add(1, std::memory_order_release);
  }
}

void ThreadPool::work_loop() {
  std::uint32_t seen = 0;
  for (;;) {
    for (int spins = 0; m_epoch.load(std::memory_order_acquire) == seen; ++spins) {
      if (spins < kSpins) {
        pause_briefly();
      } else {
        m_epoch.wait(seen, std::memory_order_acquire);
      }
    }
    seen = m_epoch.load(std::memory_order_acquire);
    if (m_stopping.load(std::memory_order_relaxed)) return;
    work();
  }
}

}  // namespace fovea::kernels::cpu
