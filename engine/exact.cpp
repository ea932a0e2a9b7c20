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
constexpr int kProbeEvery = 16;  // steps of one way before the other is tried again
constexpr double kMemory = 0.1;  // share of the newest round in the running means

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void blend(double& mean, double sample) {
  mean = mean == 0 ? sample : mean + kMemory * (sample - mean);
}

}  // namespace

void Exact::Rate::add(int new_tokens, double new_seconds) {
  tokens = (1 - kMemory) * tokens + new_tokens;
  seconds = (1 - kMemory) * seconds + new_seconds;
}

int Exact::next_length() const {
  if (m_sparse_seconds_token == 0) return kFirst;
  // A round that proposes m tokens, each of which stands with chance a while all before it stand, yields
  // a + a^2 + ... + a^m tokens and the dense verifier's own next one.
  int best = kShortest;
  double best_rate = 0;
  double expected = 1;
  double all_stand = 1;
  for (int length = 1; length <= kLongest; ++length) {
    all_stand *= m_agreement;
    expected += all_stand;
    const double seconds =
        length * m_sparse_seconds_token + (length + 1 + kPassOverheadRows) * m_dense_seconds_unit;
    if (length >= kShortest && expected / seconds > best_rate) {
      best_rate = expected / seconds;
      best = length;
    }
  }
  return best;
}

// The faster of the two ways, by what both did of late; now and then the other one, or a change would never
// be seen.
bool Exact::runs_ahead() const {
  if (m_ahead_rate.seconds == 0) return true;
  if (m_speculative_rate.seconds == 0) return false;
  const bool faster_ahead = m_ahead_rate.value() >= m_speculative_rate.value();
  if (faster_ahead == m_went_ahead && m_same_steps >= kProbeEvery) return !faster_ahead;
  return faster_ahead;
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
  m_draws.begin({m_verifier.decode(sequence, provisional.size() + 1), sequence});
  m_verifier.backend().wait();
  StepTelemetry telemetry;
  telemetry.kind = PassKind::kConfirm;
  telemetry.verify_seconds = seconds_since(begin);
  telemetry.context_tokens = sequence.size();
  telemetry.kv_entries_read = m_verifier.kv_entries();

  const Acceptance::Run run =
      Acceptance::accept_shared(provisional, [&](std::size_t i) { return m_draws[i].token; });
  if (run.accepted < provisional.size()) {
    telemetry.refusal.emplace();
    telemetry.refusal->refused = provisional[run.accepted];
    telemetry.refusal->chosen = run.next;
  }
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
  const bool ahead = room >= 2 && runs_ahead();
  m_same_steps = ahead == m_went_ahead ? m_same_steps + 1 : 1;
  m_went_ahead = ahead;
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t confirmed = sequence.size();
  if (!ahead) {
    const int proposals = m_dense_controller.draft_tokens(0, std::min(draft_tokens, room));
    passes.push_back(m_speculative.step(sequence, proposals, Speculative::Reading::kEverything));
    m_dense_controller.learn(passes.back());
    m_speculative_rate.add(static_cast<int>(sequence.size() - confirmed), seconds_since(begin));
    return;
  }
  const std::size_t first_pass = passes.size();
  run_ahead(sequence, draft_tokens, std::min(next_length(), room), stop, passes);
  if (stop.stop_requested()) {
    sequence.resize(confirmed);
    return;
  }
  const double sparse_seconds = seconds_since(begin);
  const auto provisional = static_cast<int>(sequence.size() - confirmed);
  passes.push_back(confirm(sequence, confirmed));
  learn(provisional, passes.back().confirmed, sparse_seconds, passes.back().verify_seconds);
  m_ahead_rate.add(static_cast<int>(sequence.size() - confirmed), seconds_since(begin));
  // What was built on a refused token, dense speculation would never have read.
  const std::size_t stands = confirmed + static_cast<std::size_t>(passes.back().confirmed);
  for (std::size_t i = first_pass; i + 1 < passes.size(); ++i) {
    const std::size_t began = passes[i].context_tokens - static_cast<std::size_t>(passes[i].proposed);
    if (began > stands) passes[i].kv_entries_dense = 0;
  }
}

}  // namespace fovea
