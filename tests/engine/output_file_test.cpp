#include "engine/output_file.h"

#include <gtest/gtest.h>

#ifndef _WIN32
#include <sys/resource.h>

#include <csignal>
#endif
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using testing::TemporaryFolder;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t files_in(const TemporaryFolder& folder) {
  const std::filesystem::directory_iterator files(folder.path());
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

TEST(OutputFile, TakesTheTargetsPlaceOnceItIsWhole) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", bytes_of("old"));
  auto file = OutputFile::create(path);
  ASSERT_TRUE(file.ok()) << file.error().to_string();
  ASSERT_TRUE(file->demand_room(6).ok());
  ASSERT_TRUE(file->write(bytes_of("new")).ok());
  ASSERT_TRUE(file->write(bytes_of("est")).ok());
  EXPECT_EQ(content_of(path), "old");
  ASSERT_TRUE(file->commit().ok());
  EXPECT_EQ(content_of(path), "newest");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(OutputFile, LeavesNothingWithoutCommit) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", bytes_of("old"));
  {
    auto file = OutputFile::create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->write(bytes_of("half of what was to")).ok());
  }
  EXPECT_EQ(content_of(path), "old");
  EXPECT_EQ(files_in(folder), 1U);
}

TEST(OutputFile, MakesTheFolder) {
  const TemporaryFolder folder;
  auto file = OutputFile::create(folder.path("a/b/file"));
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->commit().ok());
  EXPECT_TRUE(std::filesystem::exists(folder.path("a/b/file")));
}

TEST(OutputFile, SaysWhyItCannotBeWritten) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", bytes_of("old"));
  const auto inside_a_file = OutputFile::create(path + "/inside");
  ASSERT_FALSE(inside_a_file.ok());
  EXPECT_EQ(inside_a_file.error().code, ErrorCode::kUnreadable);
  EXPECT_NE(inside_a_file.error().message.find(path + "/inside: cannot be written: "), std::string::npos);

  auto file = OutputFile::create(folder.path());  // a folder's place cannot be taken
  ASSERT_TRUE(file.ok());
  EXPECT_FALSE(file->commit().ok());
}

TEST(OutputFile, AsksForRoomBeforeItWrites) {
  const TemporaryFolder folder;
  const auto file = OutputFile::create(folder.path("file"));
  ASSERT_TRUE(file.ok());
  const auto room = file->demand_room(std::uintmax_t{1} << 60U);
  ASSERT_FALSE(room.ok());
  EXPECT_EQ(room.error().code, ErrorCode::kUnreadable);
  EXPECT_NE(room.error().message.find("MiB are needed"), std::string::npos) << room.error().message;
}

#ifndef _WIN32
// A limit on the size of files stands for a full disk: both fail in the middle of a write.
TEST(OutputFile, FailsWhereTheSystemTakesNoMore) {
  const TemporaryFolder folder;
  auto file = OutputFile::create(folder.path("file"));
  ASSERT_TRUE(file.ok());
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written = file->write(std::vector<std::byte>(1U << 20U));
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().message.find("File too large"), std::string::npos) << written.error().message;
}
#endif

}  // namespace
}  // namespace fovea
