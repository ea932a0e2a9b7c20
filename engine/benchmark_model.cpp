#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

#include "engine/benchmark.h"
#include "engine/gguf.h"
#include "engine/model_config.h"
#include "engine/pass_cost.h"
#include "engine/tokenizer.h"

namespace fovea {
namespace {

Result<PassCost> cost_of(const std::string& path) {
  const auto gguf = Gguf::open(path);
  if (!gguf) return gguf.error();
  const auto config = load_model_config(*gguf);
  if (!config) return config.error();
  return pass_cost(*gguf, *config);
}

// Text to continue at any depth: pseudo-random tokens, the same on every machine. `salt` changes the first of
// them, so that no measurement finds its prompt in the KV cache.
std::vector<TokenId> prompt_of(const Tokenizer& tokenizer, int depth, int salt) {
  std::vector<TokenId> words;
  for (const char* word :
       {"the", " sea", " was", " calm", " and", " night", " came", " over", " a", " hill", ","}) {
    std::ranges::copy(tokenizer.encode(word), std::back_inserter(words));
  }
  std::minstd_rand random(static_cast<unsigned>(salt) + 1U);
  std::vector<TokenId> ids;
  if (tokenizer.begin_id() >= 0) ids.push_back(tokenizer.begin_id());
  while (static_cast<int>(ids.size()) < depth) ids.push_back(words[random() % words.size()]);
  ids.resize(static_cast<std::size_t>(depth));
  return ids;
}

struct Measured {
  double prefill_token_seconds = 0;
  double decode_token_seconds = 0;
  double acceptance_rate = 0;  // of the repetition that counts
  double kv_reads_saved = 0;   // likewise
  int prefilled = 0;
};

class ModelBenchmark {
 public:
  ModelBenchmark(Session& session, const BenchmarkOptions& options, const PassCost& cost,
                 std::stop_token stop)
      : m_session(session), m_options(options), m_cost(cost), m_stop(std::move(stop)) {}

  Result<void> measure(int depth, Mode mode, std::vector<BenchmarkRow>& rows);

 private:
  Result<Measured> best_of(int depth, Mode mode);

  Session& m_session;
  const BenchmarkOptions& m_options;
  const PassCost& m_cost;
  std::stop_token m_stop;
  int m_salt = 0;
};

Result<Measured> ModelBenchmark::best_of(int depth, Mode mode) {
  GenerationOptions generation;
  generation.mode = mode;
  generation.max_tokens = m_options.decode_tokens;
  generation.sampling.temperature = 0;
  generation.sampling.repetition_penalty = 1;
  Measured best;
  for (int repetition = 0; repetition < m_options.repetitions; ++repetition) {
    const auto turn =
        m_session.generate(prompt_of(m_session.tokenizer(), depth, ++m_salt), generation, {}, m_stop);
    if (!turn) return turn.error();
    if (turn->reason == FinishReason::kCancelled)
      return Error{ErrorCode::kCancelled, "The benchmark was stopped.", ""};
    const TurnStatistics& statistics = turn->statistics;
    const double prefill = statistics.prefill_seconds / std::max(1, statistics.prefilled_tokens);
    const double decode = statistics.decode_seconds / std::max(1, statistics.generated_tokens);
    if (repetition == 0 || prefill < best.prefill_token_seconds) best.prefill_token_seconds = prefill;
    if (repetition == 0 || decode < best.decode_token_seconds) {
      best.decode_token_seconds = decode;
      best.acceptance_rate = statistics.acceptance_rate();
      best.kv_reads_saved = statistics.kv_reads_saved();
    }
    best.prefilled = statistics.prefilled_tokens;
  }
  return best;
}

Result<void> ModelBenchmark::measure(int depth, Mode mode, std::vector<BenchmarkRow>& rows) {
  const auto measured = best_of(depth, mode);
  if (!measured) return measured.error();
  const std::string at = std::to_string(depth);
  if (mode != Mode::kDense) {  // how often the weights are read depends on the acceptance: no honest GB/s
    std::string name = std::string(to_string(mode)) + " at " + at + ", " +
                       std::to_string(std::lround(100.0 * measured->acceptance_rate)) + "% accepted";
    if (mode != Mode::kSpeculative) {
      name += ", " + std::to_string(std::lround(100.0 * measured->kv_reads_saved)) + "% saved";
    }
    rows.push_back({name, measured->decode_token_seconds, 0, 0, 1});
    return {};
  }
  const double tokens = measured->prefilled;
  rows.push_back({"prefill " + at, measured->prefill_token_seconds * tokens, m_cost.weights_bytes,
                  2 * m_cost.weights_elements * tokens + m_cost.attention_operations * tokens * tokens / 2,
                  tokens});
  const double position = depth + m_options.decode_tokens / 2.0;
  rows.push_back({"decode at " + at, measured->decode_token_seconds,
                  m_cost.weights_bytes + m_cost.kv_entry_bytes * position,
                  2 * m_cost.weights_elements + m_cost.attention_operations * position, 1});
  return {};
}

}  // namespace

Result<std::vector<BenchmarkRow>> benchmark_model(const BenchmarkOptions& options,
                                                  const BenchmarkProgress& progress,
                                                  const std::stop_token& stop) {
  const auto cost = cost_of(options.session.verifier_path);
  if (!cost) return cost.error();
  auto session = Session::create(options.session, {}, stop);
  if (!session) return session.error();

  std::vector<int> depths;
  for (const int depth : options.depths) {
    if (depth >= 2 && depth + options.decode_tokens <= (*session)->info().context_tokens)
      depths.push_back(depth);
  }
  if (depths.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "No depth fits the context with the tokens that are to be generated.",
                 "Give smaller depths or a larger context."};
  }
  std::vector<Mode> modes = {Mode::kDense};
  if ((*session)->has_draft()) modes.push_back(Mode::kSpeculative);
  // A pair that was never aligned is not aligned for a benchmark's sake, unless there is a text to do it by.
  if ((*session)->has_draft() && (*session)->alignment(nullptr, stop)) {
    modes.insert(modes.end(), {Mode::kSparse, Mode::kExact});
  }

  std::vector<BenchmarkRow> rows;
  ModelBenchmark benchmark(**session, options, *cost, stop);
  const int total = static_cast<int>(depths.size() * modes.size());
  int done = 0;
  for (const int depth : depths) {
    for (const Mode mode : modes) {
      if (progress) progress(done++, total, std::string(to_string(mode)) + " at " + std::to_string(depth));
      if (auto measured = benchmark.measure(depth, mode, rows); !measured) return measured.error();
    }
  }
  return rows;
}

}  // namespace fovea
