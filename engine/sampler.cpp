#include "engine/sampler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include <numeric>
#include <random>

namespace fovea {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();

/// Independent running maxima, or comparisons made at once: wide enough for the compiler to use vectors.
constexpr std::size_t kLanes = 16;

std::uint64_t choose_seed(std::uint64_t requested) {
  if (requested != 0) return requested;
  std::random_device device;
  const std::uint64_t seed = (static_cast<std::uint64_t>(device()) << 32) | device();
  return seed != 0 ? seed : 1;
}

/// The lowest id of the largest logit; see Sampler::distribution for NaN and infinities.
TokenId argmax(std::span<const float> logits) {
  std::array<float, kLanes> lanes{};
  lanes.fill(-kInfinity);
  std::size_t i = 0;
  for (; i + kLanes <= logits.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] = logits[i + lane] > lanes[lane] ? logits[i + lane] : lanes[lane];
    }
  }
  for (; i < logits.size(); ++i) lanes[0] = logits[i] > lanes[0] ? logits[i] : lanes[0];
  const float largest = std::min(*std::max_element(lanes.begin(), lanes.end()), kLargest);
  const auto found =
      std::find_if(logits.begin(), logits.end(), [=](float logit) { return logit >= largest; });
  return found == logits.end() ? 0 : static_cast<TokenId>(found - logits.begin());
}

bool likelier(const TokenProbability& a, const TokenProbability& b) {
  return a.probability != b.probability ? a.probability > b.probability : a.token < b.token;
}

/// out = the `count` largest logits above -infinity, unordered, each in the place of its probability.
/// One pass: `out` collects what exceeds the count-th largest of what came before, and is cut back whenever
/// it has doubled. Ids ascend, so a later equal logit loses to an earlier one, as it must.
void gather_largest(std::span<const float> logits, std::size_t count, std::vector<TokenProbability>& out) {
  const std::size_t room = 2 * std::max<std::size_t>(count, 64);
  out.clear();
  out.reserve(std::min(room + kLanes, logits.size()));
  float threshold = -kInfinity;
  const auto cut = [&] {
    if (out.size() <= count) return;
    const auto nth = out.begin() + static_cast<std::ptrdiff_t>(count) - 1;
    std::nth_element(out.begin(), nth, out.end(), likelier);
    threshold = nth->probability;
    out.resize(count);
  };
  for (std::size_t begin = 0; begin < logits.size(); begin += kLanes) {
    const auto block = logits.subspan(begin, std::min(kLanes, logits.size() - begin));
    unsigned above = 0;
    for (const float logit : block) above |= logit > threshold ? 1U : 0U;
    if (above == 0) continue;
    for (std::size_t i = 0; i < block.size(); ++i) {
      const float logit = std::min(block[i], kLargest);
      if (logit > threshold) out.push_back({static_cast<TokenId>(begin + i), logit});
    }
    if (out.size() >= room) cut();
  }
  cut();
}

/// Logits become exp((logit - max) / temperature): proportional to probabilities, the largest exactly 1.
void logits_to_weights(std::span<TokenProbability> entries, float temperature) {
  float largest = -kInfinity;
  for (const TokenProbability& entry : entries) largest = std::max(largest, entry.probability);
  // Dividing rather than multiplying by 1 / temperature keeps 0 at 0 where the temperature is tiny.
  for (TokenProbability& entry : entries) {
    entry.probability = std::exp((entry.probability - largest) / temperature);
  }
}

double sum(std::span<const TokenProbability> entries) {
  double total = 0;
  for (const TokenProbability& entry : entries) total += static_cast<double>(entry.probability);
  return total;
}

/// Sorts weights in (0, 1], the largest first and equal ones by ascending id. Few are compared; many go
/// through a radix sort of their bit patterns, which order as positive floats do: a large vocabulary without
/// filters would otherwise spend longer here than in a small model's forward pass.
void sort_weights(std::vector<TokenProbability>& entries, std::vector<TokenProbability>& scratch) {
  const auto by_token = [](const TokenProbability& a, const TokenProbability& b) {
    return a.token < b.token;
  };
  // The radix sort is stable, so it keeps equal weights in the order of ids only where they came in it.
  if (entries.size() < 512 || !std::is_sorted(entries.begin(), entries.end(), by_token)) {
    std::sort(entries.begin(), entries.end(), likelier);
    return;
  }
  constexpr int kDigits = 3;  // 0 .. bits of 1.0F fit in 30 bits
  constexpr int kDigitBits = 10;
  constexpr std::uint32_t kDigitMask = (1U << kDigitBits) - 1;
  const auto key = [](const TokenProbability& entry) {  // ascending keys are descending weights
    return std::bit_cast<std::uint32_t>(1.0F) - std::bit_cast<std::uint32_t>(entry.probability);
  };
  scratch.resize(entries.size());
  for (int digit = 0; digit < kDigits; ++digit) {
    const auto digit_of = [&](const TokenProbability& entry) {
      return (key(entry) >> (digit * kDigitBits)) & kDigitMask;
    };
    std::array<std::uint32_t, kDigitMask + 1> next{};  // where the next entry of each digit goes
    for (const TokenProbability& entry : entries) ++next[digit_of(entry)];
    std::exclusive_scan(next.begin(), next.end(), next.begin(), 0U);
    for (const TokenProbability& entry : entries) scratch[next[digit_of(entry)]++] = entry;
    std::copy(scratch.begin(), scratch.end(), entries.begin());
  }
}

/// Top-p, then min-p, over weights whose largest is 1; leaves `entries` sorted.
void filter_by_mass(std::vector<TokenProbability>& entries, float top_p, float min_p,
                    std::vector<TokenProbability>& scratch) {
  const double total = sum(entries);
  const double top = top_p < 1.0F ? static_cast<double>(top_p) : 1.0;
  // Both filters keep a prefix of the sorted order, so min-p may drop its part before the sort, as long as
  // the mass that top-p wants is that of all. Nor can top-p reach an entry so small that all of its size
  // together miss the mass that top-p leaves out (halved, to stay clear of rounding).
  const double unreachable = 0.5 * (1.0 - top) * total / static_cast<double>(entries.size());
  const double least = std::max(static_cast<double>(min_p), unreachable);
  std::erase_if(entries, [=](const TokenProbability& entry) {
    return entry.probability <= 0 || static_cast<double>(entry.probability) < least;
  });
  sort_weights(entries, scratch);
  if (top >= 1.0) return;
  double reached = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    reached += static_cast<double>(entries[i].probability);
    if (reached >= top * total) return entries.resize(i + 1);
  }
}

void normalise(std::vector<TokenProbability>& entries) {
  const double total = sum(entries);
  for (TokenProbability& entry : entries) {
    entry.probability = static_cast<float>(static_cast<double>(entry.probability) / total);
  }
  // Denormals may round to 0.
  while (entries.size() > 1 && entries.back().probability <= 0) entries.pop_back();
}

// SplitMix64's step and finaliser: neighbouring inputs give unrelated outputs.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

}  // namespace

float probability_of(std::span<const TokenProbability> distribution, TokenId token) {
  const auto found = std::find_if(distribution.begin(), distribution.end(),
                                  [token](const TokenProbability& entry) { return entry.token == token; });
  return found == distribution.end() ? 0.0F : found->probability;
}

TokenId draw(std::span<const TokenProbability> distribution, RandomGenerator& random) {
  if (distribution.size() == 1) return distribution.front().token;
  double left = random.uniform() * sum(distribution);
  for (const TokenProbability& entry : distribution) {
    left -= static_cast<double>(entry.probability);
    if (left < 0) return entry.token;
  }
  return distribution.back().token;  // by rounding alone
}

Sampler::Sampler(const SamplingOptions& options)
    : m_options(options), m_seed(choose_seed(options.seed)), m_random(m_seed) {}

bool Sampler::is_greedy() const {
  return !(m_options.temperature > 0);
}

void Sampler::distribution(std::span<const float> logits, std::span<const TokenId> history,
                           std::vector<TokenProbability>& out) {
  const std::span<const float> adjusted = penalised(logits, history);
  out.clear();
  if (!is_greedy()) {
    const std::size_t top_k = m_options.top_k > 0 ? static_cast<std::size_t>(m_options.top_k) : logits.size();
    gather_largest(adjusted, std::min(top_k, logits.size()), out);
  }
  if (out.empty()) {  // greedy, or nothing above -infinity
    out.push_back({argmax(adjusted), 1.0F});
    return;
  }
  logits_to_weights(out, m_options.temperature);
  filter_by_mass(out, m_options.top_p, m_options.min_p, m_sorting);
  normalise(out);
}

TokenId Sampler::draw(std::span<const TokenProbability> distribution) {
  return fovea::draw(distribution, m_random);
}

TokenId Sampler::draw_at(std::span<const TokenProbability> distribution, std::size_t position) const {
  if (distribution.size() == 1) return distribution.front().token;
  // An exponential race: token t arrives at -log(u_t) / p_t, and the first one wins with probability p_t.
  const std::uint64_t place = mixed(m_seed ^ mixed(position + m_lowered + 1));
  TokenId winner = distribution.front().token;
  double first = std::numeric_limits<double>::infinity();
  for (const TokenProbability& entry : distribution) {
    const std::uint64_t bits = mixed(place + static_cast<std::uint64_t>(entry.token));
    const double uniform = (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;  // never 0 or 1
    const double arrival = -std::log(uniform) / static_cast<double>(entry.probability);
    if (arrival < first) {
      first = arrival;
      winner = entry.token;
    }
  }
  return winner;
}

TokenId Sampler::sample(std::span<const float> logits, std::span<const TokenId> history) {
  if (is_greedy()) return argmax(penalised(logits, history));
  distribution(logits, history, m_sample);
  return draw_at(m_sample, history.size());
}

std::span<const float> Sampler::penalised(std::span<const float> logits, std::span<const TokenId> history) {
  const float penalty = m_options.repetition_penalty;
  const auto window = static_cast<std::size_t>(std::max(0, m_options.repetition_window));
  const auto seen = history.last(std::min(window, history.size()));
  if (!(penalty > 1.0F) || seen.empty()) return logits;

  m_logits.assign(logits.begin(), logits.end());
  for (const TokenId token : seen) {
    const auto index = static_cast<std::size_t>(token);
    if (token < 0 || index >= logits.size()) continue;
    // From the original, so that a token seen twice is penalised once.
    const float logit = logits[index];
    m_logits[index] = logit > 0 ? logit / penalty : logit * penalty;
  }
  return m_logits;
}

}  // namespace fovea
