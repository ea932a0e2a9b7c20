#include "engine/memory_plan.h"

#include <gtest/gtest.h>

#include "engine/backend_cpu.h"
#include "tests/engine/random_model.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(MemoryPlan, WhatFitsIsAccepted) {
  const ModelMemory models[] = {{"verifier", 100 * kMiB, 50 * kMiB, 10 * kMiB, 4096}};
  EXPECT_TRUE(check_memory(models, 160 * kMiB).ok());
  EXPECT_FALSE(check_memory(models, 160 * kMiB - 1).ok());
}

TEST(MemoryPlan, TheErrorNamesThePartsAndAContextThatFits) {
  const ModelMemory models[] = {{"verifier", 100 * kMiB, 80 * kMiB, 10 * kMiB, 4096},
                                {"draft", 10 * kMiB, 8 * kMiB, 2 * kMiB, 4096}};
  const Result<void> refused = check_memory(models, 166 * kMiB);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfMemory);
  for (const char* part : {"210 MiB", "166 MiB", "verifier", "draft", "weights 100 MiB", "80 MiB"}) {
    EXPECT_NE(refused.error().message.find(part), std::string::npos) << refused.error().message;
  }
  // 44 MiB are left for what 88 MiB hold 4,096 tokens of.
  EXPECT_NE(refused.error().remedy.find("2048 tokens"), std::string::npos) << refused.error().remedy;
  ModelMemory shorter[] = {models[0], models[1]};
  for (ModelMemory& model : shorter) model.kv_cache /= 2;
  EXPECT_TRUE(check_memory(shorter, 166 * kMiB).ok());
}

TEST(MemoryPlan, WeightsThatAreTooLargeAloneAdviseNoContext) {
  const ModelMemory models[] = {{"verifier", 100 * kMiB, kMiB, 0, 4096}};
  const Result<void> refused = check_memory(models, 50 * kMiB);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().remedy.find("tokens"), std::string::npos) << refused.error().remedy;
}

TEST(MemoryPlan, SizesComeFromTheHeader) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.write("model.gguf", testing::random_model(1).build());
  const BackendCpu backend(1);
  const Result<ModelMemory> small = model_memory("verifier", path, backend, 100);
  const Result<ModelMemory> large = model_memory("verifier", path, backend, 200);
  ASSERT_TRUE(small.ok() && large.ok());
  EXPECT_GT(small->weights, 0U);
  EXPECT_EQ(large->weights, small->weights);
  EXPECT_EQ(large->kv_cache, 2 * small->kv_cache);
  EXPECT_FALSE(model_memory("verifier", path + ".missing", backend, 100).ok());
}

}  // namespace
}  // namespace fovea
