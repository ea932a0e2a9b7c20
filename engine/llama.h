// The forward pass of the Llama architecture (Touvron et al. 2023, arXiv 2302.13971), written once over the
// operation table. Owns the activations of one pass; weights, backend and KV cache belong to others and must
// outlive it. One thread at a time. Computing allocates nothing.
#pragma once

#include <cstddef>
#include <span>

#include "engine/attention_plan.h"
#include "engine/backend.h"
#include "engine/kv_cache.h"
#include "engine/model_config.h"
#include "engine/weights.h"

namespace fovea {

class Llama {
 public:
  /// Tokens in one pass, at most: enough to share each read of the weights among many, few enough for
  /// activations to stay in the caches.
  static constexpr std::size_t kMaxRows = 256;
  /// Rows of logits in one pass, at most: verification needs k + 1, scoring a text goes in steps of this.
  static constexpr std::size_t kMaxLogitRows = 32;

  /// Fails with kOutOfMemory, or kUnsupported for shapes the kernels do not hold.
  static Result<Llama> create(const Weights& weights, const ModelConfig& config, Backend& backend,
                              std::size_t positions);

  /// Runs `ids` (1 .. kMaxRows) through the model after what `cache` holds, and appends them to it. Returns
  /// the logits of the last `logit_rows` of them (0 .. min(ids.size(), kMaxLogitRows)), valid until the next
  /// call. `plan` may be null: everything is read, no scores are left.
  RowLogits forward(KvCache& cache, std::span<const TokenId> ids, std::size_t logit_rows,
                    AttentionPlan* plan = nullptr);

 private:
  Llama(const Weights& weights, const ModelConfig& config, Backend& backend)
      : m_weights(&weights), m_config(config), m_backend(&backend) {}
  void layer(std::size_t index, KvCache& cache, std::size_t rows, AttentionPlan* plan);
  void compute(KvCache& cache, std::size_t rows, std::size_t logit_rows, AttentionPlan* plan);

  const Weights* m_weights;
  ModelConfig m_config;
  Backend* m_backend;
  Buffer m_memory;
  // Activations, all in m_memory; rows = kMaxRows.
  float* m_residual = nullptr;   // [rows, width]
  float* m_query = nullptr;      // [rows, heads * head_dim]
  float* m_key = nullptr;        // [rows, kv_heads * head_dim]
  float* m_value = nullptr;      // [rows, kv_heads * head_dim]
  float* m_attention = nullptr;  // [rows, heads * head_dim]
  float* m_gate = nullptr;       // [rows, feed_forward]
  float* m_logits = nullptr;     // [kMaxLogitRows, vocabulary]
};

}  // namespace fovea
