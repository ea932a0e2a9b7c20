#include "engine/alignment_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>

#include <nlohmann/json.hpp>

#ifndef _WIN32
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using Json = nlohmann::ordered_json;
using testing::TemporaryFolder;

/// A verifier of 3 layers with 2 KV heads, a draft of 2 layers with 2.
Alignment small_alignment() {
  Alignment alignment;
  alignment.verifier_hash = "0123456789abcdef0123456789abcdef";
  alignment.draft_hash = "fedcba9876543210fedcba9876543210";
  alignment.verifier_name = "verifier \"51M\"\n\xC3\xA9";
  alignment.draft_name = "draft";
  alignment.verifier_layers = 3;
  alignment.verifier_kv_heads = 2;
  alignment.draft_layers = 2;
  alignment.draft_kv_heads = 2;
  alignment.calibration = "the calibration text";
  alignment.calibration_tokens = 4096;
  alignment.calibration_rows = 200;
  alignment.layer_map = {0, 1, 1};
  alignment.head_map = {0, 3, 1, 1, 2, 3};
  alignment.mixture = {0.5F, 0, 0, 0.5F, 1e-7F, 1, 0, 0, 0.123456F, 2, 3, 0};
  alignment.sensitivity = {0.25F, 0, 3e-5F};
  alignment.layer_cost = {0.1, 1.25, 0.5, 2, 3, 1e-6};
  for (int i = 0; i < 24; ++i) alignment.head_cost.push_back(i / 3.0);
  return alignment;
}

void expect_same(const Alignment& actual, const Alignment& expected) {
  EXPECT_EQ(actual.verifier_hash, expected.verifier_hash);
  EXPECT_EQ(actual.draft_hash, expected.draft_hash);
  EXPECT_EQ(actual.verifier_name, expected.verifier_name);
  EXPECT_EQ(actual.draft_name, expected.draft_name);
  EXPECT_EQ(actual.verifier_layers, expected.verifier_layers);
  EXPECT_EQ(actual.verifier_kv_heads, expected.verifier_kv_heads);
  EXPECT_EQ(actual.draft_layers, expected.draft_layers);
  EXPECT_EQ(actual.draft_kv_heads, expected.draft_kv_heads);
  EXPECT_EQ(actual.calibration, expected.calibration);
  EXPECT_EQ(actual.calibration_tokens, expected.calibration_tokens);
  EXPECT_EQ(actual.calibration_rows, expected.calibration_rows);
  EXPECT_EQ(actual.layer_map, expected.layer_map);
  EXPECT_EQ(actual.head_map, expected.head_map);
  const auto expect_near = [](const auto& numbers, const auto& expected_numbers) {
    ASSERT_EQ(numbers.size(), expected_numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i)
      EXPECT_NEAR(numbers[i], expected_numbers[i], 5e-6 * std::abs(expected_numbers[i]));
  };
  expect_near(actual.mixture, expected.mixture);
  expect_near(actual.sensitivity, expected.sensitivity);
  expect_near(actual.layer_cost, expected.layer_cost);
  expect_near(actual.head_cost, expected.head_cost);
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::size_t entries(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

/// Fails unless the text is refused as damaged, with an error that names the file and `field`.
void expect_damaged(const std::string& text, const std::string& field) {
  const auto loaded = parse_alignment(text, "some.json");
  ASSERT_FALSE(loaded.ok()) << field;
  EXPECT_EQ(loaded.error().code, ErrorCode::kDamaged);
  EXPECT_EQ(loaded.error().message.rfind("some.json: ", 0), 0U) << loaded.error().message;
  EXPECT_NE(loaded.error().message.find(field), std::string::npos) << loaded.error().message;
  EXPECT_FALSE(loaded.error().remedy.empty());
}

TEST(AlignmentFile, RoundTrip) {
  const TemporaryFolder folder;
  const std::string path = folder.path("new/folder/pair.json");
  const auto saved = save_alignment(path, small_alignment());
  ASSERT_TRUE(saved.ok()) << saved.error().to_string();
  const auto loaded = load_alignment(path);
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  expect_same(*loaded, small_alignment());
  EXPECT_EQ(format_alignment(*loaded), content(path)) << "rounding happens once";
  EXPECT_EQ(entries(folder.path("new/folder")), 1U) << "no temporary file stays";
}

TEST(AlignmentFile, ReplacesAnOlderOne) {
  const TemporaryFolder folder;
  const std::string path = folder.path("pair.json");
  Alignment alignment = small_alignment();
  ASSERT_TRUE(save_alignment(path, alignment).ok());
  alignment.calibration_rows = 7;
  ASSERT_TRUE(save_alignment(path, alignment).ok());
  EXPECT_EQ(load_alignment(path)->calibration_rows, 7);
}

TEST(AlignmentFile, ARowALine) {
  const std::string text = format_alignment(small_alignment());
  EXPECT_NE(text.find("\n  \"layer_map\": [0, 1, 1],\n  \"head_map\": [\n    [0, 3],\n    [1, 1],\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\n    [1e-07, 1, 0, 0],\n"), std::string::npos) << text;
  EXPECT_NE(text.find("0.333333, 0.666667, 1]"), std::string::npos) << text;
}

TEST(AlignmentFile, ANameThatIsNoUtf8IsMended) {
  Alignment alignment = small_alignment();
  alignment.draft_name = "\xFF!";
  const auto loaded = parse_alignment(format_alignment(alignment), "some.json");
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->draft_name, "\xEF\xBF\xBD!");
}

TEST(AlignmentFile, TruncatedAnywhereIsDamaged) {
  const std::string text = format_alignment(small_alignment());
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    const auto loaded = parse_alignment(std::string_view(text).substr(0, size), "some.json");
    ASSERT_FALSE(loaded.ok()) << size;
    ASSERT_EQ(loaded.error().code, ErrorCode::kDamaged);
  }
}

// Each field in turn: absent, and of every type that is not its own.
TEST(AlignmentFile, EveryFieldIsDemanded) {
  const Json whole = Json::parse(format_alignment(small_alignment()));
  const std::vector<Json> wrong = {nullptr, true, Json::object(), "text", -1.5, Json::array(), 1e300};
  std::size_t fields = 0;
  const auto damage = [&](const std::string& name, const std::function<Json&(Json&)>& parent,
                          const std::string& key) {
    ++fields;
    Json copy = whole;
    parent(copy).erase(key);
    expect_damaged(copy.dump(), name);
    for (const Json& value : wrong) {
      if (value.type() == parent(copy = whole).at(key).type()) continue;
      parent(copy)[key] = value;
      expect_damaged(copy.dump(), name);
    }
  };
  for (const auto& [key, value] : whole.items()) {
    damage(
        key, [](Json& root) -> Json& { return root; }, key);
    if (!value.is_object()) continue;
    for (const auto& [inner, unused] : value.items()) {
      const std::string name = std::string(key).append(".").append(inner);
      damage(
          name, [&key = key](Json& root) -> Json& { return root[key]; }, inner);
    }
  }
  EXPECT_EQ(fields, 10U + 4 + 4 + 3 + 1);
}

TEST(AlignmentFile, SizesAndRangesAreChecked) {
  const Json whole = Json::parse(format_alignment(small_alignment()));
  const auto changed = [&](const char* pointer, const Json& value) {
    Json copy = whole;
    copy[Json::json_pointer(pointer)] = value;
    return copy.dump();
  };
  expect_damaged(changed("/layer_map", {0, 1}), "layer_map has 2 entries instead of 3");
  expect_damaged(changed("/layer_map/2", 2), "layer_map[2] is not between 0 and 1");
  expect_damaged(changed("/layer_map/0", -1), "layer_map[0]");
  expect_damaged(changed("/layer_map/0", 0.5), "layer_map[0] is not a whole number");
  expect_damaged(changed("/head_map/1/0", 4), "head_map[1][0]");
  expect_damaged(changed("/head_map/1", {1, 1, 1}), "head_map[1]");
  expect_damaged(changed("/head_map/1", 1), "head_map[1] is not a list");
  expect_damaged(changed("/head_map/2/1", 18446744073709551615ULL), "head_map[2][1]");
  expect_damaged(changed("/mixture/0/1", -1e-6), "mixture[0][1] is negative");
  expect_damaged(changed("/mixture/0/1", nullptr), "mixture[0][1] is not a number");
  expect_damaged(changed("/mixture/0/1", 1e39), "mixture[0][1] is out of range");
  expect_damaged(changed("/sensitivity/1", -1e-6), "sensitivity[1] is negative");
  expect_damaged(changed("/sensitivity/1", "0"), "sensitivity[1] is not a number");
  expect_damaged(changed("/sensitivity", {1, 2}), "sensitivity has 2 entries");
  expect_damaged(changed("/mixture/1", {0, 0, 0, 0}), "mixture[1] has no weight");
  expect_damaged(changed("/layer_cost/2/1", "NaN"), "layer_cost[2][1]");
  expect_damaged(changed("/head_cost/5/3", Json::array({1})), "head_cost[5]");
  expect_damaged(changed("/verifier/layers", 4), "layer_map");
  expect_damaged(changed("/verifier/layers", 0), "verifier.layers");
  expect_damaged(changed("/draft/kv_heads", 1000000), "draft.kv_heads");
  expect_damaged(changed("/draft/hash", "0123"), "draft.hash");
  expect_damaged(changed("/verifier/hash", std::string(32, 'A')), "verifier.hash");
  expect_damaged(changed("/verifier/name", std::string(2000, 'x')), "verifier.name");
  expect_damaged(changed("/format", "fovea-\x01settings"), "'fovea-\\x01settings'");
  expect_damaged(changed("/version", 0), "version");
}

TEST(AlignmentFile, ALaterVersionIsUnsupported) {
  Json later = Json::parse(format_alignment(small_alignment()));
  later["version"] = 2;
  later.erase("mixture");
  const auto loaded = parse_alignment(later.dump(), "some.json");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(loaded.error().message.find("version is 2"), std::string::npos);
}

TEST(AlignmentFile, HostileTexts) {
  expect_damaged("", "not valid JSON");
  expect_damaged("null", "no JSON object");
  expect_damaged("[]", "no JSON object");
  expect_damaged("{}", "format is missing");
  expect_damaged("{\"format\": \"\xFF\"}", "not valid JSON");
  expect_damaged("{\"version\": 1e999}", "not valid JSON");
  expect_damaged(std::string((std::size_t{16} << 20) + 1, ' '), "16 MiB");
  constexpr std::size_t kDepth = 1000000;
  expect_damaged(std::string(kDepth, '['), "not valid JSON");
  std::string deep = format_alignment(small_alignment());
  deep.insert(deep.find("[\n    [0, 3]") + 1, std::string(kDepth, '[') + std::string(kDepth, ']') + ",");
  expect_damaged(deep, "head_map");
}

TEST(AlignmentFile, FilesThatCannotBeReadSaySo) {
  const TemporaryFolder folder;
  const auto missing = load_alignment(folder.path("absent.json"));
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  const auto directory = load_alignment(folder.path());
  ASSERT_FALSE(directory.ok());
  EXPECT_EQ(directory.error().code, ErrorCode::kUnreadable);
  const auto empty = load_alignment(folder.write("empty.json", {}));
  ASSERT_FALSE(empty.ok());
  EXPECT_EQ(empty.error().code, ErrorCode::kDamaged);
}

TEST(AlignmentFile, WhatCouldNotBeLoadedIsNotSaved) {
  const TemporaryFolder folder;
  const std::string path = folder.path("pair.json");
  Alignment nan = small_alignment();
  nan.head_cost[3] = std::nan("");
  Alignment infinite = small_alignment();
  infinite.mixture[0] = std::numeric_limits<float>::infinity();
  Alignment small = small_alignment();
  small.head_map.pop_back();
  for (const Alignment& alignment : {nan, infinite, small, Alignment{}}) {
    const auto saved = save_alignment(path, alignment);
    ASSERT_FALSE(saved.ok());
    EXPECT_EQ(saved.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(saved.error().message.find(path), std::string::npos);
  }
  EXPECT_EQ(entries(folder.path()), 0U);
}

void expect_not_written(const std::string& path) {
  const auto saved = save_alignment(path, small_alignment());
  ASSERT_FALSE(saved.ok());
  EXPECT_EQ(saved.error().code, ErrorCode::kUnreadable);
  EXPECT_NE(saved.error().message.find(path), std::string::npos);
  EXPECT_FALSE(saved.error().remedy.empty());
}

TEST(AlignmentFile, PlacesThatCannotBeWrittenSaySo) {
  const TemporaryFolder folder;
  expect_not_written(folder.write("file", {}) + "/pair.json");
  expect_not_written(folder.path());  // a folder has that name
  EXPECT_EQ(entries(folder.path()), 1U);
}

#ifndef _WIN32
TEST(AlignmentFile, AReadOnlyFolderSaysSo) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0500), 0);
  expect_not_written(folder.path("pair.json"));
  ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
}

// A limit on the size of files stops the writing half-way, as a full disk does.
TEST(AlignmentFile, ADiskThatFillsUpLeavesTheOldFile) {
  const TemporaryFolder folder;
  const std::string path = folder.path("pair.json");
  ASSERT_TRUE(save_alignment(path, small_alignment()).ok());
  const std::string before = content(path);

  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit tight{100, limit.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  Alignment changed = small_alignment();
  changed.calibration_rows = 7;
  const auto saved = save_alignment(path, changed);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, old_handler);

  ASSERT_FALSE(saved.ok());
  EXPECT_EQ(saved.error().code, ErrorCode::kUnreadable);
  EXPECT_EQ(content(path), before);
  EXPECT_EQ(entries(folder.path()), 1U);
}
#endif

TEST(AlignmentFile, IsNamedAfterThePair) {
  const Alignment alignment = small_alignment();
  EXPECT_EQ(alignment_file_name(alignment.verifier_hash, alignment.draft_hash),
            "0123456789abcdef-fedcba9876543210.json");
}

}  // namespace
}  // namespace fovea
