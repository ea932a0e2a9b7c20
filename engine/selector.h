// Selector: a plan that reads, of the entries before a pass, one list of positions per layer, and counts what
// it reads. Made for one turn; it borrows the backend and whatever it judges by. Subclasses fill the lists,
// before the pass or when a layer's queries are there. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
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

class Selector : public AttentionPlan {
 public:
  [[nodiscard]] bool is_dense() const final { return false; }
  void plan_layer(std::size_t layer, AttentionCall& call, const float* query, std::size_t rows) final;

  /// Before the verifier's pass after `positions` entries. draft_rows: how many slots the draft filled.
  void prepare(std::size_t positions, std::size_t draft_rows);

  [[nodiscard]] std::size_t layers() const { return m_results.size(); }
  /// Whether a layer read all entries in the last pass.
  [[nodiscard]] bool read_everything(std::size_t layer) const { return !m_pruned[layer]; }
  /// The entries before the pass that a layer read in the last one; only where it did not read everything.
  [[nodiscard]] std::span<const std::int32_t> positions(std::size_t layer) const;
  [[nodiscard]] const LayerSelection& result(std::size_t layer) const { return m_results[layer]; }
  /// Of the last pass, by the attention of the model.
  [[nodiscard]] PassReads reads() const { return m_reads; }
  /// Entries that the selector itself read in the last pass, to judge by: the oracle reads everything first.
  [[nodiscard]] std::int64_t judging_reads() const { return m_judging_reads; }
  /// Share of the estimated attention that was read in the last pass, mean over layers; NaN where nobody
  /// estimates.
  [[nodiscard]] double mass_kept() const;

 protected:
  /// `leniency`: see SelectorInputs.
  Selector(Backend& backend, Decoder& verifier, const SparsityOptions& options,
           std::span<const float> leniency);
  Result<void> allocate();

  /// Fills all lists by what is known before the pass.
  virtual void choose(std::size_t positions, std::size_t draft_rows) = 0;
  /// Fills one list when its queries are there.
  virtual void choose_layer(std::size_t /*layer*/, const AttentionCall& /*call*/, const float* /*query*/,
                            std::size_t /*rows*/) {}

  /// For select(): everything of the call but the mass and the weights.
  [[nodiscard]] SelectCall select_call(std::size_t positions) const;
  [[nodiscard]] std::int32_t* chosen(std::size_t layer) { return m_chosen + layer * m_stride; }
  [[nodiscard]] float* estimate(std::size_t layer) { return m_estimate + layer * 2 * m_stride; }
  [[nodiscard]] bool reads_all(std::size_t layer) const {
    return layer < static_cast<std::size_t>(m_options.dense_layers);
  }

  Backend& m_backend;
  KvCache& m_cache;  // the verifier's
  SparsityOptions m_options;
  std::size_t m_stride;                   // positions a list has room for
  std::vector<LayerSelection> m_results;  // [layers]
  std::int64_t m_judging_reads = 0;

 private:
  Buffer m_memory{nullptr, nullptr};
  std::int32_t* m_chosen = nullptr;                       // [layers, stride]
  float* m_estimate = nullptr;                            // [layers, 2, stride]
  std::vector<float> m_p;                                 // [layers]
  std::vector<kernels::AttentionSelection> m_selections;  // [layers]: what plan_layer hands out
  std::vector<bool> m_pruned;                             // [layers]
  std::size_t m_positions = 0;
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
