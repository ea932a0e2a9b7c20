// Mode exact: sparse speculation runs ahead, then one dense pass of the verifier confirms what it wrote or
// corrects it, and rewrites the keys and values of what stands, so that errors never accumulate. Tokens are
// drawn with noise shared between all three readers (engine/acceptance), so the answer is, token by token,
// that of mode dense with the same seed. Borrows everything; one thread at a time.
#pragma once

#include <stop_token>
#include <vector>

#include "engine/controller.h"
#include "engine/decoder.h"
#include "engine/sampler.h"
#include "engine/speculative.h"
#include "engine/telemetry.h"

namespace fovea {

class Exact {
 public:
  /// `speculative`: has a selector, works over the same verifier and a draft whose rule is shared noise.
  /// `end`: the token that ends an answer.
  Exact(Decoder& verifier, Speculative& speculative, Sampler& sampler, TokenId end)
      : m_verifier(verifier), m_speculative(speculative), m_draws(verifier.backend(), sampler), m_end(end) {}

  /// Appends 1 .. room + 1 confirmed tokens, with up to draft_tokens proposals a sparse pass, and appends the
  /// passes that it took to `passes`: sparse ones and the one that confirmed, or, where that is expected to
  /// be faster, a speculative one. sequence.size() + room must fit the capacity of both models; room >= 1.
  /// When `stop` is set it returns after the pass in hand, having appended nothing that is not confirmed.
  void step(std::vector<TokenId>& sequence, int draft_tokens, int room, const std::stop_token& stop,
            std::vector<StepTelemetry>& passes);

 private:
  /// Tokens a second of one way to go on, of late.
  struct Rate {
    double tokens = 0;
    double seconds = 0;
    void add(int new_tokens, double new_seconds);
    [[nodiscard]] double value() const { return tokens / seconds; }
  };
  /// How many provisional tokens the next dense pass should confirm: few where the sparse verifier is often
  /// corrected, many where a dense pass is dear. Changes the speed and never the answer.
  [[nodiscard]] int next_length() const;
  [[nodiscard]] bool runs_ahead() const;
  void run_ahead(std::vector<TokenId>& sequence, int draft_tokens, int length, const std::stop_token& stop,
                 std::vector<StepTelemetry>& passes);
  StepTelemetry confirm(std::vector<TokenId>& sequence, std::size_t confirmed);
  void learn(int proposed, int confirmed, double sparse_seconds, double dense_seconds);

  Decoder& m_verifier;
  Speculative& m_speculative;
  RowDraws m_draws;  // the dense verifier's
  TokenId m_end;
  // Sparse and dense passes differ in what they cost.
  Controller m_sparse_controller{Controller::Costs::kMeasured};
  Controller m_dense_controller{Controller::Costs::kMeasured};
  // Running means over about the last ten rounds.
  double m_agreement = 0.97;          // chance that the dense verifier draws a provisional token too
  double m_sparse_seconds_token = 0;  // of a provisional token; 0: nothing measured yet
  double m_dense_seconds_unit = 0;    // of a dense pass, for each of its rows + kPassOverheadRows
  Rate m_ahead_rate;                  // of rounds that run ahead and confirm
  Rate m_speculative_rate;            // of steps whose one pass is dense
  int m_same_steps = 0;               // since it last went the other way
  bool m_went_ahead = false;
};

}  // namespace fovea
