// The device's sampler against the engine's: the same tokens kept, the same probabilities and the same draws,
// wherever rounding does not decide.
#include "kernels/cuda/sampling.h"

#include <cmath>
#include <numeric>

#include "tests/engine/chi_square.h"
#include "tests/kernels/cuda/device_draws.h"

namespace fovea::kernels {
namespace {

using testing::DeviceArray;
using testing::DeviceDraws;
using testing::HostDraws;
using testing::parameters_of;
using testing::TokenDistribution;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

SamplingOptions plain() {
  SamplingOptions options;
  options.temperature = 1;
  options.top_k = 0;
  options.top_p = 1;
  options.min_p = 0;
  options.repetition_penalty = 1;
  options.seed = 1;
  return options;
}

std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

double arrival(std::uint64_t seed, std::size_t position, const TokenProbability& entry) {
  const std::uint64_t bits =
      mixed(mixed(seed ^ mixed(position + 1)) + static_cast<std::uint64_t>(entry.token));
  return -std::log((static_cast<double>(bits >> 11) + 0.5) * 0x1p-53) / entry.probability;
}

// Both divide the same differences of logits by the temperature, in float and correctly rounded; the weights
// then err by 0.64 and 0.51 ulp (1.4e-7 together), their sums by as much, the quotients by half an ulp each.
constexpr float kTolerance = 5e-7F;

class CudaSamplingTest : public testing::CudaTest {
 protected:
  template <typename T>
  T pick(const std::vector<T>& choices) {
    return choices[random.below(choices.size())];
  }

  /// Rows of logits [rows, vocabulary] at places first + 1 ... of `text`.
  HostDraws sample(const SamplingOptions& options, const std::vector<float>& logits, std::size_t rows,
                   const std::vector<TokenId>& text, std::size_t first) {
    const std::size_t vocabulary = logits.size() / rows;
    DeviceArray<float> device_logits(logits);
    DeviceArray<std::int32_t> tokens(text);
    DeviceArray<std::int32_t> position(std::vector<std::int32_t>{static_cast<std::int32_t>(first)});
    DeviceArray<cuda::SamplingParameters> parameters(std::vector{parameters_of(options)});
    DeviceDraws draws(rows + 1, vocabulary);  // one row that nobody must write
    EXPECT_EQ(cuda::sample(draws.view(), device_logits.get(), tokens.get(), position.get(), parameters.get(),
                           rows, vocabulary, nullptr),
              cudaSuccess);
    HostDraws out = draws.host();
    EXPECT_EQ(out.token.back(), -1);
    EXPECT_EQ(out.kept.back(), -1);
    EXPECT_EQ(out.listed[rows * cuda::kMaxListed], -1);
    EXPECT_TRUE(std::isnan(out.wide[rows * vocabulary]));
    EXPECT_TRUE(std::isnan(out.confidence.back()));
    for (std::size_t row = 0; row < rows; ++row) {
      const auto kept = static_cast<std::size_t>(out.kept[row]);
      if (kept < cuda::kMaxListed) {
        EXPECT_EQ(out.listed[row * cuda::kMaxListed + kept], -1);
        EXPECT_TRUE(std::isnan(out.probability[row * cuda::kMaxListed + kept]));
      }
    }
    return out;
  }

  /// The engine's opinion of each row.
  void expect_as_engine(const SamplingOptions& options, const HostDraws& got,
                        const std::vector<float>& logits, std::size_t rows, const std::vector<TokenId>& text,
                        std::size_t first) {
    const std::size_t vocabulary = logits.size() / rows;
    Sampler sampler(options);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t place = first + 1 + row;
      const std::span<const float> row_logits = std::span(logits).subspan(row * vocabulary, vocabulary);
      TokenDistribution expected;
      sampler.distribution(row_logits, std::span(text).first(place), expected);
      TokenDistribution listed = got.distribution(row);
      ASSERT_FALSE(listed.empty());
      ASSERT_TRUE(std::is_sorted(listed.begin(), listed.end(),
                                 [](const auto& a, const auto& b) { return a.probability > b.probability; }));
      compare(options, listed, expected, got.token[row], sampler.draw_at(expected, place), place);
      ++m_rows;
    }
  }

  void compare(const SamplingOptions& options, TokenDistribution got, TokenDistribution expected,
               TokenId drawn, TokenId engine_drawn, std::size_t place) {
    const auto by_token = [](const auto& a, const auto& b) { return a.token < b.token; };
    std::sort(got.begin(), got.end(), by_token);
    std::sort(expected.begin(), expected.end(), by_token);
    TokenDistribution either;
    std::set_symmetric_difference(got.begin(), got.end(), expected.begin(), expected.end(),
                                  std::back_inserter(either), by_token);
    if (!either.empty()) {
      // Where a filter cuts, weights one rounding apart may change places: such a token is the least likely.
      ++m_cut_by_rounding;
      ASSERT_LE(either.size(), 2U) << got.size() << " kept, " << expected.size() << " expected, top_k "
                                   << options.top_k << " top_p " << options.top_p << " min_p "
                                   << options.min_p << " temperature " << options.temperature;
      const auto least = std::min_element(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
        return a.probability < b.probability;
      });
      for (const TokenProbability& entry : either) {
        ASSERT_LE(entry.probability, least->probability * (1 + 4 * kTolerance)) << entry.token;
      }
      return;
    }
    const TokenProbability* winner = nullptr;
    const TokenProbability* engine_winner = nullptr;
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].token, expected[i].token);
      ASSERT_NEAR(got[i].probability, expected[i].probability, kTolerance * expected[i].probability + 3e-45F);
      if (got[i].token == drawn) winner = &expected[i];
      if (got[i].token == engine_drawn) engine_winner = &expected[i];
    }
    ASSERT_NE(winner, nullptr) << drawn << " is not in its own distribution";
    if (drawn == engine_drawn) return;
    ++m_drawn_by_rounding;
    const double ours = arrival(options.seed, place, *winner);
    const double best = arrival(options.seed, place, *engine_winner);
    ASSERT_LE(ours, best * (1 + 4 * static_cast<double>(kTolerance))) << drawn << " against " << engine_drawn;
  }

  std::vector<TokenId> random_text(std::size_t size, std::size_t vocabulary) {
    std::vector<TokenId> text(size);
    for (TokenId& token : text) token = static_cast<TokenId>(random.below(vocabulary + 2)) - 1;
    return text;
  }

  int m_rows = 0;
  int m_cut_by_rounding = 0;
  int m_drawn_by_rounding = 0;
};

TEST_F(CudaSamplingTest, AgreesWithTheEngine) {
  for (int round = 0; round < 250; ++round) {
    SamplingOptions options = plain();
    options.seed = 1 + random.below(1'000'000);
    options.temperature = pick<float>({0, 0.01F, 0.3F, 0.8F, 0.8F, 1.0F, 4.0F, 10.0F});
    options.top_k = pick<int>({0, 1, 7, 40, 40, 64, 65, 200, 257, 700, 5000});
    options.top_p = pick<float>({0.137F, 0.613F, 0.951F, 0.99937F, 1.0F});
    options.min_p = pick<float>({0, 0, 0.0137F, 0.213F});
    options.repetition_penalty = pick<float>({1.0F, 1.3F, 1000.0F});
    options.repetition_window = pick<int>({0, 5, 64, 5000});
    const std::size_t vocabulary = pick<std::size_t>({1, 2, 31, 33, 1000, 4099, 8192, 32'003});
    const std::size_t rows = 1 + random.below(6);
    std::vector<float> logits = random.normals(rows * vocabulary, pick<float>({0.1F, 2.0F, 6.0F}));
    const bool ties = random.below(2) == 0;
    const bool strange = random.below(2) == 0;
    for (float& logit : logits) {
      if (ties) logit = std::round(logit * 8) / 8;
      if (strange && random.below(50) == 0) {
        logit = pick<float>({kNan, -kInfinity, -kInfinity, -0.0F, 0.0F, 1e30F, -3e38F});
      }
      if (strange && random.below(20'000) == 0) logit = kInfinity;
    }
    const std::size_t first = random.below(200);
    const std::vector<TokenId> text = random_text(first + 1 + rows, vocabulary);
    SCOPED_TRACE(round);
    const HostDraws got = sample(options, logits, rows, text, first);
    expect_as_engine(options, got, logits, rows, text, first);
    if (HasFailure()) return;
  }
  std::printf("%d rows, %d cut and %d drawn otherwise by rounding\n", m_rows, m_cut_by_rounding,
              m_drawn_by_rounding);
  EXPECT_LE(m_cut_by_rounding, m_rows / 50 + 3);
  EXPECT_LE(m_drawn_by_rounding, m_rows / 1000 + 3);
}

// Peaked as a trained model's, and flat; what the list holds and what it does not.
TEST_F(CudaSamplingTest, AgreesWithTheEngineOnLargeVocabularies) {
  for (const std::size_t vocabulary : {std::size_t{32'000}, std::size_t{128'256}, std::size_t{1} << 18}) {
    std::vector<float> logits = random.normals(2 * vocabulary, 3);
    for (int i = 0; i < 40; ++i) logits[random.below(logits.size())] += 10;
    const std::vector<TokenId> text = random_text(40, vocabulary);
    for (const int top_k : {0, 40, 200, 3000}) {
      for (const float top_p : {1.0F, 0.95F}) {
        for (const float min_p : {0.0F, 0.05F}) {
          for (const float temperature : {0.8F, 5.0F}) {
            SamplingOptions options = plain();
            options.seed = 77;
            options.temperature = temperature;
            options.top_k = top_k;
            options.top_p = top_p;
            options.min_p = min_p;
            options.repetition_penalty = 1.1F;
            const HostDraws got = sample(options, logits, 2, text, 37);
            expect_as_engine(options, got, logits, 2, text, 37);
            if (HasFailure()) return;
          }
        }
      }
    }
  }
  EXPECT_LE(m_cut_by_rounding, 6);
  EXPECT_LE(m_drawn_by_rounding, 2);
}

TEST_F(CudaSamplingTest, EqualLogitsGoByIdHoweverMany) {
  for (const std::size_t vocabulary : {std::size_t{100}, std::size_t{5000}, std::size_t{40'000}}) {
    std::vector<float> equal(vocabulary, 0.5F);
    std::vector<float> three(vocabulary);
    for (std::size_t i = 0; i < vocabulary; ++i) three[i] = static_cast<float>(i * 7919 % 3);
    std::vector<float> last(vocabulary);  // all of the best in the part of one block, in order
    for (std::size_t i = 0; i < vocabulary; ++i) last[i] = static_cast<float>(i) * 1e-3F;
    for (const int top_k : {0, 1, 3, 64, 256, 300, 4999}) {
      for (const float top_p : {1.0F, 0.5F}) {
        SamplingOptions options = plain();
        options.top_k = top_k;
        options.top_p = top_p;
        for (const auto& logits : {equal, three, last}) {
          const HostDraws got = sample(options, logits, 1, {1}, 0);
          expect_as_engine(options, got, logits, 1, {1}, 0);
          ASSERT_FALSE(HasFailure()) << "top_k " << top_k << " top_p " << top_p << " of " << vocabulary;
        }
      }
    }
  }
}

TEST_F(CudaSamplingTest, NanAndInfinities) {
  for (const float temperature : {0.0F, 1.0F}) {
    SamplingOptions options = plain();
    options.temperature = temperature;
    const std::vector<std::pair<std::vector<float>, TokenId>> cases{
        {{kNan, -3, kNan, -kInfinity}, 1},
        {{1, kInfinity, kNan}, 1},
        {{kNan, -kInfinity, -kInfinity}, 1},
        {{kNan, kNan}, 0},
        {std::vector<float>(50, kNan), 0},
        {std::vector<float>(5000, -kInfinity), 0},
        {{3e38F, -3e38F, 1}, 0},
        {{-5}, 0},
    };
    for (const auto& [logits, token] : cases) {
      const HostDraws got = sample(options, logits, 1, {0}, 0);
      EXPECT_EQ(got.token[0], token);
      ASSERT_EQ(got.kept[0], 1);
      EXPECT_EQ(got.listed[0], token);
      EXPECT_EQ(got.probability[0], 1);
    }
  }
}

TEST_F(CudaSamplingTest, ConfidenceIsTheLargestProbabilityBeforeAnyFilter) {
  SamplingOptions options = plain();
  options.temperature = 0.3F;
  options.top_k = 3;
  options.repetition_penalty = 5;
  for (const std::size_t vocabulary : {std::size_t{1}, std::size_t{333}, std::size_t{8192}}) {
    for (const float deviation : {0.01F, 3.0F, 60.0F}) {
      const std::vector<float> logits = random.normals(vocabulary, deviation);
      const HostDraws got = sample(options, logits, 1, random_text(9, vocabulary), 7);
      const double largest = *std::max_element(logits.begin(), logits.end());
      double sum = 0;
      for (const float logit : logits) sum += std::exp(logit - largest);
      // Terms err by 1 ulp at most, and the tree that adds them is 15 sums deep.
      EXPECT_NEAR(got.confidence[0], 1 / sum, 16 * 6e-8 / sum);
    }
  }
  EXPECT_EQ(sample(options, {kNan, 2, -kInfinity, 2}, 1, {0}, 0).confidence[0], 0.5F);
  EXPECT_EQ(sample(options, {kInfinity, 2}, 1, {0}, 0).confidence[0], 1);
  EXPECT_EQ(sample(options, {kNan, -kInfinity}, 1, {0}, 0).confidence[0], 0);
}

TEST_F(CudaSamplingTest, ARowHasTheSameBitsInEveryBatch) {
  const std::size_t vocabulary = 4099;
  const std::vector<float> logits = random.normals(32 * vocabulary, 2);
  const std::vector<TokenId> text = random_text(60, vocabulary);
  for (const int top_k : {0, 40}) {
    SamplingOptions options = plain();
    options.top_k = top_k;
    options.top_p = 0.999F;
    options.repetition_penalty = 1.2F;
    const HostDraws all = sample(options, logits, 32, text, 20);
    for (const std::size_t rows : {1, 2, 5}) {
      for (const std::size_t begin : {0, 3, 27}) {
        const auto part = logits.begin() + static_cast<std::ptrdiff_t>(begin * vocabulary);
        const HostDraws got = sample(options, {part, part + static_cast<std::ptrdiff_t>(rows * vocabulary)},
                                     rows, text, 20 + begin);
        for (std::size_t row = 0; row < rows; ++row) {
          ASSERT_EQ(got.token[row], all.token[begin + row]);
          ASSERT_EQ(got.confidence[row], all.confidence[begin + row]);
          ASSERT_EQ(got.distribution(row), all.distribution(begin + row));
        }
      }
    }
  }
}

TEST_F(CudaSamplingTest, DrawsFollowTheDistribution) {
  SamplingOptions options = plain();
  options.top_k = 20;
  options.top_p = 0.9F;
  options.seed = 1 + random.below(1'000'000);
  constexpr std::size_t kVocabulary = 64;
  constexpr std::size_t kRows = 32;
  std::vector<float> row(kVocabulary);
  for (std::size_t i = 0; i < kVocabulary; ++i) row[i] = static_cast<float>(i * 37 % 64) / 8.0F;
  std::vector<float> logits;
  for (std::size_t r = 0; r < kRows; ++r) logits.insert(logits.end(), row.begin(), row.end());
  TokenDistribution distribution;
  Sampler(options).distribution(row, {}, distribution);
  std::vector<double> probabilities(kVocabulary, 0.0);
  for (const auto& [token, p] : distribution) probabilities[static_cast<std::size_t>(token)] = p;

  DeviceArray<float> device_logits(logits);
  DeviceArray<std::int32_t> position(1);
  DeviceArray<cuda::SamplingParameters> parameters(std::vector{parameters_of(options)});
  DeviceDraws draws(kRows, kVocabulary);
  std::vector<std::size_t> counts(kVocabulary, 0);
  for (std::int32_t first = 0; first < 20'000; first += kRows) {
    position.set({first});
    FOVEA_CUDA_OK(cuda::sample(draws.view(), device_logits.get(), nullptr, position.get(), parameters.get(),
                               kRows, kVocabulary, nullptr));
    for (const std::int32_t token : draws.host().token) ++counts[static_cast<std::size_t>(token)];
  }
  expect_drawn_from(probabilities, counts);
}

// A captured step of k proposals, replayed, against the loop of Draft::propose.
TEST_F(CudaSamplingTest, ProposalsStopAsTheEnginesDraftDoes) {
  constexpr std::size_t kVocabulary = 500;
  constexpr std::size_t kSteps = 6;
  SamplingOptions options = plain();
  options.temperature = 0.8F;
  options.top_k = 40;
  options.top_p = 0.95F;
  options.repetition_penalty = 1.2F;
  options.repetition_window = 8;
  options.seed = 1 + random.below(1'000'000);
  Sampler sampler(options);
  const cuda::ProposalLimits limits{0.25F, 3};
  constexpr std::uint64_t kLowered = 1000;

  DeviceArray<float> logits(kSteps * kVocabulary);
  DeviceArray<std::int32_t> tokens(400);
  DeviceArray<cuda::ProposalState> state(1);
  DeviceArray<cuda::SamplingParameters> parameters(std::vector{parameters_of(options, kLowered)});
  DeviceDraws draws(kSteps, kVocabulary);
  const testing::Graph graph([&](cudaStream_t stream) {
    for (std::size_t step = 0; step < kSteps; ++step) {
      ASSERT_EQ(cuda::propose(draws.view(), state.get(), tokens.get(), logits.get() + step * kVocabulary,
                              parameters.get(), limits, cuda::AcceptanceRule::kSharedNoise, step, kVocabulary,
                              stream),
                cudaSuccess);
    }
  });
  int by_confidence = 0;
  int by_end = 0;
  sampler.lower_positions(kLowered);
  for (int round = 0; round < 60; ++round) {
    std::vector<float> host_logits = random.normals(kSteps * kVocabulary, 2);
    for (std::size_t step = 0; step < kSteps; ++step) {
      host_logits[step * kVocabulary + random.below(5)] += round % 2 == 0 ? 12 : 9;
    }
    const std::size_t begin = random.below(300);
    std::vector<TokenId> text = random_text(400, kVocabulary);
    logits.set(host_logits);
    tokens.set(text);
    state.set({{static_cast<std::int32_t>(begin), 0, 0, 1.0F}});
    ASSERT_NO_FATAL_FAILURE(graph.run());

    // The engine's loop.
    std::vector<TokenId> sequence(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin) + 1);
    const HostDraws got = draws.host();
    float all_stand = 1;
    std::size_t proposed = 0;
    for (; proposed < kSteps; ++proposed) {
      const std::span<const float> row = std::span(host_logits).subspan(proposed * kVocabulary, kVocabulary);
      all_stand *= got.confidence[proposed];
      if (all_stand < limits.min_confidence) {
        ++by_confidence;
        break;
      }
      const TokenId token = sampler.sample(row, sequence);
      sequence.push_back(token);
      if (token == limits.end) {
        ++proposed;
        ++by_end;
        break;
      }
    }
    const cuda::ProposalState after = state.host()[0];
    ASSERT_EQ(after.proposed, static_cast<std::int32_t>(proposed)) << round;
    ASSERT_EQ(after.stopped, proposed < kSteps || sequence.back() == limits.end ? 1 : 0);
    ASSERT_EQ(after.all_stand, all_stand);
    ASSERT_EQ(after.position, static_cast<std::int32_t>(begin + kSteps));
    const std::vector<std::int32_t> written = tokens.host();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (i < sequence.size()) {
        ASSERT_EQ(written[i], sequence[i]) << round << " token " << i - begin;
      } else if (i > begin + kSteps) {
        ASSERT_EQ(written[i], text[i]);
      } else {
        ASSERT_TRUE(written[i] >= 0 && written[i] < static_cast<std::int32_t>(kVocabulary));
      }
    }
  }
  EXPECT_GT(by_confidence, 0);
  EXPECT_GT(by_end, 0);
}

}  // namespace
}  // namespace fovea::kernels
