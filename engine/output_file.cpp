#include "engine/output_file.h"

#include <cerrno>
#include <random>
#include <system_error>
#include <utility>

namespace fovea {
namespace {

Error not_written(const std::string& path, const std::error_code& reason) {
  return Error{ErrorCode::kUnreadable, path + ": cannot be written: " + reason.message() + ".",
               "Check that the folder may be written and that the disk is not full."};
}

/// The reason the last call of the C library gave; some failures of streams leave none.
std::error_code last_reason() {
  return errno != 0 ? std::error_code(errno, std::generic_category())
                    : std::make_error_code(std::errc::io_error);
}

}  // namespace

Result<OutputFile> OutputFile::create(const std::string& path) {
  OutputFile file;
  file.m_path = path;
  file.m_target = std::filesystem::path(std::u8string(path.begin(), path.end()));
  std::error_code reason;
  if (file.m_target.has_parent_path())
    std::filesystem::create_directories(file.m_target.parent_path(), reason);
  if (reason) return not_written(path, reason);

  std::filesystem::path partial = file.m_target;
  partial += ".partial" + std::to_string(std::random_device{}());  // another process may be writing, too
  errno = 0;
  file.m_file.open(partial, std::ios::binary | std::ios::trunc);
  if (!file.m_file) return not_written(path, last_reason());
  file.m_partial = std::move(partial);
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : m_path(std::move(other.m_path)),
      m_target(std::move(other.m_target)),
      m_partial(std::exchange(other.m_partial, {})),
      m_file(std::move(other.m_file)) {}

OutputFile::~OutputFile() {
  if (m_partial.empty()) return;
  m_file.close();  // an open file cannot be removed everywhere
  std::error_code ignored;
  std::filesystem::remove(m_partial, ignored);
}

Result<void> OutputFile::demand_room(std::uintmax_t bytes) const {
  std::error_code unknown;  // then writing will tell
  const std::filesystem::space_info space = std::filesystem::space(m_partial, unknown);
  if (unknown || bytes <= space.available) return {};
  constexpr std::uintmax_t kMebibyte = 1U << 20U;
  return Error{ErrorCode::kUnreadable,
               m_path + ": cannot be written: " + std::to_string(bytes / kMebibyte) +
                   " MiB are needed, and the disk has " + std::to_string(space.available / kMebibyte) +
                   " MiB left.",
               "Free some space, or choose another disk."};
}

Result<void> OutputFile::write(std::span<const std::byte> bytes) {
  errno = 0;
  m_file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!m_file) return not_written(m_path, last_reason());
  return {};
}

Result<void> OutputFile::commit() {
  errno = 0;
  m_file.close();
  if (!m_file) return not_written(m_path, last_reason());
  std::error_code reason;
  std::filesystem::rename(m_partial, m_target, reason);
  if (reason) return not_written(m_path, reason);
  m_partial.clear();
  return {};
}

}  // namespace fovea
