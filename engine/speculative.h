// One step of decoding, of either kind: the verifier alone, or a draft's proposals checked by one pass of the
// verifier (Leviathan et al. 2023, arXiv 2211.17192). With a dense pass both append to the sequence what the
// verifier alone would have said: greedy the same tokens, sampled the same distribution. With a selector the
// pass reads only the entries that it selects. Borrows everything; one thread at a time.
#pragma once

#include <vector>

#include "engine/acceptance.h"
#include "engine/decoder.h"
#include "engine/draft.h"
#include "engine/row_draws.h"
#include "engine/sampler.h"
#include "engine/selector.h"
#include "engine/telemetry.h"

namespace fovea {

/// The verifier alone, reading everything: appends one token. The sequence must fit the verifier's capacity.
StepTelemetry dense_step(Decoder& verifier, Sampler& sampler, std::vector<TokenId>& sequence,
                         Reuse reuse = Reuse::kDense);

class Speculative {
 public:
  enum class Reading { kSelected, kEverything };

  /// `selector` null: verification is always dense. `read_map`, which may be null, counts what sparse passes
  /// read.
  Speculative(Decoder& verifier, Draft& draft, Sampler& sampler, Selector* selector = nullptr,
              ReadMap* read_map = nullptr)
      : m_verifier(verifier),
        m_draft(draft),
        m_sampler(sampler),
        m_draws(verifier.backend(), sampler),
        m_selector(selector),
        m_read_map(read_map) {}

  /// Appends 1 .. draft_tokens + 1 tokens. sequence.size() + draft_tokens must fit the capacity of both
  /// models. Reading everything builds on densely written entries alone.
  StepTelemetry step(std::vector<TokenId>& sequence, int draft_tokens, Reading reading = Reading::kSelected);

 private:
  /// Logits of the last `rows` positions of the sequence.
  RowLogits verify(const std::vector<TokenId>& sequence, std::size_t rows, Reading reading,
                   StepTelemetry& telemetry);
  void note_reads(std::size_t rows, StepTelemetry& telemetry);

  Decoder& m_verifier;
  Draft& m_draft;
  Sampler& m_sampler;
  RowDraws m_draws;  // the verifier's
  Selector* m_selector;
  ReadMap* m_read_map;
  Acceptance m_acceptance;
};

}  // namespace fovea
