// Random weights in the formats the kernels read: close to normal, the same for a seed whatever the threads,
// and cheap, since a large model has billions of them. Immutable; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/dtype.h"

namespace fovea {

/// One matrix of them. The numbers behind the weights do not depend on the format: the F16 and the Q4_0 file
/// of a seed hold the same model, rounded differently.
class SyntheticWeights {
 public:
  /// Weights with a mean of 0 and the standard deviation `deviation`. `stream` tells the matrices of one seed
  /// apart. dtype: kF16, kQ8_0 or kQ4_0.
  SyntheticWeights(kernels::DType dtype, float deviation, std::uint64_t seed, std::uint64_t stream);

  /// Elements that fill() makes at a time; a multiple of every format's block.
  static constexpr std::size_t kGroup = 32;

  [[nodiscard]] std::size_t group_bytes() const { return kernels::row_bytes(m_dtype, kGroup); }
  /// Fills `out`, whole groups, with the weights of the matrix from group `first` on.
  void fill(std::uint64_t first, std::span<std::byte> out) const;

 private:
  kernels::DType m_dtype;
  std::uint64_t m_key;
  std::uint16_t m_scale = 0;           // of every block, f16; the quantised formats alone
  std::vector<std::uint16_t> m_codes;  // [quantile]: how the format spells it
};

}  // namespace fovea
