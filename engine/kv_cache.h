// Keys and values of the tokens a model has seen, with the ids of those tokens, so that the next pass can
// tell which of them it shares. Owns its memory (of a backend, which must outlive it, and which alone knows
// what the numbers mean). One thread at a time. Layout: [layer][keys, values][position][kv_head][head_dim] of
// 16 bits: one position of a layer is one contiguous read. Behind them the scales, where the backend has
// them, float [layer][position][kv_head][2], and the lengths of the values, float [layer][position].
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/backend.h"
#include "engine/model_config.h"
#include "engine/options.h"
#include "engine/result.h"

namespace fovea {

class KvCache {
 public:
  /// Bytes for `capacity` positions of this model.
  [[nodiscard]] static std::size_t bytes(const Backend& backend, const ModelConfig& config,
                                         std::size_t capacity);
  /// Fails with kOutOfMemory.
  static Result<KvCache> create(Backend& backend, const ModelConfig& config, std::size_t capacity);

  [[nodiscard]] std::size_t size() const { return m_tokens.size(); }
  [[nodiscard]] std::size_t capacity() const { return m_capacity; }
  /// Leading positions that are exactly what dense passes write: no sparse pass had a part in them.
  [[nodiscard]] std::size_t dense_size() const { return m_dense_size; }
  [[nodiscard]] std::span<const TokenId> tokens() const { return m_tokens; }

  /// A layer's entries, from position 0 on. The lengths of the values are for those who judge what is worth
  /// reading; one layer's follow the other's at capacity() floats' distance.
  [[nodiscard]] KvEntries entries(std::size_t layer);

  /// How the attention that led to an entry read the cache.
  enum class Origin { kDense, kSparse };

  /// Declares the entries after size() written, for these tokens. size() + ids.size() must fit the capacity.
  void append(std::span<const TokenId> ids, Origin origin);
  /// Forgets all but the first `size` positions; their entries stay as they are, exactly.
  void truncate(std::size_t size);
  /// How many leading tokens of `ids` are in the cache, from position 0.
  [[nodiscard]] std::size_t matching_prefix(std::span<const TokenId> ids) const;

 private:
  KvCache(Buffer memory, std::size_t capacity, std::size_t entry, std::size_t scales, std::size_t layers)
      : m_memory(std::move(memory)),
        m_capacity(capacity),
        m_entry(entry),
        m_scales(scales),
        m_layers(layers) {
    m_tokens.reserve(capacity);
  }
  Buffer m_memory;
  std::size_t m_capacity;
  std::size_t m_entry;   // kv_heads * head_dim, even
  std::size_t m_scales;  // of a position
  std::size_t m_layers;
  std::vector<TokenId> m_tokens;
  std::size_t m_dense_size = 0;
};

}  // namespace fovea
