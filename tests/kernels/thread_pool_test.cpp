#include "kernels/cpu/thread_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <set>
#include <vector>

namespace fovea::kernels::cpu {
namespace {

TEST(ThreadPoolTest, EveryTaskRunsOnce) {
  for (const int threads : {-1, 1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), std::max(threads, 1));
    for (const std::size_t count : {0UL, 1UL, 2UL, 3UL, 100UL}) {
      std::vector<std::atomic<int>> runs(count);
      pool.run(count, [&](std::size_t i) { runs[i].fetch_add(1); });
      for (const auto& r : runs) EXPECT_EQ(r.load(), 1);
    }
  }
}

// Thousands of short runs after each other: a worker that is late for one must not touch the next.
TEST(ThreadPoolTest, ManyShortRuns) {
  ThreadPool pool(4);
  std::vector<std::size_t> values(7);
  for (std::size_t run = 0; run < 20000; ++run) {
    pool.run(values.size(), [&](std::size_t i) { values[i] = run * 7 + i; });
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], run * 7 + i);
  }
}

TEST(ThreadPoolTest, WakesAfterSleeping) {
  ThreadPool pool(3);
  std::atomic<int> runs = 0;
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // longer than the workers spin
    pool.run(10, [&](std::size_t) { runs.fetch_add(1); });
  }
  EXPECT_EQ(runs.load(), 30);
}

TEST(ThreadPoolTest, SeveralThreadsWork) {
  ThreadPool pool(3);
  std::mutex mutex;
  std::set<std::thread::id> ids;
  pool.run(3, [&](std::size_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const std::lock_guard lock(mutex);
    ids.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(ids.size(), 3U);
}

}  // namespace
}  // namespace fovea::kernels::cpu
