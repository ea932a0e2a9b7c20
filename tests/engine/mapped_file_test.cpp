#include "engine/mapped_file.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#ifndef _WIN32
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "tests/engine/temporary_folder.h"

namespace fovea {
namespace {

using testing::TemporaryFolder;

std::vector<std::byte> some_bytes(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t index = 0; index < count; ++index) bytes[index] = static_cast<std::byte>(index * 7);
  return bytes;
}

void expect_same(std::span<const std::byte> actual, const std::vector<std::byte>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  EXPECT_TRUE(std::equal(actual.begin(), actual.end(), expected.begin()));
}

TEST(MappedFile, ShowsTheBytes) {
  const TemporaryFolder folder;
  const auto bytes = some_bytes(10000);
  const auto file = MappedFile::open(folder.write("data", bytes));
  ASSERT_TRUE(file.ok());
  expect_same(file->bytes(), bytes);
}

#ifdef __linux__
// Pages of the mapping that are in this process's memory.
std::size_t resident_bytes(const std::byte* begin) {
  std::ifstream maps("/proc/self/smaps");
  std::ostringstream address;
  address << std::hex << reinterpret_cast<std::uintptr_t>(begin) << "-";
  std::string line;
  while (std::getline(maps, line) && line.find(address.str()) != 0) {
  }
  while (std::getline(maps, line)) {
    if (line.find("Rss:") == 0) return std::stoul(line.substr(4)) * 1024;
  }
  ADD_FAILURE() << "the mapping is not there";
  return 0;
}

TEST(MappedFile, ReleasedPagesTakeNoMemoryAndComeBack) {
  const TemporaryFolder folder;
  const auto bytes = some_bytes(1 << 20);
  const auto file = MappedFile::open(folder.write("data", bytes));
  ASSERT_TRUE(file.ok());
  expect_same(file->bytes(), bytes);
  EXPECT_EQ(resident_bytes(file->bytes().data()), bytes.size());
  file->release_pages();
  EXPECT_EQ(resident_bytes(file->bytes().data()), 0U);
  expect_same(file->bytes(), bytes);
}
#endif

TEST(MappedFile, AnEmptyFileHasNoBytes) {
  const TemporaryFolder folder;
  const auto file = MappedFile::open(folder.write("empty", {}));
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file->bytes().empty());
}

TEST(MappedFile, MovesKeepTheView) {
  const TemporaryFolder folder;
  const auto bytes = some_bytes(5000);
  auto first = MappedFile::open(folder.write("first", bytes));
  auto second = MappedFile::open(folder.write("second", some_bytes(3)));
  ASSERT_TRUE(first.ok() && second.ok());
  const std::byte* address = first->bytes().data();

  MappedFile moved = std::move(first).value();
  EXPECT_EQ(moved.bytes().data(), address);
  MappedFile assigned = std::move(second).value();
  assigned = std::move(moved);
  EXPECT_EQ(assigned.bytes().data(), address);
  expect_same(assigned.bytes(), bytes);
}

TEST(MappedFile, AMissingFileIsNotFound) {
  const TemporaryFolder folder;
  for (const std::string& path : {folder.path("absent"), std::string()}) {
    const auto file = MappedFile::open(path);
    ASSERT_FALSE(file.ok());
    EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
    EXPECT_NE(file.error().message.find(path), std::string::npos);
    EXPECT_FALSE(file.error().remedy.empty());
  }
}

TEST(MappedFile, AFolderIsUnreadable) {
  const TemporaryFolder folder;
  const auto file = MappedFile::open(folder.path());
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, ErrorCode::kUnreadable);
}

#ifndef _WIN32
TEST(MappedFile, ANamedPipeIsRefusedWithoutWaiting) {
  const TemporaryFolder folder;
  const std::string path = folder.path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto file = MappedFile::open(path);
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, ErrorCode::kUnreadable);
}

TEST(MappedFile, AForbiddenFileIsUnreadable) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const TemporaryFolder folder;
  const std::string path = folder.write("secret", some_bytes(3));
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  const auto file = MappedFile::open(path);
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, ErrorCode::kUnreadable);
}
#endif

}  // namespace
}  // namespace fovea
