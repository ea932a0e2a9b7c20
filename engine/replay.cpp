#include "engine/replay.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/row_draws.h"
#include "engine/sampler.h"

namespace fovea {
namespace {

/// What is asked of one row of logits.
class RowReader {
 public:
  RowReader(Backend& backend, Sampler& sampler)
      : m_backend(backend), m_sampler(sampler), m_draws(backend, sampler) {}

  void begin(const RowLogits& logits, std::span<const TokenId> sequence) {
    m_logits = logits;
    m_draws.begin({logits, sequence, false, !m_sampler.is_greedy()});
  }
  /// Rows in order; probability() is of this row from then on.
  TokenId draw(std::size_t row) {
    m_draw = &m_draws[row];
    if (m_sampler.is_greedy()) read_weights(row);
    return m_draw->token;
  }
  [[nodiscard]] float probability(TokenId token) const {
    if (m_sampler.is_greedy()) {
      const auto index = static_cast<std::size_t>(token);
      return index < m_weights.size() ? m_weights[index] : 0.0F;
    }
    return probability_of(m_draw->distribution, token);
  }

 private:
  // When greedy the filters leave one token, which says nothing about how sure the model was.
  void read_weights(std::size_t row) {
    m_weights.resize(m_logits.vocabulary);
    read_values(m_backend, std::span(m_weights), m_logits.data + row * m_logits.vocabulary);
    const double largest = *std::max_element(m_weights.begin(), m_weights.end());
    double sum = 0;
    for (const float logit : m_weights) sum += std::exp(static_cast<double>(logit) - largest);
    for (float& weight : m_weights)
      weight = static_cast<float>(std::exp(static_cast<double>(weight) - largest) / sum);
  }

  Backend& m_backend;
  Sampler& m_sampler;
  RowDraws m_draws;
  RowLogits m_logits;
  const Draw* m_draw = nullptr;
  std::vector<float> m_weights;  // [vocabulary]
};

/// The answer's places that a pass over the text can judge, in blocks.
class Places {
 public:
  Places(const ReplayRequest& request, std::size_t capacity)
      : m_text(request.prompt), m_prompt(request.prompt.size()) {
    m_text.insert(m_text.end(), request.answer.begin(), request.answer.end());
    m_count = std::min(m_text.size(), capacity) - m_prompt + 1;
  }
  [[nodiscard]] std::size_t count() const { return m_count; }
  /// Everything before the first place: its last token is computed with the first block.
  [[nodiscard]] std::span<const TokenId> prompt() const { return std::span(m_text).first(m_prompt); }
  [[nodiscard]] std::size_t rows(std::size_t first) const {
    return std::min(Llama::kMaxLogitRows, m_count - first);
  }
  /// The text whose last rows(first) positions say what follows them, at the places from `first` on.
  [[nodiscard]] std::span<const TokenId> sequence(std::size_t first) const {
    return std::span(m_text).first(m_prompt + first + rows(first) - 1);
  }

 private:
  std::vector<TokenId> m_text;  // prompt and answer
  std::size_t m_prompt;
  std::size_t m_count = 0;
};

/// Runs a model over all places; `visit` gets each with the reader at its row.
template <typename Visit>
Result<void> run(Decoder& decoder, Sampler& sampler, const Places& places,
                 const std::function<void(double)>& on_progress, const std::stop_token& stop, Visit visit) {
  const double all = static_cast<double>(places.prompt().size() + places.count());
  const auto before = static_cast<double>(places.prompt().size());
  const auto prefill = [&](std::size_t done, std::size_t missing) {
    if (on_progress) on_progress((before - static_cast<double>(missing - done)) / all);
  };
  Result<std::size_t> prefilled = decoder.prefill(places.prompt(), prefill, stop);
  if (!prefilled) return prefilled.error();
  RowReader reader(decoder.backend(), sampler);
  for (std::size_t first = 0; first < places.count();) {
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "The replay was stopped.", ""};
    const std::size_t rows = places.rows(first);
    reader.begin(decoder.decode(places.sequence(first), rows), places.sequence(first));
    for (std::size_t row = 0; row < rows; ++row) visit(first + row, reader, row);
    if (Result<void> sound = decoder.backend().status(); !sound) return sound;
    first += rows;
    if (on_progress) on_progress((before + static_cast<double>(first)) / all);
  }
  return {};
}

}  // namespace

Result<Replay> replay_answer(Decoder& verifier, Decoder* draft, TokenId end, const ReplayRequest& request,
                             const std::function<void(double)>& on_progress, const std::stop_token& stop) {
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = [&](std::size_t place) {
    return place < request.refused.size() ? request.refused[place] : ReplayRequest::kNothing;
  };
  const Places places(request, verifier.capacity());
  Sampler sampler(request.sampling);
  Replay replay;
  replay.end = end;
  replay.tokens.resize(places.count());
  const auto judge = [&](std::size_t place, RowReader& reader, std::size_t row) {
    ReplayedToken& token = replay.tokens[place];
    token.drawn = reader.draw(row);
    token.drawn_probability = reader.probability(token.drawn);
    token.answer_probability =
        reader.probability(place < request.answer.size() ? request.answer[place] : end);
    if (refused(place) != ReplayRequest::kNothing)
      token.refused_probability = reader.probability(refused(place));
  };
  if (Result<void> done = run(verifier, sampler, places, on_progress, stop, judge); !done)
    return done.error();
  const bool asks_draft = std::any_of(request.refused.begin(), request.refused.end(),
                                      [](TokenId token) { return token != ReplayRequest::kNothing; });
  if (draft != nullptr && asks_draft) {
    const auto ask = [&](std::size_t place, RowReader& reader, std::size_t row) {
      reader.draw(row);
      if (refused(place) != ReplayRequest::kNothing)
        replay.tokens[place].draft_probability = reader.probability(refused(place));
    };
    if (Result<void> done = run(*draft, sampler, places, nullptr, stop, ask); !done) return done.error();
  }
  replay.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return replay;
}

}  // namespace fovea
