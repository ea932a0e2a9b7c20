// From logits to the next token without leaving the device: the filters, the draw and the draft's decision to
// go on, with the engine's rules for ties, NaN and infinities (engine/sampler, engine/draft). Launchers:
// device pointers, outputs first, sizes after inputs, the stream last; they return what the launch returned,
// wait for nothing and need no workspace. Guarantee: a row's result depends on its own inputs alone, and has
// the same bits however many rows there are.
//
// Everything that changes from step to step lies on the device: the text as int32 tokens, the position, the
// parameters and the draft's state. So a draft's k steps can be captured in one CUDA graph and replayed.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace fovea::kernels::cuda {

inline constexpr std::size_t kMaxSampledVocabulary = 1U << 18;

/// The most tokens that a row's list holds: more than users set top-k to, and one for each thread that sorts
/// them. Where the filters leave more, the row's probabilities stand in Draws::wide.
inline constexpr std::size_t kMaxListed = 512;

/// SamplingOptions, as engine/options.h documents them, with what makes the noise: on the device, changed by
/// the host between steps.
struct SamplingParameters {
  std::uint64_t seed = 1;     // Sampler::seed()
  std::uint64_t lowered = 0;  // added to every position that noise is drawn for (Sampler::lower_positions)
  float temperature = 0;      // <= 0 is greedy: the filters are off, the penalty applies
  std::int32_t top_k = 0;     // 0 keeps all
  float top_p = 1;            // 1 keeps all
  float min_p = 0;            // 0 keeps all
  float repetition_penalty = 1;
  std::int32_t repetition_window = 0;  // tokens before the row's place that are penalised, each once

  bool operator==(const SamplingParameters&) const = default;
};

/// What sampling left of some rows. Arrays of `rows` on the device.
struct Draws {
  std::int32_t* token = nullptr;  // drawn
  std::int32_t* kept = nullptr;   // how many tokens have a probability above 0, >= 1
  /// The distribution where kept <= kMaxListed, the likeliest first and equal ones by ascending id. Slots
  /// behind `kept` are not written.
  std::int32_t* listed = nullptr;  // [rows, kMaxListed]
  float* probability = nullptr;    // [rows, kMaxListed]
  /// The distribution by token where kept > kMaxListed; not to be read elsewhere. Null: such rows have a
  /// draw, but cannot be judged by speculative sampling.
  float* wide = nullptr;  // [rows, vocabulary]
  /// The likeliest token's probability before any filter, penalty and temperature (Draft::confidence); NaN
  /// counts as -infinity and +infinity as the largest finite number; 0 where nothing is above -infinity.
  /// Null: not wanted.
  float* confidence = nullptr;  // [rows]
};

/// How proposals will be judged, and so how they are drawn (engine/acceptance.h).
enum class AcceptanceRule { kSpeculativeSampling, kSharedNoise };

/// The draft's proposals of one step, and whether it goes on. On the device; accept() starts the next step.
struct ProposalState {
  std::int32_t position =
      0;  // of the last token: what the draft's next pass reads. Advances with every pass.
  std::int32_t proposed = 0;  // tokens that count, those behind the position where the step began
  std::int32_t stopped = 0;   // 1: what further passes draw does not count
  float all_stand = 1;        // the draft's own estimate that every proposal so far is what comes next
};

/// When a step's proposals end.
struct ProposalLimits {
  float min_confidence = 0;  // below this chance that all stand, no further one is drawn
  std::int32_t end = -1;     // nothing is proposed after this token
};

/// Filters `rows` rows of logits [rows, vocabulary] and draws one token from each. Row r belongs to place
/// *first_position + 1 + r of the text `tokens`, whose entries before that place are its history. 1 <=
/// vocabulary <= kMaxSampledVocabulary. out.token equals Sampler::draw_at's and out.probability
/// Sampler::distribution's, but for rounding: weights err by 0.64 ulp at most, sums are taken in double.
cudaError_t sample(const Draws& out, const float* logits, const std::int32_t* tokens,
                   const std::int32_t* first_position, const SamplingParameters* parameters, std::size_t rows,
                   std::size_t vocabulary, cudaStream_t stream);

/// One draft pass's decision: draws proposal number `step` (0, 1, ...) from logits [vocabulary], writes it to
/// tokens[position + 1], advances `state` and, while it counts, counts it. It counts unless the state had
/// stopped or the product of confidences (out.confidence is needed) falls below the limit; the token is
/// written all the same, so that later passes read a valid one. out: of all steps, this one's row is `step`.
/// Under kSpeculativeSampling the noise is the draft's own. min_confidence 0 and end -1 make it a plain
/// decoding step: draw and append.
cudaError_t propose(const Draws& out, ProposalState* state, std::int32_t* tokens, const float* logits,
                    const SamplingParameters* parameters, const ProposalLimits& limits, AcceptanceRule rule,
                    std::size_t step, std::size_t vocabulary, cudaStream_t stream);

}  // namespace fovea::kernels::cuda
