// Selector: a plan that reads, of the entries before a pass, one list of positions per layer, and counts what
// it reads. Made for one turn; it borrows the backend and whatever it judges by. Subclasses fill the lists,
// before the pass or when a layer's queries are there. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "engine/attention_plan.h"
#include "engine/attention_rows.h"
#include "engine/decoder.h"
#include "engine/options.h"

namespace fovea {

/// Reads of one verifier pass, in (layer, position) pairs; what the pass itself appended included.
struct PassReads {
  std::int64_t read = 0;
  std::int64_t dense = 0;  // what a dense pass would have read
};

/// What became of one layer in a selection.
struct LayerSelection {
  std::size_t count = 0;  // positions chosen
  double kept = 0;        // their estimated attention: mean (RowCombination::kMax: maximum) over the rows
  double total = 0;       // of all positions

  /// Share of the estimated attention that was chosen: 1 where there was nothing to choose from, NaN where
  /// nobody estimates.
  [[nodiscard]] double mass_kept() const {
    if (total > 0) return kept / total;
    return count == 0 ? 1.0 : std::numeric_limits<double>::quiet_NaN();
  }
};

class Selector : public AttentionPlan {
 public:
  [[nodiscard]] bool is_dense() const final { return false; }
  std::optional<std::size_t> begin_pass(std::size_t first_position, std::size_t rows) final;
  void plan_layer(std::size_t layer, AttentionCall& call, const float* query, std::size_t rows) final;

  /// Before the verifier's pass after `positions` entries. draft_rows: how many slots the draft filled.
  void prepare(std::size_t positions, std::size_t draft_rows);
  /// After the pass: learns what it read. What follows speaks of that pass.
  void collect();

  [[nodiscard]] std::size_t layers() const { return m_results.size(); }
  /// Whether a layer read all entries.
  [[nodiscard]] bool read_everything(std::size_t layer) const { return !m_pruned[layer]; }
  /// The entries before the pass that a layer read; only where it did not read everything. Valid until the
  /// next call.
  [[nodiscard]] std::span<const std::int32_t> positions(std::size_t layer);
  [[nodiscard]] const LayerSelection& result(std::size_t layer) const { return m_results[layer]; }
  /// By the attention of the model.
  [[nodiscard]] PassReads reads() const { return m_reads; }
  /// Entries that the selector itself read, to judge by: the oracle reads everything first.
  [[nodiscard]] std::int64_t judging_reads() const { return m_judging_reads; }
  /// Share of the estimated attention that was read, mean over layers; NaN where nobody estimates.
  [[nodiscard]] double mass_kept() const;

 protected:
  enum class Judges { kBeforeThePass, kByQueries };

  /// `leniency`: see SelectorInputs.
  Selector(Backend& backend, Decoder& verifier, const SparsityOptions& options,
           std::span<const float> leniency, Judges judges);
  Result<void> allocate();

  /// Fills all lists by what is known before the pass.
  virtual void choose(std::size_t positions, std::size_t draft_rows) = 0;
  /// Fills one list when its queries are there (Judges::kByQueries).
  virtual void choose_layer(std::size_t /*layer*/, const AttentionCall& /*call*/, const float* /*query*/,
                            std::size_t /*rows*/) {}

  /// For select(): everything of the call but the mass and the weights.
  [[nodiscard]] SelectCall select_call(std::size_t positions) const;
  [[nodiscard]] const SelectionLists& lists() const { return m_lists; }
  /// A list made on the host, by somebody who does not estimate attention.
  void set_list(std::size_t layer, std::span<const std::int32_t> positions);
  /// The pass to come reads everything.
  void choose_everything() { m_everything = true; }

  Backend& m_backend;
  KvCache& m_cache;  // the verifier's
  SparsityOptions m_options;
  std::size_t m_stride;  // positions a list has room for
  std::int64_t m_judging_reads = 0;

 private:
  [[nodiscard]] bool prunes(std::size_t layer) const {
    return !m_everything && layer >= static_cast<std::size_t>(m_options.dense_layers) &&
           m_pass_first == m_positions;
  }

  Judges m_judges;
  std::vector<float> m_p;  // [layers]
  Buffer m_memory;
  SelectionLists m_lists;
  float* m_p_of_backend = nullptr;
  std::vector<EntryList> m_entry_lists;  // [layers]: what plan_layer hands out
  std::size_t m_positions = 0;           // that the lists were made for
  bool m_everything = false;
  // The pass in hand.
  std::size_t m_pass_first = 0;
  std::size_t m_pass_rows = 0;
  // The last pass, once collected.
  std::vector<LayerSelection> m_results;       // [layers]
  std::vector<bool> m_pruned;                  // [layers]
  std::vector<std::int32_t> m_counts;          // [layers]
  std::vector<kernels::LayerMass> m_masses;    // [layers]
  std::vector<std::int32_t> m_positions_read;  // of the layer asked for
  PassReads m_reads;
};

/// What a selector judges by.
struct SelectorInputs {
  AttentionRows* draft = nullptr;  // what the draft leaves; kDraft needs it
  std::vector<float> weights;      // [verifier layers][draft sources]: how much each counts; kDraft needs it
  /// [verifier layers]: how much of the attention that top-p would leave out a layer may really lose, 1 on
  /// average: it keeps 1 - (1 - p) * leniency. Empty: every layer keeps p.
  std::vector<float> leniency;
};

/// The selector that `options` name. Fails with kOutOfMemory.
Result<std::unique_ptr<Selector>> make_selector(Backend& backend, Decoder& verifier,
                                                const SparsityOptions& options, SelectorInputs inputs);

}  // namespace fovea
