// How well the verifier predicts a text, reading all of its KV cache or what a selector leaves of it, exactly
// as generation would: block by block, the given text in the place of proposals that were all accepted.
// Borrows the decoders; one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/decoder.h"
#include "engine/draft_plan.h"
#include "engine/options.h"
#include "engine/result.h"
#include "engine/selector.h"

namespace fovea {

struct ScoringOptions {
  /// kSparse reads what the sparsity options say; every other mode reads everything.
  Mode mode = Mode::kDense;
  SparsityOptions sparsity;
  int draft_tokens = 5;  // proposals a block stands for; it holds one token more
  /// Also computes, at the price of a dense read, what share of the verifier's own attention was read.
  bool measure_mass = false;
};

/// Sums over the scored tokens of one text.
struct TextScore {
  int tokens = 0;
  double negative_log_likelihood = 0;
  double seconds = 0;
  std::int64_t kv_entries_read = 0;  // (layer, position) pairs, by the passes that scored
  std::int64_t kv_entries_dense = 0;
  std::int64_t draft_kv_entries_read = 0;  // of the draft's cache, one pass a row, as generation makes them
  double mass_estimated = 0;  // sum over passes of the selector's own estimate; NaN where it has none
  double mass_measured = 0;   // sum over passes of the measured share; 0 where not asked for
  int passes = 0;
  std::vector<std::int64_t> layer_entries_read;  // [layer]
  std::vector<double> layer_mass_measured;       // [layer] sums over passes
  std::vector<float> token_losses;               // [tokens] negative log-likelihood of each
  std::vector<TokenId> predictions;              // [tokens] the likeliest token before each

  [[nodiscard]] double perplexity() const;
  [[nodiscard]] double kv_reads_saved() const;
};

/// Scores ids[scored_from ..] given all before them; 1 <= scored_from < ids.size(). `selector` and its draft
/// (both null for a dense reading) as for Speculative. Fails with kCancelled, or where the backend does.
Result<TextScore> score_text(Decoder& verifier, Decoder* draft, DraftPlan* draft_plan, Selector* selector,
                             std::span<const TokenId> ids, std::size_t scored_from,
                             const ScoringOptions& options, Backend& backend, std::stop_token stop);

}  // namespace fovea
