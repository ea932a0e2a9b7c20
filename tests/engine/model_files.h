// Where the tests find models and golden values. The F16 and Q8_0 files of the pair are not in the
// repository; tests that need one skip and say so where it is missing.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/session.h"

namespace fovea::testing {

inline std::string embedded(const std::string& name) {
  return std::string(FOVEA_EMBEDDED_MODELS) + "/" + name;
}
inline std::string embedded_verifier() {
  return embedded("fovea-verifier-q4_0.gguf");
}
inline std::string embedded_draft() {
  return embedded("fovea-draft-q8_0.gguf");
}
/// A model of the pair by file name: embedded, or in the shared folder; empty when neither has it.
inline std::string find_model(const std::string& name) {
  for (const std::string& path : {embedded(name), std::string(FOVEA_SHARED_FILES) + "/models/" + name}) {
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

inline const nlohmann::json& golden() {
  static const nlohmann::json values =
      nlohmann::json::parse(std::ifstream(FOVEA_TEST_DATA "/golden/reference.json"));
  return values;
}

inline std::vector<float> golden_floats(const std::string& name) {
  std::ifstream file(std::string(FOVEA_TEST_DATA) + "/golden/" + name, std::ios::binary);
  std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<float> values(bytes.size() / sizeof(float));
  std::copy_n(bytes.data(), values.size() * sizeof(float), reinterpret_cast<char*>(values.data()));
  return values;
}

inline std::unique_ptr<Session> open_session(const std::string& verifier, const std::string& draft = "",
                                             int threads = 2, int context = 0) {
  SessionOptions options;
  options.verifier_path = verifier;
  options.draft_path = draft;
  options.threads = threads;
  options.context_tokens = context;
  Result<std::unique_ptr<Session>> session = Session::create(options, nullptr, {});
  EXPECT_TRUE(session.ok()) << (session.ok() ? "" : session.error().to_string());
  return session.ok() ? std::move(session).value() : nullptr;
}

inline GenerationOptions greedy(Mode mode, int max_tokens, int draft_tokens = 4) {
  GenerationOptions options;
  options.mode = mode;
  options.max_tokens = max_tokens;
  options.draft_tokens = draft_tokens;
  options.sampling.temperature = 0;
  options.sampling.repetition_penalty = 1;
  return options;
}

inline std::vector<TokenId> ids_of(const nlohmann::json& json) {
  return json.get<std::vector<TokenId>>();
}

/// The same bits on the CPU, whatever chunks a text was computed in. A GPU computes the tokens of a prompt
/// with other kernels than single ones: rounding differs, by far less than what this allows.
inline void expect_same_logits(const Session& session, const std::vector<float>& actual,
                               const std::vector<float>& expected) {
  if (session.info().backend == "cpu") {
    EXPECT_EQ(actual, expected);
    return;
  }
  ASSERT_EQ(actual.size(), expected.size());
  float largest = 0;
  for (const float logit : expected) largest = std::max(largest, std::abs(logit));
  for (std::size_t i = 0; i < actual.size(); ++i) ASSERT_NEAR(actual[i], expected[i], 2e-3F * largest) << i;
}

}  // namespace fovea::testing

/// Names a model file, or skips the test when it is not on this machine.
#define FOVEA_MODEL_OR_SKIP(variable, name)                      \
  const std::string variable = fovea::testing::find_model(name); \
  if ((variable).empty()) GTEST_SKIP() << (name) << " is not on this machine"
