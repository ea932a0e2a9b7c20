// Sampling and acceptance by vocabulary, rows and filters. Logits are Gaussian (deviation 3) with a few
// raised, as a trained model's are, and rotate through buffers that the L2 cache does not hold; a pass of the
// model would leave them there, so in use they come faster. Predicted: a launch, a read of the logits by
// eight blocks a row, and some twenty barriers.
#include <cstring>
#include <random>
#include <string>

#include "kernels/cuda/acceptance.h"
#include "kernels/cuda/sampling.h"
#include "tests/bench/cuda/timing.h"

namespace fovea::bench {
namespace {

using kernels::cuda::AcceptanceResult;
using kernels::cuda::AcceptanceRule;
using kernels::cuda::Draws;
using kernels::cuda::kMaxListed;
using kernels::cuda::ProposalState;
using kernels::cuda::SamplingParameters;

constexpr std::size_t kText = 4096;

template <typename T>
T* device(std::size_t n) {
  T* memory = nullptr;
  check(cudaMalloc(&memory, n * sizeof(T)), "memory");
  check(cudaMemset(memory, 0, n * sizeof(T)), "memory");
  return memory;
}

template <typename T>
void put(T* there, const T& value) {
  check(cudaMemcpy(there, &value, sizeof(T), cudaMemcpyHostToDevice), "copy");
}

struct Setting {
  const char* name;
  SamplingParameters parameters;
};

Draws make_draws(std::size_t rows, std::size_t vocabulary) {
  return {device<std::int32_t>(rows),
          device<std::int32_t>(rows),
          device<std::int32_t>(rows * kMaxListed),
          device<float>(rows * kMaxListed),
          device<float>(rows * vocabulary),
          device<float>(rows)};
}

void free_draws(const Draws& draws) {
  cudaFree(draws.token);
  cudaFree(draws.kept);
  cudaFree(draws.listed);
  cudaFree(draws.probability);
  cudaFree(draws.wide);
  cudaFree(draws.confidence);
}

void line(const char* name, std::size_t vocabulary, std::size_t rows, double bytes, double seconds,
          double bandwidth, double predicted) {
  std::printf("%-28s %7zu %5zu %9.0f %8.2f us %8.1f GB/s %5.1f%% %8.2f us\n", name, vocabulary, rows, bytes,
              seconds * 1e6, bytes / seconds * 1e-9, 100 * bytes / seconds / bandwidth, predicted * 1e6);
}

void run(std::size_t vocabulary, const std::vector<Setting>& settings, double bandwidth) {
  // Three times as much as the cache holds, and 64 rows at least.
  const std::size_t row_bytes = vocabulary * sizeof(float);
  const std::size_t buffer_rows = std::max<std::size_t>(64, (std::size_t{150} << 20) / row_bytes / 32 * 32);
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 3);
  std::vector<float> host(vocabulary * 64);
  for (float& logit : host) logit = normal(random);
  for (std::size_t row = 0; row < 64; ++row) {
    for (int i = 0; i < 20; ++i) host[row * vocabulary + random() % vocabulary] += 10;
  }
  auto* logits = device<float>(buffer_rows * vocabulary);
  for (std::size_t row = 0; row + 64 <= buffer_rows; row += 64) {
    check(cudaMemcpy(logits + row * vocabulary, host.data(), host.size() * sizeof(float),
                     cudaMemcpyHostToDevice),
          "copy");
  }
  const std::size_t usable = buffer_rows / 64 * 64;
  const Draws verifier = make_draws(32, vocabulary);
  const Draws draft = make_draws(32, vocabulary);
  auto* tokens = device<std::int32_t>(kText);
  auto* position = device<std::int32_t>(1);
  auto* state = device<ProposalState>(1);
  auto* result = device<AcceptanceResult>(1);
  auto* parameters = device<SamplingParameters>(1);
  put(position, std::int32_t{1000});

  for (const Setting& setting : settings) {
    put(parameters, setting.parameters);
    for (const std::size_t rows : {1, 6, 32}) {
      Draws out = verifier;
      out.confidence = nullptr;  // a verifier's rows need none
      const double seconds = seconds_of([&](int i, cudaStream_t stream) {
        const std::size_t row = static_cast<std::size_t>(i) * rows % (usable - rows + 1);
        return kernels::cuda::sample(out, logits + row * vocabulary, tokens, position, parameters, rows,
                                     vocabulary, stream);
      });
      const auto bytes = static_cast<double>(rows * row_bytes);
      // Eight blocks a row, each at what one SM reads at most, about 60 GB/s; all rows at the card's bandwidth.
      const bool greedy = !(setting.parameters.temperature > 0);
      const double read = std::max(bytes / bandwidth, static_cast<double>(row_bytes) / 8 / 60e9);
      line(setting.name, vocabulary, rows, bytes, seconds, bandwidth, read + (greedy ? 3e-6 : 6e-6));
    }
    const double proposing = seconds_of([&](int i, cudaStream_t stream) {
      if (i % 20 == 0) {
        check(cudaMemsetAsync(state, 0, sizeof(ProposalState), stream), "state");
      }
      return kernels::cuda::propose(draft, state, tokens, logits + static_cast<std::size_t>(i) * vocabulary,
                                    parameters, {0.25F, -1}, AcceptanceRule::kSharedNoise,
                                    static_cast<std::size_t>(i) % 32, vocabulary, stream);
    });
    line((std::string(setting.name) + ", propose").c_str(), vocabulary, 1, static_cast<double>(row_bytes),
         proposing, bandwidth, 7e-6 + static_cast<double>(row_bytes) / 8 / 60e9);
  }

  // Acceptance of five proposals by six rows; what the last step changed is copied back before each.
  for (const Setting& setting : settings) {
    put(parameters, setting.parameters);
    ProposalState proposed;
    proposed.position = 1005;
    proposed.proposed = 5;
    check(kernels::cuda::sample(verifier, logits, tokens, position, parameters, 6, vocabulary, nullptr),
          "rows");
    check(kernels::cuda::sample(draft, logits + 6 * vocabulary, tokens, position, parameters, 5, vocabulary,
                                nullptr),
          "draft");
    auto* fives = device<ProposalState>(1);
    put(fives, proposed);
    auto* begin = device<std::int32_t>(1);
    put(begin, std::int32_t{1000});
    const auto restore = [&](cudaStream_t stream) {
      check(cudaMemcpyAsync(state, fives, sizeof(ProposalState), cudaMemcpyDeviceToDevice, stream), "state");
      check(cudaMemcpyAsync(position, begin, sizeof(std::int32_t), cudaMemcpyDeviceToDevice, stream),
            "begin");
    };
    const double copies = seconds_of([&](int, cudaStream_t stream) {
      restore(stream);
      return cudaSuccess;
    });
    const double shared = seconds_of([&](int, cudaStream_t stream) {
      restore(stream);
      return kernels::cuda::accept_shared(result, tokens, position, state, verifier, stream);
    });
    const double sampled = seconds_of([&](int, cudaStream_t stream) {
      restore(stream);
      return kernels::cuda::accept_sampled(result, tokens, position, state, verifier, draft, parameters,
                                           vocabulary, stream);
    });
    std::printf(
        "%-28s %7zu accept_shared %.2f us, accept_sampled %.2f us (two copies of %.2f us taken off)\n",
        setting.name, vocabulary, (shared - copies) * 1e6, (sampled - copies) * 1e6, copies * 1e6);
    cudaFree(fives);
    cudaFree(begin);
  }
  free_draws(verifier);
  free_draws(draft);
  cudaFree(logits);
  cudaFree(tokens);
  cudaFree(position);
  cudaFree(state);
  cudaFree(result);
  cudaFree(parameters);
}

}  // namespace
}  // namespace fovea::bench

int main() {
  using fovea::bench::Setting;
  cudaDeviceProp device{};
  fovea::bench::check(cudaGetDeviceProperties(&device, 0), "device");
  const double bandwidth = fovea::bench::read_bandwidth();
  std::printf("%s, reads %.0f GB/s\n", device.name, bandwidth * 1e-9);
  std::printf("%-28s %7s %5s %9s %11s %13s %6s %11s\n", "filters", "tokens", "rows", "bytes", "time", "read",
              "share", "predicted");
  // seed, lowered, temperature, top_k, top_p, min_p, penalty, window
  const std::vector<Setting> settings{
      {"greedy", {1, 0, 0, 0, 1, 0, 1, 0}},
      {"top-k 40, top-p", {1, 0, 0.8F, 40, 0.95F, 0, 1, 0}},
      {"every filter", {1, 0, 0.8F, 40, 0.95F, 0.05F, 1.1F, 64}},
      {"top-k 200, top-p", {1, 0, 0.8F, 200, 0.95F, 0, 1, 0}},
      {"top-p", {1, 0, 0.8F, 0, 0.95F, 0, 1, 0}},
      {"min-p", {1, 0, 0.8F, 0, 1, 0.05F, 1, 0}},
      {"top-k 5000, top-p", {1, 0, 0.8F, 5000, 0.95F, 0, 1, 0}},
      {"unfiltered", {1, 0, 0.8F, 0, 1, 0, 1, 0}},
  };
  for (const std::size_t vocabulary : {8192, 32'000, 128'256})
    fovea::bench::run(vocabulary, settings, bandwidth);
  return 0;
}
