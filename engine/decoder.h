// Decoder: one loaded model with its KV cache, asked one question: "what follows this sequence?" It finds how
// much of the sequence the cache already holds, forgets what differs, computes the rest. So a follow-up
// question, a rejected draft and a dropped turn are all the same case. Owns the mapped file, the weights'
// views and the cache; the backend must outlive it. One thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "engine/backend.h"
#include "engine/gguf.h"
#include "engine/kv_cache.h"
#include "engine/llama.h"
#include "engine/model_config.h"
#include "engine/options.h"
#include "engine/result.h"
#include "engine/weights.h"

namespace fovea {

/// Which entries of the cache a pass may build on.
enum class Reuse {
  kDense,  // those that dense passes wrote: the result is exactly that of dense passes alone
  kAny,    // also those of sparse passes, which are approximate
};

class Decoder {
 public:
  /// Opens and checks the file, then reads it into memory in steps. `context` is the cache's capacity in
  /// positions; 0 takes what the model was trained for. `on_progress` gets 0 .. 1. Fails with an Error that
  /// names the file.
  static Result<std::unique_ptr<Decoder>> open(const std::string& path, Backend& backend, std::size_t context,
                                               const std::function<void(double)>& on_progress,
                                               std::stop_token stop);

  [[nodiscard]] const ModelConfig& config() const { return m_config; }
  [[nodiscard]] const Gguf& gguf() const { return m_gguf; }
  [[nodiscard]] std::size_t capacity() const { return m_cache.capacity(); }
  [[nodiscard]] const KvCache& cache() const { return m_cache; }
  [[nodiscard]] KvCache& cache() { return m_cache; }
  [[nodiscard]] std::size_t weights_bytes() const;

  /// Computes all of `sequence` but its last token that the cache does not hold, in chunks, with progress
  /// (done, total) and a look at `stop` between them; total counts what was missing. Returns how many tokens
  /// were computed; what is done stays in the cache when it is cancelled. `sequence` must fit the capacity.
  Result<std::size_t> prefill(std::span<const TokenId> sequence,
                              const std::function<void(std::size_t, std::size_t)>& on_progress,
                              std::stop_token stop, Reuse reuse = Reuse::kDense);

  /// Makes the cache hold exactly `sequence` and returns the logits of its last `logit_rows` positions (1 ..
  /// Llama::kMaxLogitRows, at most sequence.size()), valid until the next call. The sequence must fit the
  /// capacity. Without a plan the same sequence gives the same bits, whatever was in the cache. A plan is
  /// followed by the last pass; a sparse one builds on whatever the cache holds.
  RowLogits decode(std::span<const TokenId> sequence, std::size_t logit_rows, AttentionPlan* plan = nullptr,
                   Reuse reuse = Reuse::kDense);
  /// The same, on the host: [logit_rows, vocabulary].
  std::span<const float> decode_to_host(std::span<const TokenId> sequence, std::size_t logit_rows,
                                        AttentionPlan* plan = nullptr, Reuse reuse = Reuse::kDense);
  [[nodiscard]] Backend& backend() const { return m_backend; }

  /// KV entries, in (layer, position) pairs, that a dense pass over the current sequence reads.
  [[nodiscard]] std::int64_t kv_entries() const {
    return static_cast<std::int64_t>(m_config.layers) * static_cast<std::int64_t>(m_cache.size());
  }

 private:
  /// Leading entries of the cache that a pass over `sequence` may keep.
  [[nodiscard]] std::size_t reusable(std::span<const TokenId> sequence, Reuse reuse) const;

  Decoder(Backend& backend, Gguf gguf, ModelConfig config, Weights weights, KvCache cache);
  Backend& m_backend;
  Gguf m_gguf;
  ModelConfig m_config;
  Weights m_weights;
  std::vector<Buffer> m_placed;  // what m_weights views, where that is not m_gguf
  KvCache m_cache;
  std::vector<float> m_host_logits;
  std::unique_ptr<Llama> m_llama;  // refers to m_weights, so it is made last and the Decoder never moves
};

}  // namespace fovea
