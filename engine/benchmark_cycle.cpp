#include "engine/benchmark_cycle.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <random>
#include <span>
#include <utility>

#include "engine/backend_choice.h"
#include "engine/decoder.h"
#include "engine/draft.h"
#include "engine/model_pair.h"
#include "engine/pass_cost.h"
#include "engine/random_selector.h"
#include "engine/replay_acceptance.h"
#include "engine/speculative.h"
#include "engine/telemetry.h"

namespace fovea {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr int kContextTokensMax = 1 << 20;

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Fills the whole cache with random entries, which declare_filled() then calls those of a text: of a
/// deviation of 1, as keys and values of a model with normed inputs have. The same rows again and again:
/// nobody compares entries.
Result<void> write_random_entries(Decoder& decoder) {
  Backend& backend = decoder.backend();
  const ModelConfig& config = decoder.config();
  const auto size = [](int n) { return static_cast<std::size_t>(n); };
  const std::size_t rows = std::min(Llama::kMaxRows, decoder.capacity());
  const std::size_t query = rows * size(config.heads) * size(config.head_dim);
  const std::size_t entry = rows * size(config.kv_heads) * size(config.head_dim);
  std::vector<float> numbers(query + 2 * entry);
  std::mt19937 random(kSeed);
  std::normal_distribution<float> normal;
  for (float& number : numbers) number = normal(random);
  Result<Buffer> memory = backend.allocate(numbers.size() * sizeof(float));
  if (!memory) return memory.error();
  auto* rotated = reinterpret_cast<float*>(memory->get());
  const std::vector<TokenId> ids(rows, 0);
  for (std::size_t first = 0; first < decoder.capacity(); first += rows) {
    const std::size_t count = std::min(rows, decoder.capacity() - first);
    write_values(backend, rotated, std::span<const float>(numbers));
    static_cast<void>(backend.begin_pass(
        {std::span(ids).first(count), first, size(config.head_dim), config.rope_base, std::nullopt}));
    for (std::size_t layer = 0; layer < size(config.layers); ++layer) {
      backend.append(decoder.cache().entries(layer), rotated, rotated + query, rotated + query + entry,
                     size(config.heads), size(config.kv_heads));
    }
    backend.end_pass();
  }
  backend.wait();
  return backend.status();
}

void declare_filled(Decoder& decoder, std::span<const TokenId> tokens) {
  decoder.cache().truncate(0);
  decoder.cache().append(tokens, KvCache::Origin::kDense);
}

/// Tokens that a cycle brings on average: one, and a proposal for each that all before it stand.
double expected_tokens(double acceptance, int proposals) {
  double tokens = 1;
  for (int i = 1; i <= proposals; ++i) tokens += std::pow(acceptance, i);
  return tokens;
}

/// A loaded pair and what its cycles need.
class CycleRunner {
 public:
  static Result<std::unique_ptr<CycleRunner>> create(const CycleOptions& options, std::stop_token stop);

  [[nodiscard]] const Backend& backend() const { return *m_backend; }
  [[nodiscard]] const ModelConfig& verifier() const { return m_verifier->config(); }
  [[nodiscard]] const ModelConfig& draft() const { return m_draft->config(); }

  /// density: of kSparse.
  Result<BenchmarkCycle> measure(Mode mode, int context, double density);

 private:
  CycleRunner(const CycleOptions& options, std::stop_token stop)
      : m_options(options), m_stop(std::move(stop)) {}

  struct Run {
    double seconds = 0;
    TurnStatistics sums;
    int draft_passes = 0;
  };
  void calibrate_draft(int context);
  Result<Run> run(Mode mode, int context, Selector* selector, bool waits_for_stages);
  [[nodiscard]] BenchmarkCycle summary(Mode mode, int context, double density, const Run& fast,
                                       const Run& staged) const;

  const CycleOptions& m_options;
  std::stop_token m_stop;
  std::unique_ptr<Backend> m_backend;  // outlives what follows
  std::unique_ptr<Decoder> m_verifier;
  std::unique_ptr<Decoder> m_draft;
  std::unique_ptr<DraftPlan> m_draft_plan;
  std::vector<TokenId> m_tokens;  // of the longest context
};

Result<std::unique_ptr<CycleRunner>> CycleRunner::create(const CycleOptions& options, std::stop_token stop) {
  const int longest = *std::ranges::max_element(options.contexts);
  const int room = (options.cycles + 1) * (options.draft_tokens + 1);
  const int wanted = options.session.context_tokens;
  if (longest + room > (wanted > 0 ? wanted : kContextTokensMax)) {
    return Error{ErrorCode::kInvalidArgument,
                 "The context of " + std::to_string(longest) + " tokens and " + std::to_string(room) +
                     " more for the cycles do not fit the context length.",
                 "Give smaller contexts or a larger --context."};
  }
  const auto capacity = static_cast<std::size_t>(wanted > 0 ? wanted : longest + room);
  std::unique_ptr<CycleRunner> runner(new CycleRunner(options, stop));
  Result<ChosenBackend> chosen = choose_backend(options.session.backend, options.session.threads);
  if (!chosen) return chosen.error();
  runner->m_backend = std::move(chosen->backend);
  auto opened = Decoder::open(options.session.verifier_path, *runner->m_backend, capacity, nullptr, stop);
  if (!opened) return opened.error();
  runner->m_verifier = std::move(opened).value();
  opened = Decoder::open(options.session.draft_path, *runner->m_backend, capacity, nullptr, stop);
  if (!opened) return opened.error();
  runner->m_draft = std::move(opened).value();
  if (Result<void> fits = check_pair(runner->m_verifier->gguf(), runner->m_draft->gguf()); !fits)
    return fits.error();
  const auto passes = static_cast<std::size_t>(options.draft_tokens) + 1;
  auto plan = DraftPlan::create(*runner->m_backend, *runner->m_draft, passes, passes, {});
  if (!plan) return plan.error();
  runner->m_draft_plan = std::move(plan).value();

  for (Decoder* decoder : {runner->m_verifier.get(), runner->m_draft.get()}) {
    if (Result<void> written = write_random_entries(*decoder); !written) return written.error();
  }
  const auto vocabulary = static_cast<std::uint64_t>(runner->m_verifier->config().vocabulary);
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(longest); ++i)
    runner->m_tokens.push_back(static_cast<TokenId>(random_word(kSeed, i) % vocabulary));
  return runner;
}

void CycleRunner::calibrate_draft(int context) {
  const auto length = static_cast<std::size_t>(context);
  declare_filled(*m_draft, std::span(m_tokens).first(length - 1));
  m_draft_plan->expect(0, 1, length - 1, true);
  m_draft->decode(std::span(m_tokens).first(length), 1, m_draft_plan.get());
  m_draft_plan->calibrate(m_options.draft_density, length - 1);
}

Result<CycleRunner::Run> CycleRunner::run(Mode mode, int context, Selector* selector, bool waits_for_stages) {
  const auto length = static_cast<std::size_t>(context);
  std::vector<TokenId> sequence(m_tokens.begin(), m_tokens.begin() + context);
  // The last token is computed by the first cycle, as after a prompt.
  for (Decoder* decoder : {m_verifier.get(), m_draft.get()})
    declare_filled(*decoder, std::span(sequence).first(length - 1));

  Sampler sampler({.temperature = 0, .repetition_penalty = 1, .seed = kSeed});
  constexpr TokenId kNoEnd = -1;
  Draft draft(*m_draft, sampler, kNoEnd, AcceptanceRule::kSharedNoise, m_draft_plan.get());
  draft.propose_always();
  ReplayAcceptance acceptance(m_options.acceptance, kSeed);
  Speculative speculative(*m_verifier, draft, sampler, selector);
  speculative.replay(&acceptance);
  speculative.wait_for_stages(waits_for_stages);

  Run run;
  m_backend->wait();
  const double begin = now_seconds();
  for (int cycle = 0; cycle < m_options.cycles; ++cycle) {
    if (m_stop.stop_requested()) return Error{ErrorCode::kCancelled, "The benchmark was stopped.", ""};
    const StepTelemetry step = mode == Mode::kDense ? dense_step(*m_verifier, sampler, sequence)
                                                    : speculative.step(sequence, m_options.draft_tokens);
    run.draft_passes += step.draft_passes;
    run.sums.add(step);
  }
  m_backend->wait();
  run.seconds = now_seconds() - begin;
  if (Result<void> status = m_backend->status(); !status) return status.error();
  return run;
}

Result<BenchmarkCycle> CycleRunner::measure(Mode mode, int context, double density) {
  std::unique_ptr<RandomSelector> selector;
  if (mode == Mode::kSparse) {
    auto made = RandomSelector::create(*m_backend, *m_verifier, m_draft_plan->rows(), density, kSeed);
    if (!made) return made.error();
    selector = std::move(made).value();
    selector->calibrate(static_cast<std::size_t>(context));
  }
  if (mode != Mode::kDense) calibrate_draft(context);
  // The first run of each kind brings memory and recorded passes up to date; the best of the others counts.
  Run best[2];  // without and with waits
  for (int repetition = 0; repetition <= m_options.repetitions; ++repetition) {
    for (const bool waits : {false, true}) {
      Result<Run> made = run(mode, context, selector.get(), waits);
      if (!made) return made.error();
      Run& kept = best[waits ? 1 : 0];
      if (repetition <= 1 || made->seconds < kept.seconds) kept = std::move(made).value();
    }
  }
  return summary(mode, context, density, best[0], best[1]);
}

BenchmarkCycle CycleRunner::summary(Mode mode, int context, double density, const Run& fast,
                                    const Run& staged) const {
  const double cycles = m_options.cycles;
  const TurnStatistics& sums = staged.sums;
  const auto entry_bytes = [](const Decoder& decoder) {
    return pass_cost(decoder.gguf(), decoder.config()).kv_entry_bytes / decoder.config().layers;
  };
  const auto weights_bytes = [](const Decoder& decoder) {
    return pass_cost(decoder.gguf(), decoder.config()).weights_bytes;
  };
  BenchmarkCycle line;
  line.mode = mode;
  line.context = context;
  line.density_asked = density;
  line.density = 1 - sums.kv_reads_saved();
  line.proposed = static_cast<double>(sums.proposed) / cycles;
  line.accepted = static_cast<double>(sums.accepted) / cycles;
  line.tokens_expected =
      mode == Mode::kDense ? 1 : expected_tokens(m_options.acceptance, m_options.draft_tokens);
  line.seconds = fast.seconds / cycles;
  line.draft.seconds = sums.draft_seconds / cycles;
  line.select.seconds = sums.select_seconds / cycles;
  line.verify.seconds = (sums.verify_seconds - sums.select_seconds) / cycles;
  line.sample.seconds = sums.sample_seconds / cycles;
  line.draft.bytes = (staged.draft_passes * weights_bytes(*m_draft) +
                      static_cast<double>(sums.draft_kv_entries_read) * entry_bytes(*m_draft)) /
                     cycles;
  line.verify.bytes = weights_bytes(*m_verifier) +
                      static_cast<double>(sums.kv_entries_read) * entry_bytes(*m_verifier) / cycles;
  return line;
}

Result<void> check(const CycleOptions& options) {
  const auto refuse = [](const std::string& problem) {
    return Result<void>(Error{ErrorCode::kInvalidArgument, problem, ""});
  };
  const auto is_share = [](double value) { return value >= 0 && value <= 1; };
  if (options.session.draft_path.empty()) {
    return Error{ErrorCode::kInvalidArgument, "Cycles need a draft model, and there is none.",
                 "Give one with --draft."};
  }
  if (options.contexts.empty() || *std::ranges::min_element(options.contexts) < 2)
    return refuse("A context holds 2 tokens at least.");
  if (!is_share(options.acceptance) || !is_share(options.draft_density) ||
      !std::ranges::all_of(options.densities, is_share))
    return refuse("Densities and the acceptance lie between 0 and 1.");
  if (options.draft_tokens < 1 || options.draft_tokens > GenerationOptions::kMaxDraftTokens)
    return refuse("A cycle proposes 1 to " + std::to_string(GenerationOptions::kMaxDraftTokens) + " tokens.");
  if (options.cycles < 1 || options.repetitions < 1) return refuse("There is nothing to measure.");
  return {};
}

}  // namespace

Result<CycleBenchmark> benchmark_cycles(const CycleOptions& options, const BenchmarkProgress& progress,
                                        const std::stop_token& stop) {
  if (Result<void> valid = check(options); !valid) return valid.error();
  const int total = static_cast<int>(options.contexts.size() * (2 + options.densities.size()));
  if (progress) progress(0, total, "loading");
  auto runner = CycleRunner::create(options, stop);
  if (!runner) return runner.error();
  CycleBenchmark benchmark{(*runner)->verifier().name,
                           (*runner)->draft().name,
                           std::string((*runner)->backend().name()),
                           (*runner)->backend().device(),
                           {}};
  for (const int context : options.contexts) {
    std::vector<std::pair<Mode, double>> lines{{Mode::kDense, 1.0}, {Mode::kSpeculative, 1.0}};
    for (const double density : options.densities) lines.emplace_back(Mode::kSparse, density);
    for (const auto& [mode, density] : lines) {
      if (progress) {
        progress(static_cast<int>(benchmark.cycles.size()), total,
                 std::string(to_string(mode)) + " at " + std::to_string(context));
      }
      const auto line = (*runner)->measure(mode, context, density);
      if (!line) return line.error();
      benchmark.cycles.push_back(*line);
    }
  }
  return benchmark;
}

}  // namespace fovea
