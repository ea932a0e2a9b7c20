// Calibration: runs both models over a text and aligns the draft's attention with the verifier's (see
// engine/layer_alignment for what is computed from the rows). Done once for a pair; the result is kept in a
// file. Uses the decoders' caches. One thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/alignment_file.h"
#include "engine/decoder.h"
#include "engine/layer_alignment.h"
#include "engine/options.h"
#include "engine/result.h"

namespace fovea {

/// The mean of the attention of `rows` queries, from position `first` on, over the first `entries` positions.
struct AttentionSample {
  std::size_t first = 0;
  std::size_t rows = 1;
  std::size_t entries = 0;  // <= first + 1
};

/// One alignment row a sample, ascending by position. `ids` must hold all of them and fit the capacity.
/// on_progress: 0 .. 1. Fails with kCancelled, or with kOutOfMemory.
Result<AlignmentRows> collect_rows(Decoder& decoder, Backend& backend, std::span<const TokenId> ids,
                                   std::span<const AttentionSample> samples,
                                   const std::function<void(double)>& on_progress,
                                   const std::stop_token& stop);

/// [verifier layers]: the divergence KL(dense || pruned) of the verifier's next-token distribution, in nats,
/// when one layer alone reads only half of the attention that `weights` [verifier layers][draft sources]
/// foresee; mean over the rows of some steps, evenly over the text. Fails with kCancelled, or with
/// kOutOfMemory.
Result<std::vector<float>> measure_sensitivity(Decoder& verifier, Decoder& draft, Backend& backend,
                                               std::span<const TokenId> ids,
                                               const std::vector<float>& weights,
                                               const std::function<void(double)>& on_progress,
                                               const std::stop_token& stop);

/// Both maps, the mixture and the sensitivities of a pair from a calibration text, in as many rows as fit
/// about 256 MiB. `description` says which text. Fails as collect_rows does, and where the text is too short.
Result<Alignment> align(Decoder& verifier, Decoder& draft, Backend& backend, std::span<const TokenId> ids,
                        const std::string& description, const std::function<void(double)>& on_progress,
                        const std::stop_token& stop);

}  // namespace fovea
