#include "engine/mapped_file.h"

#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

#ifdef _WIN32
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>

#include <filesystem>
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace fovea {
namespace {

Error unreadable(const std::string& path, int system_error) {
  return Error{ErrorCode::kUnreadable,
               path + ": cannot be read: " + std::system_category().message(system_error) + ".",
               "Check the file's permissions and try again."};
}

Error not_found(const std::string& path) {
  return Error{ErrorCode::kNotFound, path + ": there is no such file.", "Choose an existing file."};
}

Error not_a_file(const std::string& path) {
  return Error{ErrorCode::kUnreadable, path + ": is not a regular file.", "Choose a file."};
}

#ifdef _WIN32
/// Closes a handle at the end of a scope; a view of a mapping outlives both handles it came from.
class Handle {
 public:
  explicit Handle(HANDLE handle) : m_handle(handle) {}
  ~Handle() {
    if (valid()) CloseHandle(m_handle);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  [[nodiscard]] bool valid() const { return m_handle != nullptr && m_handle != INVALID_HANDLE_VALUE; }
  [[nodiscard]] HANDLE get() const { return m_handle; }

 private:
  HANDLE m_handle;
};

int last_error() {
  return static_cast<int>(GetLastError());
}
#else
/// Closes a descriptor at the end of a scope; a mapping outlives the descriptor it came from.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : m_descriptor(descriptor) {}
  ~Descriptor() {
    if (m_descriptor >= 0) ::close(m_descriptor);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return m_descriptor; }

 private:
  int m_descriptor;
};
#endif

}  // namespace

#ifdef _WIN32

Result<MappedFile> MappedFile::open(const std::string& path) {
  const std::u8string utf8(path.begin(), path.end());
  const std::wstring wide = std::filesystem::path(utf8).wstring();
  const DWORD attributes = GetFileAttributesW(wide.c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) {
    const int reason = last_error();
    const bool absent = reason == ERROR_FILE_NOT_FOUND || reason == ERROR_PATH_NOT_FOUND;
    return absent ? not_found(path) : unreadable(path, reason);
  }
  if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return not_a_file(path);

  const Handle file(CreateFileW(wide.c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING,
                                FILE_ATTRIBUTE_NORMAL, nullptr));
  LARGE_INTEGER size{};
  if (!file.valid() || !GetFileSizeEx(file.get(), &size)) return unreadable(path, last_error());
  if (size.QuadPart == 0) return MappedFile(nullptr, 0);

  const Handle mapping(CreateFileMappingW(file.get(), nullptr, PAGE_READONLY, 0, 0, nullptr));
  if (!mapping.valid()) return unreadable(path, last_error());
  const void* data = MapViewOfFile(mapping.get(), FILE_MAP_READ, 0, 0, 0);
  if (data == nullptr) return unreadable(path, last_error());
  return MappedFile(static_cast<const std::byte*>(data), static_cast<std::size_t>(size.QuadPart));
}

MappedFile::~MappedFile() {
  if (m_data != nullptr) UnmapViewOfFile(m_data);
}

void MappedFile::release_pages() const {
  // Pages that are not locked leave the working set; the failure that says so is meant.
  if (m_data != nullptr) VirtualUnlock(const_cast<std::byte*>(m_data), m_size);
}

#else

Result<MappedFile> MappedFile::open(const std::string& path) {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer that may never come.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    const int reason = errno;
    return reason == ENOENT || reason == ENOTDIR ? not_found(path) : unreadable(path, reason);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return unreadable(path, errno);
  if (!S_ISREG(status.st_mode)) return not_a_file(path);
  if (status.st_size == 0) return MappedFile(nullptr, 0);
  if (static_cast<std::uintmax_t>(status.st_size) > std::numeric_limits<std::size_t>::max()) {
    return unreadable(path, EFBIG);
  }

  const auto size = static_cast<std::size_t>(status.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) return unreadable(path, errno);
  return MappedFile(static_cast<const std::byte*>(data), size);
}

MappedFile::~MappedFile() {
  // munmap takes void*, though it writes nothing: the cast only drops the const that this class adds.
  if (m_data != nullptr) ::munmap(const_cast<std::byte*>(m_data), m_size);
}

void MappedFile::release_pages() const {
  // Nobody writes to the mapping, so there is nothing to lose; if it fails, memory stays taken and no more.
  if (m_data != nullptr) ::madvise(const_cast<std::byte*>(m_data), m_size, MADV_DONTNEED);
}

#endif

MappedFile::MappedFile(MappedFile&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(m_data, other.m_data);
  std::swap(m_size, other.m_size);
  return *this;
}

}  // namespace fovea
