// Times device work: a CUDA graph of many launches, replayed, by events; the median of several replays.
// Inputs that must not come from the cache are rotated by the caller: work(i) may use buffer i % buffers.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

namespace fovea::bench {

inline void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(status));
  std::exit(1);
}

/// Seconds of one work(i, stream): `launches` of them in one graph, median of `replays` replays.
inline double seconds_of(const std::function<cudaError_t(int, cudaStream_t)>& work, int launches = 20,
                         int replays = 15) {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreate(&stream), "stream");
  for (int i = 0; i < launches; ++i) check(work(i, stream), "warm up");
  check(cudaStreamSynchronize(stream), "warm up");
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t exec = nullptr;
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "capture");
  for (int i = 0; i < launches; ++i) check(work(i, stream), "capture");
  check(cudaStreamEndCapture(stream, &graph), "capture");
  check(cudaGraphInstantiate(&exec, graph, 0), "instantiate");
  cudaEvent_t begin = nullptr;
  cudaEvent_t end = nullptr;
  check(cudaEventCreate(&begin), "event");
  check(cudaEventCreate(&end), "event");
  std::vector<double> seconds;
  for (int r = 0; r < replays + 2; ++r) {
    check(cudaEventRecord(begin, stream), "record");
    check(cudaGraphLaunch(exec, stream), "launch");
    check(cudaEventRecord(end, stream), "record");
    check(cudaEventSynchronize(end), "wait");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin, end), "elapsed");
    if (r >= 2) seconds.push_back(milliseconds * 1e-3 / launches);
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  cudaGraphExecDestroy(exec);
  cudaGraphDestroy(graph);
  cudaStreamDestroy(stream);
  std::nth_element(seconds.begin(), seconds.begin() + replays / 2, seconds.end());
  return seconds[static_cast<std::size_t>(replays / 2)];
}

/// Bytes read per second from device memory: 2 GiB summed, the ceiling for everything else.
double read_bandwidth();

}  // namespace fovea::bench
