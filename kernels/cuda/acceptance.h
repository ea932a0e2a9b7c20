// Which of the draft's proposals stand, and what follows them: both rules of engine/acceptance on the device.
// Launchers: device pointers, outputs first, sizes after inputs, the stream last; they return what the launch
// returned and wait for nothing.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/sampling.h"

namespace fovea::kernels::cuda {

inline constexpr std::size_t kMaxProposals = 32;

/// All that the host reads of a step, in one copy.
struct AcceptanceResult {
  std::int32_t proposed = 0;
  std::int32_t accepted = 0;                    // the first so many proposals stand
  std::int32_t emitted = 0;                     // accepted + 1
  std::int32_t position = 0;                    // of the last token now
  std::int32_t tokens[kMaxProposals + 1] = {};  // the emitted ones; the last of them is the verifier's
};

/// The longest prefix of the step's proposals that the verifier drew too, and its own draw after it. The pass
/// began at *position, the place of the last token before it; `proposals` says how many tokens behind that
/// place were proposed, at most kMaxProposals (null: none, a plain step). verifier: sample() of the pass's
/// proposed + 1 rows at *position. Writes the next token behind the accepted ones in `tokens`, and starts the
/// next step: *position and proposals->position become the place of that token, the rest of `proposals` is as
/// new.
cudaError_t accept_shared(AcceptanceResult* result, std::int32_t* tokens, std::int32_t* position,
                          ProposalState* proposals, const Draws& verifier, cudaStream_t stream);

/// The same by speculative sampling (Leviathan et al. 2023, arXiv 2211.17192): proposal i stands with
/// probability min(1, p / q) while all before it stand; the first refusal is replaced by a draw from
/// max(0, p - q), normalised; where all stand the verifier's own draw follows. draft: of propose() by the
/// same rule, row i that of proposal i. Distributed as the engine's Acceptance::accept_run, with other random
/// numbers: those of the place and the purpose (noise.cuh) in the place of the turn's next ones.
cudaError_t accept_sampled(AcceptanceResult* result, std::int32_t* tokens, std::int32_t* position,
                           ProposalState* proposals, const Draws& verifier, const Draws& draft,
                           const SamplingParameters* parameters, std::size_t vocabulary, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
