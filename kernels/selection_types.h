// What selection leaves about one layer, on any processor. Plain values.
#pragma once

#include <cstdint>

namespace fovea::kernels {

/// The estimated attention of one layer.
struct LayerMass {
  double kept = 0;   // of the positions chosen: mean (over rows combined by maximum: that) over the rows
  double total = 0;  // of all positions
  std::int32_t valid = 1;  // 0: a weight is NaN, infinite or negative, and every position was chosen
};

}  // namespace fovea::kernels
