// Which instruction set the kernels run on. Highway picks the best that this processor has; tests force each
// in turn. Forcing is for tests and benchmarks: process-wide, and not while a kernel runs.
#pragma once

#include <string>
#include <vector>

namespace fovea::kernels::cpu {

/// The set in use: "AVX2", "AVX3" (AVX-512), "SSE4", "NEON", ...
[[nodiscard]] std::string simd_target();
/// All that this binary holds and this processor runs, best first.
[[nodiscard]] std::vector<std::string> simd_targets();
/// False when the name is not among simd_targets(). An empty name gives the choice back to Highway.
bool force_simd_target(const std::string& name);

}  // namespace fovea::kernels::cpu
