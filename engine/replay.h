// Replay: what the verifier alone, reading everything, makes of an answer that is there already. At each
// place of the answer it draws with the answer's own seed, given the answer's own text before that place: one
// dense pass over all of it, in blocks. The modes dense, speculative and exact promise that it draws the
// answer itself (engine/acceptance.h); mode sparse does not. Borrows the decoders; one thread at a time.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/decoder.h"
#include "engine/options.h"
#include "engine/result.h"

namespace fovea {

struct ReplayRequest {
  static constexpr TokenId kNothing = -1;

  std::vector<TokenId> prompt;  // at least one token
  std::vector<TokenId> answer;  // likewise; without the token that ended it
  SamplingOptions sampling;     // as the answer was drawn with, its seed included
  /// [answer + 1], or empty: the proposal that was refused at each place, or kNothing.
  std::vector<TokenId> refused;
};

/// One place of the answer. Probabilities are those after the sampling filters; when greedy, those before
/// any.
struct ReplayedToken {
  TokenId drawn = 0;  // the verifier's
  float drawn_probability = 0;
  float answer_probability = 0;  // of the token that stands there; 0: dense reading never draws it
  // Of the refused proposal, by the verifier and by the draft; NaN where there is none.
  float refused_probability = std::numeric_limits<float>::quiet_NaN();
  float draft_probability = std::numeric_limits<float>::quiet_NaN();
};

struct Replay {
  /// [answer], and one more where the context has room for it: whether the answer ends there. The token that
  /// stands in that place is `end`.
  std::vector<ReplayedToken> tokens;
  TokenId end = 0;  // the token that ends an answer
  double seconds = 0;
};

/// `draft` may be null: then nobody knows its probabilities. `on_progress` gets 0 .. 1. Prompt and answer but
/// its last token must fit the context. Fails with kCancelled, or where the backend does.
Result<Replay> replay_answer(Decoder& verifier, Decoder* draft, TokenId end, const ReplayRequest& request,
                             const std::function<void(double)>& on_progress, const std::stop_token& stop);

}  // namespace fovea
