#include "engine/decoder.h"

#include <algorithm>
#include <utility>

namespace fovea {

Decoder::Decoder(Backend& backend, Gguf gguf, ModelConfig config, Weights weights, KvCache cache)
    : m_backend(backend),
      m_gguf(std::move(gguf)),
      m_config(std::move(config)),
      m_weights(std::move(weights)),
      m_cache(std::move(cache)) {}

Result<std::unique_ptr<Decoder>> Decoder::open(const std::string& path, Backend& backend, std::size_t context,
                                               const std::function<void(double)>& on_progress,
                                               std::stop_token stop) {
  Result<Gguf> gguf = Gguf::open(path);
  if (!gguf) return gguf.error();
  Result<ModelConfig> config = load_model_config(*gguf);
  if (!config) return config.error();
  Result<Weights> weights = load_weights(*gguf, *config);
  if (!weights) return weights.error();
  const std::size_t capacity = context != 0 ? context : static_cast<std::size_t>(config->context_tokens);
  Result<KvCache> cache = KvCache::create(backend, *config, capacity);
  if (!cache) return cache.error();
  std::unique_ptr<Decoder> decoder(new Decoder(backend, std::move(gguf).value(), std::move(config).value(),
                                               std::move(weights).value(), std::move(cache).value()));
  // What has been copied need not stay in memory twice.
  const auto on_placed = [&](double done) {
    decoder->m_gguf.release_pages();
    if (on_progress) on_progress(done);
  };
  Result<std::vector<Buffer>> placed =
      place_weights(decoder->m_weights, decoder->m_config, backend, on_placed, stop);
  if (!placed) return placed.error();
  decoder->m_placed = std::move(placed).value();
  Result<Llama> llama = Llama::create(decoder->m_weights, decoder->m_config, backend, capacity);
  if (!llama) return llama.error();
  decoder->m_llama = std::make_unique<Llama>(std::move(llama).value());
  return decoder;
}

std::size_t Decoder::weights_bytes() const {
  std::size_t bytes = 0;
  for (const GgufTensor& tensor : m_gguf.tensors()) bytes += tensor.data.size();
  return bytes;
}

Result<std::size_t> Decoder::prefill(std::span<const TokenId> sequence,
                                     const std::function<void(std::size_t, std::size_t)>& on_progress,
                                     std::stop_token stop, Reuse reuse) {
  const std::span<const TokenId> wanted = sequence.first(sequence.size() - 1);
  m_cache.truncate(reusable(wanted, reuse));
  const std::size_t held = m_cache.size();
  while (m_cache.size() < wanted.size()) {
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "The answer was stopped.", ""};
    const std::size_t count = std::min(Llama::kMaxRows, wanted.size() - m_cache.size());
    m_llama->forward(m_cache, wanted.subspan(m_cache.size(), count), 0);
    if (on_progress) on_progress(m_cache.size() - held, wanted.size() - held);
  }
  return wanted.size() - held;
}

std::size_t Decoder::reusable(std::span<const TokenId> sequence, Reuse reuse) const {
  const std::size_t matching = m_cache.matching_prefix(sequence);
  return reuse == Reuse::kAny ? matching : std::min(matching, m_cache.dense_size());
}

RowLogits Decoder::decode(std::span<const TokenId> sequence, std::size_t logit_rows, AttentionPlan* plan,
                          Reuse reuse) {
  m_cache.truncate(std::min(reusable(sequence, reuse), sequence.size() - logit_rows));
  std::span<const TokenId> rest = sequence.subspan(m_cache.size());
  // Everything before the last pass, which must hold all the rows asked for.
  while (rest.size() > Llama::kMaxRows) {
    const std::size_t count = std::min(Llama::kMaxRows, rest.size() - logit_rows);
    m_llama->forward(m_cache, rest.first(count), 0);
    rest = rest.subspan(count);
  }
  return m_llama->forward(m_cache, rest, logit_rows, plan);
}

std::span<const float> Decoder::decode_to_host(std::span<const TokenId> sequence, std::size_t logit_rows,
                                               AttentionPlan* plan, Reuse reuse) {
  const RowLogits logits = decode(sequence, logit_rows, plan, reuse);
  m_host_logits.resize(logits.rows * logits.vocabulary);
  read_values(m_backend, std::span(m_host_logits), logits.data);
  return m_host_logits;
}

}  // namespace fovea
