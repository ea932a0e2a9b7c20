#include "ui/read_values.h"

#include <algorithm>

namespace fovea::ui {
namespace {

double countAt(std::span<const std::int64_t> counts, std::size_t bucket) {
  return bucket < counts.size() ? static_cast<double>(counts[bucket]) : 0.0;
}

void add(std::vector<std::int64_t>& sums, std::span<const std::int64_t> counts) {
  if (sums.size() < counts.size()) sums.resize(counts.size(), 0);
  for (std::size_t at = 0; at < counts.size(); ++at) sums[at] += counts[at];
}

}  // namespace

double entriesSaved(const ReadMap& map, std::size_t layer, std::size_t bucket) {
  return std::max(countAt(map.dense(), bucket) - countAt(map.reads(layer), bucket), 0.0);
}

ReadValues readValues(const ReadMap& map, ReadMeasure measure, const EntryCost& cost) {
  const bool share = measure == ReadMeasure::Share;
  const std::optional<double> each = measure == ReadMeasure::BytesSaved ? cost.bytes : cost.seconds;
  if (!share && !each) return {};
  ReadValues result;
  result.layers = static_cast<int>(map.layers());
  result.buckets = static_cast<int>(map.dense().size());
  result.values.reserve(map.layers() * map.dense().size());
  for (std::size_t layer = 0; layer < map.layers(); ++layer) {
    for (std::size_t bucket = 0; bucket < map.dense().size(); ++bucket) {
      const double dense = countAt(map.dense(), bucket);
      const double read = dense > 0 ? std::min(countAt(map.reads(layer), bucket) / dense, 1.0) : 0.0;
      result.values.push_back(share ? read : entriesSaved(map, layer, bucket) * *each);
    }
  }
  if (share || result.values.empty()) return result;
  const double most = *std::max_element(result.values.cbegin(), result.values.cend());
  if (most > 0) result.top = most;
  return result;
}

ReadMap added(const ReadMap& first, const ReadMap& second) {
  std::vector<std::vector<std::int64_t>> reads(std::max(first.layers(), second.layers()));
  std::vector<std::int64_t> dense;
  for (const ReadMap* map : {&first, &second}) {
    for (std::size_t layer = 0; layer < map->layers(); ++layer) add(reads[layer], map->reads(layer));
    add(dense, map->dense());
  }
  return {std::move(reads), std::move(dense)};
}

}  // namespace fovea::ui
