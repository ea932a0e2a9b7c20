#include "engine/quest_selector.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "kernels/cpu/elementwise.h"

namespace fovea {

Result<std::unique_ptr<Selector>> QuestSelector::create(Backend& backend, Decoder& verifier,
                                                        const SparsityOptions& options) {
  std::unique_ptr<QuestSelector> selector(new QuestSelector(backend, verifier, options));
  if (Result<void> allocated = selector->allocate(); !allocated) return allocated.error();
  selector->m_pages = verifier.capacity() / kPage;
  selector->m_entry = static_cast<std::size_t>(verifier.config().kv_heads) *
                      static_cast<std::size_t>(verifier.config().head_dim);
  selector->m_smallest.resize(selector->layers() * selector->m_pages * selector->m_entry);
  selector->m_largest.resize(selector->m_smallest.size());
  selector->m_bounded.resize(selector->layers(), 0);
  selector->m_page_scores.resize(selector->m_pages);
  selector->m_page_weights.resize(selector->m_pages);
  selector->m_page_order.resize(selector->m_pages);
  return std::unique_ptr<Selector>(std::move(selector));
}

void QuestSelector::choose(std::size_t positions, std::size_t /*draft_rows*/) {
  // The last entries of the last pass may have been rejected or rewritten since; a context that became
  // shorter has lost turns, and holds other tokens.
  constexpr std::size_t kUnsettled = 64;
  const std::size_t known = positions < m_last_positions ? 0 : m_last_positions;
  const std::size_t settled = (known - std::min(known, kUnsettled)) / kPage;
  for (std::size_t& bounded : m_bounded) bounded = std::min(bounded, settled);
  m_last_positions = positions;
}

void QuestSelector::bound_pages(std::size_t layer, const AttentionCall& call, std::size_t pages) {
  for (std::size_t page = m_bounded[layer]; page < pages; ++page) {
    float* smallest = m_smallest.data() + (layer * m_pages + page) * m_entry;
    float* largest = m_largest.data() + (layer * m_pages + page) * m_entry;
    m_page_keys.resize(kPage * m_entry);
    m_backend.read_keys(m_page_keys, call.entries, page * kPage, call.kv_heads, call.head_dim);
    for (std::size_t i = 0; i < kPage; ++i) {
      const float* key = m_page_keys.data() + i * m_entry;
      for (std::size_t d = 0; d < m_entry; ++d) {
        smallest[d] = i == 0 ? key[d] : std::min(smallest[d], key[d]);
        largest[d] = i == 0 ? key[d] : std::max(largest[d], key[d]);
      }
    }
  }
  m_bounded[layer] = pages;
}

void QuestSelector::score_pages(std::size_t layer, const AttentionCall& call, std::size_t rows,
                                std::size_t pages) {
  std::fill_n(m_page_weights.begin(), pages, 0.0F);
  const float scale = 1.0F / std::sqrt(static_cast<float>(call.head_dim));
  for (std::size_t q = 0; q < rows * call.heads; ++q) {
    const float* head = m_queries.data() + q * call.head_dim;
    const std::size_t offset = q % call.heads / (call.heads / call.kv_heads) * call.head_dim;
    for (std::size_t page = 0; page < pages; ++page) {
      const float* smallest = m_smallest.data() + (layer * m_pages + page) * m_entry + offset;
      const float* largest = m_largest.data() + (layer * m_pages + page) * m_entry + offset;
      float bound = 0;
      for (std::size_t d = 0; d < call.head_dim; ++d) {
        bound += std::max(head[d] * smallest[d], head[d] * largest[d]);
      }
      m_page_scores[page] = bound * scale;
    }
    kernels::cpu::softmax(m_page_scores.data(), pages);
    for (std::size_t page = 0; page < pages; ++page) m_page_weights[page] += m_page_scores[page];
  }
}

void QuestSelector::choose_layer(std::size_t layer, const AttentionCall& call, const float* query,
                                 std::size_t rows) {
  const std::size_t n = call.first_position;
  const std::size_t sinks = std::min(static_cast<std::size_t>(m_options.sinks), n);
  // The newest entries, and the page that is not full yet.
  const std::size_t recent =
      std::min(n - std::min(static_cast<std::size_t>(m_options.window), n), n / kPage * kPage);
  const std::size_t always = sinks + (n - std::max(recent, sinks));
  const std::size_t pages = recent / kPage;
  bound_pages(layer, call, pages);
  m_queries.resize(rows * call.heads * call.head_dim);
  read_values(m_backend, std::span(m_queries), query);
  if (pages > 0) score_pages(layer, call, rows, pages);
  m_judging_reads += static_cast<std::int64_t>(pages);  // two keys of bounds, as much as one entry

  const auto budget = static_cast<std::size_t>(std::lround(m_options.budget * static_cast<float>(n)));
  const std::size_t spare = budget - std::min(budget, always);
  const std::size_t kept = std::min((spare + kPage - 1) / kPage, pages);
  const auto order = m_page_order.begin();
  std::iota(order, order + static_cast<std::ptrdiff_t>(pages), std::size_t{0});
  std::partial_sort(order, order + static_cast<std::ptrdiff_t>(kept),
                    order + static_cast<std::ptrdiff_t>(pages),
                    [this](std::size_t a, std::size_t b) { return m_page_weights[a] > m_page_weights[b]; });
  std::sort(order, order + static_cast<std::ptrdiff_t>(kept));

  m_list.resize(sinks);
  std::iota(m_list.begin(), m_list.end(), 0);
  for (std::size_t i = 0; i < kept; ++i) {
    for (std::size_t p = m_page_order[i] * kPage; p < (m_page_order[i] + 1) * kPage; ++p) {
      if (p >= sinks && p < recent) m_list.push_back(static_cast<std::int32_t>(p));
    }
  }
  for (std::size_t p = std::max(recent, sinks); p < n; ++p) m_list.push_back(static_cast<std::int32_t>(p));
  set_list(layer, m_list);
}

}  // namespace fovea
