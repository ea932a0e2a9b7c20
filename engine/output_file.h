// A file in the making. It is written beside its target, under a name of its own, and takes the target's
// place only when it is whole: whoever reads the target sees the old content or the new, and a failure leaves
// neither half a file nor a damaged old one. Owns the open file; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "engine/result.h"

namespace fovea {

class OutputFile {
 public:
  /// Makes the folders that `path` (UTF-8) needs. Fails with kUnreadable where something cannot be written,
  /// as the other calls do: the Error names `path` and the operating system's reason.
  static Result<OutputFile> create(const std::string& path);
  /// Removes what was written unless commit() succeeded.
  ~OutputFile();
  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;

  /// Fails where the disk has less than `bytes` left, so that a large file fails before it is written.
  Result<void> demand_room(std::uintmax_t bytes) const;
  /// Appends. Large spans go to the system as they are, without a copy.
  Result<void> write(std::span<const std::byte> bytes);
  /// Closes the file and puts it in the target's place.
  Result<void> commit();

 private:
  OutputFile() = default;

  std::string m_path;
  std::filesystem::path m_target;
  std::filesystem::path m_partial;  // empty once there is nothing to remove
  std::ofstream m_file;
};

}  // namespace fovea
