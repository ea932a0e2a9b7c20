// Reads a text that a command was given: a file, or standard input for "-". Main thread.
#pragma once

#include <string>

#include "engine/result.h"

namespace fovea::app::cli {

/// At most kTextBytesMax. Fails with kNotFound or kUnreadable, naming `option` and the file.
Result<std::string> readTextFile(const std::string& path, const std::string& option);

inline constexpr std::size_t kTextBytesMax = std::size_t{256} << 20U;

}  // namespace fovea::app::cli
