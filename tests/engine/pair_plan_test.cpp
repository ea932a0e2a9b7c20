// What can be said of a pair without loading it, and which file an alignment is taken from.
#include "engine/pair_plan.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/alignment_search.h"
#include "engine/alignment_store.h"
#include "engine/machine_memory.h"
#include "tests/engine/model_files.h"
#include "tests/engine/random_model.h"
#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

SessionOptions embedded_pair() {
  SessionOptions options;
  options.verifier_path = testing::embedded_verifier();
  options.draft_path = testing::embedded_draft();
  options.backend = BackendKind::kCpu;
  options.threads = 1;
  return options;
}

std::vector<std::byte> bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

TEST(PairPlan, AgreesWithWhatLoadingFinds) {
  const SessionOptions options = embedded_pair();
  const PairPlan plan = plan_pair(options, 0);
  ASSERT_TRUE(plan.loadable());
  const auto session = testing::open_session(options.verifier_path, options.draft_path, 1);
  ASSERT_NE(session, nullptr);
  const SessionInfo& info = session->info();
  EXPECT_EQ(plan.verifier->name, info.verifier_name);
  EXPECT_EQ(plan.draft->name, info.draft_name);
  EXPECT_EQ(plan.verifier->layers, info.verifier_layers);
  EXPECT_EQ(plan.verifier->context_tokens, info.context_tokens);
  EXPECT_EQ(plan.verifier->quantisation, "Q4_0");
  EXPECT_EQ(plan.draft->quantisation, "Q8_0");
  EXPECT_NEAR(plan.verifier->parameters, 51e6, 1e6);
  EXPECT_EQ(plan.backend, "cpu");
  EXPECT_EQ(plan.threads, 1);
  ASSERT_EQ(plan.memory.size(), 2U);
  const auto cache = static_cast<std::int64_t>(plan.memory[0].kv_cache + plan.memory[1].kv_cache);
  EXPECT_EQ(cache, info.kv_cache_bytes);
  EXPECT_GE(static_cast<std::int64_t>(plan.needed_bytes), cache + info.weights_bytes);
}

TEST(PairPlan, AShorterContextNeedsLess) {
  SessionOptions options = embedded_pair();
  const PairPlan whole = plan_pair(options, 0);
  options.context_tokens = 512;
  const PairPlan shorter = plan_pair(options, 0);
  EXPECT_EQ(shorter.memory[0].kv_cache * 8, whole.memory[0].kv_cache);
  EXPECT_EQ(shorter.memory[1].positions, 512U);
  EXPECT_LT(shorter.needed_bytes, whole.needed_bytes);
}

TEST(PairPlan, WhatIsGivenBackCounts) {
  if (!available_memory()) GTEST_SKIP() << "This system does not say what is free.";
  constexpr std::size_t kMuch = std::size_t{1} << 50;
  EXPECT_FALSE(plan_pair(embedded_pair(), kMuch).crowded);
  EXPECT_GT(plan_pair(embedded_pair(), kMuch).available_bytes.value_or(0), kMuch);
}

TEST(PairPlan, ADraftOfAnotherVocabularySaysSo) {
  const testing::TemporaryFolder folder;
  SessionOptions options = embedded_pair();
  options.draft_path = folder.write("other.gguf", testing::random_model(1).build());
  const PairPlan plan = plan_pair(options, 0);
  EXPECT_FALSE(plan.loadable());
  EXPECT_FALSE(plan.verifier_problem);
  ASSERT_TRUE(plan.draft_problem);
  EXPECT_NE(plan.draft_problem->message.find("vocabularies"), std::string::npos);
  EXPECT_EQ(plan.draft->name, "Random");
}

TEST(PairPlan, ATruncatedVerifierIsNamed) {
  const testing::TemporaryFolder folder;
  std::vector<std::byte> bytes = bytes_of(testing::embedded_draft());
  bytes.resize(bytes.size() / 2);
  SessionOptions options = embedded_pair();
  options.verifier_path = folder.write("half.gguf", bytes);
  const PairPlan plan = plan_pair(options, 0);
  ASSERT_TRUE(plan.verifier_problem);
  EXPECT_EQ(plan.verifier_problem->code, ErrorCode::kDamaged);
  EXPECT_NE(plan.verifier_problem->message.find("half.gguf"), std::string::npos);
  EXPECT_FALSE(plan.verifier_problem->remedy.empty());
  EXPECT_TRUE(plan.draft);  // what can be read is said all the same
  EXPECT_EQ(plan.memory.size(), 1U);
}

TEST(AlignmentSearch, OneComputedHereGoesBeforeTheShippedOne) {
  const testing::TemporaryFolder folder;
  AlignmentOptions options;
  options.folders = {FOVEA_EMBEDDED_ALIGNMENTS};
  options.cache_folder = folder.path();
  const Result<Gguf> verifier = Gguf::open(testing::embedded_verifier());
  const Result<Gguf> draft = Gguf::open(testing::embedded_draft());
  ASSERT_TRUE(verifier.ok() && draft.ok());
  auto found = find_alignment(search_folders(options), *verifier, *draft, nullptr);
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found->path.starts_with(FOVEA_EMBEDDED_ALIGNMENTS)) << found->path;
  const std::string file = std::filesystem::path(found->path).filename().string();
  std::filesystem::copy_file(found->path, folder.path(file));
  found = find_alignment(search_folders(options), *verifier, *draft, nullptr);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->path, folder.path(file));
  EXPECT_FALSE(find_alignment({}, *verifier, *draft, nullptr).ok());
}

}  // namespace
}  // namespace fovea
