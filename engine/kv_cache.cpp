#include "engine/kv_cache.h"

#include <algorithm>

namespace fovea {

std::size_t KvCache::bytes(const ModelConfig& config, std::size_t capacity) {
  const auto entry = static_cast<std::size_t>(config.kv_heads) * static_cast<std::size_t>(config.head_dim);
  return static_cast<std::size_t>(config.layers) * capacity *
         (2 * entry * sizeof(std::uint16_t) + sizeof(float));
}

Result<KvCache> KvCache::create(Backend& backend, const ModelConfig& config, std::size_t capacity) {
  Result<Buffer> memory = backend.allocate(bytes(config, capacity));
  if (!memory) return memory.error();
  return KvCache(std::move(memory).value(), capacity,
                 static_cast<std::size_t>(config.kv_heads) * static_cast<std::size_t>(config.head_dim),
                 static_cast<std::size_t>(config.layers));
}

KvEntries KvCache::entries(std::size_t layer) {
  auto* memory = reinterpret_cast<std::uint16_t*>(m_memory.get());
  const std::size_t layer_numbers = m_capacity * m_entry;
  auto* norms = reinterpret_cast<float*>(memory + m_layers * 2 * layer_numbers);  // behind the last layer
  std::uint16_t* keys = memory + layer * 2 * layer_numbers;
  return {keys, keys + layer_numbers, norms + layer * m_capacity};
}

void KvCache::append(std::span<const TokenId> ids, Origin origin) {
  // A dense pass over approximate entries writes approximate ones.
  if (origin == Origin::kDense && m_dense_size == m_tokens.size()) m_dense_size += ids.size();
  m_tokens.insert(m_tokens.end(), ids.begin(), ids.end());
}

void KvCache::truncate(std::size_t size) {
  if (size < m_tokens.size()) m_tokens.resize(size);
  m_dense_size = std::min(m_dense_size, size);
}

std::size_t KvCache::matching_prefix(std::span<const TokenId> ids) const {
  const std::size_t shorter = std::min(ids.size(), m_tokens.size());
  const auto difference =
      std::mismatch(m_tokens.begin(), m_tokens.begin() + static_cast<std::ptrdiff_t>(shorter), ids.begin());
  return static_cast<std::size_t>(difference.first - m_tokens.begin());
}

}  // namespace fovea
