// Which KV entries to read: the positions whose attention weights together reach a share p of the total. Two
// ways that can be compared: a histogram, and the ten bisections of the paper. Single-threaded and without
// state, so a caller runs one layer a task; the only memory is the stack (37 KiB at most). Outputs first.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fovea::kernels::cpu {

/// A bin of top_p's histogram holds the weights that agree in their exponent and this many bits of their
/// mantissa: those within 1/16 of the bin's lower border. Three bits keep twice as much that is not needed,
/// and five outgrow the first-level cache: README.md has the figures.
inline constexpr int kTopPMantissaBits = 4;

struct TopPResult {
  std::size_t count = 0;  // positions written
  double kept = 0;        // mass of what was kept
  double total = 0;       // mass of all weights
  bool valid = true;      // false: a weight is NaN, infinite or negative; nothing is written, masses are 0
};

/// Keeps every weight at or above the largest threshold, among the borders of the bins, that leaves a mass of
/// at least p * total: result.kept >= p * result.total holds in double arithmetic. What is kept and not
/// needed lies in the bin of the smallest needed weight. Weights are summed as integers inside each exponent,
/// so neither the order of the weights nor the instruction set changes a bit of the result, and denormals
/// count whatever the processor's mode. p <= 0 keeps nothing, p >= 1 every positive weight; a weight of 0 or
/// -0 is never kept, so a total of 0 keeps nothing.
///
/// positions[n]: the kept `first_position + i`, ascending, in positions[0, count); the rest of the n entries
/// is scratch. weights[n]; n <= 2^29, so that the sums are exact.
TopPResult top_p(std::int32_t* positions, const float* weights, std::size_t n, float p,
                 std::int32_t first_position);

/// The same choice as SpecAttn makes it (arXiv 2510.27641): ten bisections of a threshold in [0, max], of
/// which the largest seen that leaves p * total wins, or 0, which keeps every positive weight. Resolves no
/// finer than max / 1024: weights below that are all kept or all dropped. Masses are sums of doubles, so a
/// tie may fall differently on another instruction set. Arguments and limits as for top_p.
TopPResult top_p_bisection(std::int32_t* positions, const float* weights, std::size_t n, float p,
                           std::int32_t first_position);

}  // namespace fovea::kernels::cpu
