// What describes a selection on any processor: how it is made and what it leaves about a layer. Plain values.
#pragma once

#include <cstdint>

namespace fovea::kernels {

/// How the rows of several drafted tokens become one list.
enum class RowCombination : std::uint8_t {
  kMean,   // their mean is selected from
  kMax,    // their maximum is selected from
  kUnion,  // each is selected from, the sets are united: the paper's
};

enum class ThresholdSearch : std::uint8_t {
  kHistogram,  // mass >= p guaranteed, at most one bin too many
  kBisection,  // the paper's ten linear steps (arXiv 2510.27641)
};

/// The estimated attention of one layer.
struct LayerMass {
  double kept = 0;   // of the positions chosen: mean (over rows combined by maximum: that) over the rows
  double total = 0;  // of all positions
  std::int32_t valid = 1;  // 0: a weight is NaN, infinite or negative, and every position was chosen
};

}  // namespace fovea::kernels
