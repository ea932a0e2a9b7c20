#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

#include "engine/benchmark.h"
#include "kernels/cpu/thread_pool.h"

namespace fovea {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBufferBytes = std::size_t{256}
                                     << 20U;  // larger than the last-level cache of common machines
constexpr std::size_t kWordCount = kBufferBytes / sizeof(std::uint64_t);
constexpr std::size_t kLineWords = 8;  // of a cache line
constexpr int kPasses = 7;

// Eight independent sums, which the compiler keeps in vector registers: the loop waits for memory alone.
std::uint64_t sum_words(const std::uint64_t* words, std::size_t count) {
  std::uint64_t sums[kLineWords] = {};
  for (std::size_t i = 0; i + kLineWords <= count; i += kLineWords) {
    for (std::size_t lane = 0; lane < kLineWords; ++lane) sums[lane] += words[i + lane];
  }
  std::uint64_t total = 0;
  for (const std::uint64_t sum : sums) total += sum;
  return total;
}

template <typename Pass>
double best_seconds(const std::stop_token& stop, const Pass& pass) {
  double best = 0;
  for (int i = 0; i < kPasses && (i == 0 || !stop.stop_requested()); ++i) {
    const auto start = Clock::now();
    pass();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (i == 0 || seconds < best) best = seconds;
  }
  return best;
}

}  // namespace

std::vector<BenchmarkRow> benchmark_memory(int threads, const std::stop_token& stop) {
  if (threads <= 0) threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  kernels::cpu::ThreadPool pool(threads);
  const auto parts = static_cast<std::size_t>(pool.size());
  const std::size_t part_words = kWordCount / parts / kLineWords * kLineWords;
  const double pass_bytes = static_cast<double>(parts * part_words * sizeof(std::uint64_t));

  const auto source = std::make_unique_for_overwrite<std::uint64_t[]>(kWordCount);
  const auto target = std::make_unique_for_overwrite<std::uint64_t[]>(kWordCount);
  pool.run(parts, [&](std::size_t part) {  // first touch: the pages belong to the thread that reads them
    std::fill_n(source.get() + part * part_words, part_words, part + 1);
    std::fill_n(target.get() + part * part_words, part_words, 0U);
  });

  std::vector<std::uint64_t> sums(parts * kLineWords);
  const double read_seconds = best_seconds(stop, [&] {
    pool.run(parts, [&](std::size_t part) {
      sums[part * kLineWords] += sum_words(source.get() + part * part_words, part_words);
    });
  });
  const double copy_seconds = best_seconds(stop, [&] {
    pool.run(parts, [&](std::size_t part) {
      std::memcpy(target.get() + part * part_words, source.get() + part * part_words,
                  part_words * sizeof(std::uint64_t));
    });
  });
  // Both results are looked at, so that no compiler can leave the work out.
  if (sums[0] == 0 || target[0] != source[0]) return {};
  return {{"read", read_seconds, pass_bytes, 0, 0}, {"copy", copy_seconds, 2 * pass_bytes, 0, 0}};
}

}  // namespace fovea
