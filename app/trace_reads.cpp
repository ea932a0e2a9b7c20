#include "app/trace_reads.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace fovea::app {

std::vector<float> answerShares(const TurnTrace& trace, std::optional<std::size_t> layer) {
  const ReadMap& map = trace.reads;
  const std::size_t first = layer.value_or(0);
  const std::size_t end = layer ? std::min(*layer + 1, map.layers()) : map.layers();
  std::vector<float> shares(map.dense().size(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t bucket = 0; bucket < shares.size(); ++bucket) {
    std::int64_t read = 0;
    for (std::size_t at = first; at < end; ++at)
      if (bucket < map.reads(at).size()) read += map.reads(at)[bucket];
    const double dense =
        static_cast<double>(map.dense()[bucket]) * static_cast<double>(end - std::min(first, end));
    if (dense > 0) shares[bucket] = static_cast<float>(static_cast<double>(read) / dense);
  }
  return shares;
}

std::vector<float> stepShares(const TurnTrace& trace, std::size_t step) {
  if (step >= trace.steps.size() || trace.reads.layers() == 0) return {};
  const TraceStep& pass = trace.steps[step];
  std::vector<float> shares(pass.reads.size());
  for (std::size_t bucket = 0; bucket < shares.size(); ++bucket) {
    const std::size_t begin = bucket * ReadMap::kBucketPositions;
    const std::size_t positions =
        std::min(ReadMap::kBucketPositions, std::max(pass.telemetry.context_tokens, begin) - begin);
    const auto dense = static_cast<double>(positions * trace.reads.layers());
    shares[bucket] =
        dense > 0 ? static_cast<float>(pass.reads[bucket] / dense) : std::numeric_limits<float>::quiet_NaN();
  }
  return shares;
}

std::vector<float> layerDensities(const TurnTrace& trace) {
  const auto dense = trace.reads.dense();
  const auto all = static_cast<double>(std::accumulate(dense.begin(), dense.end(), std::int64_t{0}));
  std::vector<float> densities;
  for (std::size_t layer = 0; all > 0 && layer < trace.reads.layers(); ++layer) {
    const auto reads = trace.reads.reads(layer);
    const auto read = static_cast<double>(std::accumulate(reads.begin(), reads.end(), std::int64_t{0}));
    densities.push_back(static_cast<float>(read / all));
  }
  return densities;
}

}  // namespace fovea::app
