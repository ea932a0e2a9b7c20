// A file mapped read-only into memory. Sole owner of the mapping; movable. The view stays valid while it
// lives.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/result.h"

namespace fovea {

class MappedFile {
 public:
  /// Fails with kNotFound or kUnreadable, naming the path and the system's reason. An empty file maps to no
  /// bytes.
  static Result<MappedFile> open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::span<const std::byte> bytes() const { return {m_data, m_size}; }

  /// Gives back the memory that the file's pages take in this process. What is read later comes from the file
  /// again.
  void release_pages() const;

 private:
  MappedFile(const std::byte* data, std::size_t size) : m_data(data), m_size(size) {}
  const std::byte* m_data = nullptr;
  std::size_t m_size = 0;
};

}  // namespace fovea
