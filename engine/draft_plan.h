// DraftPlan: what the passes of a draft read, and the attention that they leave for those who select by it.
// Of a few proposals the first pass looks at everything; the others read the entries that its query attended
// to, and what was appended since. Guessing one token after another changes little in what matters, and a
// wrong guess costs speed alone: the verifier decides. So a proposal at 4,000 entries costs about what one at
// 1,000 does. (TriForce, arXiv 2404.11912, drafts with a part of the cache, too; chosen here anew for every
// step by the draft itself.)
//
// Owns its memory, which is of the backend; borrows backend and draft. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/attention_plan.h"
#include "engine/attention_rows.h"
#include "engine/decoder.h"
#include "engine/options.h"

namespace fovea {

class DraftPlan final : public AttentionPlan {
 public:
  /// For up to `passes` passes a step, the first `kept` of which may leave their attention; both >= 1. Of
  /// `options` it takes sinks, window, value_aware and draft_top_p. Fails with kOutOfMemory.
  static Result<std::unique_ptr<DraftPlan>> create(Backend& backend, Decoder& draft, std::size_t passes,
                                                   std::size_t kept, const SparsityOptions& options);

  /// The next pass's last `count` rows are the queries first .. first + count - 1 of a step: query 0 after
  /// `positions` entries, the others after a token more each. Query 0 goes alone. keeps: their attention goes
  /// to slots first ..; that of query 0 also where lists will be made of it.
  void expect(std::size_t first, std::size_t count, std::size_t positions, bool keeps);

  /// Entries of the cache that this step's queries read, in (layer, position) pairs. Waits for the backend.
  [[nodiscard]] std::int64_t entries_read() const;

  [[nodiscard]] bool is_dense() const override { return !m_by_list; }
  std::optional<std::size_t> begin_pass(std::size_t first_position, std::size_t rows) override;
  void plan_layer(std::size_t layer, AttentionCall& call, const float* query, std::size_t rows) override;

  /// What was kept.
  [[nodiscard]] AttentionRows& rows() { return *m_rows; }

  /// For benchmarks, after query 0's pass, which saw `positions` entries before its own: from here on the
  /// lists keep the share of the attention that made them hold this share of such entries.
  void calibrate(double density, std::size_t positions);
  /// Entries of all layers that the lists of this step hold.
  [[nodiscard]] std::int64_t listed_entries() const;

 private:
  DraftPlan(Backend& backend, Decoder& draft, std::size_t passes, const SparsityOptions& options);
  Result<void> allocate();
  void set_top_p(float p);
  [[nodiscard]] bool lists_pay(std::size_t positions) const;
  /// Lists for the passes after query 0's, by its attention.
  void choose(std::size_t positions);

  Backend& m_backend;
  KvCache& m_cache;
  std::size_t m_layers;
  std::size_t m_passes;
  std::size_t m_stride;  // of mass and lists
  SparsityOptions m_options;
  std::unique_ptr<AttentionRows> m_rows;
  Buffer m_memory;
  float* m_mass = nullptr;     // [sources, stride]: of query 0
  float* m_weights = nullptr;  // [layers, sources]: each layer's own heads
  float* m_top_p = nullptr;    // [layers]
  SelectionLists m_lists;
  std::vector<EntryList> m_entry_lists;  // [passes, layers]: what plan_layer hands out
  // The step in hand.
  std::size_t m_first = 0;          // query of the pass to come
  bool m_by_list = false;           // this step's later passes
  std::int64_t m_entries_read = 0;  // without what lists hold
  std::int64_t m_list_reads = 0;    // how often a query read the lists
};

}  // namespace fovea
