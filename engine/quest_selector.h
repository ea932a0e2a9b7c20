// QuestSelector: reads whole pages of 16 positions, those whose keys could answer a query best. A page's
// bound is sum over the head's dimensions of max(q * smallest key, q * largest key) (Quest, Tang et al. 2024,
// arXiv 2406.10774). Ours keeps one list per layer, as the other selectors do: the bounds become a softmax
// over pages, averaged over heads and rows. A baseline, computed on the host.
#pragma once

#include <memory>

#include "engine/selector.h"

namespace fovea {

class QuestSelector final : public Selector {
 public:
  static constexpr std::size_t kPage = 16;

  static Result<std::unique_ptr<Selector>> create(Backend& backend, Decoder& verifier,
                                                  const SparsityOptions& options);
  void begin_turn() override { m_last_positions = 0; }

 private:
  QuestSelector(Backend& backend, Decoder& verifier, const SparsityOptions& options)
      : Selector(backend, verifier, options, {}, Judges::kByQueries) {}
  void choose(std::size_t positions, std::size_t draft_rows) override;
  void choose_layer(std::size_t layer, const AttentionCall& call, const float* query,
                    std::size_t rows) override;
  void bound_pages(std::size_t layer, const AttentionCall& call, std::size_t pages);
  void score_pages(std::size_t layer, const AttentionCall& call, std::size_t rows, std::size_t pages);

  std::size_t m_last_positions = 0;
  std::size_t m_pages = 0;                // a layer's bounds have room for
  std::size_t m_entry = 0;                // kv_heads * head_dim
  std::vector<float> m_smallest;          // [layers, pages, entry]
  std::vector<float> m_largest;           // [layers, pages, entry]
  std::vector<std::size_t> m_bounded;     // [layers]: pages whose bounds are known
  std::vector<float> m_page_scores;       // [pages], of the head in hand
  std::vector<float> m_page_weights;      // [pages]
  std::vector<std::size_t> m_page_order;  // [pages]
  std::vector<float> m_page_keys;         // [page, entry]: those of one page
  std::vector<float> m_queries;           // [rows, heads, head_dim], of the layer in hand
  std::vector<std::int32_t> m_list;
};

}  // namespace fovea
