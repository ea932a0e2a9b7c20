// PairSelector: a selector together with the draft's attention that it judges by. The session keeps one from
// turn to turn as long as the options stay, so that its memory is taken once and passes that were recorded
// with it can be replayed. Borrows backend and models; one thread at a time.
#pragma once

#include <memory>

#include "engine/attention_rows.h"
#include "engine/decoder.h"
#include "engine/options.h"
#include "engine/selector.h"

namespace fovea {

class PairSelector {
 public:
  /// `inputs`: without the draft's rows, which are made here where the selector needs them; then `draft` must
  /// not be null. draft_tokens: proposals before a pass of the verifier, at most. Fails with kOutOfMemory.
  static Result<std::unique_ptr<PairSelector>> create(Backend& backend, Decoder& verifier, Decoder* draft,
                                                      const SparsityOptions& options, int draft_tokens,
                                                      SelectorInputs inputs);

  [[nodiscard]] bool serves(const SparsityOptions& options, int draft_tokens) const {
    return m_options == options && m_draft_tokens == draft_tokens;
  }
  [[nodiscard]] Selector& selector() { return *m_selector; }
  /// Null where the selector does not judge by the draft.
  [[nodiscard]] AttentionRows* draft_rows() { return m_rows.get(); }

 private:
  PairSelector(const SparsityOptions& options, int draft_tokens)
      : m_options(options), m_draft_tokens(draft_tokens) {}

  SparsityOptions m_options;
  int m_draft_tokens;
  std::unique_ptr<AttentionRows> m_rows;
  std::unique_ptr<Selector> m_selector;  // may refer to m_rows
};

}  // namespace fovea
