// AttentionRows: a plan that reads everything and keeps the attention scores of a pass's last rows, for those
// who select, align or show by them. One slot a row; a draft fills one slot a proposal. Owns its memory,
// which is of the backend. One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/attention_plan.h"
#include "engine/model_config.h"

namespace fovea {

class AttentionRows final : public AttentionPlan {
 public:
  /// Room for `slot_count` rows of up to `positions` entries. Fails with kOutOfMemory.
  static Result<std::unique_ptr<AttentionRows>> create(Backend& backend, const ModelConfig& config,
                                                       std::size_t slot_count, std::size_t positions);

  /// The next pass leaves its last `count` rows in slots first .. first + count - 1; it must have as many
  /// (ask the decoder for their logits, too, and it has).
  void expect(std::size_t first_slot, std::size_t count) {
    m_first_slot = first_slot;
    m_expected = count;
  }

  /// Slots from 1 on were filled, or will be, by passes that read these lists, one a layer, and not
  /// everything. Null: everything, like slot 0.
  void set_lists(const SelectionLists* lists) { m_lists = lists; }

  [[nodiscard]] bool is_dense() const override { return true; }
  std::optional<std::size_t> begin_pass(std::size_t /*first_position*/, std::size_t /*rows*/) override {
    return m_first_slot * (m_slots + 1) + m_expected;
  }
  void plan_layer(std::size_t layer, AttentionCall& call, const float* query, std::size_t rows) override;

  [[nodiscard]] std::size_t layers() const { return m_layers; }
  [[nodiscard]] std::size_t kv_heads() const { return m_kv_heads; }
  [[nodiscard]] std::size_t slot_count() const { return m_slots; }
  /// How many sources of attention there are: KV heads of all layers.
  [[nodiscard]] std::size_t sources() const { return m_layers * m_kv_heads; }

  /// mass[sources, mass_stride], of the backend: the share of its attention that each source puts on each
  /// position below n, as a mean over slots [first, first + count) and over the query heads of a KV head. The
  /// rows must have seen n entries. What a pass did not read gets nothing from it.
  void mass(float* mass, std::size_t mass_stride, std::size_t first_slot, std::size_t count, std::size_t n);

 private:
  [[nodiscard]] ScoreRows rows(std::size_t first_slot, std::size_t count, std::size_t mean_of) const;
  AttentionRows(Backend& backend, const ModelConfig& config, std::size_t slot_count, std::size_t positions);
  [[nodiscard]] kernels::AttentionScores view(std::size_t layer, std::size_t slot) const;

  Backend* m_backend;
  Buffer m_memory;  // scores [layer][slot][head][stride], then log-sum-exps [layer][slot][head]
  std::size_t m_layers;
  std::size_t m_heads;
  std::size_t m_kv_heads;
  std::size_t m_slots;
  std::size_t m_stride;
  std::size_t m_first_slot = 0;
  std::size_t m_expected = 0;
  const SelectionLists* m_lists = nullptr;
  std::vector<kernels::AttentionScores> m_calls;  // [layer]: what plan_layer hands out
};

}  // namespace fovea
