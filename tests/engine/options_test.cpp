#include "engine/options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace fovea {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

using Change = std::function<void(GenerationOptions&)>;

void expect_valid(const Change& change) {
  GenerationOptions options;
  change(options);
  const auto result = validate(options);
  EXPECT_TRUE(result.ok()) << result.error().message;
}

void expect_refused(const std::string& field, const Change& change) {
  GenerationOptions options;
  change(options);
  const auto result = validate(options);
  ASSERT_FALSE(result.ok()) << field;
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(result.error().message.starts_with(field + " is ")) << result.error().message;
  EXPECT_FALSE(result.error().remedy.empty());
}

TEST(Options, ModesHaveNames) {
  for (const Mode mode : {Mode::kDense, Mode::kSpeculative, Mode::kSparse, Mode::kExact}) {
    EXPECT_EQ(mode_from_string(to_string(mode)), mode);
  }
  EXPECT_EQ(to_string(Mode::kExact), "exact");
  EXPECT_EQ(mode_from_string("Dense"), std::nullopt);
  EXPECT_EQ(mode_from_string(""), std::nullopt);
}

TEST(Options, TheDefaultsAreValid) {
  expect_valid([](GenerationOptions&) {});
}

TEST(Options, TheLimitsThemselvesAreValid) {
  expect_valid([](GenerationOptions& options) { options.sampling.temperature = 0.0F; });
  expect_valid([](GenerationOptions& options) { options.sampling.temperature = 10.0F; });
  expect_valid([](GenerationOptions& options) { options.sampling.top_k = 0; });
  expect_valid([](GenerationOptions& options) { options.sampling.top_p = 1.0F; });
  expect_valid([](GenerationOptions& options) { options.sampling.min_p = 0.0F; });
  expect_valid([](GenerationOptions& options) { options.sampling.repetition_penalty = 1.0F; });
  expect_valid([](GenerationOptions& options) { options.sampling.repetition_window = 0; });
  expect_valid([](GenerationOptions& options) { options.max_tokens = 1; });
  expect_valid([](GenerationOptions& options) { options.draft_tokens = 1; });
  expect_valid([](GenerationOptions& options) { options.draft_tokens = GenerationOptions::kMaxDraftTokens; });
}

TEST(Options, NamesTheFieldOutOfRange) {
  for (const float value : {-0.1F, 10.1F, kNan, kInfinity}) {
    expect_refused("temperature",
                   [value](GenerationOptions& options) { options.sampling.temperature = value; });
  }
  for (const float value : {0.0F, 1.1F, -1.0F, kNan}) {
    expect_refused("top_p", [value](GenerationOptions& options) { options.sampling.top_p = value; });
  }
  for (const float value : {-0.1F, 1.0F, kNan}) {
    expect_refused("min_p", [value](GenerationOptions& options) { options.sampling.min_p = value; });
  }
  for (const float value : {0.9F, kNan, kInfinity}) {
    expect_refused("repetition_penalty",
                   [value](GenerationOptions& options) { options.sampling.repetition_penalty = value; });
  }
  expect_refused("top_k", [](GenerationOptions& options) { options.sampling.top_k = -1; });
  expect_refused("repetition_window",
                 [](GenerationOptions& options) { options.sampling.repetition_window = -1; });
  expect_refused("max_tokens", [](GenerationOptions& options) { options.max_tokens = 0; });
  expect_refused("draft_tokens", [](GenerationOptions& options) { options.draft_tokens = 0; });
  expect_refused("draft_tokens", [](GenerationOptions& options) { options.draft_tokens = 17; });
  expect_refused("mode", [](GenerationOptions& options) { options.mode = static_cast<Mode>(9); });
}

}  // namespace
}  // namespace fovea
