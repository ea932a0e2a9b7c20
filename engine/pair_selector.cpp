#include "engine/pair_selector.h"

#include <utility>

namespace fovea {

Result<std::unique_ptr<PairSelector>> PairSelector::create(Backend& backend, Decoder& verifier,
                                                           Decoder* draft, const SparsityOptions& options,
                                                           int draft_tokens, SelectorInputs inputs) {
  std::unique_ptr<PairSelector> made(new PairSelector(options, draft_tokens));
  if (options.selector == SelectorKind::kDraft) {
    auto rows = AttentionRows::create(backend, draft->config(), static_cast<std::size_t>(draft_tokens) + 1,
                                      draft->capacity());
    if (!rows) return rows.error();
    made->m_rows = std::move(rows).value();
    inputs.draft = made->m_rows.get();
  }
  auto selector = make_selector(backend, verifier, options, std::move(inputs));
  if (!selector) return selector.error();
  made->m_selector = std::move(selector).value();
  return made;
}

}  // namespace fovea
