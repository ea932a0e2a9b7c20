// PairReading: what the two models of a pair read of their KV caches, and by whose attention the verifier's
// selector judges. The session keeps one from turn to turn as long as the options stay, so that its memory is
// taken once and passes that were recorded with it can be replayed. Borrows backend and models; one thread at
// a time.
#pragma once

#include <memory>

#include "engine/decoder.h"
#include "engine/draft_plan.h"
#include "engine/options.h"
#include "engine/selector.h"

namespace fovea {

class PairReading {
 public:
  enum class Verifier { kReadsEverything, kReadsSelected };

  /// `draft`: may be null for selectors that do not judge by it. draft_tokens: proposals before a pass of the
  /// verifier, at most. `inputs`: without the draft's rows, which are made here. Fails with kOutOfMemory.
  static Result<std::unique_ptr<PairReading>> create(Backend& backend, Decoder& verifier, Decoder* draft,
                                                     const SparsityOptions& options, int draft_tokens,
                                                     Verifier reads, SelectorInputs inputs);

  [[nodiscard]] bool serves(const SparsityOptions& options, int draft_tokens, Verifier reads) const {
    return m_options == options && m_draft_tokens == draft_tokens && m_reads == reads;
  }
  /// Null where the verifier reads everything.
  [[nodiscard]] Selector* selector() { return m_selector.get(); }
  /// Null without a draft.
  [[nodiscard]] DraftPlan* draft() { return m_draft.get(); }

 private:
  PairReading(const SparsityOptions& options, int draft_tokens, Verifier reads)
      : m_options(options), m_draft_tokens(draft_tokens), m_reads(reads) {}

  SparsityOptions m_options;
  int m_draft_tokens;
  Verifier m_reads;
  std::unique_ptr<DraftPlan> m_draft;
  std::unique_ptr<Selector> m_selector;  // may refer to m_draft
};

}  // namespace fovea
