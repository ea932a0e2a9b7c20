#include "engine/exact.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/llama.h"

namespace fovea {
namespace {

constexpr int kLongest = static_cast<int>(Llama::kMaxLogitRows) - 1;  // a dense pass scores one row more
constexpr int kShortest = 4;
constexpr int kFirst = 16;
// A dense pass of r rows costs about as much as r + this many rows cost each: what is read once a pass,
// weights and cache, against what is computed for each row.
constexpr double kPassOverheadRows = 4;
constexpr int kProbeEvery = 16;  // speculative steps before a sparse one is tried again
constexpr double kMemory = 0.1;  // share of the newest round in the running means

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void blend(double& mean, double sample) {
  mean = mean == 0 ? sample : mean + kMemory * (sample - mean);
}

}  // namespace

Exact::Plan Exact::plan() const {
  if (m_sparse_seconds_token == 0) return {kFirst, 0};
  // A round that proposes m tokens, each of which stands with chance a while all before it stand, yields
  // a + a^2 + ... + a^m tokens and the dense verifier's own next one.
  Plan best{kShortest, 0};
  double expected = 1;
  double all_stand = 1;
  for (int length = 1; length <= kLongest; ++length) {
    all_stand *= m_agreement;
    expected += all_stand;
    const double seconds =
        length * m_sparse_seconds_token + (length + 1 + kPassOverheadRows) * m_dense_seconds_unit;
    if (length >= kShortest && expected / seconds > best.rate) best = {length, expected / seconds};
  }
  return best;
}

// Against speculation whose every pass is dense: the proposals cost and stand the same there.
bool Exact::sparse_pays(int draft_tokens) const {
  if (m_dense_seconds_unit == 0) return true;
  double dense_rate = 0;
  for (int proposals = 0; proposals <= draft_tokens; ++proposals) {
    const double seconds = m_sparse_controller.draft_pass_seconds() * proposals +
                           (proposals + 1 + kPassOverheadRows) * m_dense_seconds_unit;
    dense_rate = std::max(dense_rate, m_sparse_controller.expected_tokens(proposals) / seconds);
  }
  // Now and then all the same, or a change for the better would never be seen.
  return plan().rate >= dense_rate || m_speculative_steps >= kProbeEvery;
}

void Exact::learn(int proposed, int confirmed, double sparse_seconds, double dense_seconds) {
  // One trial for each token that stood and one for the refusal.
  const int trials = std::min(confirmed + 1, proposed);
  for (int i = 0; i < trials; ++i) {
    m_agreement += kMemory / 4 * ((i < confirmed ? 1.0 : 0.0) - m_agreement);
  }
  blend(m_sparse_seconds_token, sparse_seconds / proposed);
  blend(m_dense_seconds_unit, dense_seconds / (proposed + 1 + kPassOverheadRows));
}

// Leaves at most `length` provisional tokens behind the confirmed ones: a pass emits one more than it
// proposes, so the last token of the length may stay unused.
void Exact::run_ahead(std::vector<TokenId>& sequence, int draft_tokens, int length,
                      const std::stop_token& stop, std::vector<StepTelemetry>& passes) {
  const std::size_t confirmed = sequence.size();
  bool ended = false;
  while (!ended && !stop.stop_requested()) {
    const int left = length - static_cast<int>(sequence.size() - confirmed);
    const int most = std::min(draft_tokens, left - 1);
    if (most < 1) return;
    const std::size_t before = sequence.size();
    passes.push_back(m_speculative.step(sequence, m_sparse_controller.draft_tokens(1, most)));
    m_sparse_controller.learn(passes.back());
    passes.back().emitted = 0;
    const auto end = std::find(sequence.begin() + static_cast<std::ptrdiff_t>(before), sequence.end(), m_end);
    ended = end != sequence.end();
    if (ended) sequence.erase(end + 1, sequence.end());
  }
}

StepTelemetry Exact::confirm(std::vector<TokenId>& sequence, std::size_t confirmed) {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<TokenId> provisional(sequence.begin() + static_cast<std::ptrdiff_t>(confirmed),
                                         sequence.end());
  const std::span<const float> logits = m_verifier.decode(sequence, provisional.size() + 1);
  StepTelemetry telemetry;
  telemetry.kind = PassKind::kConfirm;
  telemetry.verify_seconds = seconds_since(begin);
  telemetry.context_tokens = sequence.size();
  telemetry.kv_entries_read = m_verifier.kv_entries();

  const std::size_t vocabulary = logits.size() / (provisional.size() + 1);
  const Acceptance::Run run = Acceptance::accept_shared(
      provisional,
      [&](std::size_t index) -> std::span<const TokenProbability> {
        m_sampler.distribution(logits.subspan(index * vocabulary, vocabulary),
                               std::span(sequence).first(confirmed + index), m_distribution);
        return m_distribution;
      },
      m_sampler, confirmed);
  sequence.resize(confirmed + run.accepted);
  sequence.push_back(run.next);
  telemetry.confirmed = static_cast<int>(run.accepted);
  telemetry.refused = run.accepted < provisional.size() ? 1 : 0;  // nobody judged what followed it
  telemetry.emitted = static_cast<int>(run.accepted) + 1;
  telemetry.sample_seconds = seconds_since(begin) - telemetry.verify_seconds;
  return telemetry;
}

void Exact::step(std::vector<TokenId>& sequence, int draft_tokens, int room, const std::stop_token& stop,
                 std::vector<StepTelemetry>& passes) {
  // A provisional token needs room, and the dense verifier's own next one.
  if (room < 2 || !sparse_pays(draft_tokens)) {
    ++m_speculative_steps;
    const int proposals = m_dense_controller.draft_tokens(0, std::min(draft_tokens, room));
    passes.push_back(m_speculative.step(sequence, proposals, Speculative::Reading::kEverything));
    m_dense_controller.learn(passes.back());
    blend(m_dense_seconds_unit,
          passes.back().verify_seconds / (passes.back().proposed + 1 + kPassOverheadRows));
    return;
  }
  m_speculative_steps = 0;
  const std::size_t confirmed = sequence.size();
  const std::size_t first_pass = passes.size();
  const auto begin = std::chrono::steady_clock::now();
  run_ahead(sequence, draft_tokens, std::min(plan().length, room), stop, passes);
  if (stop.stop_requested()) {
    sequence.resize(confirmed);
    return;
  }
  const double sparse_seconds = seconds_since(begin);
  const auto provisional = static_cast<int>(sequence.size() - confirmed);
  passes.push_back(confirm(sequence, confirmed));
  learn(provisional, passes.back().confirmed, sparse_seconds, passes.back().verify_seconds);
  // What was built on a refused token, dense speculation would never have read.
  const std::size_t stands = confirmed + static_cast<std::size_t>(passes.back().confirmed);
  for (std::size_t i = first_pass; i + 1 < passes.size(); ++i) {
    const std::size_t began = passes[i].context_tokens - static_cast<std::size_t>(passes[i].proposed);
    if (began > stands) passes[i].kv_entries_dense = 0;
  }
}

}  // namespace fovea
