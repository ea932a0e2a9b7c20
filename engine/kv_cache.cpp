#include "engine/kv_cache.h"

#include <algorithm>

namespace fovea {

namespace {

std::size_t entry_numbers(const ModelConfig& config) {
  return static_cast<std::size_t>(config.kv_heads) * static_cast<std::size_t>(config.head_dim);
}

std::size_t entry_scales(const Backend& backend, const ModelConfig& config) {
  return backend.kv_has_scales() ? 2 * static_cast<std::size_t>(config.kv_heads) : 0;
}

}  // namespace

std::size_t KvCache::bytes(const Backend& backend, const ModelConfig& config, std::size_t capacity) {
  return static_cast<std::size_t>(config.layers) * capacity *
         (2 * entry_numbers(config) * sizeof(std::uint16_t) +
          (entry_scales(backend, config) + 1) * sizeof(float));
}

Result<KvCache> KvCache::create(Backend& backend, const ModelConfig& config, std::size_t capacity) {
  Result<Buffer> memory = backend.allocate(bytes(backend, config, capacity));
  if (!memory) return memory.error();
  return KvCache(std::move(memory).value(), capacity, entry_numbers(config), entry_scales(backend, config),
                 static_cast<std::size_t>(config.layers));
}

KvEntries KvCache::entries(std::size_t layer) {
  auto* memory = reinterpret_cast<std::uint16_t*>(m_memory.get());
  const std::size_t layer_numbers = m_capacity * m_entry;
  const std::size_t layer_scales = m_capacity * m_scales;
  std::uint16_t* keys = memory + layer * 2 * layer_numbers;
  auto* scales = reinterpret_cast<float*>(memory + m_layers * 2 * layer_numbers);  // behind the last layer
  float* norms = scales + m_layers * layer_scales;
  return {keys, keys + layer_numbers, m_scales != 0 ? scales + layer * layer_scales : nullptr,
          norms + layer * m_capacity};
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
