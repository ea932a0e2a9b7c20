// Model files with random weights, of the shape of known models: so that speed can be measured at sizes whose
// weights nobody ships. What such a model says means nothing, and neither do its attention and its agreement
// with a draft.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/model_config.h"
#include "engine/result.h"
#include "kernels/dtype.h"

namespace fovea {

struct SyntheticModel {
  ModelConfig config;  // the name is made up when the file is written
  std::string shape = "custom";
  bool tied_output = false;                     // the output matrix is the embedding
  kernels::DType dtype = kernels::DType::kF16;  // of all matrices: kF16, kQ8_0 or kQ4_0
  std::uint64_t seed = 1;                       // the same seed gives the same file
};

/// The shapes that synthetic_shape knows. Those of one family (Llama 2, Llama 3) share a vocabulary, so that
/// a small one can draft for a large one.
inline constexpr std::array<std::string_view, 4> kSyntheticShapes{"llama-2-7b", "tinyllama-1.1b",
                                                                  "llama-3.1-8b", "llama-3.2-1b"};
[[nodiscard]] std::optional<SyntheticModel> synthetic_shape(std::string_view name);

/// An Error (kInvalidArgument) naming what does not fit, or success.
[[nodiscard]] Result<void> validate(const SyntheticModel& model);

struct SyntheticSize {
  std::uint64_t parameters = 0;
  std::uint64_t bytes = 0;  // of the file
};
/// `model` must be valid.
[[nodiscard]] SyntheticSize size_of(const SyntheticModel& model);

/// Writes `model` as GGUF to `path`, in the place of a file that is there already, with `threads` threads (0:
/// one per core) and the memory of a few chunks. `on_progress` gets 0 .. 1. Fails as validate() does; with
/// kUnreadable where the file cannot be written or the disk is too small; with kCancelled when `stop` is set.
/// Then nothing is left.
Result<void> write_synthetic_model(const std::string& path, const SyntheticModel& model, int threads,
                                   const std::function<void(double)>& on_progress,
                                   const std::stop_token& stop);

}  // namespace fovea
