// Measures what this machine does with a model: whole-model prefill and decode at several context depths, the
// kernels on the model's own shapes, and the memory bandwidth that bounds them all. Every row carries
// seconds, bytes and operations of ONE unit of work (a pass, a token, a call), so that a reader can derive
// GB/s and GFLOP/s and check them. Uses the same Session that a chat uses. Slow; runs on the calling thread
// and the threads it is told to use.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/session.h"

namespace fovea {

/// One measured line. Rates follow: bytes / seconds, operations / seconds, tokens / seconds.
struct BenchmarkRow {
  std::string name;
  double seconds = 0;     // of one unit of work, the best of the repetitions
  double bytes = 0;       // moved by it, by count: weights and KV entries read (and, for copies, written)
  double operations = 0;  // multiplications and additions; 0 where that says nothing
  double tokens = 0;      // produced or processed by it; 0 for kernels and memory
};

struct BenchmarkOptions {
  SessionOptions session;
  std::vector<int> depths = {128, 1024, 3840};  // tokens in the context; those that do not fit are left out
  int decode_tokens = 64;                       // generated per measurement; >= 2
  int repetitions = 3;                          // the best counts; >= 1
};

/// `done` of `total` measurements are finished; `name` comes next.
using BenchmarkProgress = std::function<void(int done, int total, std::string_view name)>;

/// Read and copy bandwidth of main memory with `threads` threads (0: one per core), each over its share of
/// buffers much larger than any cache, best of several passes. The copy's bytes count both the reads and the
/// writes.
std::vector<BenchmarkRow> benchmark_memory(int threads, const std::stop_token& stop);

/// "prefill N" and "decode at N" of the verifier alone (mode dense) at each depth, and "speculative at N",
/// "sparse at N" and "exact at N" where a draft is given. Fails as Session::create does, with
/// kInvalidArgument when no depth fits the context, and with kCancelled.
Result<std::vector<BenchmarkRow>> benchmark_model(const BenchmarkOptions& options,
                                                  const BenchmarkProgress& progress,
                                                  const std::stop_token& stop);

/// The kernels of the CPU backend on the shapes of the model at `verifier_path`, with `threads` threads (0:
/// one per core).
Result<std::vector<BenchmarkRow>> kernel_benchmarks(const std::string& verifier_path, int threads,
                                                    const std::stop_token& stop);

}  // namespace fovea
