#include "engine/pair_reading.h"

#include <utility>

namespace fovea {

Result<std::unique_ptr<PairReading>> PairReading::create(Backend& backend, Decoder& verifier, Decoder* draft,
                                                         const SparsityOptions& options, int draft_tokens,
                                                         Verifier reads, SelectorInputs inputs) {
  std::unique_ptr<PairReading> made(new PairReading(options, draft_tokens, reads));
  const bool judges = reads == Verifier::kReadsSelected && options.selector == SelectorKind::kDraft;
  if (draft != nullptr) {
    const std::size_t passes = static_cast<std::size_t>(draft_tokens) + 1;
    auto plan = DraftPlan::create(backend, *draft, passes, judges ? passes : 1, options);
    if (!plan) return plan.error();
    made->m_draft = std::move(plan).value();
    inputs.draft = &made->m_draft->rows();
  }
  if (reads == Verifier::kReadsEverything) return made;
  auto selector = make_selector(backend, verifier, options, std::move(inputs));
  if (!selector) return selector.error();
  made->m_selector = std::move(selector).value();
  return made;
}

}  // namespace fovea
