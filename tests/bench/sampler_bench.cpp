// Sampler: time for one token's distribution and draw at the vocabularies of the embedded pair and of
// Llama 3. Logits are Gaussian (deviation 3) with a few raised, as a trained model's are. "logits" counts
// logits read a second.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "engine/sampler.h"

namespace fovea {
namespace {

std::vector<float> model_like_logits(std::size_t vocabulary) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 3);
  std::vector<float> logits(vocabulary);
  for (float& logit : logits) logit = normal(random);
  for (std::size_t i = 0; i < 20; ++i) logits[random() % vocabulary] += 10;
  return logits;
}

void sample(benchmark::State& state, SamplingOptions options) {
  options.seed = 1;
  Sampler sampler(options);
  const std::vector<float> logits = model_like_logits(static_cast<std::size_t>(state.range(0)));
  const std::vector<TokenId> history(64, 5);
  while (state.KeepRunning()) benchmark::DoNotOptimize(sampler.sample(logits, history));
  state.counters["logits"] =
      benchmark::Counter(static_cast<double>(state.range(0)), benchmark::Counter::kIsIterationInvariantRate);
}

SamplingOptions with(float temperature, int top_k, float top_p, float min_p, float penalty) {
  SamplingOptions options;
  options.temperature = temperature;
  options.top_k = top_k;
  options.top_p = top_p;
  options.min_p = min_p;
  options.repetition_penalty = penalty;
  return options;
}

BENCHMARK_CAPTURE(sample, greedy, with(0, 0, 1, 0, 1))->Arg(8192)->Arg(128256);
BENCHMARK_CAPTURE(sample, greedy_penalty, with(0, 0, 1, 0, 1.1F))->Arg(8192)->Arg(128256);
BENCHMARK_CAPTURE(sample, top_k_top_p, with(0.8F, 40, 0.95F, 0, 1))->Arg(8192)->Arg(128256);
BENCHMARK_CAPTURE(sample, every_filter, with(0.8F, 40, 0.95F, 0.05F, 1.1F))->Arg(8192)->Arg(128256);
BENCHMARK_CAPTURE(sample, top_p, with(0.8F, 0, 0.95F, 0, 1))->Arg(8192)->Arg(128256);
BENCHMARK_CAPTURE(sample, min_p, with(0.8F, 0, 1, 0.05F, 1))->Arg(8192)->Arg(128256);
BENCHMARK_CAPTURE(sample, unfiltered, with(0.8F, 0, 1, 0, 1))->Arg(8192)->Arg(128256);

}  // namespace
}  // namespace fovea

BENCHMARK_MAIN();
